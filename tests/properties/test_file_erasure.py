"""Erasing from random files equals filtering them by hand; a kill at any moment changes nothing of that."""

import io
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ombud.rights.map.model import Collection, SourceSpec
from ombud.rights.proof.identifiers import Identifier
from ombud.rights.proof.scan import scan
from ombud.rights.sources.open import open_source
from ombud.rights.sources.parquet_shape import types_of
from ombud.rights.sources.source import Match, State

PEOPLE = [f"person-{number:03d}@example.org" for number in range(12)]
QUIET = settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))

texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=6)
columns = {
    "i8": (pa.int8(), st.integers(-128, 127)),
    "u64": (pa.uint64(), st.integers(0, 2**64 - 1)),
    "real": (pa.float64(), st.floats(allow_nan=False)),
    "text": (pa.string(), texts),
    "large": (pa.large_string(), texts),
    "bytes": (pa.binary(), st.binary(max_size=5)),
    "flag": (pa.bool_(), st.booleans()),
    "kind": (pa.dictionary(pa.int16(), pa.string()), st.sampled_from(["a", "b", "c"])),
    "list": (pa.list_(pa.int32()), st.lists(st.none() | st.integers(0, 9), max_size=3)),
    "row": (
        pa.struct([pa.field("x", pa.string()), pa.field("y", pa.list_(pa.float32()))]),
        st.fixed_dictionaries({"x": st.none() | texts, "y": st.lists(st.just(0.5), max_size=2)}),
    ),
    "pairs": (pa.map_(pa.string(), pa.int64()), st.lists(st.tuples(texts, st.integers(0, 9)), max_size=1)),
    "when": (pa.timestamp("ms", "UTC"), st.none()),
    "cents": (pa.decimal128(12, 2), st.decimals(-1000, 1000, places=2)),
}  # fmt: skip


@st.composite
def tables(draw: st.DrawFn) -> pa.Table:
    rows = draw(st.integers(0, 40))
    chosen = draw(st.lists(st.sampled_from(sorted(columns)), unique=True, max_size=5))
    emails = draw(st.lists(st.none() | st.sampled_from(PEOPLE), min_size=rows, max_size=rows))
    kind = draw(st.sampled_from([pa.string(), pa.large_string(), pa.dictionary(pa.int32(), pa.string())]))
    data: dict[str, pa.Array] = {"email": pa.array(emails, kind)}
    for name in chosen:
        what, values = columns[name]
        data[name] = pa.array(draw(st.lists(st.none() | values, min_size=rows, max_size=rows)), what)
    return pa.table(data)


options = st.fixed_dictionaries(
    {
        "row_group_size": st.integers(1, 15),
        "compression": st.sampled_from(["none", "snappy", "zstd", "gzip", "lz4"]),
        "use_dictionary": st.booleans(),
        "store_schema": st.booleans(),
        "write_page_index": st.booleans(),
        "version": st.sampled_from(["1.0", "2.4", "2.6"]),
        "data_page_version": st.sampled_from(["1.0", "2.0"]),
    }
)


def source(folder: Path, kind: str = "parquet") -> Any:
    people = Collection(source="lake", name="people", table="people", identities={"email": "email"})
    return open_source(SourceSpec(name="lake", kind=kind, address=str(folder), collections=(people,)), Path("/"))


def match(erased: set[str]) -> Match:
    return Match(("email",), frozenset((person,) for person in erased), "email")


