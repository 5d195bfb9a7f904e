"""A law pack: every requirement with its history. It is a value: a digest names it, a bundle carries it."""

import hashlib
from collections.abc import Mapping
from datetime import date
from functools import cached_property
from typing import Any

import rfc8785
from attrs import define

from ombud.law.model import Row
from ombud.law.plain import row_from_json, row_to_json
from ombud.law.view import LawView

FORMAT = "ombud-law-pack-1"


@define(frozen=True, slots=False)
class Pack:
    """Requirements of one or more frameworks. The order of files does not matter; ids are unique."""

    rows: tuple[Row, ...]

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the canonical form (RFC 8785) of everything the pack holds."""
        return hashlib.sha256(rfc8785.dumps(self.to_json())).hexdigest()

    def to_json(self) -> dict[str, Any]:
        """The whole pack, plain."""
        rows = sorted(self.rows, key=lambda row: row.id)
        return {"format": FORMAT, "rows": [row_to_json(row) for row in rows]}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Pack":
        """Read what `to_json` wrote; the digest is the same."""
        return cls(tuple(row_from_json(row) for row in data["rows"]))

    def view(self, as_of: date, known_at: date, held_at: date | None = None) -> LawView:
        """The law on a day, by what was published by another.

        Args:
            as_of: the day of the facts.
            known_at: law published later is left out.
            held_at: versions that the pack took in later are left out; None: all that it holds now.
        """
        return LawView.of(self.rows, as_of, known_at, held_at)
