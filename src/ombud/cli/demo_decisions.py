"""`ombud demo decisions`: a released system lives: decisions are recorded, explained, contested, watched, stopped."""

from pathlib import Path
from typing import Final

import typer

from ombud.cli import demo as first
from ombud.cli import demo_answer
from ombud.cli.incidents.text import listed
from ombud.cli.monitor_text import watched_text
from ombud.cli.progress import progress_bar
from ombud.cli.verify import told as tell_verdict
from ombud.cli.workbench import Workbench, open_workbench
from ombud.decisions import Recorder
from ombud.decisions.batch import anchor
from ombud.decisions.drain import drain
from ombud.demo import living
from ombud.demo.data import applications
from ombud.demo.history import BROKEN, FEED, HIT, History, broken_day, first_day, history
from ombud.demo.train import train
from ombud.documents.monitoring import page, printed
from ombud.documents.typeset import pdf
from ombud.errors import Misused, OmbudError
from ombud.evidence.bundle import LAW_PACK, Bundle
from ombud.evidence.canonical import canonical
from ombud.evidence.verify import verify_bundle
from ombud.incidents.clocks import standing
from ombud.incidents.draft import draft
from ombud.incidents.handle import Incidents
from ombud.incidents.incident import Assessed
from ombud.incidents.people import PeopleDecided
from ombud.living.release import require_release
from ombud.monitor.report import report_of
from ombud.monitor.watch import run
from ombud.monitor.watched import Watched
from ombud.release.composite import composite
from ombud.release.publish import publish
from ombud.release.revoke import revoke
from ombud.store.clock import SystemClock
from ombud.store.export import export_bundle
from ombud.store.workspace import create_workspace
from ombud.system.models import open_model
from ombud.system.organisation import load_organisation

DUTY: Final = "eu-breach-authority"
WHAT_IT_IS: Final = Assessed(
    categories=("possible-discrimination", "personal-data-breach"), severity="major", risk="likely"
)
WHY: Final = (
    "A feed has written false credit records of applicants: personal data were altered by accident, and people were "
    "refused by them. It is taken for a personal data breach until the contrary is known."
)
"""What the officer of the demo makes of the alarm."""


def tell(into: Path) -> None:
    """Tell the story; see `ombud demo decisions --help`."""
    first.empty(into)
    bench = _released(into)
    told = _recorded(bench)
    _answered(into, bench, told)
    seen = _watched(into, bench, told)
    _incident(into, bench, seen)
    _revoked(bench)
    _proof(into, bench)


# --- the story --------------------------------------------------------------------------------------------------------


def _released(into: Path) -> Workbench:
    people = applications()
    today = SystemClock().now()
    days = (f"{day(today):%Y-%m-%d}" for day in (first_day, broken_day))
    manifest = living.write_living(into, people, train(people), *days)
    create_workspace(into, living.HOLDERS)
    bench = open_workbench(manifest)
    _title(f"1  The bank of `ombud demo` takes the lower threshold, {living.LOWER}, and its model goes live")
    first.measure(bench)
    live = living.go_live(bench.workspace, bench.system, bench.pack)
    _say([
        f"{len(live.accepted)} points are open; two roles with test keys accept them until {live.until}, and approve",
        f"released: {live.entry.statement.predicate['release'][:12]}, entry {live.entry.index} of the log",
    ])  # fmt: skip
    return bench


def _recorded(bench: Workbench) -> History:
    recorder = Recorder.of(bench.system.path, release=_release(bench))
    made = history(applications(), open_model(_artifact(bench)), recorder, bench.workspace.context.clock.now())
    _title(f"2  {len(made.decisions):,} decisions as if taken since {made.begun.date()}: people of 1990, drawn anew")
    _say([
        f"INJECTED by this demo: from {made.broken.date()} on, {BROKEN:.0%} of the applicants whose race is {HIT!r} "
        f"get {FEED} = 0, as by a broken feed: {made.injected} decisions, numbered INJECTED-…",
    ])  # fmt: skip
    recorder.record_all(made.decisions)
    done = drain(bench.workspace)
    batches = anchor(bench.workspace, living.OPERATIONS)
    _say([
        f"recorded: written to the spool and on disk, then moved into the store by the drainer: {done.receipt.new:,}",
        f"put on record: {len(batches)} batch with one Merkle root over salted commitments; no decision is in the log",
    ])  # fmt: skip
    return made


