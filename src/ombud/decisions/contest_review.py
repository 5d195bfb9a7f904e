"""Review a contested decision: given to somebody with authority who did not make it, looked at, decided, told."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from attrs import field, frozen

from ombud.cases import Case, step, the_case
from ombud.cases.note import note_fits
from ombud.decisions.contest import CONTESTS, NOTE
from ombud.decisions.contest_guards import becomes, review_of, reviewer_of
from ombud.decisions.contest_law import grounds
from ombud.decisions.contest_outcome import other_outcome, record_changed
from ombud.decisions.contest_reviewers import authority, notices, the_reviewer
from ombud.decisions.intake import find
from ombud.decisions.kept import Kept
from ombud.decisions.live import find_anywhere
from ombud.errors import Misused
from ombud.store.workspace import Workspace
from ombud.system.spec import System

OUTCOMES: Final = ("upheld", "changed", "new-decision")
SAW: Final = ("score", "reasons", "inputs", "documents", "explanation", "person-statement", "other-information")
REASONS: Final = "reasons"
HEARD: Final = "heard"
"""Private notes: why it was decided so, and what the person said after the beginning."""


@frozen(kw_only=True)
class Review:
    """What a reviewer came to.

    Attributes:
        outcome: upheld, changed (the other outcome), or new-decision (it was decided afresh, and that was recorded).
        saw: what was in front of the reviewer.
        seconds: how long they worked on it, by their own word; None: since they began, as measured.
        reasons: for the person; a private note that the letter tells.
        becomes: number of the new decision; needed for new-decision, and for nothing else.
    """

    outcome: str
    saw: tuple[str, ...]
    seconds: int | None = None
    reasons: str = field(repr=False, converter=note_fits)
    becomes: str | None = field(default=None, repr=False)


@frozen
class Contests:
    """Somebody who handles contests.

    Attributes:
        workspace: log, store, clock, keys; holder: whose key signs.
        system: its manifest, where decisions stay in a table of its own; None: decisions are those in the store.
    """

    workspace: Workspace
    holder: str
    system: System | None = None

    def case(self, number: str) -> Case:
        """A contest by its number.

        Raises:
            NotFound, Misused: there is none.
        """
        return the_case(self.workspace.ledger.log(), CONTESTS, number)

    # --- before the review --------------------------------------------------------------------------------------------

    def show_authority(self, number: str, shown: str) -> Case:
        """Put on record what shows that an agent may speak for the person."""
        return self._step(number, "authority-shown", {"shown": shown})

    def hear(self, number: str, how: str, words: str) -> Case:
        """Put on record that the person was heard; what they said is a private note, added to what was said before.

        Raises:
            Misused: nothing was said.
        """
        if not words.strip():
            raise Misused("to hear somebody is to write down what they said", "Give it with --file, or - for stdin.")
        before = self.workspace.people.kept(self.case(number).id).get(HEARD, "")
        text = note_fits("\n\n".join(filter(None, (before, words.strip()))))
        after = self._step(number, "heard", {"how": how, "on": self._today.isoformat()})
        self.workspace.people.keep(after.id, HEARD, text)
        return after

    def assign(self, number: str, reviewer: str) -> Case:
        """Give a contest to a reviewer who was named before.

        Raises:
            Misused: nobody named them, or they hold no key of a person who may decide.
            NotAllowed: they made the decision, or an agent has not shown that they may speak.
        """
        named = the_reviewer(self.workspace, reviewer, str(self.case(number).opened["system"]))
        return self._step(number, "assigned", {"reviewer": reviewer, "staff": named.staff, "appointed": named.entry})

    def begin(self, number: str) -> Case:
        """Put on record that the reviewer began, so that the time is measured.

        Raises:
            Misused: the key is not the reviewer's; they were not told that times are measured.
        """
        case = self._of_mine(number)
        if not self._is_told(case):
            raise Misused("the reviewer was not told that times are measured, so they are not",
                          f"ombud decisions notice --to {self.holder}")  # fmt: skip
        return self._step(number, "begun", {})

    # --- the review ---------------------------------------------------------------------------------------------------

    def review(self, number: str, made: Review) -> Case:
        """Put a review on record, under the key of the reviewer who was given the case.

        Without a notice to the reviewer no time is kept. A changed outcome is recorded as a decision of its own, which
        names the case; the contested one stays as it is.

        Raises:
            Misused: the key is not the reviewer's; no time was stated or measured; the new decision is not recorded.
            NotAllowed: nobody was given it, or without authority; nothing was looked at; no reasons.
        """
        case = self._of_mine(number)
        new = find(self.workspace, str(case.opened["system"]), made.becomes) if made.becomes else None
        if made.outcome == "changed":
            other_outcome(self.contested(case).decision)  # what would keep it from being recorded shows before the step
        after = self._step(number, "reviewed", {
            "outcome": made.outcome, "saw": list(made.saw), "reasons": bool(made.reasons.strip()),
            "becomes": new.commitment if new else None, **self._time(case, made),
        })  # fmt: skip
        self.workspace.people.keep(case.id, REASONS, made.reasons)
        return self.carry_out(after.id)

    def carry_out(self, number: str) -> Case:
        """Record the changed decision, if there is one and it is not recorded yet; to do it twice does it once."""
        case = self.case(number)
        review = review_of(case)
        if review is None or review.details["outcome"] != "changed" or becomes(case):
            return case
        problem = case.why_not("carried-out", {"becomes": case.opened["decision"]})
        if problem:
            raise case.refused(problem)
        new = record_changed(self.workspace, case, self.contested(case))
        return self._step(number, "carried-out", {"becomes": new})

    def refuse(self, number: str, ground: str, reasons: str) -> Case:
        """Refuse a review on a ground of the closed list; the person is told which, why, and where to complain.

        Raises:
            Misused: no such ground; NotAllowed: it does not fit, or no reasons.
        """
        if ground not in grounds():
            raise Misused("that is no ground", f"One of: {', '.join(grounds())}.")
        after = self._step(number, "refused", {"ground": ground, "reasons": bool(note_fits(reasons).strip())})
        self.workspace.people.keep(after.id, REASONS, reasons)
        return after

    # --- after it -----------------------------------------------------------------------------------------------------

    def tell(self, number: str, how: str, documents: Sequence[str] = (), on: date | None = None) -> Case:
        """Put on record that the person was told. documents: digests of what they were sent. Ombud sends nothing.

        Raises:
            NotAllowed: nothing was decided, or not by the reviewer who was given the case and had the right to.
        """
        case = self.case(number)
        if case.state == "reviewed":
            self._has_authority(case)
            case = self.carry_out(number)
        day = on or self._today
        if day > self._today or day < case.steps[-1].at.date():
            raise Misused("the person is told after the review, and not in the future", "Check --on.")
        return self._step(number, "told", {"how": how, "on": day.isoformat(), "documents": list(documents) or None})

    def withdraw(self, number: str) -> Case:
        """The person takes it back; the private notes are deleted."""
        after = self._step(number, "withdrawn", {"on": self._today.isoformat()})
        self.workspace.people.drop(after.id)
        return after

    def close(self, number: str) -> Case:
        """Close a contest whose person was told; its private notes are deleted.

        Raises:
            NotAllowed: the person was not told.
        """
        after = self._step(number, "closed", {})
        self.workspace.people.drop(after.id)
        return after

    def decision_of(self, case: Case) -> tuple[str, str]:
        """System and number of the contested decision, while they are kept.

        Raises:
            Misused: the case is over, and its notes are gone.
        """
        note = self.workspace.people.kept(case.id).get(NOTE)
        if note is None:
            raise Misused(f"{case.id}: its notes are deleted", "The log still holds the decision's commitment.")
        found = json.loads(note)
        return str(found["system"]), str(found["id"])

    def contested(self, case: Case) -> Kept:
        """The contested decision, where it is kept.

        Raises:
            NotFound: it is not there any more. Misused: it is not the one that was contested.
        """
        name, id = self.decision_of(case)
        mine = self.system if self.system and self.system.name == name else None
        found = find_anywhere(self.workspace, mine, id) if mine else find(self.workspace, name, id)
        if found.commitment != case.opened["decision"]:
            raise Misused(f"{case.id}: the decision of that number is not the one that was contested",
                          "Find out who changed it: ombud decisions verify")  # fmt: skip
        return found

    # --- shared -------------------------------------------------------------------------------------------------------

    def _of_mine(self, number: str) -> Case:
        case = self.case(number)
        reviewer = reviewer_of(case)
        if reviewer is None:
            raise case.refused("it was given to no reviewer yet")
        if reviewer != self.holder:
            raise Misused(
                f"{case.id} was given to another reviewer", f"Sign with --as {reviewer}, or give it to somebody else."
            )
        self._has_authority(case)
        return case

    def _has_authority(self, case: Case) -> None:
        if authority(self.workspace.ledger.log(), case) is None:
            raise case.refused("nobody had named the reviewer before they were given the case")

    def _is_told(self, case: Case) -> bool:
        """Whether the reviewer of a case knows that times are measured."""
        given = case.last("assigned")
        return given is not None and given.details["staff"] in notices(
            self.workspace.ledger.log(), str(case.opened["system"])
        )

    def _time(self, case: Case, made: Review) -> Mapping[str, Any]:
        if not self._is_told(case):
            return {"timed": "not-kept"}
        if made.seconds is not None:
            if made.seconds < 0:
                raise Misused("a review takes no negative time", "Give --minutes from 0 on.")
            return {"timed": "stated", "seconds": made.seconds}
        begun = case.last("assigned", "begun")
        if begun is None or begun.event != "begun":
            raise Misused("nobody said how long the review took", "Give --minutes, or start with --begin next time.")
        took = self.workspace.context.clock.now() - begun.at
        return {"timed": "measured", "seconds": max(0, int(took.total_seconds()))}

    @property
    def _today(self) -> date:
        return self.workspace.context.clock.now().date()

    def _step(self, number: str, event: str, details: Mapping[str, Any]) -> Case:
        return step(self.workspace, CONTESTS, number, event, details, self.holder)
