"""Maps of data and places with rows, for tests of the search."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import define, field

from ombud.errors import Unreadable
from ombud.rights.map.model import Collection, DataMap, SourceSpec
from ombud.rights.map.read import read_map
from ombud.rights.sources.matching import fitting, ready
from ombud.rights.sources.source import Match
from ombud.store.identity import Identity
from ombud.system.yaml_lines import parse_yaml

HERE = Path("sources.yaml")

HEAD = """
identities: {email: user.contact.email, phone: user.contact.phone_number, account: user.financial.bank_account,
             customer_id: user.unique_id, device: user.device.device_id}
"""


def a_map(text: str, path: Path = HERE) -> DataMap:
    """A map from its text."""
    return read_map(parse_yaml(text.encode(), path), digest="d")


def shop(collections: str, head: str = HEAD) -> DataMap:
    """A map of one source, `core`, with the usual kinds of identity."""
    body = "\n".join(f"      {line}" for line in collections.strip("\n").splitlines())
    return a_map(f"{head}\nsources:\n  core:\n    jsonl: .\n    collections:\n{body}\n")


def ids(*written: str) -> list[Identity]:
    """Identities from KIND=VALUE."""
    return [Identity.parse(one) for one in written]


@define
class Rows:
    """A source whose collections are lists of rows."""

    spec: SourceSpec
    tables: Mapping[str, list[dict[str, Any]]]
    asked: list[tuple[str, tuple[str, ...]]] = field(factory=list)
    broken: str | None = None
    closed: bool = False

    def lookup(
        self, collection: Collection, matches: Sequence[Match], columns: Sequence[str] | None = None
    ) -> Iterator[dict[str, Any]]:
        if self.broken == collection.name:
            raise Unreadable(f"source {self.spec.name}", "it cannot be reached")
        self.asked += [(collection.name, one.columns) for one in matches]
        fits = fitting(ready(matches))
        for row in self.tables[collection.name]:
            if fits(row):
                yield {one: row.get(one) for one in (columns or row)}

    def count(self, collection: Collection, matches: Sequence[Match]) -> int:
        fits = fitting(ready(matches))
        return sum(fits(row) for row in self.tables[collection.name])

    def close(self) -> None:
        self.closed = True


def opened(map: DataMap, **tables: list[dict[str, Any]]) -> dict[str, Any]:
    """The sources of a map, open, with rows by the names of their collections."""
    return {
        spec.name: Rows(spec, {one.name: tables.get(one.name, []) for one in spec.collections}) for spec in map.sources
    }
