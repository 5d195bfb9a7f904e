"""The ledger's speed: signed appends a second, full verification, and one proof.

Run: python bench/ledger.py [entries]. The targets: 5,000 appends/s in batches of 500 entries of 1.2 kB with
synchronous=FULL; 100,000 entries verified in full in under 10 s on two processors; a proof in under 1 ms.
"""

import os
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
    """Print what was reached."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = create_workspace(Path(folder), {"bench": (("ml",), None)})
        key = workspace.context.keys.load("bench")
        signing = appending = 0.0
        for start in range(0, entries, BATCH):
            began = time.perf_counter()
            batch = envelopes(workspace, key, start, BATCH)
            signed = time.perf_counter()
            appended = workspace.ledger.append(batch)
            signing, appending = signing + signed - began, appending + time.perf_counter() - signed
        size = len(appended[-1].leaf)
        print(f"append              {entries / appending:10,.0f} entries/s   (batches of {BATCH}, {size} B, anchored)")
        print(f"sign and append     {entries / (signing + appending):10,.0f} entries/s")
        _verify(Path(folder))
        _prove(Path(folder))
        store = sum(path.stat().st_size for path in Path(folder).rglob("ombud.db*"))
        print(f"store               {store / entries:10,.0f} B an entry")


def _verify(folder: Path) -> None:
    ledger = open_workspace(folder).ledger
    began = time.perf_counter()
    log = ledger.verify()
    took = time.perf_counter() - began
    print(f"full verification   {took:10.2f} s           ({len(log.trusted()):,} trusted, {os.cpu_count()} processors)")


def _prove(folder: Path) -> None:
    ledger = open_workspace(folder).ledger
    size, root = ledger.size, ledger.root()
    indexes = range(0, size, max(1, size // 200))
    began = time.perf_counter()
    proofs = [ledger.inclusion(index)[1] for index in indexes]
    took = (time.perf_counter() - began) / len(proofs)
    assert all(includes(ledger.entry(i).leaf_hash, i, size, p, root) for i, p in zip(indexes, proofs, strict=True))
    print(f"inclusion proof     {took * 1000:10.2f} ms")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
