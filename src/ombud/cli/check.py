"""`ombud check`: measure a system, sign and keep every answer, and judge it by the law in force."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ombud.cli.options import Holder, LawFolders, Manifest
from ombud.cli.progress import progress_bar
from ombud.cli.report import report_of
from ombud.cli.workbench import open_workbench, signer
from ombud.documents.render import render
from ombud.documents.report import Report
from ombud.errors import Misused
from ombud.release.assess import assess
from ombud.release.gate import judge_release
from ombud.rights.models import decisions
from ombud.status.rule import Outcome


class As(StrEnum):
    """What `check` prints."""

    TEXT = "text"
    JSON = "json"
    HTML = "html"
    SARIF = "sarif"
    JUNIT = "junit"


def command(
    manifest: Manifest = Path("ombud.yaml"),
    format: Annotated[As, typer.Option("--format", help="text, json, html, sarif or junit.")] = As.TEXT,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write there instead of to stdout.")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 3 if anything at all is unknown.")] = False,
    law: LawFolders = None,
    holder: Holder = None,
) -> None:
    """Measure a system, sign and keep every answer, and judge it by the law in force.

    Exit code: 1 if a check fails; else 3 if nothing was measured (with --strict: if anything is unknown); else 0.

    \b
    Examples:
    ombud check ombud.yaml
    ombud check ombud.yaml --format html --output report.html
    """
    writable(output)
    bench = open_workbench(manifest, law)
    holder = signer(bench.workspace, holder, ("ml", "ci"))
    with progress_bar() as progress:
        done = assess(bench.workspace, bench.system, bench.organisation, bench.pack, holder, progress, decisions)
    gate = judge_release(done.picture, bench.workspace.ledger.log().trusted())
    report = report_of(done.picture, gate, bench, done.broken)
    write(render(report, str(format), colour=False if output else None), output)
    raise typer.Exit(exit_code(report, strict))


def writable(output: Path | None) -> None:
    """Refuse a place that nothing can be written to before anything is measured, rather than after.

    Raises:
        Misused: its folder is not there, or it is itself a folder.
    """
    if output is not None and (output.is_dir() or not output.parent.is_dir()):
        raise Misused(f"{output} cannot be written", "Give --output a file in a folder that exists.")


def write(text: str, output: Path | None) -> None:
    """Results go to stdout, or to the file that was named."""
    if output is None:
        typer.echo(text, nl=not text.endswith("\n"))
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        why = (error.strerror or "refused").lower()
        raise Misused(f"{output} cannot be written: {why}", "What was measured is kept: see ombud status.") from None
    typer.echo(f"written: {output}", err=True)


def exit_code(report: Report, strict: bool) -> int:
    """1 on any failure; 3 if nothing was measured, or with `strict` if anything is unknown; else 0."""
    outcomes = [finding.outcome for finding in report.findings]
    if Outcome.FAIL in outcomes:
        return 1
    measured = any(one.measurement.value is not None for finding in report.findings for one in finding.judgements)
    if not measured or (strict and Outcome.UNKNOWN in outcomes):
        return 3
    return 0
