"""`ombud demo`: a real mortgage model, checked against the law in force, told in under a minute."""

import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated, Final

import typer

from ombud.cli.report import report_of
from ombud.cli.workbench import Workbench, open_workbench
from ombud.demo import story
from ombud.demo.bundle import export_and_verify, flip_a_byte
from ombud.demo.data import Applications, applications
from ombud.demo.train import Trained, train
from ombud.demo.workspace import THRESHOLD, training_note, write_workspace
from ombud.documents.render import render
from ombud.documents.sentence import sentence_of
from ombud.errors import Misused
from ombud.release.assess import Assessment, assess, picture_of
from ombud.release.gate import judge_release
from ombud.status.rule import Rule
from ombud.store.workspace import Rights, create_workspace

FOLDER: Final = "ombud-demo"
MARK: Final = ".made-by-ombud-demo"
HOLDERS: Final[dict[str, Rights]] = {
    "ml-engineer": (("ml",), None),
    "data-protection-officer": (("dpo",), None),
    "lending-owner": (("owner",), None),
}
"""Role names with test keys; no such people exist."""


def command(
    into: Annotated[Path, typer.Option("--into", help="Folder for the demo's workspace.")] = Path(FOLDER),
) -> None:
    """Check a real mortgage model against the law in force, and tell the story. Takes about half a minute.

    Writes the folder ombud-demo/, a workspace like one of your own: look at its manifest, then try

    ombud check ombud-demo/ombud.yaml --format html --output report.html
    ombud gate ombud-demo/ombud.yaml
    ombud law applies ombud-demo/ombud.yaml --as-of 2027-12-02
    """
    _empty(into)
    _title("1  The data: 1,989 real mortgage decisions, Boston 1990. The bank of this demo is fictional.")
    people = applications()
    _say(story.raw_rates(people))
    _title(f"2  A model that never sees race. {training_note()}.")
    trained = train(people)
    bench = _workspace(into, people, trained)
    done = _assess(bench)
    _tell_fairness(done)
    _tell_why(done, bench)
    searched = _tell_alternative(done, people, trained)
    _tell_gate(done, bench)
    _tell_law(done)
    _report(into, done, bench, searched)
    _tell_proof(into, bench)


def _empty(into: Path) -> None:
    """Make room. Only a folder that an earlier demo made is ever removed.

    Raises:
        Misused: the folder is somebody else's.
    """
    if into.exists() and not (into / MARK).exists():
        raise Misused(f"{into} exists and is not from an earlier demo", "Choose another folder with --into.")
    if into.exists():
        shutil.rmtree(into)
    into.mkdir(parents=True)
    (into / MARK).write_text("This folder was made by `ombud demo`, which may remove it again.\n", encoding="utf-8")


def _workspace(into: Path, people: Applications, trained: Trained) -> Workbench:
    manifest = write_workspace(into, people, trained)
    create_workspace(into, HOLDERS)
    return open_workbench(manifest)


def _assess(bench: Workbench) -> Assessment:
    return assess(bench.workspace, bench.system, bench.organisation, bench.pack, "ml-engineer")


def _title(text: str) -> None:
    typer.secho(f"\n{text}", bold=True)


def _say(lines: Iterable[str]) -> None:
    for line in lines:
        typer.echo(f"   {line}")
