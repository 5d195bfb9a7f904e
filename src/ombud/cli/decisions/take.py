"""Verbs by which decisions come in: from a table, from the spool, and their labels later."""

from collections.abc import Mapping
from datetime import tzinfo
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer

from ombud.cli.decisions.shared import SystemFile, a_signer
from ombud.cli.options import AsFormat, Format, Holder
from ombud.cli.progress import progress_bar
from ombud.cli.tables import show_json
from ombud.errors import Misused, NotFound
from ombud.store.workspace import open_workspace

app = typer.Typer()

DECLARED = "declared"


@app.command("import")
def bring_in(
    table: Annotated[
        str, typer.Argument(metavar="TABLE", help="CSV, JSON lines, Parquet, DuckDB#table, a database address.")
    ],
    system: SystemFile = Path("ombud.yaml"),
    model: Annotated[
        str | None,
        typer.Option(
            "--model",
            metavar="DIGEST",
            help="Digest or file of the model that made them; `declared`: the manifest's, with its threshold.",
        ),
    ] = None,
    release: Annotated[
        str | None, typer.Option("--release", metavar="DIGEST", help="Release they were made under.")
    ] = None,
    threshold: Annotated[str | None, typer.Option("--threshold", help="Score from which they were favourable.")] = None,
    timezone: Annotated[
        str | None, typer.Option("--timezone", help="Of times that name none: UTC, Europe/Berlin.")
    ] = None,
    number_rows: Annotated[bool, typer.Option("--number-rows", help="Number the rows; no column does.")] = False,
    holder: Holder = None,
    format: AsFormat = Format.TEXT,
) -> None:
    """Take the decisions of a table in, each once, and put them into the log.

    What the columns mean is in the manifest. The same table again changes nothing; a number that comes again with
    another content is refused. Exit code: 0 every row is kept, 1 some are not.

    \b
    ombud decisions import decisions.csv --model declared
    ombud decisions import decisions.parquet --timezone Europe/Berlin --release 4f1c…
    """
    from ombud.decisions.bring import bring
    from ombud.decisions.rows import Made, declared_threshold
    from ombud.system.manifest import load_system

    manifest = load_system(system)
    workspace = open_workspace(system.resolve().parent)
    signs = a_signer(workspace, holder)
    limit = threshold or (declared_threshold(manifest) if model == DECLARED else None)
    made = Made(release=release, model=_model(model, manifest), threshold=limit, timezone=_zone(timezone))
    with progress_bar() as progress:
        done = bring(
            workspace, manifest, table, holder=signs, made=made, number_rows=number_rows, progress=progress
        )  # fmt: skip
    if format is Format.JSON:
        show_json({"system": manifest.name, **done.to_json()})
    else:
        said = done.receipt
        typer.echo(f"{done.rows:,} rows: {said.new:,} new, {said.same:,} here already")
        _say_more(said.erased, said.ahead)
        say_bad(done.to_json()["bad"])
    if signs is None:
        typer.echo("not in the log yet: no key here may sign; see `ombud keys add NAME --role platform`", err=True)
    raise typer.Exit(0 if done.whole else 1)


@app.command("label")
def label_them(
    table: Annotated[str, typer.Argument(metavar="TABLE", help="A table with columns.id and columns.label.")],
    system: SystemFile = Path("ombud.yaml"),
    format: AsFormat = Format.TEXT,
) -> None:
    """Take in what came of decisions. Labels come late; of several for one decision, the newest counts.

    A label whose decision is not here waits for it. Exit code: 0, or 1 if a row was bad or waits.

    Example: ombud decisions label outcomes.csv
    """
    from ombud.decisions.bring import bring_labels
    from ombud.system.manifest import load_system

    manifest = load_system(system)
    done, faults = bring_labels(open_workspace(system.resolve().parent), manifest, table)
    bad = {kind: {"count": one.count, "rows": list(one.rows)} for kind, one in faults.items()}
    if format is Format.JSON:
        show_json({"system": manifest.name, "new": done.new, "waiting": done.waiting, "bad": bad})
    else:
        typer.echo(f"{done.new:,} new labels")
        if done.waiting:
            typer.echo(f"  {done.waiting:,} wait: no decision of that number is here")
        say_bad(bad)
    raise typer.Exit(1 if bad or done.waiting else 0)


