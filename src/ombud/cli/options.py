"""Options that several verbs share, so that they are spelled and explained once."""

from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ombud.errors import Misused


class Format(StrEnum):
    """What a verb prints: words for people, JSON for programs."""

    TEXT = "text"
    JSON = "json"


AsFormat = Annotated[Format, typer.Option("--format", help="Words for people, or JSON for programs.")]
AsOf = Annotated[str | None, typer.Option("--as-of", metavar="DATE", help="Facts and law in force on this day (ISO).")]
KnownAt = Annotated[
    str | None, typer.Option("--known-at", metavar="DATE", help="By what was published and received by this day (ISO).")
]
LawFolders = Annotated[
    list[Path] | None, typer.Option("--law", metavar="FOLDER", help="A folder of law of your own; may be repeated.")
]
Holder = Annotated[str | None, typer.Option("--as", metavar="NAME", help="Whose key signs; see `ombud keys list`.")]
Manifest = Annotated[Path, typer.Argument(metavar="MANIFEST", help="The system's manifest, ombud.yaml.")]


def a_day(text: str) -> date:
    """Read a day.

    Raises:
        Misused: not an ISO date.
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Misused(f"{text!r} is not a date", "Write it as year-month-day, for example 2026-08-03.") from None


def end_of(day: date) -> datetime:
    """The last moment of a day, UTC: what was observed or received on that day counts."""
    return datetime.combine(day + timedelta(days=1), time(), UTC) - timedelta(microseconds=1)


def moment(text: str | None) -> datetime | None:
    """The last moment of the day that an option names; None where it was not given."""
    return None if text is None else end_of(a_day(text))
