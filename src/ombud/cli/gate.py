"""`ombud gate`: may this release go live? And what people have to say before and after."""

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ombud.cli.gate_text import render
from ombud.cli.options import Holder, LawFolders, Manifest, a_day, end_of
from ombud.cli.workbench import Workbench, open_workbench, signer
from ombud.errors import Misused, OmbudError, what_next
from ombud.evidence.entry import Entry
from ombud.release import sign
from ombud.release.assess import picture_of
from ombud.release.composite import composite
from ombud.release.gate import RELEASE, GateReport, Item, Verdict, judge_release
from ombud.release.publish import publish
from ombud.release.revoke import revoke as revoke_release
from ombud.system.words import nearest

app = typer.Typer(no_args_is_help=True, help="What people say of a release.")

REVOKERS = ("owner", "dpo")
APPROVERS = ("owner", "dpo", "ciso", "legal", "business", "platform")
WAIVERS = ("owner", "dpo")

Reason = Annotated[str, typer.Option("--reason", help="Why; it is signed and kept.")]


class As(StrEnum):
    """What `gate` prints."""

    TEXT = "text"
    JSON = "json"
    JUNIT = "junit"


def command(
    manifest: Manifest = Path("ombud.yaml"),
    format: Annotated[As, typer.Option("--format", help="text, json or junit.")] = As.TEXT,
    role: Annotated[str, typer.Option("--role", help="Who asks: ml, platform, dpo, ciso, legal or business.")] = "ml",
    law: LawFolders = None,
    holder: Holder = None,
) -> None:
    """Say whether a release may go live, by the evidence in the log. Nothing is measured.

    Exit code: 0 may, 1 may not, 3 cannot tell (doubt, stale or missing evidence, missing approval, a broken log).

    What people say of a release: ombud gate approve | waive | justify | release | rollback | break-glass | revoke

    \b
    Examples:
    ombud gate ombud.yaml
    ombud gate approve ombud.yaml --as dpo
    """
    bench = open_workbench(manifest, law)
    report = judged(bench)
    if report.verdict is Verdict.CANNOT_TELL and bench.system.evidence.on_uncertain == "review":
        entry = sign.review(bench.workspace, report, signer(bench.workspace, holder, ("ml", "ci")))
        typer.echo(f"review opened: entry {entry.index}", err=True)
    typer.echo(render(report, role, str(format)))
    raise typer.Exit(report.verdict.exit_code)


def judged(bench: Workbench) -> GateReport:
    """The gate's answer for the release that the manifest and its files describe now.

    If they are not what was assessed, the answer is "cannot tell": evidence of another release proves nothing here.
    """
    log = bench.workspace.ledger.log().trusted()
    picture = picture_of(bench.workspace, bench.pack, bench.system.name)
    report, present = judge_release(picture, log), composite(bench.system).digest
    if picture.declaration is None:
        return GateReport(system=report.system, release=present, items=(_doubt("never checked: run ombud check"),))
    if report.release == present:
        return report
    changed = _doubt("model, threshold, pipeline, manifest or policy changed since the last check")
    return GateReport(
        system=report.system, release=present, items=(changed, *report.items), open_by_owner=report.open_by_owner
    )


def _doubt(because: str) -> Item:
    return Item(kind="limit", name=RELEASE, target=RELEASE, verdict=Verdict.CANNOT_TELL, because=because, owner="ml")


@app.command()
def approve(
    manifest: Manifest = Path("ombud.yaml"),
    says: Annotated[str, typer.Option("--says", help="What you want kept beside your name.")] = "",
    holder: Holder = None,
) -> None:
    """Approve this release as one person. The policy says how many people it takes.

    Example: ombud gate approve ombud.yaml --as dpo
    """
    bench = open_workbench(manifest)
    person = signer(bench.workspace, holder, APPROVERS)
    _said(sign.approve(bench.workspace, bench.system.name, composite(bench.system).digest, person, says))


@app.command()
def waive(
    target: Annotated[str, typer.Argument(help="A requirement id, or check:measurement, as the gate names it.")],
    reason: Reason,
    expires: Annotated[str, typer.Option("--expires", metavar="DATE", help="Until the end of this day (ISO).")],
    manifest: Manifest = Path("ombud.yaml"),
    holder: Holder = None,
) -> None:
    """Accept one deviation until a date. It counts once an owner and a DPO, two people, have both signed.

    Example: ombud gate waive GDPR.35.1 ombud.yaml --reason "..." --expires 2027-01-31 --as dpo
    """
    bench = open_workbench(manifest)
    _judged_here(target, judged(bench))
    person = signer(bench.workspace, holder, WAIVERS)
    until = end_of(a_day(expires)).isoformat().replace("+00:00", "Z")
    _said(sign.waive(bench.workspace, bench.system.name, composite(bench.system).digest, person, target, reason, until))


@app.command()
def justify(
    check: Annotated[str, typer.Argument(help="The check, for example fairness.impact_ratio.")],
    measurement: Annotated[str, typer.Argument(help="The number, for example impact_ratio.")],
    reason: Reason,
    protected: Annotated[str, typer.Option("--protected", help="The protected column.")] = "",
    group: Annotated[str, typer.Option("--group", help="The group.")] = "",
    manifest: Annotated[Path, typer.Option("--system", help="The system's manifest.")] = Path("ombud.yaml"),
    holder: Holder = None,
) -> None:
    """Record why a pass that is significantly unequal is right. A failure cannot be justified away.

    Example: ombud gate justify fairness.impact_ratio impact_ratio --protected sex --group female --reason "..."
    """
    bench = open_workbench(manifest)
    about = {"check": check, "measurement": measurement, "protected": protected or None, "group": group or None}
    _measured_here(about, bench)
    person = signer(bench.workspace, holder, APPROVERS)
    _said(sign.justify(bench.workspace, bench.system.name, composite(bench.system).digest, person, about, reason))