@app.command("drain")
def drain_spool(
    watch: Annotated[bool, typer.Option("--watch", help="Go on until stopped; run it as a service.")] = False,
    every: Annotated[float, typer.Option("--every", metavar="SECONDS", help="How often to look, with --watch.")] = 0.2,
    anchor_every: Annotated[
        float, typer.Option("--anchor-every", metavar="SECONDS", help="How often to put a batch into the log.")
    ] = 600.0,
    if_free: Annotated[bool, typer.Option("--if-free", help="End at once if another drainer is at work.")] = False,
    nice: Annotated[int, typer.Option("--nice", help="Stand so far behind other programs.")] = 0,
    holder: Holder = None,
    format: AsFormat = Format.TEXT,
) -> None:
    """Move what programs have spooled into the store, and put it into the log.

    Several may run: one works, the others stand by. Exit code: 0, or 1 if something could not be taken in; it is then
    in .ombud/spool/aside.

    \b
    ombud decisions drain
    ombud decisions drain --watch
    """
    from ombud.cli.decisions.draining import drain_once, drain_watching

    workspace = open_workspace()
    if watch:
        drain_watching(workspace, holder, every=every, anchor_every=anchor_every, if_free=if_free, nice=nice)
        return
    done, batches = drain_once(workspace, holder)
    if format is Format.JSON:
        show_json({**done.to_json(), "batches": batches})
    else:
        said = done.receipt
        typer.echo(f"{said.new:,} new, {said.same:,} here already; {batches} batches into the log")
        _say_more(said.erased, said.ahead)
        for count, what in (
            (done.damaged, "stretches of damaged bytes"), (done.unreadable, "records that are no decisions"),
            (len(said.differ), "decisions that are kept with another content"),
        ):  # fmt: skip
            if count:
                typer.echo(f"  {count:,} {what}: set aside in .ombud/spool/aside")
        if done.torn:
            typer.echo(f"  {done.torn} files end in the middle of a record, which was never acknowledged: left there")
    raise typer.Exit(0 if done.clean else 1)


def say_bad(bad: Mapping[str, Any]) -> None:
    """Kinds of faults with their rows; never a value."""
    for kind, one in bad.items():
        more = ", …" if one["count"] > len(one["rows"]) else ""
        typer.echo(f"  {one['count']:,} not kept: {kind}: rows {', '.join(map(str, one['rows']))}{more}")


def _say_more(erased: int, ahead: int) -> None:
    if erased:
        typer.echo(f"  {erased:,} about people who were erased after they were made: not taken in")
    if ahead:
        typer.echo(f"  {ahead:,} claim to be made after they came in: kept; see to the clocks")


def _model(said: str | None, manifest: Any) -> str | None:
    """The digest that is meant: as it is written, of a file, or of the manifest's model."""
    from ombud.decisions.exact import digest_of

    if said is None:
        return None
    if said == DECLARED:
        if manifest.model is None:
            raise Misused("the manifest declares no model", "Give --model DIGEST.")
        path = Path(manifest.model.artifact)
        if not path.is_file():
            raise NotFound("model file", str(path), "Give --model DIGEST.")
        return digest_of(path)
    if len(said) == 64 and not set(said.lower()) - set("0123456789abcdef"):
        return said.lower()
    if not Path(said).is_file():
        raise Misused("--model is neither 64 hexadecimal digits nor a file", "Give a digest, a file, or `declared`.")
    return digest_of(Path(said))


def _zone(name: str | None) -> tzinfo | None:
    if name is None:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Misused(f"there is no timezone {name[:40]!r}", "Write it like UTC or Europe/Berlin.") from None
