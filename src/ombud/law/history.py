"""Which version of a requirement rules on a day, by what was published on another."""

from datetime import date

from ombud.law.model import Row, Version
from ombud.law.vocabulary import ENDED, NEVER, NOT_LAW

History = tuple[tuple[date, Version], ...]
"""Versions in the order in which they became known, each with the day from which it replaces those before."""


def known_versions(row: Row, known_at: date, held_at: date | None = None) -> tuple[Version, ...]:
    """The versions published by a day, in that order, each correction in the place of what it corrects.

    Args:
        row: a requirement with its history.
        known_at: what was published later is left out.
        held_at: what the law pack held later is left out; None: all that it holds now.
    """
    standing: dict[int, Version] = {}
    for number, version in enumerate(row.versions, start=1):
        if held_at is None or version.in_pack_since <= held_at:
            standing[_corrected(row, number)] = version
    known = [version for version in standing.values() if version.known_from <= known_at]
    return tuple(sorted(known, key=lambda version: version.known_from))


def _corrected(row: Row, number: int) -> int:
    """The number of the first version of a chain of corrections."""
    corrects = row.versions[number - 1].corrects
    return number if corrects is None else _corrected(row, corrects)


def history(versions: tuple[Version, ...]) -> History:
    """The versions that are law, each with its effective day.

    Unless it says so itself, a version replaces the one before

    * on its publication, where that one did not yet apply to anybody (a deferral has effect at once);
    * else on the first day that it applies itself (an amendment leaves the old law in force until then).
    """
    found: History = ()
    for version in versions:
        if version.status not in NOT_LAW:
            found = (*found, (_effective(version, found), version))
    return found


def _effective(version: Version, earlier: History) -> date:
    if version.effective:
        return version.effective
    first = next(iter(version.starts), version.known_from)
    if not earlier:
        return min(first, version.known_from)
    before = ruling(earlier, version.known_from)
    replaced_in_force = before is not None and in_force(before, version.known_from)
    return max(first, version.known_from) if replaced_in_force else version.known_from


def ruling(versions: History, day: date) -> Version | None:
    """The version that rules on a day; None if none had effect yet."""
    return next((version for start, version in reversed(versions) if start <= day), None)


def in_force(version: Version, day: date) -> bool:
    """Whether the version can bind anybody at all on a day."""
    if version.status in NEVER:
        return False
    ended = version.status in ENDED
    return any(period.covers(day) and not (ended and period.end is None) for period in version.applies)


def turning_days(versions: History) -> tuple[date, ...]:
    """The days on which anything may change for anybody, in order."""
    days = {start for start, _ in versions}
    for _, version in versions:
        for period in version.applies:
            days.update(day for day in (period.start, period.bites, period.end) if day)
    return tuple(sorted(days))
