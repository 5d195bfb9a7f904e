"""`ombud demo`: a real mortgage model, checked against the law in force, told in under a minute."""

import shutil
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from ombud.cli.gate_text import render as render_gate
from ombud.cli.report import report_of
from ombud.cli.verify import told as tell_verdict
from ombud.cli.workbench import Workbench, open_workbench
from ombud.demo import story
from ombud.demo.data import Applications, applications
from ombud.demo.tamper import flip_a_byte
from ombud.demo.train import Trained, train
from ombud.demo.workspace import THRESHOLD, training_note, write_workspace
from ombud.documents.render import render
from ombud.documents.sentence import sentence_of
from ombud.errors import Misused
from ombud.evidence.bundle import LAW_PACK, Bundle
from ombud.evidence.canonical import canonical
from ombud.evidence.verify import verify_bundle
from ombud.release.assess import Assessment, assess
from ombud.release.gate import judge_release
from ombud.release.recompute import recompute_bundle
from ombud.store.export import export_bundle
from ombud.store.workspace import Rights, create_workspace


class Kind(StrEnum):
    """Where the register of `ombud demo rights` is kept."""

    AUTO = "auto"
    POSTGRESQL = "postgresql"
    SQLITE = "sqlite"


app = typer.Typer(help="A real mortgage model, checked and told; a person who asks to be erased; decisions over years.")

FOLDER: Final = "ombud-demo"
MARK: Final = ".made-by-ombud-demo"
HOLDERS: Final[dict[str, Rights]] = {
    "ml-engineer": (("ml",), None),
    "data-protection-officer": (("dpo",), None),
    "lending-owner": (("owner",), None),
}
"""Role names with test keys; no such people exist."""


@app.command()
def rights(
    into: Annotated[Path, typer.Option("--into", help="Folder for the demo's workspace.")] = Path("ombud-demo"),
    database: Annotated[
        Kind, typer.Option("--database", help="auto: PostgreSQL where its PyPI package is installed, else SQLite.")
    ] = Kind.AUTO,
) -> None:
    """Let a made-up person ask for a copy, object, and be erased: from the database to the model. Takes a minute.

    It begins with the system of `ombud demo`, made anew in the folder ombud-demo/.

    Example: ombud demo rights --database sqlite
    """
    from ombud.cli import demo_rights

    demo_rights.tell(into, database)


@app.command()
def decisions(
    into: Annotated[Path, typer.Option("--into", help="Folder for the demo's workspace.")] = Path("ombud-demo"),
) -> None:
    """Let a released model decide for two years: recorded, explained, contested, watched, and stopped. Takes a minute.

    It begins with the system of `ombud demo`, made anew in the folder ombud-demo/.

    Example: ombud demo decisions
    """
    from ombud.cli import demo_decisions

    demo_decisions.tell(into)


def command(
    into: Annotated[Path, typer.Option("--into", help="Folder for the demo's workspace.")] = Path(FOLDER),
) -> None:
    """Check a real mortgage model against the law in force, and tell the story. Takes about half a minute.

    Writes the folder ombud-demo/, a workspace like one of your own: look at its manifest, then try

    \b
    ombud check ombud-demo/ombud.yaml --format html --output report.html
    ombud gate ombud-demo/ombud.yaml
    ombud law applies ombud-demo/ombud.yaml --as-of 2027-12-02

    The story goes on with a person who asks to be erased: ombud demo rights
    and with two years of decisions by the released model: ombud demo decisions
    """
    empty(into)
    _title("1  The data: 1,989 real mortgage decisions, Boston 1990. The bank of this demo is fictional.")
    people = applications()
    _say(story.raw_rates(people))
    _title(f"2  A model that never sees race. {training_note()}.")
    trained = train(people)
    bench = workspace(into, people, trained)
    done = measure(bench)
    _tell_fairness(done)
    _tell_why(done, bench)
    searched = _tell_alternative(done, people, trained)
    _tell_gate(done, bench)
    _tell_law(done)
    _report(into, done, bench, searched)
    _tell_proof(into, bench)


