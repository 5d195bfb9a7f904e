"""Instants as text: UTC, microseconds, one width, so that the order of text is the order of time."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Final

from ombud.errors import Misused

TICK: Final = timedelta(microseconds=1)
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z")


def instant(when: datetime | date | str) -> str:
    """An instant in the one form that evidence uses: 2026-11-23T07:00:00.000000Z.

    Args:
        when: a time with its zone, as object or ISO text. A bare date means its last microsecond in UTC: what was
            known *on* a day includes what came in during that day.

    Raises:
        Misused: no date and time, or one without a zone.
    """
    moment = _moment(when)
    if moment.tzinfo is None:
        raise Misused(f"{when} names no time zone", "Write UTC times with a Z, for example 2026-11-23T07:00:00Z.")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ").rjust(27, "0")


def later(text: str, by: timedelta = TICK) -> str:
    """The instant that follows `text`, by one microsecond if nothing else is said."""
    return instant(parsed(text) + by)


def parsed(text: str) -> datetime:
    """The datetime of an instant's text.

    Raises:
        Misused: no instant.
    """
    return _moment(text).astimezone(UTC)


def is_instant(text: object) -> bool:
    """Whether this is an instant in the one form."""
    if not isinstance(text, str) or _INSTANT.fullmatch(text) is None:
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _moment(when: datetime | date | str) -> datetime:
    if isinstance(when, datetime):
        return when
    if isinstance(when, date):
        return datetime(when.year, when.month, when.day, 23, 59, 59, 999_999, tzinfo=UTC)
    try:
        return _moment(date.fromisoformat(when)) if _DAY.fullmatch(when) else datetime.fromisoformat(when)
    except ValueError:
        raise Misused(f"{when!r} is not an ISO date or time", "Write it as 2026-11-23T07:00:00Z.") from None
