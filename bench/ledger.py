"""The ledger's speed: signed appends a second, full verification, and one proof.

Run: python bench/ledger.py [entries]. The targets: 5,000 appends/s in batches of 500 entries of 1.2 kB with
synchronous=FULL; 100,000 entries verified in full in under 10 s on two processors; a proof in under 1 ms.
"""

import os
import resource
import sys
import tempfile
import time
from pathlib import Path

from ombud.evidence.dsse import Envelope, sign
from ombud.evidence.keys import SigningKey
from ombud.evidence.statement import Statement, Subject
from ombud.evidence.tree import includes
from ombud.store.workspace import Workspace, create_workspace, open_workspace

BATCH = 500
LEAF_BYTES = 1200


def envelopes(workspace: Workspace, key: SigningKey, start: int, count: int) -> list[Envelope]:
    """Signed measurements whose leaves are about 1.2 kB."""
    now = workspace.now()
    common = {"check": "bench.ledger", "observed_at": now, "system": "bench", "software": {"ombud": "bench"}}
    numbers = range(start, start + count)
    return [
        sign(
            Statement((Subject("bench"),), "measurement", {**common, "measurements": [{"n": n}], "pad": "x" * 340}), key
        )
        for n in numbers
    ]


def main(entries: int) -> None:
    """Print what was reached, on the clock and in processor time; on a busy machine only the second is steady."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = create_workspace(Path(folder), {"bench": (("ml",), None)})
        key = workspace.context.keys.load("bench")
        signing, appending = Stopwatch(), Stopwatch()
        for start in range(0, entries, BATCH):
            with signing:
                batch = envelopes(workspace, key, start, BATCH)
            with appending:
                appended = workspace.ledger.append(batch)
        size = len(appended[-1].leaf)
        print(f"append              {appending.each(entries)}   (batches of {BATCH}, {size} B, on disk and anchored)")
        print(f"sign                {signing.each(entries)}")
        _verify(Path(folder))
        _prove(Path(folder))
        store = sum(path.stat().st_size for path in Path(folder).rglob("ombud.db*"))
        print(f"store               {store / entries:10,.0f} B an entry")


class Stopwatch:
    """Adds up time on the clock and processor time, that of finished child processes included."""

    def __init__(self) -> None:
        self.clock = self.processor = 0.0

    def __enter__(self) -> "Stopwatch":
        self._start = (time.perf_counter(), _processor_time())
        return self

    def __exit__(self, *_: object) -> None:
        self.clock += time.perf_counter() - self._start[0]
        self.processor += _processor_time() - self._start[1]

    def each(self, count: int) -> str:
        """Entries a second, and microseconds of processor time for each."""
        return f"{count / self.clock:10,.0f} entries/s   {self.processor / count * 1e6:6.0f} µs of processor time each"


def _processor_time() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def _verify(folder: Path) -> None:
    ledger = open_workspace(folder).ledger
    with Stopwatch() as watch:
        log = ledger.verify()
    spent = f"{watch.processor:.1f} s of processor time, {os.cpu_count()} processors"
    print(f"full verification   {watch.clock:10.2f} s   ({len(log.trusted()):,} trusted; {spent})")


def _prove(folder: Path) -> None:
    ledger = open_workspace(folder).ledger
    size, root = ledger.size, ledger.root()
    indexes = range(0, size, max(1, size // 200))
    with Stopwatch() as watch:
        proofs = [ledger.inclusion(index)[1] for index in indexes]
    took, spent = watch.clock / len(proofs), watch.processor / len(proofs)
    assert all(includes(ledger.entry(i).leaf_hash, i, size, p, root) for i, p in zip(indexes, proofs, strict=True))
    print(f"inclusion proof     {took * 1000:10.2f} ms   ({spent * 1000:.2f} ms of processor time)")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
