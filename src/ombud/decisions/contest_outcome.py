"""What a review changed, as a decision of its own: the contested one stays as it was, and the case joins the two."""

from typing import Final

from attrs import evolve

from ombud.cases import Case
from ombud.decisions.contest_guards import review_of
from ombud.decisions.contest_reviewers import staff_number
from ombud.decisions.decision import FAVOURABLE, UNFAVOURABLE, Decision, Human
from ombud.decisions.intake import find, record_one
from ombud.decisions.kept import Kept
from ombud.errors import Misused
from ombud.store.workspace import Workspace

OTHER: Final = {FAVOURABLE: UNFAVOURABLE, UNFAVOURABLE: FAVOURABLE}
_LONGEST: Final = 190


def number_of_changed(old: str, case: str) -> str:
    """The number of a changed decision: the old one's with the case, so that to record it twice records it once."""
    return f"{old[:_LONGEST]}+{case}"


def other_outcome(old: Decision) -> str:
    """What a changed decision comes to.

    Raises:
        Misused: the contested decision has no outcome that could be changed.
    """
    if old.outcome is None:
        raise Misused("the contested decision has no outcome, so there is no other one",
                      "Record the new decision, and review with --outcome new-decision --new ID.")  # fmt: skip
    return OTHER[old.outcome]


def changed(case: Case, old: Decision, who: str) -> Decision:
    """The decision that a review comes to where it changes the outcome.

    Same person, inputs, score and release; another outcome, by the hand of a person, at the time of the review.

    Args:
        case: reviewed; old: as it was contested; who: the reviewer's number, as records of decisions have it.

    Raises:
        Misused: the contested decision has no outcome that could be changed.
    """
    review = review_of(case)
    assert review is not None, "asked only of a reviewed case"
    saw, seconds = tuple(review.details["saw"]), review.details.get("seconds")
    human = Human(who=who, saw=saw, changed=True, seconds=None if seconds is None else float(seconds))
    return evolve(
        old, id=number_of_changed(old.id, case.id), at=review.at, outcome=other_outcome(old), decided=None,
        human=human, reasons=(), notices=(),
    )  # fmt: skip


def record_changed(workspace: Workspace, case: Case, old: Kept) -> str:
    """Record the changed decision, once however often it is asked; the commitment that the log knows it by."""
    given = case.last("assigned")
    assert given is not None, "a reviewed case was given to somebody"
    new = changed(case, old.decision, staff_number(workspace, str(given.details["staff"])))
    record_one(workspace, new, None)
    return find(workspace, new.system, new.id).commitment
