"""Open an incident, by an alarm or by a person. Of two alarms about one thing the second joins the first's case."""

import hashlib
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from attrs import frozen

from ombud.cases import Case, Overtaken, cases_of, open_case, step
from ombud.cases.note import note_fits
from ombud.errors import Misused
from ombud.evidence.instants import instant
from ombud.incidents.assess import work_out
from ombud.incidents.incident import INCIDENTS, Alarm, Assessed, Report
from ombud.incidents.incident_guards import is_drill
from ombud.law import Pack
from ombud.store.workspace import Workspace

_DIGITS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_TRIES: Final = 50

KINDS_OF_SERIES: Final = (
    (("selection_rate", "impact_ratio", "true_positive", "false_positive", "positive_predictive"),
     "possible-discrimination"),
    (("psi", "ks", "drift"), "drift"),
    (("missing", "unseen", "range", "type", "quality", "gap", "volume", "rows"), "data-quality"),
    (("auc", "cbpe", "accuracy", "brier", "calibration", "precision", "recall", "log_loss"), "performance"),
    (("override",), "oversight"),
)  # fmt: skip
"""How a series is called → which category its alarms open. A person says later what it really is."""


@frozen(kw_only=True)
class Opened:
    """What became of a report or an alarm. new: whether a case was opened; joined: whether an open one took it in."""

    case: Case
    new: bool
    joined: bool = False


def open_incident(workspace: Workspace, report: Report, holder: str, pack: Pack | None = None) -> Opened:
    """Open an incident that a person reports; one about a series that has an open incident joins that.

    Args:
        workspace: log, store, clock, keys; report: what happened; holder: whose key signs.
        pack: the law; None: what comes with Ombud.

    Raises:
        Misused: somebody knew of it only in the future.
        Refused: the holder may not sign cases.
    """
    now = workspace.context.clock.now()
    aware = report.aware or now
    if aware.tzinfo is None or aware > now:
        raise Misused("nobody can have known of it in the future, or at a time without offset",
                      "Write --aware like 2026-11-25T10:00+01:00.")  # fmt: skip
    nature = note_fits(report.nature)
    if report.series and not report.drill:
        opened = _open_or_join(workspace, report.system, report.series, {"since": instant(aware)}, _first(
            workspace, report, aware, pack), holder)  # fmt: skip
    else:
        case = open_case(workspace, INCIDENTS, _first(workspace, report, aware, pack), holder, system=report.system)
        opened = Opened(case=case, new=True)
    if nature.strip():
        workspace.people.keep(opened.case.id, "nature" if opened.new else "other", nature)
    return opened


def open_from_alarm(workspace: Workspace, alarm: Alarm, holder: str, pack: Pack | None = None) -> Opened:
    """Open an incident for an alarm, once: an open one about the same series takes it in as a further sign.

    The same alarm told again changes nothing, also after its incident was closed. The organisation knew when the
    alarm was told here: that moment starts the clocks.

    Args:
        workspace: log, store, clock, keys; alarm: what was seen; holder: whose key signs.
        pack: the law; None: what comes with Ombud.

    Raises:
        Refused: the holder may not sign cases.
        Overtaken: so many others took steps in the same moment that this one gave up.
    """
    known = told_already(workspace, alarm)
    if known is not None:
        return Opened(case=known, new=False)
    report = Report(system=alarm.system, assessed=Assessed(categories=(category_of(alarm.series),)),
                    series=alarm.series)  # fmt: skip
    first = {**_first(workspace, report, workspace.context.clock.now(), pack), "by": "alarm", **_sign(alarm)}
    return _open_or_join(workspace, alarm.system, alarm.series, _sign(alarm), first, holder)


def told_already(workspace: Workspace, alarm: Alarm) -> Case | None:
    """The incident that knows this very alarm; None if none does."""
    sign = (alarm.series, _moment(alarm.since))
    for case in cases_of(workspace.ledger.log(), INCIDENTS):
        steps = case.all("opened", "alarmed")
        if case.opened["system"] == alarm.system and any(
            (one.details.get("series"), one.details.get("since")) == sign for one in steps
        ):
            return case
    return None


