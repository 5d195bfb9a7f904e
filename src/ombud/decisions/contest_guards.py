"""What must hold before a step of a contest counts: functions of its own steps, so that every reader agrees."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from ombud.cases import Case, Guard, Step

Details = Mapping[str, Any]

PEOPLE: Final = frozenset(("owner", "business", "legal", "dpo", "ciso", "platform"))
"""Roles of keys that may review a decision about somebody. A machine's key (ci) never does."""


def reviewer_of(case: Case) -> str | None:
    """Who was given the case last."""
    step = case.last("assigned")
    return str(step.details["reviewer"]) if step else None


def review_of(case: Case) -> Step | None:
    """The review that counts: the last one, unless the case was given to somebody else after it."""
    step = case.last("assigned", "reviewed")
    return step if step and step.event == "reviewed" else None


def may_decide(roles: frozenset[str]) -> bool:
    """Whether a key with these roles belongs to a person who may review."""
    return bool(PEOPLE & roles) and "ci" not in roles


def becomes(case: Case) -> str | None:
    """Commitment of the decision that took the place of the contested one; None while there is none."""
    review = review_of(case)
    if review is None:
        return None
    done = case.last("carried-out")  # after it nobody else is given the case, so it belongs to this review
    return str(done.details["becomes"]) if done else review.details.get("becomes")


def _may_speak(case: Case, _details: Details) -> str | None:
    speaks = "agent" not in case.opened or case.opened.get("authority") == "shown" or case.last("authority-shown")
    return None if speaks else "nobody has shown yet that the agent may speak for the person"


def _someone_else(case: Case, details: Details) -> str | None:
    decided = details.get("staff") in (case.opened.get("decided_by") or ())
    return "whoever made the decision does not review it" if decided else None


def _looked(_case: Case, details: Details) -> str | None:
    return None if details.get("saw") else "a review says what was in front of the reviewer"


def _reasoned(_case: Case, details: Details) -> str | None:
    return None if details.get("reasons") is True else "the person is given reasons, and none were written down"


def _new_is_recorded(_case: Case, details: Details) -> str | None:
    if (details.get("outcome") == "new-decision") != bool(details.get("becomes")):
        return "a new decision, and nothing else, names the record of what was decided afresh"
    return None


def _timed_as_said(_case: Case, details: Details) -> str | None:
    if (details.get("timed") == "not-kept") != (details.get("seconds") is None):
        return "the time of a review is kept if it is said to be, and only then"
    return None


def _something_changed(case: Case, _details: Details) -> str | None:
    review = review_of(case)
    if review is None or review.details["outcome"] != "changed":
        return "the review changed nothing"
    return "it was carried out already" if becomes(case) else None


def _nothing_changed_yet(case: Case, _details: Details) -> str | None:
    done = case.last("carried-out")
    return "the review changed the decision already; the new one can be contested" if done else None


def _ground_fits(case: Case, details: Details) -> str | None:
    ground, rows = details.get("ground"), case.opened["duties"]
    laws = {str(row.get("law")) for row in rows if row.get("applies") != "no"}
    if ground == "authority-not-shown" and ("agent" not in case.opened or _may_speak(case, details) is None):
        return "the person asks, or it was shown that the agent may speak for them"
    if ground == "not-commercially-reasonable" and laws != {"colorado"}:
        return "only Colorado's law knows that ground, and it is not the only one here"
    return None


def _by_the_reviewer(case: Case, _details: Details) -> str | None:
    """The review counts for the person only if it was made by the one who was given it, with a person's key."""
    step, given = review_of(case), case.last("assigned")
    if step is None or given is None:
        return "nobody reviewed it since it was given to a reviewer"
    if step.holder != given.details["reviewer"]:
        return "the review was not signed by the one to whom it was given"
    return None if may_decide(step.roles) else "the key that reviewed may not decide about people"


def _carried_out(case: Case, _details: Details) -> str | None:
    review = review_of(case)
    open_ = review is not None and review.details["outcome"] == "changed" and not becomes(case)
    return "the changed decision is not on record yet" if open_ else None


GUARDS: Final[Mapping[str, Guard]] = MappingProxyType({
    "may-speak": _may_speak,
    "someone-else": _someone_else,
    "looked": _looked,
    "reasoned": _reasoned,
    "new-is-recorded": _new_is_recorded,
    "timed-as-said": _timed_as_said,
    "something-changed": _something_changed,
    "nothing-changed-yet": _nothing_changed_yet,
    "ground-fits": _ground_fits,
    "by-the-reviewer": _by_the_reviewer,
    "carried-out": _carried_out,
})  # fmt: skip
"""Name in contest.yaml → what must hold."""
