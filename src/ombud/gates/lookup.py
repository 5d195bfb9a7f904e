"""What a gate knows when it is asked: every release, what the law says of a new one, and whether the store answers."""

from collections.abc import Callable
from datetime import datetime

from attrs import field, frozen

from ombud.errors import OmbudError
from ombud.evidence.log import Log
from ombud.law import Pack
from ombud.living.released import Release, Releases
from ombud.release.gate import Verdict
from ombud.release.grace import with_grace
from ombud.release.standing import judge_now, releases
from ombud.store.workspace import Workspace


@frozen
class Said:
    """What the release gate says of a release today, as if it were new.

    Attributes:
        verdict: may, may not or cannot tell; because: what blocks it.
    """

    verdict: Verdict
    because: tuple[str, ...] = ()


Judge = Callable[[Release, str], Said]
"""From a release and an instant to what the release gate says."""


def nobody_can_tell(_release: Release, _now: str) -> Said:
    """What is said of new releases where there is no log to judge them by."""
    return Said(Verdict.CANNOT_TELL, ("the log cannot be read",))


@frozen
class Known:
    """What a gate knows.

    Attributes:
        releases: where each stands.
        judge: what the release gate would say of one today.
        away: why the store cannot be asked now; "" if it can. Nothing new is let in while it is away.
    """

    releases: Releases
    judge: Judge = field(default=nobody_can_tell, repr=False, eq=False)
    away: str = ""


def look(workspace: Workspace, pack: Pack) -> Known:
    """Read everything that a gate needs from the log.

    Raises:
        OmbudError: the log cannot be read, or is not what its anchor promised.
    """
    found, log, now = releases(workspace), workspace.ledger.log(), workspace.now()
    return Known(with_grace(found, log, pack, now), judging(log, pack))


def judging(log: Log, pack: Pack) -> Judge:
    """Judge releases by one state of the log; each once, however often it is asked about."""
    held: dict[tuple[str, str], Said] = {}

    def judge(release: Release, now: str) -> Said:
        key = (release.system, release.release)
        if key not in held:
            held[key] = _said(log, pack, release, now)
        return held[key]

    return judge


def _said(log: Log, pack: Pack, release: Release, now: str) -> Said:
    try:
        report = judge_now(log, pack, release, datetime.fromisoformat(now)).report
    except OmbudError as error:
        return Said(Verdict.CANNOT_TELL, (str(error),))
    return Said(report.verdict, tuple(f"{item.name}: {item.because}" for item in report.items if item.blocks))
