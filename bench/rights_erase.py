"""Erasing 1,000 people in one batch from 100 M Parquet rows, and the proof of it.

Run: python bench/rights_erase.py [millions of rows]. The targets: only the files concerned are rewritten, and no
more than 2 GB of memory is used. The people live in a tenth of the files.
"""

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ombud.rights.map.model import Collection, SourceSpec
from ombud.rights.proof.identifiers import Identifier
from ombud.rights.proof.scan import prove, scan
from ombud.rights.sources.open import open_source
from ombud.rights.sources.source import Match

ROWS = 1_000_000
PEOPLE = 1_000


def main(files: int) -> None:
    """Make the files in a process of its own, so that its memory does not count; then erase, and prove it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        subprocess.run([sys.executable, __file__, "make", name, str(files)], check=True)
        size = sum(path.stat().st_size for path in folder.rglob("*.parquet"))
        print(f"made                {files * ROWS:12,} rows in {files} files, {size / 1e9:.1f} GB")
        concerned = range(0, files, 10)
        people = [f"person-{file:04d}-{row:07d}@example.org" for file, row in _living(list(concerned))]
        before = _scanned(folder, people, concerned)
        _erase(folder, people)
        after = _scanned(folder, people, concerned)
        print(f"proof               {prove(before, after).because}")
        print(f"peak memory         {_peak():10.2f} GB   (target: 2 GB)")


def make(folder: Path, files: int) -> None:
    """Files of a million rows: an e-mail address, a number, a time, a category and an amount."""
    (folder / "people").mkdir()
    chance = np.random.default_rng(3)
    rows = pa.array(np.arange(ROWS)).cast(pa.string())
    padded = pc.utf8_lpad(rows, 7, "0")
    for file in range(files):
        table = pa.table(
            {
                "email": pc.binary_join_element_wise(f"person-{file:04d}-", padded, "@example.org", ""),
                "number": chance.integers(0, 10**9, ROWS),
                "at": pa.array(chance.integers(0, 10**15, ROWS), pa.timestamp("us")),
                "kind": pa.array(chance.choice(["loan", "card", "account"], ROWS)),
                "amount": chance.normal(1000, 300, ROWS).round(2),
            }
        )
        pq.write_table(table, folder / "people" / f"{file:04d}.parquet", row_group_size=250_000)


def _living(concerned: list[int]) -> list[tuple[int, int]]:
    """A thousand people, spread over the files concerned."""
    return [(concerned[number % len(concerned)], number * 997 % ROWS) for number in range(PEOPLE)]


def _erase(folder: Path, people: list[str]) -> None:
    table = Collection(source="lake", name="people", table="people", identities={"email": "email"})
    source = open_source(SourceSpec(name="lake", kind="parquet", address=str(folder), collections=(table,)), folder)
    told: list[str] = []
    start = time.perf_counter()
    match = Match(("email",), frozenset((person,) for person in people), "email")
    (outcome,) = source.erase({"lake.people": (match,)}, lambda what, *_: told.append(what))
    took = time.perf_counter() - start
    print(f"erased              {outcome.erased:12,} rows of {PEOPLE:,} people: {outcome.state}, {outcome.left} left")
    print(f"rewritten           {len(outcome.files):12,} files (progress was told {len(told):,} times)")
    print(f"erase               {took:10.1f} s")
    print(f"peak memory         {_peak():10.2f} GB   (target: 2 GB)")


def _scanned(folder: Path, people: list[str], concerned: range):  # type: ignore[no-untyped-def]
    paths = [folder / "people" / f"{file:04d}.parquet" for file in concerned]
    start = time.perf_counter()
    seen = scan(paths, [Identifier(person, "email") for person in people])
    took = time.perf_counter() - start
    print(f"scan                {took:10.1f} s   ({seen.bytes / 1e6:,.0f} MB, {seen.hits:,} hits)")
    return seen


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9


if __name__ == "__main__":
    if sys.argv[1:2] == ["make"]:
        make(Path(sys.argv[2]), int(sys.argv[3]))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
