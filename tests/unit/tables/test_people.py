"""Whoever is in a table is read in one form, from every engine, and rows that are nobody's are counted."""

import json
import sqlite3
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ombud.tables.open import open_frame, open_table
from ombud.tables.people import nameless, subjects
from ombud.tables.table import Table

NAMES = ["C-1", "C-2", "C-1", " C-3 ", None, "  "]


def _parquet(folder: Path) -> Table:
    pq.write_table(pa.table({"who": NAMES}), folder / "t.parquet")
    return open_table("t.parquet", folder)


def _csv(folder: Path) -> Table:
    rows = ["who,x", *(f'"{name}",1' if name is not None else ",1" for name in NAMES)]
    (folder / "t.csv").write_text("\n".join(rows), encoding="utf-8")
    return open_table("t.csv", folder)


def _json(folder: Path) -> Table:
    (folder / "t.jsonl").write_text("\n".join(json.dumps({"who": name}) for name in NAMES), encoding="utf-8")
    return open_table("t.jsonl", folder)


def _sqlite(folder: Path) -> Table:
    with sqlite3.connect(folder / "t.sqlite") as database:
        database.execute("CREATE TABLE t (who TEXT)")
        database.executemany("INSERT INTO t VALUES (?)", [(name,) for name in NAMES])
    database.close()
    return open_table("t.sqlite#t", folder)


def _arrow(_folder: Path) -> Table:
    return open_frame(pa.table({"who": NAMES}), "t")


@pytest.mark.parametrize("make", [_parquet, _csv, _json, _sqlite, _arrow])
def test_the_same_people_are_in_it_whatever_it_is_kept_in(make: object, tmp_path: Path) -> None:
    table = make(tmp_path)  # type: ignore[operator]
    assert set(subjects(table, "who", "customer_id")) == {"C-1", "C-2", "C-3"}
    assert nameless(table, "who") == 2


@pytest.mark.parametrize(
    "values",
    [
        pa.array([7, 8, None], pa.int64()),
        pa.array([7.0, 8.0, None], pa.float64()),
        pa.array([7.0, 8.0, float("nan")], pa.float64()),
        pa.array(["7", "8", None]),
        pa.array(["7", "8", None]).dictionary_encode(),
    ],
)
def test_a_number_names_the_same_person_in_every_type(values: pa.Array) -> None:
    table = open_frame(pa.table({"who": values}), "t")
    assert set(subjects(table, "who", "customer_id")) == {"7", "8"}
    assert nameless(table, "who") == 1


def test_addresses_are_read_in_the_form_in_which_they_are_compared() -> None:
    table = open_frame(pa.table({"who": ["Anna@Example.org", "anna@example.ORG"]}), "t")
    assert set(subjects(table, "who", "email")) == {"anna@example.org"}
    assert set(subjects(table, "who", "customer_id")) == {"Anna@Example.org", "anna@example.ORG"}


def test_a_column_may_be_called_anything() -> None:
    table = open_frame(pa.table({'wh"o; DROP': ["C-1"]}), "t")
    assert list(subjects(table, 'wh"o; DROP', "customer_id")) == ["C-1"]
