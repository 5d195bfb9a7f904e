"""Tables by address: every format gives the same cube, and what is broken says where."""

import hashlib
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ombud.errors import Misused, NotFound, OmbudError, Unreadable, what_next
from ombud.evidence.canonical import digest
from ombud.statistics.cube import Cube
from ombud.tables.counts import grouped
from ombud.tables.engines.engine import Kind
from ombud.tables.open import open_frame, open_table

PEOPLE = pa.table(
    {
        "race": ["a", "b", None, "ü×'\"", "a"],
        "approved": pa.array([1, 0, 1, None, 1], pa.int64()),
        "score": [0.5, 0.25, float("nan"), None, 1.0],
        "old": [True, False, None, True, True],
    }
)
COLUMNS = ("race", "approved", "old")


def _parquet(folder: Path) -> str:
    pq.write_table(PEOPLE, folder / "p.parquet")
    return "p.parquet"


def _several(folder: Path) -> str:
    pq.write_table(PEOPLE.slice(0, 2), folder / "p-1.parquet")
    pq.write_table(PEOPLE.slice(2), folder / "p-2.parquet")
    return "p-*.parquet"


def _folder(folder: Path) -> str:
    (folder / "whole" / "x=1").mkdir(parents=True)
    _several(folder / "whole" / "x=1")
    return "whole"


def _csv(folder: Path) -> str:
    PEOPLE.to_pandas().to_csv(folder / "p.csv", index=False)
    return "p.csv"


def _tsv(folder: Path) -> str:
    PEOPLE.to_pandas().to_csv(folder / "p.tsv", index=False, sep="\t")
    return "p.tsv"


