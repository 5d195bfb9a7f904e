"""One question of the API server and its answer: what it would start is held against what is known of releases."""

from typing import Final

from ombud.gates.admission.objects import RELEASE, Object
from ombud.gates.admission.review import Review
from ombud.gates.admit import Answer, Wanted, admit
from ombud.gates.lookup import Known

CONTROLLERS: Final = frozenset((
    "system:kube-controller-manager",
    *(
        f"system:serviceaccount:kube-system:{name}-controller"
        for name in ("replicaset", "statefulset", "daemon-set", "deployment", "job", "cronjob")
    ),
    "system:serviceaccount:kserve:kserve-controller-manager",
    "system:serviceaccount:knative-serving:controller",
))  # fmt: skip
"""Who makes pods for objects that were let in before. The API server says who asks; an object cannot claim it."""

_STARTS_NOTHING: Final = frozenset(("status", "scale", "binding", "eviction", "finalize"))
"""Subresources by which nothing is started that its pods would not be asked about again."""


def decide(
    review: Review, known: Known, now: str, *, strict: bool = False, controllers: frozenset[str] = CONTROLLERS
) -> Answer:
    """Answer a question.

    Args:
        review: the question; known: what is known; now: the instant.
        strict: everything has to name a release, not only what names a system or one.
        controllers: who makes pods for what was let in before.
    """
    if review.operation in ("DELETE", "CONNECT") or review.subresource in _STARTS_NOTHING or review.new.leaving:
        return Answer(allowed=True, how="nothing starts", because=f"{review.operation} starts nothing")
    if not (review.new.governed or review.old.governed or strict):
        return Answer(allowed=True, how="not governed", because="it names neither a system nor a release")
    if review.new.release is None:
        return _unnamed(review)
    return admit(known, _wanted(review, review.new.release, controllers), now)


def _unnamed(review: Review) -> Answer:
    """Whoever names no release is let go on as it was, and nothing more."""
    if _same(review) and review.old.problem == review.new.problem:
        return Answer(
            allowed=True, how="nothing starts", because="nothing else would run than does",
            warnings=(f"{review.new.problem or 'it names no release'}; it could not be started anew",),
        )  # fmt: skip
    step = f"Write the digest that `ombud gates list` shows into the annotation {RELEASE}, and apply again."
    return Answer(allowed=False, how="unknown", because=review.new.problem or "it names no release", next_step=step)


def _wanted(review: Review, release: str, controllers: frozenset[str]) -> Wanted:
    by_controller = review.made_by_owner and review.by in controllers
    before = review.old.release if review.operation == "UPDATE" else None
    same_again = before == release and review.old.runs == review.new.runs
    return Wanted(
        release=release,
        system=review.new.system,
        instead_of=before,
        again=by_controller or same_again,
        starts_nothing=before == release and _same(review),
    )


def _same(review: Review) -> bool:
    """Whether an update asks for nothing but what it asked for before, at most as often."""
    if review.operation != "UPDATE" or review.old.spec != review.new.spec:
        return False
    return not _raised(review.old, review.new)


def _raised(old: Object, new: Object) -> bool:
    before = dict(old.copies)
    return any(count > before.get(where, 1) for where, count in new.copies)
