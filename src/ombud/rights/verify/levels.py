"""How sure we have to be of who is asking, in proportion to what a wrong person would get; from levels.yaml."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import yaml
from attrs import frozen

from ombud.rights.verify.proof import Level

Scope = Literal["categories", "pieces"]


@frozen
class Need:
    """How sure we have to be, and who says so.

    Attributes:
        level: the level.
        points, declaration: what matching data points has to bring for it.
        cite: id of the provision; empty where our sheets have none.
        unchecked: whether this goes beyond our fact sheets.
        because: one sentence.
    """

    level: Level
    points: int
    declaration: bool
    cite: str
    unchecked: bool
    because: str


def needed(
    law: str, request: str, *, scope: Scope = "pieces", sensitive: bool = False, doubted: bool = True
) -> Need | None:
    """What a request has to prove under a law; None where that law knows no such request.

    Args:
        law: gdpr, uk-gdpr, ccpa or colorado.
        request: its type ("access", "erasure", …).
        scope: for access, whether categories of data are told or the data itself.
        sensitive: whether sensitive data is concerned.
        doubted: whether there is reasonable doubt who is asking; without it the GDPR allows no further question.
    """
    asked = {"scope": scope, "sensitive": sensitive, "doubted": doubted}
    for row in _table()["needs"]:
        fits = all(asked[key] == row[key] for key in asked if key in row)
        if law in row["laws"] and request in row["requests"] and fits:
            return _need(row)
    return None


def strictest(needs: tuple[Need | None, ...]) -> Need | None:
    """The highest of several laws' needs; None if there is none."""
    known = [need for need in needs if need is not None]
    return max(known, key=lambda need: list(Level).index(need.level), default=None)


def points_for(level: Level) -> tuple[int, bool]:
    """How many data points have to match for a level, and whether a signed declaration is needed with them."""
    row = _table()["levels"][str(level)]
    return int(row["points"]), bool(row["declaration"])


def _need(row: Mapping[str, Any]) -> Need:
    level = Level(row["level"])
    return Need(level, *points_for(level), row["cite"], row["read"] != "sheet", row["because"])


@cache
def _table() -> Mapping[str, Any]:
    loaded: Mapping[str, Any] = yaml.safe_load(files(__package__).joinpath("levels.yaml").read_text("utf-8"))
    return loaded
