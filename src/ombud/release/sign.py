"""What people say of a release: approve, waive, justify, release, roll back, break the glass, revoke."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from ombud import __version__
from ombud.errors import Misused
from ombud.evidence.entry import Entry
from ombud.evidence.statement import Statement, Subject
from ombud.release.gate import BREAK_GLASS_HOURS, GateReport, Verdict
from ombud.status.select import moment
from ombud.store.workspace import Workspace


def approve(workspace: Workspace, system: str, release: str, holder: str, says: str = "") -> Entry:
    """One person's approval of one release, by its composite digest."""
    return _append(workspace, "approval", system, release, holder, {"says": says})


def waive(
    workspace: Workspace, system: str, release: str, holder: str, target: str, reason: str, expires: str
) -> Entry:
    """Accept a deviation until a date; it counts once an owner and a DPO, two people, have both signed.

    Raises:
        Misused: no reason, or an expiry that is not in the future.
    """
    _reasoned(reason)
    if moment(expires) <= moment(workspace.now()):
        raise Misused("a waiver has to expire in the future", "Give --expires a later day.")
    return _append(
        workspace, "waiver", system, release, holder, {"target": target, "reason": reason, "expires": expires}
    )


def justify(
    workspace: Workspace, system: str, release: str, holder: str, about: Mapping[str, Any], reason: str
) -> Entry:
    """Record why a pass that is significantly unequal is nevertheless right.

    Args:
        about: check, measurement, protected and group of the measurement.

    Raises:
        Misused: no reason.
    """
    _reasoned(reason)
    return _append(workspace, "justification", system, release, holder, {**about, "reason": reason})


def release(workspace: Workspace, report: GateReport, parts: Mapping[str, Any], holder: str) -> Entry:
    """Declare a release live; only if the gate lets it.

    Raises:
        Misused: the gate says anything but "may", or nothing was assessed.
    """
    if report.verdict is not Verdict.MAY or report.release is None:
        raise Misused(
            f"the gate says {report.verdict!s}: this release may not be declared", "See why: ombud gate MANIFEST"
        )
    said = {
        "parts": dict(parts),
        "verdict": str(report.verdict),
        "deviations": [item.target for item in report.deviations],
        "break_glass": report.break_glass,
    }
    return _append(workspace, "release", report.system, report.release, holder, said)


def rollback(workspace: Workspace, system: str, to: str, holder: str, reason: str) -> Entry:
    """Go back to an earlier release. Staleness and new law do not matter here: an unrevoked release is enough.

    Raises:
        Misused: there never was such a release, or it was revoked.
    """
    _reasoned(reason)
    if to not in released(workspace.ledger.log().trusted(), system, workspace.now()):
        raise Misused(f"no unrevoked release {to[:12]} of {system} is on record", "See the log: ombud ledger show")
    return _append(workspace, "rollback", system, to, holder, {"reason": reason})


def released(log: Sequence[Entry], system: str, now: str) -> tuple[str, ...]:
    """Composite digests of the releases of a system that nobody has revoked or withdrawn by `now`."""
    standing = [
        e.statement.predicate
        for e in log
        if e.statement.kind == "release" and (e.withdrawn_from is None or moment(now) < moment(e.withdrawn_from))
    ]
    return tuple(dict.fromkeys(one["release"] for one in standing if one.get("system") == system))


def break_glass(workspace: Workspace, system: str, release: str, holder: str, reason: str, hours: int) -> Entry:
    """One of the two signatures that let a release run against the gate for a few hours.

    Raises:
        Misused: no reason, or more hours than `BREAK_GLASS_HOURS`.
    """
    _reasoned(reason)
    if not 0 < hours <= BREAK_GLASS_HOURS:
        problem = f"breaking the glass lasts between 1 and {BREAK_GLASS_HOURS} hours"
        raise Misused(problem, "Sign again when they are over.")
    until = datetime.fromisoformat(workspace.now()) + timedelta(hours=hours)
    said = {"reason": reason, "until": until.isoformat().replace("+00:00", "Z")}
    return _append(workspace, "break-glass", system, release, holder, said)


def review(workspace: Workspace, report: GateReport, holder: str) -> Entry:
    """Open a review of what the gate could not tell, as the policy `on_uncertain: review` asks."""
    doubtful = [item.to_json() for item in report.items if item.verdict is Verdict.CANNOT_TELL]
    return _append(workspace, "review", report.system, report.release or "", holder, {"items": doubtful})


def _reasoned(reason: str) -> None:
    if not reason.strip():
        raise Misused("this needs a reason: somebody will have to answer for it", "Write it after --reason.")


def _append(workspace: Workspace, kind: str, system: str, release: str, holder: str, said: Mapping[str, Any]) -> Entry:
    predicate = {
        "system": system, "release": release, **said,
        "observed_at": workspace.now(), "software": {"ombud": __version__},
    }  # fmt: skip
    statement = Statement(subjects=(Subject("release", release or None),), kind=kind, predicate=predicate)
    return workspace.ledger.append([workspace.sign(statement, holder)])[0]
