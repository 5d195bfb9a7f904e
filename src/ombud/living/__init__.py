"""What a program asks that decides about people or trains on them: may it, about this one? Who has to be left out?

The answer comes from the lists that `ombud rights` publishes beside the store: no database, no network, microseconds.
Whoever cannot read the lists is told so by an error and must not decide: a "yes" is only ever said by lists that were
read. Of the model that it serves, it asks `require_release`: is it released, still?
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from attrs import field, frozen

from ombud.living.frames import values_of, without
from ombud.living.release import require_release as require_release
from ombud.store.people.enforced import Enforced, stopping, subject_text
from ombud.store.people.written import as_text
from ombud.store.settings import find_workspace

_ENFORCED: Final = Enforced()
_ROOTS: Final[dict[str, Path]] = {}

_WORDS: Final[Mapping[str, str]] = {
    "erased": "was erased",
    "objected": "objected",
    "opted-out": "opted out",
    "restricted": "had the use of their data restricted",
    "consent-withdrawn": "withdrew consent",
}


@frozen
class May:
    """Whether a system may decide about somebody: true or false as it stands.

    Attributes:
        lists: the lists that say no ("objected", "erased", ...); none: it may.
    """

    lists: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return not self.lists

    @property
    def because(self) -> str:
        """Why not, in words that name nobody; "" if it may."""
        return f"the person {' and '.join(_WORDS[one] for one in self.lists)}" if self.lists else ""


_YES: Final = May()


def may_decide(
    subject: object, *, system: str | None = None, kind: str | None = None, at: str | Path | None = None
) -> May:
    """Say whether a system may decide about a person. Lists that changed count within a hundredth of a second.

    Args:
        subject: what the person is called: the value of an identity, or an `Identity`.
        system: which system asks; None: whoever is listed for any system may not be decided about.
        kind: what kind of identity that is ("email", "customer_id"); None: whoever is listed under this value, of
            whatever kind, may not be decided about.
        at: a folder of the workspace; None: the current folder.

    Raises:
        NotFound: there is no workspace, or its lists or its key of people are gone.
        Unreadable: the lists were changed, written with another key, or are older than those used before.
        Misused: nobody is named, or others may read the key.
    """
    lists = _ENFORCED.lists(_root(at))
    text, of_kind = (subject, kind) if type(subject) is str and subject.strip() else subject_text(subject, kind)
    stopped = stopping(lists.on(text, of_kind, system))
    return May(stopped) if stopped else _YES


@frozen
class Excluded:
    """A table without the people who must not be in it.

    Attributes:
        frame: what is left, of the same type as what was given, in the same order.
        people: how many people were left out; rows: how many rows of theirs.
        nameless: rows without a subject, kept: nobody can tell whose they are.
    """

    frame: Any = field(repr=False)
    people: int
    rows: int
    nameless: int


def exclude(
    frame: Any, *, subject: str, kind: str | None = None, system: str | None = None, at: str | Path | None = None
) -> Excluded:
    """Leave out of a table whoever must not be trained on: erased, objected, opted out, restricted, consent withdrawn.

    Args:
        frame: of pandas, Polars (also lazy), Arrow or Spark, or a DuckDB relation; it is not changed.
        subject: the column that says whose row it is.
        kind: kind of identity in that column; None: whoever is listed under a value of it, of whatever kind, goes.
        system, at: as for `may_decide`.

    Raises:
        Misused: the frame is of another type, or has no such column.
        NotFound, Unreadable: as for `may_decide`.
    """
    lists = _ENFORCED.lists(_root(at))
    named = [(value, as_text(value)) for value in values_of(frame, subject)]
    there = {text for _, text in named if text is not None}
    stopped = lists.stopped(there, kind, system)
    out = [value for value, text in named if text in stopped]
    left = without(frame, subject, out, [value for value, text in named if text is None])
    return Excluded(left.frame, len(stopped), left.rows, left.nameless)


def _root(at: str | Path | None) -> Path:
    where = os.getcwd() if at is None else os.fspath(at)  # noqa: PTH109 (microseconds count)
    known = _ROOTS.get(where)
    if known is None:
        known = find_workspace(Path(where))
        if Path(where).is_absolute():
            _ROOTS[where] = known
    return known
