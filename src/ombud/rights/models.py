"""Down to the models: which of them learned from a person, and what was decided about each, on record.

A model that learned from somebody still holds what it learned after their rows are gone. Ombud does not decide what
becomes of it; it says which models these are, keeps the decision signed, and lets the next check fail without one.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any, Final

from attrs import field, frozen

from ombud.cases import Case, Step, cases_of, step, the_case
from ombud.errors import Misused, NotFound
from ombud.evidence.log import Log
from ombud.release.people import ModelDecision, standing
from ombud.rights.request import REQUESTS
from ombud.store.identity import Identity
from ombud.store.people import Listed, Membership, People
from ombud.store.workspace import Workspace

CHOICES: Final = {
    "exclude": "this model stays until it is trained again; the next one must not contain the person",
    "retrain": "trained again without the person by a day; after that day this is no decision any more",
    "unlearn": "the person was taken out of the model exactly; names the model that came of it",
    "suppress": "the model gives nothing out about the person",
    "keep": "the model stays as it is, on a ground",
}
"""What can be decided about a model and a person, and what it means."""

KIND_OF: Final = {
    "exclude-next": "exclude", "retrain-by": "retrain", "unlearned": "unlearn", "suppressed": "suppress",
    "kept": "keep",
}  # fmt: skip
"""How the command line calls them → the choice that the log holds."""

_SHORTEST: Final = 8


@frozen(kw_only=True)
class Affected:
    """A model that learned from a person.

    Attributes:
        model: its digest; system: whose model it is.
        releases: digests of the releases it was checked in.
        tables: the tables of these checks that the person is, or was, in, the oldest first.
        decision: the newest one about the person and this model; None: there is none.
        owed: whether the person is on a list that stops training, and nothing that was decided answers for it today:
            then `privacy.erased_people` counts them.
    """

    model: str
    system: str
    releases: tuple[str, ...]
    tables: tuple[Membership, ...] = field(repr=False)
    decision: ModelDecision | None = None
    owed: bool = False

    def __str__(self) -> str:
        decided = "decision: " + self.decision.choice if self.decision else "no decision"
        owed = "; one is owed" if self.owed else ""
        return f"{self.system}, model {self.model[:12]}, {len(self.tables)} tables, {decided}{owed}"

    def to_json(self) -> dict[str, Any]:
        """The published form."""
        return {
            "model": self.model, "system": self.system, "releases": list(self.releases),
            "tables": [_table(one) for one in self.tables],
            "decision": told(self.decision) if self.decision else None, "owed": self.owed,
        }  # fmt: skip


def _table(one: Membership) -> dict[str, Any]:
    table = one.table
    return {
        "role": table.role, "digest": table.digest, "live": table.live, "rows": table.rows, "people": one.people,
        "checked": table.taken_at,
    }  # fmt: skip


def told(one: ModelDecision) -> dict[str, Any]:
    """A decision in its published form."""
    return {
        "case": one.case, "choice": one.choice, "until": one.until.isoformat() if one.until else None,
        "becomes": one.becomes, "ground": one.ground, "at": one.at.isoformat(),
    }  # fmt: skip


# --- what was decided -------------------------------------------------------------------------------------------------


def decisions(log: Log) -> tuple[ModelDecision, ...]:
    """Every decision about a model and a person that counts, in the order of the log."""
    taken = [(case, one) for case in cases_of(log, REQUESTS) if case.alias for one in case.all("model-decided")]
    return tuple(_decision(case, one) for case, one in sorted(taken, key=lambda pair: pair[1].index))


def _decision(case: Case, taken: Step) -> ModelDecision:
    said = taken.details
    until = said.get("until")
    return ModelDecision(
        case=case.id, alias=case.alias or "", model=str(said["model"]), choice=str(said["choice"]),
        until=date.fromisoformat(str(until)) if until else None, becomes=said.get("becomes"),
        ground=said.get("ground"), at=taken.at,
    )  # fmt: skip


# --- which models learned from a person -------------------------------------------------------------------------------


def affected(
    workspace: Workspace, identities: Iterable[Identity] = (), *, alias: str | None = None
) -> tuple[Affected, ...]:
    """The models that learned from a person: their training table held the person whenever the model was checked.

    Args:
        workspace: its store knows who was in which table.
        identities: what the person is known by; or
        alias: the person of a case. After `forget`, the hashes that lists keep are looked up.
    """
    people = workspace.people
    known = tuple(identities)
    kept = people.memberships(known) if alias is None else people.memberships_of(alias)
    who = {alias} if alias else _behind(people, known)
    if not kept or not who:  # nobody who never asked for anything has decisions: the log need not be read
        return tuple(_by_model(kept, (), (), today(workspace)))
    taken = [one for one in decisions(workspace.ledger.log()) if one.alias in who]
    listed = [one for one in people.lists() if one.alias in who and one.stops]
    return tuple(_by_model(kept, taken, listed, today(workspace)))


def _behind(people: People, identities: Sequence[Identity]) -> set[str]:
    """The aliases of a person; of one whose identities were deleted, those that lists know by hash."""
    named = {one for each in identities if (one := people.alias_of(each)) is not None}
    return named | {one.alias for one in people.listed(identities)}


def _by_model(
    kept: Sequence[Membership], taken: Sequence[ModelDecision], listed: Sequence[Listed], day: date
) -> Iterator[Affected]:
    """Group tables by system and model; a table that no model was checked with taught none."""
    models: dict[tuple[str, str], list[Membership]] = {}
    for one in kept:
        if one.table.model:
            models.setdefault((one.table.system, one.table.model), []).append(one)
    for (system, model), tables in models.items():
        if any(one.table.role == "training" for one in tables):
            last = next((one for one in reversed(taken) if model in (one.model, one.becomes)), None)
            open = [one for one in listed if one.holds(day, system) and standing(taken, model, one, day) is None]
            yield Affected(
                model=model, system=system, releases=tuple(dict.fromkeys(one.table.release for one in tables)),
                tables=tuple(tables), decision=last, owed=bool(open),
            )  # fmt: skip


def today(workspace: Workspace) -> date:
    """The day by the workspace's clock (UTC)."""
    return datetime.fromisoformat(workspace.now()).date()