def _answered(into: Path, bench: Workbench, told: History) -> None:
    _title("3  One person, refused because of that feed, is told why; the letters are in letters/")
    said = demo_answer.explain(bench, told, into)
    _say(list(said.lines))
    _title("4  They contest it, and somebody looks who did not make it and may change it")
    _say(list(demo_answer.contest(bench, said.number, into)))


def _watched(into: Path, bench: Workbench, told: History) -> Watched:
    _title("5  Two years, week by week, and one promise: any false alarm in this release's life, 1 in 100")
    with progress_bar() as progress:
        seen = run(bench.workspace, bench.system, bench.pack, living.OPERATIONS, progress=progress)
    _say(watched_text(seen, bench.system).splitlines())
    for alarm in seen.alarms:
        weeks = (alarm.window.end - told.broken).days // 7
        _say([f"found {weeks} weeks after the day that this demo broke the feed; it puts the beginning at "
              f"{alarm.since.date()}"])  # fmt: skip
    if len(seen.alarms) != 1 or len(seen.incidents) != 1:
        raise Misused("the demo expected one alarm and one incident", "Please report this.")
    found = report_of(bench.workspace, bench.system, bench.pack)
    (into / "monitoring.html").write_text(page.html(found), encoding="utf-8")
    (into / "monitoring.pdf").write_bytes(pdf(printed.paper(found)))
    _say(["as a page and on paper: monitoring.html, monitoring.pdf"])
    return seen


def _incident(into: Path, bench: Workbench, seen: Watched) -> None:
    _title("6  The incident that the alarm opened, and the clocks of law that run")
    officer = Incidents(bench.workspace, living.OFFICER)
    number, now = seen.incidents[0].id, bench.workspace.context.clock.now()
    officer.classify(number, WHAT_IT_IS, WHY)
    officer.count(number, seen.alarms[0].since, now, PeopleDecided(bench.workspace))
    officer.update(number, "nature", WHY)
    _say(listed((standing(officer.case(number), now),)).splitlines())
    notice = draft(officer, number, DUTY, "pdf", load_organisation(into / "organisation.yaml"))
    (into / "notice.pdf").write_bytes(notice.content)
    _say([f"drafted: notice.pdf for the authority; {notice.holes} things are still missing, and marked in it"])


def _revoked(bench: Workbench) -> None:
    _title("7  The release is revoked: serving code that asks stops")
    artifact, system = _artifact(bench), bench.system.name
    _say([f"before: ombud.require_release → {require_release(artifact, system=system, at=bench.workspace.root).words}"])
    revoke(bench.workspace, system, _release(bench), "its decisions became unequal; a feed is broken", living.OWNER)
    publish(bench.workspace, bench.pack)
    try:
        require_release(artifact, system=system, at=bench.workspace.root)
    except OmbudError as refused:
        _say([f"after:  ombud.require_release → refused: {refused}"])
    else:
        raise Misused("serving code of the demo was not stopped", "Please report this.")
    _say([
        "no gate lets it in again: registry, cluster, pipeline",
        "what it cannot stop: a process that runs and does not ask",
    ])  # fmt: skip


def _proof(into: Path, bench: Workbench) -> None:
    _title("8  The ledger: every step signed, and no word of who it was")
    path = export_bundle(bench.workspace, into / "decisions.zip", {LAW_PACK: canonical(bench.pack.to_json())})
    _say(tell_verdict(verify_bundle(Bundle.open(path), bench.workspace.ledger.root_key))[:2])
    _title("Next")
    _say([
        f"cd {into}; ombud decisions list --most 5",
        "ombud monitor status; ombud incidents list",
        "your own decisions: one line around the call that predicts, see docs/how-to/record-decisions.md",
    ])  # fmt: skip


# --- what it is told with ---------------------------------------------------------------------------------------------


def _artifact(bench: Workbench) -> Path:
    assert bench.system.model is not None, "the demo has a model"
    return bench.system.model.artifact


def _release(bench: Workbench) -> str:
    return composite(bench.system).digest


def _title(text: str) -> None:
    typer.secho(f"\n{text}", bold=True)


def _say(lines: list[str]) -> None:
    for line in lines:
        typer.echo(f"   {line}")
