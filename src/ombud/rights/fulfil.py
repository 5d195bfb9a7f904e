"""Do what a request asks for: erase, correct, stop, or hand over; and say what became of it, place by place.

Whatever happens on the way, calling it again goes on where it stopped, and nothing is said to be done that a search of
its own contradicts.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from attrs import evolve, frozen

from ombud.cases import Case, cases_of
from ombud.errors import Misused
from ombud.rights.correct import CHANGES, correct_everywhere
from ombud.rights.desk import Desk, granted, kept_by_decision, recipients, rows_found, with_steps_by_hand
from ombud.rights.erase import erase_everywhere, verified
from ombud.rights.export import packages
from ombud.rights.models import Affected, affected
from ombud.rights.request import REQUESTS
from ombud.rights.request_guards import outcomes as recorded
from ombud.rights.sources.source import Outcome, Progress, State
from ombud.store.people import Listed

LIST_OF: Final[Mapping[str, str]] = {
    "erasure": "erased",
    "objection": "objected",
    "opt-out-sale": "sale-opted-out",
    "opt-out-decisions": "opted-out",
    "restriction": "restricted",
    "limit-sensitive": "limited",
    "withdraw-consent": "consent-withdrawn",
}
"""The list that a granted request puts the person on."""


@frozen(kw_only=True)
class Fulfilled:
    """What was done.

    Attributes:
        case: as it stands now; outcomes: place by place.
        models: those that learned from the person; each needs a recorded decision.
        recipients: who has to be told (GDPR Art. 19), by the map.
        done: whether nothing failed, so that the request is fulfilled.
    """

    case: Case
    outcomes: tuple[Outcome, ...] = ()
    models: tuple[Affected, ...] = ()
    recipients: tuple[str, ...] = ()

    @property
    def done(self) -> bool:
        """Whether the request is fulfilled."""
        return self.case.state == "fulfilled"


@frozen(eq=False)
class Run:
    """One run of a case. again: an earlier one was begun, and did not end."""

    desk: Desk
    case: Case
    progress: Progress | None
    again: bool


def fulfil(desk: Desk, number: str, progress: Progress | None = None) -> Fulfilled:
    """Do what a request asks for.

    Args:
        desk: map, log and key; number: of the case, reviewed and granted; progress: told before each source.

    Raises:
        Misused: it was not reviewed yet, or was done already.
    """
    case = desk.case(number)
    if case.state not in ("reviewed", "acting"):
        ahead = _BEFORE.get(case.state, "show")
        raise Misused(
            f"{case.id} stands at {case.state!r}, where nothing can be done", f"ombud rights {ahead} {case.id}"
        )
    _nothing_to_decide(desk, case)
    _kept_places_known(desk, case)
    again = case.state == "acting"
    if not again:
        case = desk.step(case, "acting", map=desk.data_map.digest or None)
    return _DOES[str(case.opened["right"])](Run(desk, case, progress, again))


_BEFORE: Final = {"received": "verify", "identity-asked": "verify", "unverified": "verify", "verified": "find",
                  "found": "review", "fulfilled": "deliver", "delivered": "close"}  # fmt: skip
"""The verb that comes next where a case stands."""


def _nothing_to_decide(desk: Desk, case: Case) -> None:
    """Stop where the search found what may be the person's or somebody else's: that is for people to say.

    Raises:
        Misused: and nobody has said it yet.
    """
    if case.last("found") is None:
        return
    open_ = desk.found(case).ambiguities
    if open_:
        raise Misused(
            f"{case.id}: nobody has decided yet whether this is the person: {'; '.join(one.because for one in open_)}",
            f"See them with: ombud rights find {case.id} --private   Then say --also or --not-theirs.",
        )


def _kept_places_known(desk: Desk, case: Case) -> None:
    """Stop where a review keeps a place that the map does not know: what was meant would be erased.

    Raises:
        Misused: it does.
    """
    review, known = case.last("reviewed"), {one.address for one in desk.data_map.collections}
    rows = (review.details.get("kept") or ()) if review else ()
    unknown = sorted({str(row.get("collection")) for row in rows} - known)
    if unknown:
        raise Misused(
            f"{case.id}: the review keeps {', '.join(unknown)}, and the map knows no such place",
            f"Review it again with one of: {', '.join(sorted(known))}",
        )


def more_to_come(outcomes: Sequence[Outcome], reasons: Sequence[str]) -> tuple[Outcome, ...]:
    """Where a search ended at its bound there may be more: what was done there is not all."""
    cut = {reason.partition(":")[0] for reason in reasons}
    because = "There may be more than the search took in: search again, then fulfil again."
    return tuple(
        evolve(one, state=State.FAILED, because=because)
        if one.collection in cut or (cut and not cut & {each.collection for each in outcomes})
        else one
        for one in outcomes
    )


def _erase(run: Run) -> Fulfilled:
    """Lists first: a crash must not leave somebody erased whom the next training run takes in again."""
    desk, case = run.desk, run.case
    _enlist(desk, case)
    data_map, open = kept_by_decision(desk.data_map, case, desk.today), desk.opener(case)
    found = desk.found(case)
    selection, away = with_steps_by_hand(data_map, found)
    outcomes = erase_everywhere(data_map, selection, away=away, progress=run.progress, open=open)
    outcomes = more_to_come(verified(data_map, selection, outcomes, open=open), found.incomplete)
    _purge_packages(desk, case)
    return _finish(desk, case, tuple(_as_before(case, outcomes, again=run.again)))


def _as_before(case: Case, outcomes: Sequence[Outcome], *, again: bool) -> Iterator[Outcome]:
    """Where an earlier run has erased, a later one finds nothing: what became of the place stays what it was."""
    earlier, rows = recorded(case, {}), rows_found(case)
    for one in outcomes:
        said, held = earlier.get(one.collection, {}), rows.get(one.collection, 0)
        if one.state is not State.NOTHING or said.get("state") == State.NOTHING:
            yield one
        elif said.get("state") == State.ERASED:
            yield Outcome.from_json(said)
        elif again and held:
            because = "an earlier run that was cut off left nothing of it"
            yield evolve(one, state=State.ERASED, found=held, because=because)
        else:
            yield one


def _correct(run: Run) -> Fulfilled:
    desk, case = run.desk, run.case
    wanted = desk.noted(case, CHANGES)
    if not wanted:
        raise Misused(f"{case.id}: nobody has said what is right", f"ombud rights correct {case.id} --file CHANGES")
    found = desk.found(case)
    selection, away = with_steps_by_hand(desk.data_map, found)
    done = correct_everywhere(desk.data_map, selection, wanted, run.progress, away=away, open=desk.opener(case))
    return _finish(desk, case, more_to_come(done, found.incomplete))


def _stop(run: Run) -> Fulfilled:
    """From now on they are listed, also where a place could not be searched: that place is said, and waits."""
    _enlist(run.desk, run.case)
    return _unsearched(run) or _finish(run.desk, run.case, ())


def _hand_over(run: Run) -> Fulfilled:
    """A copy is made when it is delivered, so that no copy lies about; here it is only said that it may be."""
    run.desk.found(run.case)
    return _unsearched(run) or _finish(run.desk, run.case, ())


def _unsearched(run: Run) -> Fulfilled | None:
    """Where a place could not be searched: that it failed; None where all were, or nobody had to search.

    It is not put on record as an outcome: the search says so itself, until there is a new one.
    """
    desk, case = run.desk, run.case
    away = desk.found(case).away if case.last("found") else {}
    because = "It could not be searched; search again."
    failed = [
        Outcome(collection=one.address, state=State.FAILED, because=because)
        for one in desk.data_map.collections
        if one.personal and one.source in away
    ]
    return Fulfilled(case=case, outcomes=tuple(failed)) if failed else None


_DOES: Final[Mapping[str, Callable[[Run], Fulfilled]]] = {
    "erasure": _erase,
    "rectification": _correct,
    "access": _hand_over,
    "portability": _hand_over,
    "restriction": _stop,
    "objection": _stop,
    "opt-out-sale": _stop,
    "opt-out-decisions": _stop,
    "limit-sensitive": _stop,
    "withdraw-consent": _stop,
}


def _enlist(desk: Desk, case: Case) -> None:
    right, alias = str(case.opened["right"]), desk.alias(case)
    desk.workspace.people.enlist(*(
        Listed(alias=alias, list=LIST_OF[right], law=law, since=desk.today, case=case.id) for law in granted(case)
    ))  # fmt: skip


def _finish(desk: Desk, case: Case, outcomes: Sequence[Outcome]) -> Fulfilled:
    if outcomes:
        case = desk.step(case, "acted", outcomes=[told(one) for one in outcomes])
    if all(one.state is not State.FAILED for one in outcomes):
        case = desk.step(case, "fulfilled")
    right = str(case.opened["right"])
    learned = affected(desk.workspace, alias=desk.alias(case)) if right in LIST_OF or right == "rectification" else ()
    owed = tuple(recipients(desk.data_map, case)) if right in TOLD_ON else ()
    return Fulfilled(case=case, outcomes=tuple(outcomes), models=tuple(learned), recipients=owed)


TOLD_ON: Final = ("erasure", "rectification", "restriction", "opt-out-sale")
"""Rights after which recipients are told: GDPR Art. 19; 11 CCR § 7026(f)."""


def told(outcome: Outcome) -> dict[str, Any]:
    """An outcome as the log takes it: sentences short and printable."""
    plain = outcome.to_json()
    return {
        **plain,
        "because": _sentence(plain["because"]),
        "files": [_sentence(one) for one in plain["files"]],
        "not_covered": [_sentence(one) for one in plain["not_covered"]],
    }


def _sentence(text: str) -> str:
    kept = "".join(letter if letter.isprintable() else " " for letter in text)
    return kept if len(kept) <= 400 else f"{kept[:397]}..."


def _purge_packages(desk: Desk, case: Case) -> None:
    """Copies that the person was given before lie here no longer."""
    theirs = {one.id for one in cases_of_person(desk, case)}
    for path, number, _ in packages(desk.workspace):
        if number in theirs:
            path.unlink(missing_ok=True)


def cases_of_person(desk: Desk, case: Case) -> list[Case]:
    """All requests of the person of a case, this one among them."""
    return [one for one in cases_of(desk.workspace.ledger.log(), REQUESTS) if one.alias == case.alias]
