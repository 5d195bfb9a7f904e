"""An explanation in words for whoever answers for it, and what was served; the person reads the letter."""

from collections.abc import Iterator, Sequence
from typing import Any

from ombud.decisions.explain import Explanation
from ombud.decisions.served import Served
from ombud.decisions.worded import number


def told(said: Explanation) -> Iterator[str]:
    """One explanation, or why nothing may be sent."""
    again = said.replay
    yield f"{said.decision.id}: {again.outcome}, decided {said.decision.at:%Y-%m-%d %H:%M} UTC"
    scores = f"score {_short(again.recorded)} recorded, {_short(again.recomputed)} repeated"
    yield f"model {said.model[:12]}: {scores}: {_proof(said)}"
    for refusal in said.refusals:
        yield f"NOTHING MAY BE SENT: {refusal.why}"
    if said.refusals:
        yield "A person has to look at it. With --out FOLDER the log says so; see also: ombud decisions contest"
        return
    yield from _reasons(said)
    yield from _ways(said)
    yield from (f"note: {note}" for note in (said.explainer.notes if said.explainer else ()))


def _proof(said: Explanation) -> str:
    again = said.replay
    return f"the same ({again.proof})" if again.reproduced else again.proof


def _short(score: float | None) -> str:
    return "none" if score is None else number(score, 6)


def _reasons(said: Explanation) -> Iterator[str]:
    if not said.reasons:
        return
    base = said.explainer
    yield f"reasons, against {base.approved if base else 0:,} approved people:"
    for at, one in enumerate(said.reasons, start=1):
        yield f"  {at}. {one.wording or one.feature} ({one.feature}, {number(one.points, 3)} points)"


def _ways(said: Explanation) -> Iterator[str]:
    found = said.searched
    if found.moves:
        yield "what would have changed it, the cheapest first, each asked of the model:"
    for move, score in zip(found.moves, found.scores, strict=True):
        changes = ", ".join(f"{name} {number(a, 6)} to {number(b, 6)}" for name, (a, b) in move.items())
        yield f"  {changes}: score {_short(score)}"
    if found.ask == "none":
        reach = "any number of changes" if found.within is None else f"up to {found.within} changes"
        yield f"nothing that a person can change would have changed it: proved for {reach}"
    elif found.ask == "not found":
        yield "no change was found that would have changed it; that there is none is not proved"
    yield from (f"note: {note}" for note in found.notes)


def served_text(served: Sequence[Served]) -> Iterator[str]:
    """What was written and put on record."""
    for one in served:
        cites = ", ".join(f"{law.cite} ({law.certainty})" for law in one.laws)
        yield f"{one.entry.statement.predicate['form']}: follows {cites or 'no provision'}"
        yield from (f"  written: {path}" for path, _ in one.files)
        yield from (f"  MISSING in it: {hole.add}; add it in {hole.where}" for hole in one.holes)
        yield from (
            f"  went out before, on {day[:10]}: this is one more letter of this form" for day in one.before[-1:]
        )
        yield f"  signed and kept: explanation, entry {one.entry.index}"


def served_json(one: Served) -> dict[str, Any]:
    """The same for programs."""
    return {
        "form": one.entry.statement.predicate["form"], "entry": one.entry.digest,
        "files": [{"path": str(path), "sha256": digest} for path, digest in one.files],
        "holes": [{"add": hole.add, "where": hole.where} for hole in one.holes],
        "laws": [law.to_json() for law in one.laws], "before": list(one.before),
    }  # fmt: skip
