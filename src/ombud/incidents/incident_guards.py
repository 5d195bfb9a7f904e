"""What must hold before a step of an incident counts: functions of its own steps, so that every reader agrees."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from ombud.cases import Case, Guard
from ombud.evidence.instants import parsed

Details = Mapping[str, Any]

SERIOUS: Final = frozenset(("serious-ai-incident", "death", "widespread-infringement", "critical-infrastructure"))
"""Categories that are serious by what they are."""

APPLYING: Final = ("yes", "cannot-tell")
"""A duty that may apply is taken as applying until somebody says, with a ground, that it does not."""


def is_drill(case: Case) -> bool:
    """Whether it is an exercise."""
    return bool(case.opened.get("drill"))


def assessment(case: Case) -> Details:
    """What is said now of severity, categories, risk, awareness and duties: the newest word."""
    step = case.last("opened", "classified")
    return step.details if step else {}


def duties_of(case: Case) -> Mapping[str, Details]:
    """Key of a duty → its row, as last worked out."""
    return {str(row["duty"]): row for row in assessment(case).get("duties") or () if row.get("duty")}


def answered(case: Case, duty: str) -> bool:
    """Whether a duty was done, or it was said with a ground that nothing is owed; in a drill: rehearsed."""
    events = ("rehearsed", "not-notifiable") if is_drill(case) else ("notified", "not-notifiable")
    return any(step.details["duty"] == duty for step in case.all(*events))


def open_duties(case: Case) -> tuple[str, ...]:
    """The duties that apply, or may, and that nobody has answered."""
    rows = duties_of(case).items()
    return tuple(duty for duty, row in rows if row.get("applies") in APPLYING and not answered(case, duty))


def actions(case: Case) -> Mapping[str, str]:
    """Action → set, done or verified."""
    found: dict[str, str] = {}
    for step in case.all("action-set", "action-done", "action-verified"):
        found[str(step.details["action"])] = step.event.removeprefix("action-")
    return found


def _real(case: Case, _details: Details) -> str | None:
    return "it is a drill, and a drill is never notified nor joined by an alarm" if is_drill(case) else None


def _only_a_drill(case: Case, _details: Details) -> str | None:
    return None if is_drill(case) else "it is no drill: what was sent is recorded as notified"


def _serious_is_serious(_case: Case, details: Details) -> str | None:
    named = sorted(SERIOUS.intersection(details["categories"]))
    if named and details["severity"] != "serious":
        return f"{', '.join(named)} is a serious incident by what it is"
    return None if details["categories"] else "it has at least one category"


def _reasoned(_case: Case, details: Details) -> str | None:
    return None if details["reasons"] is True else "reasons have to be written down for it"


def _people_fit(_case: Case, details: Details) -> str | None:
    known = details.get("people") is not None
    if known != (details["how"] != "unknown"):
        return "people are a number that was counted or stated, or they are unknown"
    if details["how"] == "counted" and not (details.get("from") and details.get("until")):
        return "a count names the period whose decisions were counted"
    return None


def _duty_known(case: Case, details: Details) -> str | None:
    row = duties_of(case).get(details["duty"])
    if row is None or row.get("applies") == "no":
        return "that is none of the duties of this incident"
    return None


def _in_turn(case: Case, details: Details) -> str | None:
    before = [step.details for step in case.all("notified") if step.details["duty"] == details["duty"]]
    phases = [str(one["phase"]) for one in before]
    if "final" in phases:
        return "the final notice was given already"
    if details["phase"] == "further" and not phases:
        return "a further notice follows a first one"
    if details["phase"] == "first" and phases:
        return "a first notice was given already; the next is a further or the final one"
    sent = parsed(str(details["sent_at"]))
    return "it cannot have been sent before anybody knew" if sent < _aware(case) else None


def _late_is_told(case: Case, details: Details) -> str | None:
    """A first notice after its time gives the reasons for the delay."""
    earlier = any(step.details["duty"] == details["duty"] for step in case.all("notified"))
    due = duties_of(case)[str(details["duty"])].get("due")
    late = due is not None and parsed(str(details["sent_at"])) > parsed(str(due))
    return "it is late, and a late notice gives the reasons" if late and not earlier and not details.get(
        "late_reasons") else None  # fmt: skip


def _not_yet_notified(case: Case, details: Details) -> str | None:
    told = any(step.details["duty"] == details["duty"] for step in case.all("notified", "rehearsed"))
    return "it was notified already" if told else None


def _aware(case: Case) -> Any:
    return parsed(str(assessment(case)["aware_at"]))


def _new_action(case: Case, details: Details) -> str | None:
    return "there is an action of that number" if details["action"] in actions(case) else None


def _action_open(case: Case, details: Details) -> str | None:
    return None if actions(case).get(details["action"]) == "set" else "there is no open action of that number"


def _action_finished(case: Case, details: Details) -> str | None:
    return None if actions(case).get(details["action"]) == "done" else "only an action that was done can be verified"


def _assessed(case: Case, _details: Details) -> str | None:
    return "nobody has said yet how severe it is" if assessment(case).get("severity") == "not-assessed" else None


def _acted(case: Case, _details: Details) -> str | None:
    done = actions(case)
    if not done:
        return "no corrective action was set"
    waiting = sorted(name for name, state in done.items() if state != "verified")
    return f"action {', '.join(waiting)} was not verified yet" if waiting else None


def _answered_for(case: Case, _details: Details) -> str | None:
    """Nothing may lie between an incident and its end: each duty was done, or is not owed on a ground."""
    waiting = list(_waiting(case))
    return f"nobody has answered for {', '.join(waiting)}" if waiting else None


def _waiting(case: Case) -> Iterator[str]:
    yield from open_duties(case)
    told: dict[str, list[str]] = {}
    for step in case.all("notified"):
        told.setdefault(str(step.details["duty"]), []).append(str(step.details["phase"]))
    yield from (f"the final notice of {duty}" for duty, phases in told.items() if "final" not in phases)


GUARDS: Final[Mapping[str, Guard]] = MappingProxyType({
    "real": _real,
    "only-a-drill": _only_a_drill,
    "serious-is-serious": _serious_is_serious,
    "reasoned": _reasoned,
    "people-fit": _people_fit,
    "duty-known": _duty_known,
    "in-turn": _in_turn,
    "late-is-told": _late_is_told,
    "not-yet-notified": _not_yet_notified,
    "new-action": _new_action,
    "action-open": _action_open,
    "action-finished": _action_finished,
    "assessed": _assessed,
    "acted": _acted,
    "answered-for": _answered_for,
})  # fmt: skip
"""Name in incident.yaml → what must hold."""
