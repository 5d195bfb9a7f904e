"""`ombud init`: from a table of decisions to manifests that load, with guesses to correct and questions to answer."""

import json
import os
import re
import sys
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from ombud.cli.options import AsFormat, Format
from ombud.cli.questions import ask_all
from ombud.errors import Misused, NotFound
from ombud.law.vocabulary import FACTS, USE_CASES
from ombud.store.settings import find_workspace
from ombud.system.draft import Answers, draft_organisation, draft_system
from ombud.system.facts import facts
from ombud.system.guess import Guess, guess
from ombud.system.manifest import System, read_system
from ombud.system.organisation import Organisation, load_organisation, read_organisation
from ombud.system.places import PLACES, nearest_place
from ombud.system.secrets import guard_address, resolve
from ombud.system.words import nearest
from ombud.system.yaml_lines import parse_yaml
from ombud.tables.needs import Role

EPILOG = (
    "Examples: ombud init decisions.parquet · "
    "ombud init people.csv --yes --use-case employment --decision assisted --where DE --trained --used · "
    "ombud init data.parquet --model model.txt --threshold 0.5"
)

DECIDING: Final = ("jurisdiction", "role", "use_case", "decision", "significant")
"""The facts that decide most of the law."""

Table = Annotated[
    str, typer.Argument(metavar="TABLE", help="Parquet, CSV, JSON lines, DuckDB#table, a database address.")
]
TrainedFlag = Annotated[
    bool | None, typer.Option("--trained/--not-trained", help="You trained the model, or had it trained.")
]
UsedFlag = Annotated[bool | None, typer.Option("--used/--not-used", help="You use the system yourself.")]
SignificantFlag = Annotated[
    bool | None, typer.Option("--significant/--not-significant", help="A decision weighs as much as a legal effect.")
]
Where = Annotated[list[str] | None, typer.Option("--where", metavar="PLACE", help="Where the people are; repeatable.")]
Established = Annotated[
    list[str] | None, typer.Option("--established", metavar="PLACE", help="Where the organisation is; repeatable.")
]


def command(
    table: Table,
    model: Annotated[Path | None, typer.Option("--model", help="The model's file, if you have it.")] = None,
    threshold: Annotated[str | None, typer.Option("--threshold", help="Score from which it is favourable.")] = None,
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder to write the manifests into.")] = Path(),
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing; what no option says is left open.")] = False,
    name: Annotated[str | None, typer.Option("--name", help="Name of the system; default: from the table.")] = None,
    purpose: Annotated[str | None, typer.Option("--purpose", help="What it decides, in a sentence.")] = None,
    use_case: Annotated[str | None, typer.Option("--use-case", help="mortgage, employment, ...")] = None,
    trained: TrainedFlag = None,
    used: UsedFlag = None,
    decision: Annotated[str | None, typer.Option("--decision", help="automated, assisted or none.")] = None,
    significant: SignificantFlag = None,
    where: Where = None,
    label_is: Annotated[str | None, typer.Option("--label-is", help="outcome, past-human-decision or proxy.")] = None,
    organisation: Annotated[str | None, typer.Option("--organisation", help="Name of the organisation.")] = None,
    established: Established = None,
    format: AsFormat = Format.TEXT,
) -> None:
    """Write the manifests for a table of decisions: guessed roles of columns, and the questions that decide the law.

    Nothing is overwritten. A table of decisions is enough; a model is not needed to start.

    \b
    Examples:
    ombud init decisions.parquet
    ombud init people.csv --yes --use-case employment --decision assisted --where DE --trained --used
    """
    answers = Answers(
        name=_name(name or table), purpose=purpose, places=_places(where), trains=trained, uses=used,
        use_case=_word(use_case, USE_CASES, "--use-case"),
        decision=_word(decision, FACTS["decision"] or (), "--decision"),
        significant=significant, label_is=_word(label_is, FACTS["label_is"] or (), "--label-is"),
        organisation=organisation, established=_places(established),
    )  # fmt: skip
    _refuse_existing(output / "ombud.yaml")
    if model and not model.exists():
        raise NotFound("model", str(model))
    guessed = _guessed(table)
    if not yes and sys.stdin.isatty():
        answers, guessed = ask_all(answers, guessed)
    system, beside = _write(output, answers, guessed, table, model, threshold)
    said = _summary(system, beside, guessed)
    typer.echo(json.dumps(said, indent=2, ensure_ascii=False) if format is Format.JSON else _report(said))


