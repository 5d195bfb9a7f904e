"""Incidents in words for people: clocks with the time that is left; what people wrote only where it is asked for."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from ombud.cases import Case
from ombud.cli.cases_text import steps_lines, steps_plain
from ombud.cli.rights.requests_text import printable
from ombud.incidents.clocks import IncidentClock, Standing
from ombud.incidents.incident_guards import actions, assessment, is_drill


def listed(found: Sequence[Standing], *, drills: bool = False) -> str:
    """Incidents with their clocks, one below the other."""
    if not found:
        return "no drill is open" if drills else "no incident is open"
    return "\n".join(line for one in found for line in _lines(one))


def shown(found: Standing, notes: Mapping[str, str] | None) -> str:
    """One incident: where it stands, its clocks, actions and steps."""
    done = (f"  action {name}: {state}" for name, state in actions(found.case).items())
    return "\n".join((*_lines(found, whole=True), *done, *steps_lines(found.case, _LONG), *_private(notes)))


def _lines(one: Standing, *, whole: bool = False) -> Iterator[str]:
    now, case = assessment(one.case), one.case
    flags = ("DRILL  " if is_drill(case) else "") + ("LATE  " if one.late else "")
    first = f"{left(one.next, one)}  " if one.next and not case.ended else ""
    kinds = ", ".join(now["categories"])
    yield f"{flags}{first}{case.id}  {case.opened['system']}: {kinds}; severity {now['severity']}; {case.state}"
    yield f"  known since {_minute(now['aware_at'])}; {_people(one)}{_alarms(case)}"
    if now["facts"] == "not-declared":
        yield "  nobody declared this system: every duty is taken as applying"
    yield from (f"  {_clock(clock, one)}" for clock in one.clocks if whole or clock.applies != "no")


def left(clock: IncidentClock, one: Standing) -> str:
    """The time that is left, in words: "2 d 3 h left", "5 h late"."""
    rest = clock.left(one.at)
    assert rest is not None, "asked only of clocks with a number"
    return f"{_length(rest)} left" if rest > timedelta() else f"{_length(-rest)} late"


def _length(time: timedelta) -> str:
    hours, minutes = time.days * 24 + time.seconds // 3600, time.seconds % 3600 // 60
    if hours >= 48:
        return f"{hours // 24} d {hours % 24} h"
    return f"{hours} h" if hours else f"{minutes} min"


def _clock(clock: IncidentClock, one: Standing) -> str:
    head = f"{clock.duty.key} ({clock.duty.cite}): "
    if clock.settled:
        how = f"{clock.phase} notice given" if clock.phase else clock.settled
        return f"{head}{how}{', late' if clock.late(one.at) else ''}"
    if clock.applies == "not-yet":
        return f"{head}not owed yet on the day it was known"
    if clock.applies == "no":
        return f"{head}does not apply, by what is declared"
    when = f"by {_minute(clock.due.isoformat())}, {left(clock, one)}" if clock.due else clock.rule
    asks = ", ".join(clock.missing) or clock.duty.asks
    doubt = f"; may not apply: not declared: {asks}" if clock.applies == "cannot-tell" else ""
    return f"{head}{when}{doubt}"


def _people(one: Standing) -> str:
    how, number = one.people
    return "people concerned: unknown" if number is None else f"{number:,} people concerned ({how})"


def _alarms(case: Case) -> str:
    more = sum(1 for _ in case.all("alarmed"))
    series = case.opened.get("series")
    return (f"; about {series}" if series else "") + (f"; {more} more alarms joined it" if more else "")


_LONG = ("duties", "law_pack", "documents", "alarm", "evidence")


def _private(notes: Mapping[str, str] | None) -> Iterator[str]:
    for name, value in sorted((notes or {}).items()):
        yield from (f"  private, {name}: {line}" for line in printable(value).splitlines() or [""])


def steps_json(case: Case) -> dict[str, Any]:
    """Steps, actions and what does not count, for programs."""
    return {**steps_plain(case), "actions": dict(actions(case))}


def _minute(moment: str) -> str:
    return f"{moment[:10]} {moment[11:16]} UTC"