def _json(folder: Path) -> str:
    lines = [json.dumps(row) for row in PEOPLE.drop(["score"]).to_pylist()]
    (folder / "p.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return "p.jsonl"


def _duckdb(folder: Path) -> str:
    with duckdb.connect(str(folder / "p.duckdb")) as database:
        database.register("given", PEOPLE)
        database.execute('CREATE SCHEMA s; CREATE TABLE s."odd ""name" AS FROM given')
    return 'p.duckdb#s.odd "name'


def _sqlite(folder: Path) -> str:
    with sqlite3.connect(folder / "p.sqlite") as database:
        database.execute('CREATE TABLE "odd ""name" (race, approved, score, old)')
        rows = [tuple(row.values()) for row in PEOPLE.to_pylist()]
        database.executemany('INSERT INTO "odd ""name" VALUES (?, ?, ?, ?)', rows)
    return 'p.sqlite#odd "name'


FORMATS = [_parquet, _several, _folder, _csv, _tsv, _json, _duckdb, _sqlite]


@pytest.fixture
def expected() -> Cube:
    return grouped(open_frame(PEOPLE, "people"), COLUMNS)


@pytest.mark.parametrize("write", FORMATS, ids=lambda write: write.__name__)
def test_every_format_gives_the_same_cube(write: Callable[[Path], str], tmp_path: Path, expected: Cube) -> None:
    table = open_table(write(tmp_path), tmp_path)
    assert grouped(table, COLUMNS).cells == expected.cells
    assert table.snapshot().rows == 5


@pytest.mark.parametrize(
    "frame",
    [PEOPLE, PEOPLE.to_pandas(), pl.from_arrow(PEOPLE), pl.from_arrow(PEOPLE).lazy(), duckdb.from_arrow(PEOPLE)],  # type: ignore[union-attr]
    ids=["arrow", "pandas", "polars", "polars lazy", "duckdb"],
)
def test_every_frame_gives_the_same_cube(frame: object, expected: Cube) -> None:
    table = open_frame(frame, "people")
    assert grouped(table, COLUMNS).cells == expected.cells
    assert not table.snapshot().addressed


def test_missing_is_a_level_of_its_own_and_so_is_empty_text(tmp_path: Path) -> None:
    counted = grouped(open_frame({"g": ["", None, "x"]} and pa.table({"g": ["", None, "x"]}), "t"), ["g"])
    assert counted.cells == {("",): 1, (None,): 1, ("x",): 1}


def test_a_snapshot_names_the_bytes(tmp_path: Path) -> None:
    _parquet(tmp_path)
    found = open_table("p.parquet", tmp_path).snapshot()
    assert found.digest == hashlib.sha256((tmp_path / "p.parquet").read_bytes()).hexdigest()
    assert (found.name, found.address, found.addressed) == ("p.parquet", "p.parquet", True)


def test_a_glob_is_addressed_by_its_sorted_names_and_digests(tmp_path: Path) -> None:
    _several(tmp_path)
    pairs = [[f"p-{i}.parquet", hashlib.sha256((tmp_path / f"p-{i}.parquet").read_bytes()).hexdigest()] for i in (1, 2)]
    assert open_table("p-*.parquet", tmp_path).snapshot().digest == digest(pairs)


def test_the_schema_digest_changes_with_a_type(tmp_path: Path) -> None:
    one = open_frame(pa.table({"a": pa.array([1], pa.int64())}), "t").snapshot()
    other = open_frame(pa.table({"a": pa.array([1], pa.int32())}), "t").snapshot()
    assert one.schema_digest != other.schema_digest


def test_a_file_that_changes_while_it_is_read_is_not_believed(tmp_path: Path) -> None:
    _parquet(tmp_path)
    table = open_table("p.parquet", tmp_path)
    pq.write_table(PEOPLE.slice(0, 1), tmp_path / "p.parquet")
    with pytest.raises(Unreadable, match="changed while it was read"):
        table.snapshot()


def test_kinds_are_what_counting_cares_about() -> None:
    table = open_frame(PEOPLE, "people")
    assert table.columns == {"race": Kind.TEXT, "approved": Kind.INTEGER, "score": Kind.NUMBER, "old": Kind.BOOLEAN}


def test_a_semicolon_file_is_read_by_its_own_separator(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text('a;"b;c"\n1;2,5\n3;4,5\n', encoding="utf-8-sig")
    assert list(open_table("p.csv", tmp_path).columns) == ["a", "b;c"]


def test_a_type_late_in_a_csv_file_is_still_seen(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("a\n" + "1\n" * 50_000 + "x\n", encoding="utf-8")
    assert open_table("p.csv", tmp_path).columns == {"a": Kind.TEXT}


def test_values_of_two_types_in_one_sqlite_column_are_text(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "p.sqlite") as database:
        database.execute("CREATE TABLE t (a INTEGER, b)")
        database.executemany("INSERT INTO t VALUES (?, ?)", [(1, 1), ("x", 2.5), (None, 3)])
    table = open_table("p.sqlite#t", tmp_path)
    assert table.columns == {"a": Kind.TEXT, "b": Kind.NUMBER}
    assert grouped(table, ["a"]).cells == {("1",): 1, ("x",): 1, (None,): 1}


# --- what goes wrong --------------------------------------------------------------------------------------------------


def _truncated(folder: Path) -> None:
    _parquet(folder)
    (folder / "p.parquet").write_bytes((folder / "p.parquet").read_bytes()[:-20])


def _different(folder: Path) -> None:
    pq.write_table(PEOPLE, folder / "p1.parquet")
    pq.write_table(PEOPLE.drop(["old"]), folder / "p2.parquet")


def _text(name: str, text: str | bytes) -> Callable[[Path], None]:
    return lambda folder: (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode()) and None


BROKEN: list[tuple[str, Callable[[Path], None], type[OmbudError], str]] = [
    ("none.parquet", lambda _: None, NotFound, "'none.parquet'"),
    ("none-*.parquet", lambda _: None, NotFound, "'none-[*].parquet'"),
    ("p.parquet", _truncated, Unreadable, "not a complete Parquet file"),
    ("p*.parquet", _different, Unreadable, "columns differ"),
    ("p.csv", _text("p.csv", "a,b,c\n1,2,3\n4,5\n6,7,8\n"), Unreadable, "line 3 has 2 columns, the header has 3"),
    ("p.csv", _text("p.csv", 'a,b\n"x\ny",1\n2,3,4\n'), Unreadable, "line 4 has 3 columns, the header has 2"),
    ("p.csv", _text("p.csv", ""), Unreadable, "empty"),
    ("p.csv", _text("p.csv", "a,b\nf\xfcr,1\n".encode("latin-1")), Unreadable, "line 2 is not UTF-8"),
    ("p.csv", _text("p.csv", 'a,b\n1,"2\n3,4\n'), Unreadable, "never closed"),
    ("p.csv", _text("p.csv", "a,A\n1,2\n"), Unreadable, "two columns are called 'a'"),
    ("p.jsonl", _text("p.jsonl", '{"a": 1}\n{"a": \n'), Unreadable, "not JSON lines"),
    ("p.txt", _text("p.txt", "hello"), Unreadable, "format is not known"),
    ("p.sqlite#t", _text("p.sqlite", "hello"), Unreadable, "neither a DuckDB nor a SQLite"),
    ("p.sqlite", _text("p.sqlite", "hello"), Misused, "which table"),
    ("p.sqlite#", _text("p.sqlite", "hello"), Misused, "names no table"),
    ("https://example.org/p.parquet", lambda _: None, Misused, "'https' are not opened"),
    ("s3://bucket/p.parquet", lambda _: None, Misused, "'s3' are not opened"),
]


@pytest.mark.parametrize(("address", "write", "error", "says"), BROKEN, ids=[one[0] for one in BROKEN])
def test_what_is_broken_says_what_where_and_what_to_do(
    address: str, write: Callable[[Path], None], error: type[OmbudError], says: str, tmp_path: Path
) -> None:
    write(tmp_path)
    with pytest.raises(error, match=says) as raised:
        open_table(address, tmp_path)
    assert what_next(raised.value)


def test_an_absent_table_names_those_there_are(tmp_path: Path) -> None:
    _duckdb(tmp_path), _sqlite(tmp_path)
    for address in ("p.duckdb#people", "p.sqlite#people"):
        with pytest.raises(NotFound) as raised:
            open_table(address, tmp_path)
        assert 'odd "name' in what_next(raised.value)


def test_what_is_not_a_table_is_refused() -> None:
    with pytest.raises(Misused, match="not a table"):
        open_frame([1, 2, 3], "list")
    with pytest.raises(Misused, match="not a table"):
        open_frame(pd.DataFrame({"a": [1, "x", b"y"]}), "mixed")