def category_of(series: str) -> str:
    """What kind of incident a series' alarm is taken for, until a person says more."""
    name = series.partition("[")[0]
    return next((kind for names, kind in KINDS_OF_SERIES if any(one in name for one in names)), "other")


def _open_or_join(
    workspace: Workspace, system: str, series: str, sign: Mapping[str, Any], first: Mapping[str, Any], holder: str
) -> Opened:  # fmt: skip
    """Join the open incident of the series, or open one under the one number that is free for it."""
    overtaken: Overtaken | None = None
    for _ in range(_TRIES):
        cases = cases_of(workspace.ledger.log(), INCIDENTS)
        about = [one for one in cases if _about(one) == (system, series) and not is_drill(one)]
        running = next((one for one in about if not one.ended), None)
        try:
            if running is None:
                number = _number(system, series, len(about), frozenset(one.id for one in cases))
                case = open_case(workspace, INCIDENTS, first, holder, system=system, number=number)
                return Opened(case=case, new=True)
            if _knows(running, series, sign):
                return Opened(case=running, new=False)
            after = step(workspace, INCIDENTS, running.id, "alarmed", {"series": series, **sign}, holder)
            return Opened(case=after, new=False, joined=True)
        except Overtaken as lost:  # somebody opened it, or told it, in the same moment: look again
            overtaken = lost
    assert overtaken is not None, "every try ends in a return or is overtaken"
    raise overtaken


def _about(case: Case) -> tuple[str, str | None]:
    return str(case.opened["system"]), case.opened.get("series")


def _knows(case: Case, series: str, sign: Mapping[str, Any]) -> bool:
    told = case.all("opened", "alarmed")
    return any((one.details.get("series"), one.details.get("since")) == (series, sign["since"]) for one in told)


def _number(system: str, series: str, before: int, taken: frozenset[str]) -> str:
    """The number that the next incident of a series has, whoever opens it: so of two openers only one succeeds."""
    for salt in range(_TRIES):
        named = hashlib.sha256(f"{system}\0{series}\0{before}\0{salt}".encode()).digest()
        digits = "".join(_DIGITS[byte % 32] for byte in named[:6])
        if f"{INCIDENTS.letter}-{digits}" not in taken:
            break
    return f"{INCIDENTS.letter}-{digits}"


def _first(workspace: Workspace, report: Report, aware: datetime, pack: Pack | None) -> dict[str, Any]:
    asked = work_out(workspace, report.system, report.assessed, aware, pack)
    return {
        "aware_at": instant(aware), "system": report.system, "drill": report.drill, "by": "person",
        "series": report.series, "severity": report.assessed.severity, "categories": list(report.assessed.categories),
        "risk": report.assessed.risk, "duties": [dict(row) for row in asked.rows], "law_pack": asked.law_pack,
        "facts": "declared" if asked.declared else "not-declared",
        **({"since": instant(aware)} if report.series else {}),
    }  # fmt: skip


def _sign(alarm: Alarm) -> dict[str, Any]:
    start, end = getattr(alarm.window, "start", None), getattr(alarm.window, "end", None)
    digest = getattr(alarm, "digest", None)
    return {
        "since": _moment(alarm.since), "window_from": _moment(start) if start else None,
        "window_until": _moment(end) if end else None, "effect": _plain(alarm.effect), "alarm": digest or None,
    }  # fmt: skip


def _plain(effect: Any) -> str | None:
    if effect is None:
        return None
    said = f"{effect:.4g}" if isinstance(effect, float) else str(effect)
    return "".join(letter for letter in said if letter.isprintable())[:400]


def _moment(when: datetime | date | str) -> str:
    """An instant; a bare day is its first moment, UTC."""
    if isinstance(when, date) and not isinstance(when, datetime):
        return instant(f"{when.isoformat()}T00:00:00Z")
    return instant(f"{when}T00:00:00Z" if isinstance(when, str) and len(when) == len("2026-11-25") else when)
