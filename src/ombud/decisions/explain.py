"""Explain one decision: repeat it, prove that it is repeated, give its true reasons, and what would have changed it.

Nothing is explained that was not reproduced. No reason is left out: where one of the true ones may not be sent, or
has no approved words, nothing is sent, and the case goes to a person.
"""

from collections.abc import Callable
from typing import Any, Protocol

from attrs import field, frozen

from ombud.decisions.changes import Searched
from ombud.decisions.decision import FAVOURABLE, Decision
from ombud.decisions.exact import exact_model
from ombud.decisions.population import Explainer, explainer
from ombud.decisions.replay import Replay, replay
from ombud.decisions.searching import search
from ombud.decisions.worded import wording_of
from ombud.documents.decisions import wording
from ombud.documents.rights.letters import Wording
from ombud.explain.reasons import Reason
from ombud.store.workspace import Workspace
from ombud.system.manifest import System
from ombud.system.models import Model


class KeptDecision(Protocol):
    """A decision with what the log knows it by: see `decisions.kept.Kept`."""

    @property
    def decision(self) -> Decision: ...
    @property
    def commitment(self) -> str: ...


@frozen
class Refusal:
    """Why nothing may be sent; kind: a word that names no feature of a person's decision; why: all of it."""

    kind: str
    why: str


@frozen(kw_only=True)
class Explanation:
    """One decision, explained, or the refusal to.

    Attributes:
        decision: as recorded; commitment: what the log knows it by.
        replay: what came out when it was repeated.
        explainer: model and approved population; None where it was not reproduced.
        reasons: the principal ones, the weightiest first; none for a favourable decision.
        searched: what would have led to another outcome.
        refusals: why nothing may be sent; empty if a letter may be written.
    """

    decision: Decision = field(repr=False)
    commitment: str
    model: str
    replay: Replay = field(repr=False)
    explainer: Explainer | None = field(default=None, repr=False)
    reasons: tuple[Reason, ...] = field(default=(), repr=False)
    searched: Searched = field(factory=lambda: Searched(ask="not asked"))
    refusals: tuple[Refusal, ...] = ()

    @property
    def may_be_sent(self) -> bool:
        """Whether a letter may be written without a person looking at the case first."""
        return not self.refusals

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of refusals, each once: fit for the log."""
        return tuple(dict.fromkeys(one.kind for one in self.refusals))

    def to_json(self) -> dict[str, Any]:
        """The explanation as programs read it: personal data, as the letter is."""
        base = self.explainer
        return {
            "decision": self.decision.id, "commitment": self.commitment, "system": self.decision.system,
            "at": self.decision.at.isoformat(), "release": self.decision.release, "model": self.model,
            "replay": self.replay.to_json(),
            "population": base.facts() if base else None,
            "reasons": [{"feature": one.feature, "points": one.points, "wording": one.wording,
                         "sensitive": one.sensitive} for one in self.reasons],
            "recourse": self.searched.to_json(),
            "refusals": [{"kind": one.kind, "why": one.why} for one in self.refusals],
            "may_be_sent": self.may_be_sent, "notes": list(base.notes) if base else [],
        }  # fmt: skip


def explain_decision(
    workspace: Workspace, system: System, id: str, *, words: Wording | None = None, score_favours: str = "high",
    prepared: Callable[[Model], Explainer] | None = None,
) -> Explanation:  # fmt: skip
    """Explain one decision of a system; nothing is written.

    Args:
        workspace: where decisions are kept; system: whose; id: what the system calls it.
        words: the language of the letter to come, whose approved sentences are used; English by default.
        score_favours: "high" if a high score is good for the person, "low" if it is bad.
        prepared: gives the approved population of a model, where it is at hand; read anew by default.

    Raises:
        NotFound: there is no such decision.
        CannotReplay: its model, its inputs or the approved population is not here, or it is still open.
    """
    from ombud.decisions.live import find_anywhere

    kept = find_anywhere(workspace, system, id)
    model = exact_model(system, workspace.root, kept.decision.model)
    prepare = prepared or (lambda one: explainer(system, one, score_favours))
    return explained(kept, system, model, words or wording(), prepare, score_favours)


def explained(
    kept: KeptDecision, system: System, model: Model, words: Wording, prepare: Callable[[Model], Explainer],
    score_favours: str = "high",
) -> Explanation:  # fmt: skip
    """Explain a decision that was found, by its model; see `explain_decision`."""
    again = replay(kept.decision, model, system.model.threshold if system.model else None, score_favours)
    refused = tuple(_not_this_models(again))
    if refused:
        return Explanation(decision=kept.decision, commitment=kept.commitment, model=model.digest, replay=again,
                           refusals=refused)  # fmt: skip
    base = prepare(model)
    if again.outcome == FAVOURABLE:
        return Explanation(decision=kept.decision, commitment=kept.commitment, model=model.digest, replay=again,
                           explainer=base)  # fmt: skip
    found = base.reasons(again.row, wording_of(system, words))
    why = tuple(Refusal(kind, said) for kind, said in zip(found.kinds, found.refusals, strict=True))
    return Explanation(
        decision=kept.decision, commitment=kept.commitment, model=model.digest, replay=again, explainer=base,
        reasons=found.principal, searched=search(system, base, again) if not why else Searched(ask="not asked"),
        refusals=why,
    )  # fmt: skip


def _not_this_models(again: Replay) -> list[Refusal]:
    """Why the model's reasons would not be the reasons of this decision."""
    if again.proof == "no score":
        return [Refusal("no score", "the decision was recorded without a score, so nothing shows that it is repeated")]
    if not again.reproduced:
        apart = f"the model gives another score than the recorded one (they differ by {again.difference:.2g})"
        return [Refusal("not reproduced", f"{apart}: it did not make this decision, or got other inputs")]
    if again.by_person:
        return [Refusal("decided by a person", "a person changed the outcome: the model's reasons are not the reasons "
                        "of this decision; that person has to give them")]  # fmt: skip
    if again.follows is None:
        return [Refusal("no threshold", "no threshold is on record, so nothing shows that the score decided")]
    if not again.follows:
        return [Refusal("another rule", "the outcome does not follow from score and threshold: it was decided by a "
                        "person or another rule, whose reasons are not the model's")]  # fmt: skip
    return []
