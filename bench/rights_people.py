"""People: how fast one is asked about, found in a thousand tables, and taken in; and what that takes on disk.

Run: python -m bench.rights_people [people] [snapshots]. The targets: at most 1 byte a person and snapshot; one person
looked up in 1,000 snapshots of 1,000,000 people in under 200 ms; 1,000,000 new people taken in within seconds;
`may_decide` under 5 µs once it is warm, with 100,000 people listed; 1,000,000 rows left with `exclude` in seconds.
"""

import hashlib
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
from sqlalchemy import insert

import ombud
from bench.ledger import Stopwatch
from ombud.store.identity import Identity
from ombud.store.people import People, TableState
from ombud.store.people.membership import keep_numbers
from ombud.store.schema import ALIASES, FINGERPRINTS, LISTED
from ombud.store.workspace import create_workspace

LISTED_PEOPLE = 100_000
CALLS = 200_000
SHARE = 0.9


def table(number: int) -> TableState:
    """A training table, each with content of its own."""
    return TableState(
        system="bench", role="training", digest=hashlib.sha256(str(number).encode()).hexdigest(), kind="customer_id",
        release="r" * 64, model=f"{number:064x}", rows=0, taken_at="2026-11-25T00:00:00.000000Z",
    )  # fmt: skip


def names(people: int) -> Iterable[str]:
    """Whoever there is."""
    return (f"C-{number:08d}" for number in range(people))


def main(people: int, snapshots: int) -> None:
    """Print what was reached, on the clock and in processor time; on a busy machine only the second is steady."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = create_workspace(Path(folder))
        store = workspace.people
        _size(Path(folder))
        _told("take in new people", lambda: store.remember(table(0), names(people)), people)
        _told("the same again", lambda: store.remember(table(1), names(people)), people)
        before = _size(Path(folder))
        _snapshots(store, people, snapshots)
        each = (_size(Path(folder)) - before) / (snapshots * people * SHARE)
        print(f"{'membership':<22}{each:10.3f} B a person and snapshot   ({snapshots:,} tables of other people)")
        _look_up(store, people)
        _living(store, Path(folder), people)


def _snapshots(store: People, people: int, count: int) -> None:
    """Tables in which each person is with a chance of nine in ten, so that no two are alike and no run is long."""
    rng = np.random.default_rng(20_261_123)
    with Stopwatch() as watch:
        for number in range(count):
            numbers = np.flatnonzero(rng.random(people) < SHARE).astype(np.int64)
            with store.database.writing() as connection:
                keep_numbers(connection, table(number + 2), numbers)
    print(f"{'keep a table':<22}{watch.clock / count:10.3f} s   ({watch.processor / count:.3f} s of processor time)")


def _look_up(store: People, people: int) -> None:
    asked = [Identity("customer_id", f"C-{number:08d}") for number in range(0, people, max(1, people // 20))]
    with Stopwatch() as watch:
        found = [len(store.memberships([one])) for one in asked]
    took, spent = watch.clock / len(asked) * 1e3, watch.processor / len(asked) * 1e3
    print(f"{'one person looked up':<22}{took:10.1f} ms   ({spent:.1f} ms of processor time; in {found[0]:,} tables)")


def _living(store: People, root: Path, people: int) -> None:
    _list_many(store, min(LISTED_PEOPLE, people))
    _told("publish the lists", store.publish, min(LISTED_PEOPLE, people))
    first = time.perf_counter()
    ombud.may_decide("C-00000001", at=root)
    print(f"{'may_decide, first':<22}{(time.perf_counter() - first) * 1e3:10.1f} ms")
    for what, subject in (("may_decide, yes", "X-1"), ("may_decide, no", "C-00000001")):
        _told(what, lambda subject=subject: _ask(subject, str(root)), CALLS)
    frame = pa.table({"customer_id": list(names(people))})
    _told("exclude", lambda: ombud.exclude(frame, subject="customer_id", kind="customer_id", at=root), people)


def _ask(subject: str, root: str) -> None:
    may = ombud.may_decide
    for _ in range(CALLS):
        may(subject, system="bench", kind="customer_id", at=root)


def _list_many(store: People, count: int) -> None:
    """So many people on a list, written in one go."""
    with store.database.writing() as connection:
        for start in range(0, count, 10_000):
            some = [(f"{n:032x}", f"C-{n:08d}") for n in range(start, min(count, start + 10_000))]
            prints = [store.fingerprint(Identity("customer_id", name)) for _, name in some]
            day = date(2026, 1, 1)
            connection.execute(insert(ALIASES), [
                {"fingerprint": p, "alias": a, "kind": "customer_id", "value": v}
                for p, (a, v) in zip(prints, some, strict=True)
            ])  # fmt: skip
            connection.execute(insert(FINGERPRINTS), [
                {"alias": a, "fingerprint": p, "kind": "customer_id"} for p, (a, _) in zip(prints, some, strict=True)
            ])  # fmt: skip
            connection.execute(insert(LISTED), [
                {"alias": a, "list": "objected", "system": "", "matter": "R-BENCH0", "law": "gdpr", "since": day,
                 "until": None}
                for a, _ in some
            ])  # fmt: skip


def _told(what: str, do: Callable[[], object], count: int) -> None:
    with Stopwatch() as watch:
        do()
    each, spent = watch.clock / count * 1e6, watch.processor / count * 1e6
    print(f"{what:<22}{watch.clock:10.2f} s   ({each:.2f} µs each, {spent:.2f} µs of processor time; {count:,})")


def _size(folder: Path) -> int:
    """Bytes of the store, its log emptied into it."""
    import sqlite3

    path = folder / ".ombud" / "ombud.db"
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return sum(one.stat().st_size for one in path.parent.glob("ombud.db*"))


if __name__ == "__main__":
    main(*(int(one) for one in (*sys.argv[1:], *("1000000", "1000")[len(sys.argv) - 1 :])))
