"""`python -m ombud.law.snapshot FOLDER MADE`: write the calendars anew, for maintainers.

Needs the `holidays` package (a tool, not a dependency). A calendar is data with a date: a clock names the one that it
was computed with, so a correction of the package never moves a date that was already told to somebody.
"""

import importlib
import sys
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

FIRST, LAST = 2025, 2030
_EU: Final = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
PLACES: Final = (*_EU.split(), "GB-ENG", "GB-SCT", "GB-NIR", "US", "US-CA", "US-NY")
_TITLES: Final = {"US": "United States (federal)", "US-CA": "California (state)", "US-NY": "New York (state)"}


def _californian(day: date, name: str) -> bool:
    """State holidays move from a Sunday to Monday; from a Saturday to Friday only on 11 November (Gov. Code § 6701)."""
    return not ("observed" in name and day.isoweekday() == 5 and day.month != 11)


def _any(_day: date, _name: str) -> bool:
    return True


_KEEP: Final[dict[str, Callable[[date, str], bool]]] = {"US-CA": _californian}


def calendar_text(place: str, made: str) -> str:
    """One calendar file: national public holidays, or those of the part of a country that is named."""
    holidays: Any = importlib.import_module("holidays")
    country, _, part = place.partition("-")
    languages = getattr(getattr(holidays, country), "supported_languages", ())
    language = "en_US" if "en_US" in languages else None
    found = holidays.country_holidays(country, subdiv=part or None, years=range(FIRST, LAST + 1), language=language)
    keep = _KEEP.get(place, _any)
    days = [f'  {day}: "{name}"' for day, name in sorted(found.items()) if keep(day, name)]
    head = [
        f'calendar: "{place}"',
        f"title: Public holidays, {_TITLES.get(place, place)}",
        f"made: {made}",
        f"source: Python package holidays {holidays.__version__}; not compared with the official gazette",
        f'covers: ["{FIRST}", "{LAST}"]',
        "weekend: [saturday, sunday]",
        "holidays:",
    ]
    return "\n".join([*head, *days]) + "\n"


def main(arguments: Sequence[str]) -> None:
    """Write every calendar into a folder."""
    folder, made = Path(arguments[0]), arguments[1]
    for place in PLACES:
        (folder / f"{place}.yaml").write_text(calendar_text(place, made), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