def empty(into: Path) -> None:
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


def workspace(into: Path, people: Applications, trained: Trained) -> Workbench:
    manifest = write_workspace(into, people, trained)
    create_workspace(into, HOLDERS)
    return open_workbench(manifest)


def measure(bench: Workbench) -> Assessment:
    from ombud.rights.models import decisions

    return assess(
        bench.workspace, bench.system, bench.organisation, bench.pack, "ml-engineer", decided=decisions
    )  # fmt: skip


def _tell_fairness(done: Assessment) -> None:
    _title(f"3  Its decisions at the threshold {THRESHOLD}, held against the bank's own signed policy")
    finding = done.picture.finding("fairness.impact_ratio")
    _say([sentence_of(story.judgement_of(finding, "impact_ratio", "race", story.WORST_OFF))])
    _say([sentence_of(story.judgement_of(finding, "impact_ratio", "race", "hispanic"))])
    _say([sentence_of(one) for one in story.judgements_by(finding, "impact_ratio", "sex")])
    _say(story.tell_left_out(done.entries))
    _say(story.ABOUT_THE_LABEL)


def _tell_why(done: Assessment, bench: Workbench) -> None:
    _title("4  Why: one feature dominates, and race shows through the others")
    _say([story.tell_reasons(story.explained(bench.system))])
    _say(story.tell_predictable(done.picture.finding("privacy.special_categories")))


def _tell_alternative(done: Assessment, people: Applications, trained: Trained) -> story.Searched:
    _title("5  A less discriminatory alternative")
    finding = done.picture.finding("fairness.impact_ratio")
    rule = story.judgement_of(finding, "impact_ratio", "race", story.WORST_OFF).rule
    assert rule is not None, "the demo's policy limits the impact ratio"
    searched = story.search(story.scored(people, trained), rule)
    _say(story.tell_search(searched))
    return searched


def _tell_gate(done: Assessment, bench: Workbench) -> None:
    _title("6  The gate")
    gate = judge_release(done.picture, bench.workspace.ledger.log().trusted())
    _say(render_gate(gate, "ml", "text").splitlines())


def _tell_law(done: Assessment) -> None:
    _title("7  What the law has to say, and what it does not")
    _say(story.tell_law(done.picture))


def _report(into: Path, done: Assessment, bench: Workbench, searched: story.Searched) -> None:
    gate = judge_release(done.picture, bench.workspace.ledger.log().trusted())
    rule = searched.judged.rule
    assert rule is not None
    report = report_of(done.picture, gate, bench, done.broken, story.alternatives_of(searched, rule))
    (into / "report.html").write_text(render(report, "html"), encoding="utf-8")


def _tell_proof(into: Path, bench: Workbench) -> None:
    _title("8  The proof: exported, verified without database and data, recomputed; then one byte is flipped")
    path = export_bundle(bench.workspace, into / "evidence.zip", {LAW_PACK: canonical(bench.pack.to_json())})
    bundle, root = Bundle.open(path), bench.workspace.ledger.root_key
    _say(tell_verdict(verify_bundle(bundle, root))[:2])
    _say(recompute_bundle(bundle, root).lines())
    _say(tell_verdict(verify_bundle(flip_a_byte(bundle), root))[:2])
    _title("Next")
    _say([
        f"open {into / 'report.html'} in a browser",
        f"ombud gate {into / 'ombud.yaml'}",
        f"ombud law applies {into / 'ombud.yaml'} --as-of 2027-12-02",
        "your own table of decisions: ombud init TABLE",
        "the story goes on with a person who asks to be erased: ombud demo rights",
        "and with two years of decisions by the released model: ombud demo decisions",
    ])  # fmt: skip


def _title(text: str) -> None:
    typer.secho(f"\n{text}", bold=True)


def _say(lines: Iterable[str]) -> None:
    for line in lines:
        typer.echo(f"   {line}")
