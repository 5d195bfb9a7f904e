"""Work out what law asks in an incident: which duties its categories start, whose they are, and until when."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from attrs import frozen

from ombud.errors import Misused, NotFound
from ombud.evidence.instants import instant
from ombud.incidents.duties import Duty, duties
from ombud.incidents.incident import Assessed
from ombud.law import Pack, load_pack
from ombud.law.clock import ClockResult, run_clock, zone
from ombud.law.clockrules import clock_rule
from ombud.law.requests import book
from ombud.law.vocabulary import EEA, Facts
from ombud.status.select import declared
from ombud.store.workspace import Workspace

MEASURED_AT_UTC = "UTC"
"""Where nobody declared a place, days are those of UTC."""


@frozen(kw_only=True)
class Duties:
    """What an incident asks for, as the log keeps it: `rows` for its steps, `declared`: whether facts were known."""

    rows: tuple[Mapping[str, Any], ...]
    declared: bool
    law_pack: str


@cache
def built_in_law() -> Pack:
    """The law that comes with Ombud."""
    return load_pack()


def work_out(
    workspace: Workspace, system: str, assessed: Assessed, aware: datetime, pack: Pack | None = None
) -> Duties:
    """The duties of an incident.

    Facts are those that were declared of the system in the log. What nobody declared leaves a duty open, and an open
    duty is taken as applying: its clock runs until somebody says, with a ground, that nothing is owed.

    Args:
        workspace: whose log; system: whose incident; assessed: its categories.
        aware: when somebody knew; law is taken as it stood on that day.
        pack: the law; None: what comes with Ombud.
    """
    law = pack or built_in_law()
    log = workspace.ledger.log().trusted()
    said = declared(log, system, workspace.context.clock.now())
    facts = said.facts if said else {}
    wanted = [duty for duty in duties().values() if duty.categories & frozenset(assessed.categories)]
    rows = tuple(_row(duty, law, facts, aware) for duty in wanted)
    return Duties(rows=rows, declared=said is not None, law_pack=law.digest)


def _row(duty: Duty, law: Pack, facts: Facts, aware: datetime) -> Mapping[str, Any]:
    applies, missing = _applies(duty, law, facts, aware)
    row: dict[str, Any] = {"duty": duty.key, "applies": applies, **({"missing": list(missing)} if missing else {})}
    return row | (_time(duty, facts, aware) if applies in ("yes", "cannot-tell") else {})


def _applies(duty: Duty, law: Pack, facts: Facts, aware: datetime) -> tuple[str, tuple[str, ...]]:
    """Whether a duty is the organisation's on the day it knew: yes, cannot-tell, not-yet or no."""
    if duty.requirement is None:
        return "cannot-tell", ()
    day = aware.date()
    view = law.view(day, day)
    try:
        told = view.applies(view.requirement(duty.requirement), facts)
    except NotFound:
        return "cannot-tell", ()
    if told.applies == "no":
        return ("not-yet" if told.upcoming else "no"), ()
    return ("yes" if told.applies == "yes" else "cannot-tell"), told.missing_facts


def _time(duty: Duty, facts: Facts, aware: datetime) -> dict[str, Any]:
    if duty.clock is None:
        return {"rule": "law sets no number: without undue delay"}
    place = place_of(facts)
    try:
        rule = clock_rule(duty.clock, aware.astimezone(zone(place)).date())
    except Misused as early:
        return {"rule": str(early)}
    result = run_clock(rule, aware, place)
    if result.legal is None:
        return {"rule": f"{rule.version}; law sets no number: {rule.counting}"[:400]}
    counted = f"{rule.version}: {rule.length}, {'weekends and holidays too' if rule.in_hours else f'days of {place}'}"
    return {"rule": counted, "due": instant(_last(result)), **_day(result)}


def _last(result: ClockResult) -> datetime:
    """The last instant that is in time."""
    end = result.ends_at
    assert end is not None, "a clock with a legal end has an instant"
    return end if result.rule.in_hours else end - timedelta(microseconds=1)


def _day(result: ClockResult) -> dict[str, str]:
    return {} if isinstance(result.legal, datetime) or result.legal is None else {"day": result.legal.isoformat()}


def place_of(facts: Facts) -> str:
    """The timezone in which days are counted: of the first place in the EEA that is declared; UTC where none is."""
    for fact in ("establishment", "jurisdiction"):
        for place in sorted(facts.get(fact, frozenset()) & EEA):
            if place in book().zones:
                return book().zones[place][0]
    return MEASURED_AT_UTC