@app.command()
def release(manifest: Manifest = Path("ombud.yaml"), law: LawFolders = None, holder: Holder = None) -> None:
    """Declare this release live, if the gate lets it; serving code and later checks compare with it.

    Example: ombud gate release ombud.yaml --as platform
    """
    bench = open_workbench(manifest, law)
    person = signer(bench.workspace, holder, ("platform", "owner"))
    _said(sign.release(bench.workspace, judged(bench), composite(bench.system).to_json(), person))
    _published(bench)


@app.command()
def rollback(
    to: Annotated[str, typer.Argument(help="Composite digest of an earlier release; its first characters are enough.")],
    reason: Reason,
    manifest: Manifest = Path("ombud.yaml"),
    holder: Holder = None,
) -> None:
    """Go back to an earlier release that nobody has revoked. Stale evidence and new law do not stand in the way.

    Example: ombud gate rollback 4f2a91c0 ombud.yaml --reason "error rate doubled" --as platform
    """
    bench = open_workbench(manifest)
    person = signer(bench.workspace, holder, ("platform", "owner"))
    log, now = bench.workspace.ledger.log().trusted(), bench.workspace.now()
    standing = [one for one in sign.released(log, bench.system.name, now) if one.startswith(to)]
    _said(sign.rollback(bench.workspace, bench.system.name, standing[0] if len(standing) == 1 else to, person, reason))
    _published(bench)


@app.command("break-glass")
def break_glass(
    reason: Reason,
    hours: Annotated[int, typer.Option("--hours", help="For how long; 72 at most.")] = 24,
    manifest: Manifest = Path("ombud.yaml"),
    holder: Holder = None,
) -> None:
    """Let this release run against the gate for a few hours. Two people have to sign, and it is kept.

    Example: ombud gate break-glass ombud.yaml --reason "hospital outage" --hours 12 --as ciso
    """
    bench = open_workbench(manifest)
    person = signer(bench.workspace, holder, ("platform", "owner", "ciso"))
    _said(sign.break_glass(bench.workspace, bench.system.name, composite(bench.system).digest, person, reason, hours))
    _published(bench)


@app.command()
def revoke(
    reason: Reason,
    release: Annotated[str, typer.Option("--release", help="Composite digest; its first characters are enough.")],
    manifest: Annotated[Path, typer.Argument(metavar="SYSTEM", help="The system's manifest.")] = Path("ombud.yaml"),
    mistaken: Annotated[
        bool, typer.Option("--mistaken", help="It should never have been released; default: withdrawn from now on.")
    ] = False,
    holder: Holder = None,
) -> None:
    """Revoke a release: no gate lets anything new of it in, and serving code that asks stops.

    It cannot stop a process that runs and does not ask: stop that yourself. What can go on instead: an earlier release
    (ombud gate rollback). The reason is kept for good; it should name nobody.

    Example: ombud gate revoke ombud.yaml --release 4f2a91c0 --reason "error rate doubled" --as owner
    """
    bench = open_workbench(manifest)
    person = signer(bench.workspace, holder, REVOKERS)
    _said(revoke_release(bench.workspace, bench.system.name, release, reason, person, mistaken))
    _published(bench)


def _judged_here(target: str, report: GateReport) -> None:
    """A waiver of what the gate does not judge would look like an accepted deviation and be none.

    Raises:
        Misused: nothing in the release set is called that; names the nearest.
    """
    targets = sorted({item.target for item in report.items if item.may_be_waived})
    if target not in targets:
        meant = nearest(target, targets)
        next_step = f"Did you mean {meant}?" if meant else "See `target` in: ombud gate MANIFEST --format json"
        raise Misused(f"the gate judges nothing called {target!r} that could be waived", next_step)


def _measured_here(about: Mapping[str, str | None], bench: Workbench) -> None:
    """A justification of a number that nobody measured would justify nothing.

    Raises:
        Misused: the log holds no such number of this system.
    """
    finding = picture_of(bench.workspace, bench.pack, bench.system.name).finding(str(about["check"]))
    taken = [judgement.measurement for judgement in finding.judgements] if finding else []
    wanted = (about["measurement"], about["protected"], about["group"])
    if wanted not in [(one.name, one.protected, one.group) for one in taken]:
        named = " ".join(str(word) for word in (about["check"], *wanted) if word)
        raise Misused(f"no number was measured that is called {named}", "See: ombud check MANIFEST --format json")


def _published(bench: Workbench) -> None:
    """Tell serving code at once, as far as it reads this machine's list; what was signed stays signed without it."""
    try:
        path, _ = publish(bench.workspace, bench.pack)
    except OmbudError as error:
        typer.echo(f"not published: {error}. {what_next(error)}", err=True)
        return
    typer.echo(f"published: {path}", err=True)


def _said(entry: Entry) -> None:
    typer.echo(f"signed and kept: {entry.statement.kind}, entry {entry.index}")
