"""`ombud rights map`: where people are, proved before anybody asks."""

from pathlib import Path
from typing import Annotated, Any

import typer

from ombud.cli.options import AsFormat, Format
from ombud.cli.tables import show_json
from ombud.errors import Misused

app = typer.Typer(no_args_is_help=True, help="The map of data: propose it, prove it, see what a search would ask.")

MapFile = Annotated[Path, typer.Argument(metavar="MAP", help="The map of data, sources.yaml.")]


@app.command()
def check(
    map_file: MapFile = Path("sources.yaml"),
    live: Annotated[bool, typer.Option("--live", help="Also hold it against the databases and files.")] = False,
    format: AsFormat = Format.TEXT,
) -> None:
    """Prove that every kind of identity leads to every collection with personal data; exit 1 on holes.

    Without --live it needs no database: use it in CI.

    \b
    ombud rights map check sources.yaml
    ombud rights map check sources.yaml --live
    """
    from ombud.rights.map.live import compare, complete
    from ombud.rights.map.reach import check_reach
    from ombud.rights.map.read import load_map

    data_map = load_map(map_file)
    seen = compare(data_map) if live else ()
    findings = sorted((*check_reach(complete(data_map) if live else data_map), *seen), key=lambda one: not one.hole)
    holes = sum(one.hole for one in findings)
    if format is Format.JSON:
        show_json({"map": str(map_file), "holes": holes, "findings": [one.to_json() for one in findings]})
    else:
        for one in findings:
            typer.echo(f"{'hole  ' if one.hole else 'remark'}  {one.where}: {one.says}")
            if one.add:
                typer.echo(f"        → {one.add}")
        typer.echo(_summary(data_map, holes, live))
    raise typer.Exit(1 if holes else 0)


def _summary(data_map: Any, holes: int, live: bool) -> str:
    personal = sum(one.personal for one in data_map.collections)
    held = ", by the map and the sources" if live else ", by the map alone"
    size = f"{len(data_map.identities)} kinds of identity, {personal} collections with personal data"
    if holes:
        return f"{size}: {holes} holes{held}"
    return f"{size}: every kind leads to every collection{held}"


@app.command()
def draft(
    url: Annotated[str, typer.Argument(metavar="URL", help="A database; secrets as ${env:NAME} in single quotes.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The file to write; never overwritten.")] = Path(
        "sources.yaml"
    ),
    name: Annotated[str, typer.Option("--name", help="What the source is called in the map.")] = "core",
) -> None:
    """Read a database and propose the map: tables about people, what identifies them, and what hangs on whom.

    A sample of values is looked at and none is written. Everything in the file is a guess to be corrected.

    \b
    ombud rights map draft sqlite:///shop.db
    ombud rights map draft '${env:CORE_URL}' --output sources.yaml
    """
    from ombud.rights.map.draft import draft as propose
    from ombud.rights.map.read import read_map
    from ombud.system.yaml_lines import parse_yaml

    if output.exists():
        raise Misused(f"{output} exists already and is never overwritten", "Give another file with --output.")
    text = propose(url, output.parent, name)
    data_map = read_map(parse_yaml(text.encode(), output))
    with output.open("x", encoding="utf-8") as file:
        file.write(text)
    typer.echo(f"{output}: {len(data_map.collections)} tables about people")
    typer.echo(f"next: correct it, then prove it: ombud rights map check {output}")


@app.command()
def plan(
    map_file: MapFile = Path("sources.yaml"),
    by: Annotated[
        list[str] | None, typer.Option("--by", metavar="KIND", help="By what kind of identity; default: all.")
    ] = None,
    format: AsFormat = Format.TEXT,
) -> None:
    """Show what a search would ask of each source, without asking it.

    \b
    ombud rights map plan sources.yaml
    ombud rights map plan sources.yaml --by email
    """
    from ombud.rights.map.live import complete
    from ombud.rights.map.read import load_map
    from ombud.rights.walk import plan as planned
    from ombud.store.identity import Identity

    data_map = complete(load_map(map_file))
    found = planned(data_map, [Identity(kind, "0") for kind in by or data_map.identities])
    if format is Format.JSON:
        show_json([one.to_json() for one in found])
        return
    for one in found:
        typer.echo(f"{one.collection}  ({' → '.join(one.how)})")
        for line in one.queries or (f"cannot say: {one.problem}",):
            typer.echo(f"  {line}")
