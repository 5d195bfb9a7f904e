"""Handle an incident: what is known of it, who was told, what caused it, what is done about it, and its end."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final, Protocol

from attrs import frozen

from ombud.cases import Case, step, the_case
from ombud.cases.note import note_fits
from ombud.errors import Misused
from ombud.evidence.instants import instant, parsed
from ombud.incidents.assess import work_out
from ombud.incidents.duties import Duty, duties
from ombud.incidents.incident import INCIDENTS, NOTES, Assessed
from ombud.incidents.incident_guards import actions, assessment
from ombud.law import Pack
from ombud.store.workspace import Workspace

MOST_ACTIONS: Final = 9


class Counter(Protocol):
    """Counts the people about whom a system decided in a period; what it looked for is said in its words."""

    @property
    def words(self) -> str:
        """What was counted, a sentence."""

    def __call__(self, system: str, since: datetime, until: datetime) -> int:
        """How many different people, from `since` on and before `until`."""


@frozen
class Incidents:
    """Somebody who handles incidents. workspace: log, store, clock, keys; holder: whose key signs."""

    workspace: Workspace
    holder: str

    def case(self, number: str) -> Case:
        """An incident by its number.

        Raises:
            NotFound, Misused: there is none.
        """
        return the_case(self.workspace.ledger.log(), INCIDENTS, number)

    # --- what is known ------------------------------------------------------------------------------------------------

    def classify(
        self, number: str, assessed: Assessed, reasons: str, *, aware: datetime | None = None, pack: Pack | None = None
    ) -> Case:  # fmt: skip
        """Say what an incident is; its duties and clocks are worked out again.

        Raises:
            Misused: no reasons; somebody knew in the future.
            NotAllowed: what is serious by what it is was not called so, or the incident is closed.
        """
        case = self.case(number)
        if aware and aware > self.workspace.context.clock.now():
            raise Misused("nobody can have known of it in the future", "Check --aware.")
        since = aware or parsed(str(assessment(case)["aware_at"]))
        asked = work_out(self.workspace, str(case.opened["system"]), assessed, since, pack)
        return self._noted(case, "classified", "severity-reasons", reasons, {
            "severity": assessed.severity, "categories": list(assessed.categories), "risk": assessed.risk,
            "aware_at": instant(since), "duties": [dict(row) for row in asked.rows], "law_pack": asked.law_pack,
            "facts": "declared" if asked.declared else "not-declared",
        })  # fmt: skip

    def count(self, number: str, since: datetime, until: datetime, counter: Counter) -> Case:
        """Count the people concerned: those about whom the system decided in a period."""
        case = self.case(number)
        people = counter(str(case.opened["system"]), since, until)
        return self._step(case, "counted", {"how": "counted", "people": people, "from": instant(since),
                                            "until": instant(until), "filter": counter.words})  # fmt: skip

    def state_people(self, number: str, people: int | None) -> Case:
        """Say how many people are concerned, by somebody's word; None: nobody knows."""
        known = {"how": "unknown"} if people is None else {"how": "stated", "people": people}
        return self._step(self.case(number), "counted", known)

    def update(self, number: str, what: str, words: str) -> Case:
        """Write down something about an incident; a later word of the same kind takes the place of the earlier.

        Raises:
            Misused: that is nothing that is written down, or it is empty.
        """
        if what not in NOTES:
            raise Misused("that is nothing that is written down about incidents", f"One of: {', '.join(NOTES)}.")
        if not words.strip():
            raise Misused("an update says something", "Give it with --file, or - for stdin.")
        return self._noted(self.case(number), "updated", what, words, {"what": what}, flag=None)

    # --- who is told --------------------------------------------------------------------------------------------------

    def drafted(self, number: str, duty: str, documents: Sequence[str], holes: int) -> Case:
        """Put on record that a notice was drafted. documents: digests; holes: how much is missing in it."""
        return self._step(self.case(number), "drafted", {"duty": _duty(duty).key, "documents": list(documents),
                                                         "holes": holes})  # fmt: skip

    def notify(
        self, number: str, duty: str, phase: str, *, sent: datetime | None = None, recipient: str | None = None,
        documents: Iterable[str] = (), late_reasons: str = "",
    ) -> Case:  # fmt: skip
        """Put on record that a notice was sent. Ombud sends nothing itself.

        Args:
            number: of the incident; duty: which; phase: first, further or final (a complete one at once is final).
            sent: when; None: now. recipient: to whom, if not to whom the duty names.
            documents: digests of what was sent; late_reasons: why it is late, if it is; a private note.

        Raises:
            NotAllowed: it is a drill; a late notice without reasons; a phase out of turn.
        """
        case, named, moment = self.case(number), _duty(duty), sent or self.workspace.context.clock.now()
        if moment > self.workspace.context.clock.now():
            raise Misused("it cannot have been sent in the future", "Check --sent.")
        details = {"duty": named.key, "sent_at": instant(moment), "recipient": recipient or named.recipient,
                   "phase": phase, "documents": list(documents) or None}  # fmt: skip
        return self._noted(case, "notified", "late-reasons", late_reasons, details, flag="late_reasons")

    def rehearse(self, number: str, duty: str, documents: Iterable[str] = ()) -> Case:
        """Put on record that a drill got to where a notice would have been sent; nothing is."""
        now = instant(self.workspace.context.clock.now())
        return self._step(self.case(number), "rehearsed", {"duty": _duty(duty).key, "sent_at": now,
                                                           "documents": list(documents) or None})  # fmt: skip

    def not_notifiable(self, number: str, duty: str, ground: str, reasons: str) -> Case:
        """Put on record that nothing is owed, on a ground that the duty lists.

        Raises:
            Misused: the duty does not list that ground, or it does not fit what was said of the risk.
            NotAllowed: no reasons, or it was notified already.
        """
        case, named = self.case(number), _duty(duty)
        known = named.grounds.get(ground)
        if known is None:
            raise Misused("that is no ground of this duty", f"It has: {', '.join(named.grounds)}.")
        risk = str(assessment(case)["risk"])
        if known.risk and risk not in known.risk:
            raise Misused(f"that ground does not fit: the risk is assessed as {risk}",
                          f"Assess it first: ombud incidents update {case.id} --risk {known.risk[-1]}")  # fmt: skip
        return self._noted(case, "not-notifiable", f"not-owed-{duty}", reasons, {"duty": duty, "ground": ground})

    # --- what is done about it ----------------------------------------------------------------------------------------

    def cause(self, number: str, cause: str, reasons: str, since: datetime | None = None) -> Case:
        """Say what caused it, or that it was looked for and not found; how that is known is a private note."""
        details = {"cause": cause, "since": instant(since) if since else None}
        return self._noted(self.case(number), "cause-found", "cause", reasons, details)

    def set_action(self, number: str, does: str, owner: str, due: date, words: str = "") -> Case:
        """Set a corrective action: what, whose role, until which day.

        Raises:
            Misused: there are nine already.
        """
        case = self.case(number)
        name = f"A{len(actions(case)) + 1}"
        if len(actions(case)) >= MOST_ACTIONS:
            raise Misused(f"an incident has at most {MOST_ACTIONS} actions", "Put several steps into one action.")
        details = {"action": name, "does": does, "owner": owner, "due": due.isoformat()}
        return self._noted(case, "action-set", f"action-{name}", words, details, flag=None)

    def action_done(self, number: str, action: str, on: date | None = None) -> Case:
        """Say that an action was carried out."""
        day = on or self.workspace.context.clock.now().date()
        return self._step(self.case(number), "action-done", {"action": action, "on": day.isoformat()})

    def verify_action(self, number: str, action: str, by: str, evidence: str | None = None) -> Case:
        """Say how it was seen that an action works: measured, tested or reviewed. evidence: digest of what shows it."""
        return self._step(self.case(number), "action-verified", {"action": action, "verified_by": by,
                                                                 "evidence": evidence})  # fmt: skip

    def close(self, number: str, learned: str = "") -> Case:
        """Close an incident: the cause is known, the actions work, every duty was answered. The notes stay.

        Raises:
            NotAllowed: one of these is missing; which is said.
        """
        case = self.case(number)
        return self._noted(case, "closed", "learned", learned, {}, flag="reasons")

    # --- shared -------------------------------------------------------------------------------------------------------

    def _step(self, case: Case, event: str, details: Mapping[str, Any]) -> Case:
        return step(self.workspace, INCIDENTS, case.id, event, details, self.holder)

    def _noted(
        self, case: Case, event: str, note: str, words: str, details: Mapping[str, Any], flag: str | None = "reasons"
    ) -> Case:  # fmt: skip
        """Take a step and keep what was written as a private note; the log says only whether there is one."""
        text = note_fits(words)
        said = {flag: bool(text.strip())} if flag else {}
        after = self._step(case, event, {**details, **said})
        if text.strip():
            self.workspace.people.keep(case.id, note, text)
        return after


def _duty(key: str) -> Duty:
    if key not in duties():
        raise Misused("that is no duty that incidents know", f"One of: {', '.join(duties())}.")
    return duties()[key]