def _guessed(address: str) -> Guess:
    from ombud.system.look import look_at
    from ombud.tables.open import open_table

    guard_address(address)
    table = open_table(resolve(address))
    try:
        return guess(look_at(table))
    finally:
        table.close()


def _refuse_existing(path: Path) -> None:
    if path.exists():
        raise Misused(f"{path} exists already and is never overwritten", "Give another folder with --output.")


def _write(
    output: Path, answers: Answers, guessed: Guess, table: str, model: Path | None, threshold: str | None
) -> tuple[System, Organisation]:
    artifact = _from(output, str(model)) if model else None
    system, organisation = output / "ombud.yaml", output / "organisation.yaml"
    texts = {system: draft_system(answers, guessed, _from(output, table), artifact, threshold)}
    read = read_system(parse_yaml(texts[system].encode(), system))
    if organisation.exists():
        beside = load_organisation(organisation)
    else:
        texts[organisation] = draft_organisation(answers)
        beside = read_organisation(parse_yaml(texts[organisation].encode(), organisation))
    _put(output, texts)
    return read, beside


def _put(output: Path, texts: Mapping[Path, str]) -> None:
    try:
        output.mkdir(parents=True, exist_ok=True)
        for path, text in texts.items():
            with path.open("x", encoding="utf-8") as file:
                file.write(text)
            typer.echo(f"written: {path}", err=True)
    except OSError as error:
        raise Misused(
            f"{output} cannot be written to: {error.strerror}", "Give another folder with --output."
        ) from None


def _from(output: Path, address: str) -> str:
    """An address as seen from the folder of the manifests; those that are no path stay as they are."""
    if "://" in address or address.startswith(("spark:", "${")) or Path(address).is_absolute():
        return address
    return os.path.relpath(address, output).replace(os.sep, "/")


def _summary(system: System, organisation: Organisation, guessed: Guess) -> dict[str, Any]:
    known = facts(system, organisation)
    return {
        "system": str(system.path),
        "organisation": str(organisation.path),
        "name": system.name,
        "columns": {str(role): list(names) for role, names in guessed.by_role.items()},
        "unsure": [
            str(role)
            for role in (Role.DECISION, Role.LABEL)
            if guessed.one(role) and role not in system.columns.by_role
        ],
        "missing_facts": [fact for fact in DECIDING if fact not in known],
        "next": _next(system.path),
    }


def _report(said: Mapping[str, Any]) -> str:
    lines = [f"{said['system']}: {said['name']}"]
    for role, names in said["columns"].items():
        lines.append(f"  {role + ':':<20} {', '.join(name if name.isprintable() else ascii(name) for name in names)}")
    lines += [f"  {role}: say which value is good for the person, then uncomment it" for role in said["unsure"]]
    if said["missing_facts"]:
        lines.append(f"not said yet, so that the law cannot tell: {', '.join(said['missing_facts'])}")
    return "\n".join([*lines, *(f"next: {step}" for step in said["next"])])


def _next(manifest: Path) -> list[str]:
    steps = [f"correct {manifest}: every role of a column is a guess"]
    try:
        find_workspace(manifest.parent)
    except NotFound:
        steps.append("make the keys and the log: ombud keys init")
    return [*steps, f"see which law applies: ombud law applies {manifest}", f"measure: ombud check {manifest}"]


def _name(text: str) -> str:
    """A name for the system from the table's: `data/Train set.parquet` gives `train-set`."""
    last = re.split(r"[/\\#]", text.rstrip("/"))[-1]
    stem = re.sub(r"\.(parquet|csv|tsv|jsonl?|ndjson)$", "", last, flags=re.IGNORECASE)
    found = re.sub(r"[^A-Za-z0-9._-]+", "-", stem).strip("-._")[:64].lower()
    return found or "system"


def _word(said: str | None, known: Collection[str], option: str) -> str | None:
    if said is None or said in known:
        return said
    meant = nearest(said, known)
    hint = f"Did you mean {meant}?" if meant else f"Known: {' '.join(sorted(known))}."
    raise Misused(f"{option} {said!r} is not known", hint)


def _places(said: list[str] | None) -> tuple[str, ...]:
    found = [part for text in said or () for part in text.replace(",", " ").split()]
    for part in found:
        if part not in PLACES:
            meant = nearest_place(part)
            raise Misused(f"{part!r} is not a place", f"Did you mean {meant}?" if meant else "Write DE, UK or US-CA.")
    return tuple(dict.fromkeys(found))