# --- deciding ---------------------------------------------------------------------------------------------------------


def record_decision(
    workspace: Workspace, case_id: str, model: str, choice: str, *, reason: str, holder: str,
    until: date | None = None, ground: str | None = None, becomes: str | None = None,
) -> ModelDecision:  # fmt: skip
    """Put a decision about a model and the person of a case on record, signed.

    Args:
        workspace: log, store, keys; case_id: the request; holder: whose key signs.
        model: digest of the model, or its first 8 digits and more.
        choice: one of `CHOICES`.
        reason: why, in a sentence; a private note of the case, since the log takes nobody's words.
        until: last day on which it is valid; for "retrain", the day by which it is done.
        ground: key of the ground; "keep" needs one.
        becomes: for "unlearn": digest of the model that came of it.

    Raises:
        NotFound: no such case, or the person is in no training table of such a model.
        Misused: the choice lacks something, or says what does not belong to it.
        NotAllowed: the case stands where no decision can follow.
    """
    case = the_case(workspace.ledger.log(), REQUESTS, case_id)
    _complete(choice, reason, until, ground, becomes, today(workspace))
    found = _the_model(workspace, case, model)
    said = {"model": found.model, "choice": choice, "until": until.isoformat() if until else None, "ground": ground,
            "becomes": becomes, "release": found.releases[-1]}  # fmt: skip
    after = step(workspace, REQUESTS, case.id, "model-decided", said, holder)
    workspace.people.keep(case.id, f"model {found.model[:16]}", reason.strip())
    return _decision(after, after.steps[-1])


def _complete(
    choice: str, reason: str, until: date | None, ground: str | None, becomes: str | None, day: date
) -> None:  # fmt: skip
    """Whether a choice says what it must, and nothing that would be read as another one."""
    if choice not in CHOICES:
        raise Misused("that is nothing that can be decided about a model", f"One of: {', '.join(KIND_OF)}.")
    if not reason.strip():
        raise Misused("a decision about a model has a reason", 'Give it with --reason "…".')
    if choice == "retrain" and until is None:
        raise Misused("training again has a day by which it is done", "Give it with --by DATE.")
    if until is not None and choice not in ("retrain", "keep"):
        raise Misused(f"a decision to {choice} has no last day", "Leave --by out.")
    if until is not None and until < day:
        raise Misused("the day is over already", "A decision whose day has passed is none; name a later one.")
    if choice == "keep" and not ground:
        raise Misused("a model is kept on a ground", "Name it with --ground, for example: --ground legal-claims")
    if (becomes is not None) != (choice == "unlearn"):
        raise Misused("unlearning, and only that, names the model that came of it", "Give its digest with --becomes.")


def _the_model(workspace: Workspace, case: Case, model: str) -> Affected:
    if case.alias is None:
        raise NotFound("the person", case.id, "This case is about nobody in particular.")
    digest = model.strip().lower()
    learned = affected(workspace, alias=case.alias)
    meant = [one for one in learned if len(digest) >= _SHORTEST and one.model.startswith(digest)]
    if len({one.model for one in meant}) != 1:
        known = ", ".join(sorted({one.model[:12] for one in learned})) or "none"
        raise NotFound(
            "model", f"{case.id}: {len(meant)} models are meant", f"Those that learned from the person: {known}."
        )
    return meant[0]