@QUIET
@given(written=st.lists(st.tuples(tables(), options), min_size=1, max_size=3), erased=st.sets(st.sampled_from(PEOPLE)))
def test_parquet_files_are_what_a_filter_by_hand_leaves(written: list[tuple[pa.Table, Any]], erased: set[str]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "people"
        folder.mkdir()
        for number, (table, how) in enumerate(written):
            pq.write_table(table, folder / f"{number}.parquet", **how)
        before = [pq.ParquetFile(folder / f"{number}.parquet") for number in range(len(written))]
        rows = [file.read().to_pylist() for file in before]
        bytes_before = [path.read_bytes() for path in sorted(folder.iterdir())]
        (outcome,) = source(Path(name)).erase({"lake.people": (match(erased),)})
        concerned = [any(row["email"] in erased for row in several) for several in rows]
        assert outcome.erased == sum(row["email"] in erased for several in rows for row in several)
        assert outcome.state is (State.ERASED if any(concerned) else State.NOTHING), outcome.because
        for number, (file, several) in enumerate(zip(before, rows, strict=True)):
            after = pq.ParquetFile(folder / f"{number}.parquet")
            assert after.read().to_pylist() == [row for row in several if row["email"] not in erased]
            assert after.schema_arrow.equals(file.schema_arrow, check_metadata=True)
            assert types_of(after) == types_of(file)
            assert concerned[number] or (folder / f"{number}.parquet").read_bytes() == bytes_before[number]
        seen = scan([folder], [Identifier(person, "email") for person in erased]) if erased else None
        assert seen is None or (not seen.found and not seen.not_read), seen


@QUIET
@given(
    rows=st.lists(st.tuples(st.sampled_from(PEOPLE), texts, st.sampled_from(["", "\r"])), max_size=20),
    erased=st.sets(st.sampled_from(PEOPLE)),
)
def test_lines_of_others_stay_to_the_letter(rows: list[tuple[str, str, str]], erased: set[str]) -> None:
    lines = [json.dumps({"email": email, "t": text}) + f"{end}\n" for email, text, end in rows]
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "people" / "a.jsonl"
        path.parent.mkdir()
        path.write_bytes("".join(lines).encode())
        (outcome,) = source(Path(name), "jsonl").erase({"lake.people": (match(erased),)})
        kept = [line for line, (email, _, _) in zip(lines, rows, strict=True) if email not in erased]
        assert path.read_bytes() == "".join(kept).encode()
        assert outcome.erased == len(rows) - len(kept)


KILLED = """
import sys
from pathlib import Path
sys.path[:0] = {path!r}
from properties.test_file_erasure import PEOPLE, match, source
print("begun", flush=True)
source(Path({folder!r})).erase({{"lake.people": (match(set(PEOPLE[:3])),)}})
"""


@pytest.mark.parametrize("seed", range(3))
def test_a_kill_at_any_moment_and_a_second_run_end_as_one_run_does(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    folder = tmp_path / "people"
    folder.mkdir()
    tables_before = {}
    for number in range(8):
        emails = [PEOPLE[chance.randrange(12)] for _ in range(25_000)]
        table = pa.table({"email": emails, "n": range(25_000)})
        pq.write_table(table, folder / f"{number}.parquet", row_group_size=10_000)
        tables_before[number] = table
    for _ in range(3):
        _killed(tmp_path, chance.uniform(0.0, 0.35))
        for number, table in tables_before.items():
            assert pq.read_table(folder / f"{number}.parquet").num_rows in (table.num_rows, len(kept(table)))
    (outcome,) = source(tmp_path).erase({"lake.people": (match(set(PEOPLE[:3])),)})
    assert outcome.state in (State.ERASED, State.NOTHING) and outcome.left == 0
    assert sorted(path.name for path in folder.iterdir()) == [f"{number}.parquet" for number in range(8)]
    for number, table in tables_before.items():
        assert pq.read_table(folder / f"{number}.parquet").column("n").to_pylist() == kept(table)


def kept(table: pa.Table) -> list[int]:
    rows = zip(table.column("email").to_pylist(), table.column("n").to_pylist(), strict=True)
    return [n for email, n in rows if email not in PEOPLE[:3]]


def _killed(folder: Path, after: float) -> None:
    """Begin an erasure in another process and kill it, so many seconds after it began."""
    root = Path(__file__).parents[2]
    code = KILLED.format(path=[str(root / "src"), str(root / "tests")], folder=str(folder))
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(after)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()


def test_the_writer_is_the_one_that_the_shape_was_made_for() -> None:
    """If a new pyarrow writes other options than it is asked for, this fails before a user's file is rewritten."""
    target = io.BytesIO()
    pq.write_table(pa.table({"email": PEOPLE}), target, compression="zstd", use_dictionary=False)
    chunk = pq.ParquetFile(io.BytesIO(target.getvalue())).metadata.row_group(0).column(0)
    assert (chunk.compression, chunk.has_dictionary_page) == ("ZSTD", False)
