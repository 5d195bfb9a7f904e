"""What law owes people who ask something of an organisation: duties, clocks, grounds and remedies, as data."""

from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path

from attrs import evolve

from ombud.errors import Misused
from ombud.law.duties import LAWS, RIGHTS, RULES, Book, Duty, Ground, Regime, Said
from ombud.law.requestfile import read_requests
from ombud.law.vocabulary import Facts, places

__all__ = ["LAWS", "RIGHTS", "RULES", "Book", "Duty", "Ground", "Regime", "Said", "book", "read_requests", "regimes"]


@cache
def book() -> Book:
    """What comes with Ombud."""
    return read_requests(Path(str(files("ombud.law") / "requests.yaml")))


def regimes(residence: str, facts: Facts, on: date) -> tuple[Regime, ...]:
    """The laws under which somebody can ask something of an organisation.

    Args:
        residence: where the person lives ("DE", "US-CA").
        facts: what the organisation declared: establishment, role, ccpa_threshold. A fact that nobody declared leaves
            it open; the law is then taken as applying, and `missing` says what would tell.
        on: the day of the request.

    Raises:
        Misused: that is no place.
    """
    if not (2 <= len(residence) <= 7 and residence.replace("-", "").isalnum() and residence.isupper()):
        raise Misused("that is no place to live", "Write it as DE, GB or US-CA.")
    found = (_holds(regime, residence, facts, on) for regime in book().laws.values())
    return tuple(regime for regime in found if regime)


def _holds(regime: Regime, residence: str, facts: Facts, on: date) -> Regime | None:
    lives = bool(places(frozenset((residence,))) & regime.lives) or residence.split("-")[0] in regime.lives
    seats = facts.get("establishment", frozenset())
    seated = sorted(seats & regime.established) or sorted(places(seats) & regime.established)
    truth = regime.when.evaluate(facts)
    if on < regime.since or truth.holds is False or not (lives or seated):
        return None
    home = residence if lives else seated[0]
    timezone, days = book().zones.get(home) or book().zones.get(home.split("-")[0]) or ("UTC", None)
    because = f"the person lives in {residence}" if lives else f"the organisation is established in {seated[0]}"
    return evolve(regime, on=on, missing=truth.missing, because=because, timezone=timezone, calendar=days)
