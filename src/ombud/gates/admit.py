"""May this be started? One answer for the registry and the cluster.

What is revoked or unknown never starts. What starts anew needs a release that stands *and* that the release gate would
let through today. What was let in before may be started again, an earlier release may be gone back to, and two people
may break the glass: these three pass on what is known of the release alone, however old the evidence is, whatever law
is new, and whether or not the store answers.
"""

from typing import Final

from attrs import frozen

from ombud.gates.lookup import Known
from ombud.living.released import Release, Standing, State
from ombud.release.gate import Verdict

SHOWN: Final = 3
"""So many reasons are told; the rest is counted."""


@frozen(kw_only=True)
class Wanted:
    """What somebody wants to start.

    Attributes:
        release: composite digest of a release, or SHA-256 of a model file.
        system: as whose release; None: of any system.
        instead_of: the digest that runs there now, if one does.
        again: the very same was let in before and is only started again.
        starts_nothing: nothing new would run: a change of labels, fewer copies.
    """

    release: str
    system: str | None = None
    instead_of: str | None = None
    again: bool = False
    starts_nothing: bool = False


@frozen(kw_only=True)
class Answer:
    """What a gate answers.

    Attributes:
        allowed: whether it may start.
        how: as what it was let in or refused: new, restart, rollback, break-glass, nothing starts, not governed,
            revoked, unknown.
        because: why, in a sentence that names no person; next_step: what to do about a refusal.
        warnings: what should be known although it may start.
        standing: of the release.
    """

    allowed: bool
    how: str
    because: str
    next_step: str = ""
    warnings: tuple[str, ...] = ()
    standing: Standing | None = None


def admit(known: Known, wanted: Wanted, now: str) -> Answer:
    """Answer by what is known at an instant."""
    standing = known.releases.standing(wanted.release, now, wanted.system)
    release = standing.release
    if release is None or standing.state is State.UNKNOWN:
        return _unknown(known, wanted, standing, now)
    if standing.state is State.BREAK_GLASS:
        return Answer(
            allowed=True, how="break-glass", because=standing.words, warnings=(standing.words,), standing=standing
        )
    if standing.state is State.REVOKED:
        return _revoked(wanted, standing)
    if wanted.again or wanted.starts_nothing:
        return _let_in("restart", known, standing, now)
    if release.rolled_back:
        return _let_in("rollback", known, standing, now)
    if _goes_back(known, wanted, release, now):
        unsaid = "this rollback is not on record yet; put it there: ombud gate rollback"
        return _let_in("rollback", known, standing, now, unsaid)
    return _new(known, standing, release, now)


def _new(known: Known, standing: Standing, release: Release, now: str) -> Answer:
    if known.away:
        because = f"{standing.words}, but {known.away}, so nobody can tell whether it may still be started anew"
        step = "Wait for the store. A restart, a rollback and broken glass pass meanwhile."
        return Answer(allowed=False, how="new", because=because, next_step=step, standing=standing)
    said = known.judge(release, now)
    if said.verdict is Verdict.MAY:
        return _let_in("new", known, standing, now)
    told = "; ".join(said.because[:SHOWN]) + (f"; {more} more" if (more := len(said.because) - SHOWN) > 0 else "")
    step = (
        "Renew the evidence (ombud check, ombud gate), or go back to a release that stands: "
        f"ombud gate rollback {release.release[:12]} --reason …"
    )
    because = f"{standing.words}, but the gate says {said.verdict!s} to starting it anew: {told}"
    return Answer(allowed=False, how="new", because=because, next_step=step, standing=standing)


def _let_in(how: str, known: Known, standing: Standing, now: str, *more: str) -> Answer:
    grace = standing.release.grace if standing.release else ()
    over = [one for one in grace if one.is_over(now)]
    lines = [f"alarm: {one.words}" for one in (*over, *(one for one in grace if one not in over))]
    told = lines[:SHOWN] + ([f"{len(lines) - SHOWN} more: ombud law alarm"] if len(lines) > SHOWN else [])
    away = (f"{known.away}; answered by what was known before",) if known.away else ()
    return Answer(allowed=True, how=how, because=standing.words, warnings=(*more, *told, *away), standing=standing)


def _revoked(wanted: Wanted, standing: Standing) -> Answer:
    if wanted.starts_nothing:
        warning = f"{standing.words}; what runs of it already has to be stopped by hand"
        return Answer(
            allowed=True, how="nothing starts", because=standing.words, warnings=(warning,), standing=standing
        )
    step = "Go back to a release that stands (ombud gate rollback DIGEST), or two people break the glass."
    return Answer(allowed=False, how="revoked", because=standing.words, next_step=step, standing=standing)


def _unknown(known: Known, wanted: Wanted, standing: Standing, now: str) -> Answer:
    because, step = standing.words, "Release it first: ombud gate release MANIFEST."
    elsewhere = known.releases.standing(wanted.release, now).release if wanted.system else None
    if elsewhere is not None and elsewhere.system != wanted.system:
        because = f"{wanted.release[:12]} is a release of another system than {wanted.system}"
        step = "Name the system that it was released for."
    if known.away:
        because = f"{because}, by what was known before; and {known.away}"
        step = "Wait for the store, then ask again."
    return Answer(allowed=False, how="unknown", because=because, next_step=step, standing=standing)


def _goes_back(known: Known, wanted: Wanted, release: Release, now: str) -> bool:
    """Whether it takes the place of a later release of the same system."""
    if wanted.instead_of is None:
        return False
    running = known.releases.standing(wanted.instead_of, now, release.system).release
    return running is not None and running.release != release.release and release.place < running.place
