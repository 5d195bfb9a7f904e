"""`ombud monitor report`: how a system stands over time, as a page, a PDF, JSON or words."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ombud.cli.options import LawFolders, Manifest
from ombud.cli.workbench import open_workbench
from ombud.errors import Misused


class Form(StrEnum):
    """What a report is written as."""

    TEXT = "text"
    JSON = "json"
    HTML = "html"
    PDF = "pdf"


def report_command(
    manifest: Manifest = Path("ombud.yaml"),
    output: Annotated[
        Path | None, typer.Option("--output", "--out", metavar="FILE", help="Where to; by default it is printed.")
    ] = None,
    format: Annotated[
        Form | None, typer.Option("--format", help="By default what the name of --output ends with, else text.")
    ] = None,
    law: LawFolders = None,
) -> None:
    """Write how the system stands: what changed, what stands, what is not known, and every series over time.

    It shows what `ombud monitor run` kept; nothing is counted anew. HTML and PDF hold drawings and their numbers.

    \b
    Examples:
    ombud monitor report ombud.yaml
    ombud monitor report ombud.yaml --output monitoring.html
    ombud monitor report ombud.yaml --output monitoring.pdf
    """
    form = _form(format, output)
    made = _written(manifest, law, form)
    if output is None:
        sys.stdout.write(made.decode("utf-8") + "\n")
        return
    output.write_bytes(made)
    typer.echo(f"written: {output}")


def _form(format: Form | None, output: Path | None) -> Form:
    ending = output.suffix[1:].lower() if output else ""
    form = format or (Form(ending) if ending in list(Form) else None)
    if form is None and output is not None:
        raise Misused("the name of --output does not say what to write", "Let it end in .html, .pdf or .json.")
    if form is Form.PDF and output is None:
        raise Misused("a PDF is not printed in a terminal", "Say where to: --output monitoring.pdf.")
    return form or Form.TEXT


def _written(manifest: Path, law: list[Path] | None, form: Form) -> bytes:
    from ombud.documents.monitoring import page, plain, printed
    from ombud.documents.typeset import pdf
    from ombud.monitor.report import report_of

    bench = open_workbench(manifest, law)
    found = report_of(bench.workspace, bench.system, bench.pack, every=form is Form.JSON)
    if form is Form.PDF:
        return pdf(printed.paper(found))
    write = {Form.HTML: page.html, Form.JSON: plain.machine, Form.TEXT: plain.text}[form]
    return write(found).encode("utf-8")
