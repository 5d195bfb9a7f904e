"""Whoever must not be trained on is left out of every kind of table; everybody else stays, in order."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ombud
from ombud.errors import Misused, Unreadable
from ombud.store.identity import Identity
from ombud.store.people import Listed
from ombud.store.people.published import published_at
from ombud.store.workspace import create_workspace
from support import needs

ROWS = {"who": ["C-1", "C-2", None, "C-3", "C-1", " "], "income": [1, 2, 3, 4, 5, 6]}


@pytest.fixture(scope="module")
def at(tmp_path_factory: pytest.TempPathFactory) -> Path:
    people = create_workspace(tmp_path_factory.mktemp("here")).people
    for number, name in (("C-1", "erased"), ("C-3", "limited"), ("7", "objected"), ("C-9", "opted-out")):
        alias = people.enrol([Identity("customer_id", number)])
        system = "fraud" if number == "C-9" else None
        people.enlist(
            Listed(alias=alias, list=name, system=system, law="gdpr", since=date(2026, 1, 1), case="R-ABCDEF")
        )
    return people.root


def arrow(rows: dict[str, list[Any]]) -> Any:
    return needs("pyarrow").table(rows)


def pandas(rows: dict[str, list[Any]]) -> Any:
    return needs("pandas").DataFrame(rows)


def polars(rows: dict[str, list[Any]]) -> Any:
    return needs("polars").DataFrame(rows)


def lazy(rows: dict[str, list[Any]]) -> Any:
    return polars(rows).lazy()


def duckdb(rows: dict[str, list[Any]]) -> Any:
    return needs("duckdb").from_arrow(arrow(rows))


MAKERS = [arrow, pandas, polars, lazy, duckdb]


def incomes(frame: Any) -> list[int]:
    if hasattr(frame, "collect"):
        frame = frame.collect()
    if hasattr(frame, "fetchall"):
        return [row[frame.columns.index("income")] for row in frame.fetchall()]
    column = frame["income"]
    return list(column.to_pylist() if hasattr(column, "to_pylist") else column)


@pytest.mark.parametrize("make", MAKERS)
def test_rows_of_listed_people_go_and_all_others_stay_in_order(make: Callable[..., Any], at: Path) -> None:
    frame = make(ROWS)
    left = ombud.exclude(frame, subject="who", at=at)
    assert type(left.frame) is type(frame)
    assert incomes(left.frame) == [2, 3, 4, 6] and incomes(frame) == [1, 2, 3, 4, 5, 6]
    assert (left.people, left.rows, left.nameless) == (1, 2, 2)


@pytest.mark.parametrize("make", MAKERS)
def test_a_column_of_numbers_is_read_as_its_digits(make: Callable[..., Any], at: Path) -> None:
    left = ombud.exclude(make({"who": [7, 8, 7], "income": [1, 2, 3]}), subject="who", at=at)
    assert incomes(left.frame) == [2] and (left.people, left.rows, left.nameless) == (1, 2, 0)
    gaps = ombud.exclude(make({"who": [7.0, float("nan"), 8.0], "income": [1, 2, 3]}), subject="who", at=at)
    assert incomes(gaps.frame) == [2, 3] and gaps.nameless == 1


@pytest.mark.parametrize("make", MAKERS)
def test_where_nobody_is_listed_nothing_goes(make: Callable[..., Any], at: Path) -> None:
    left = ombud.exclude(make({"who": ["A", "B"], "income": [1, 2]}), subject="who", at=at)
    assert incomes(left.frame) == [1, 2] and (left.people, left.rows) == (0, 0)


@pytest.mark.parametrize("make", MAKERS)
def test_a_table_without_rows_stays_one(make: Callable[..., Any], at: Path) -> None:
    table = arrow({"who": ["a"], "income": [1]}).slice(0, 0)
    frames = {
        arrow: lambda: table,
        pandas: table.to_pandas,
        polars: lambda: needs("polars").from_arrow(table),
        lazy: lambda: needs("polars").from_arrow(table).lazy(),
        duckdb: lambda: needs("duckdb").from_arrow(table),
    }
    assert incomes(ombud.exclude(frames[make](), subject="who", at=at).frame) == []


@pytest.mark.parametrize("make", MAKERS)
def test_a_strange_name_of_a_column_is_only_a_name(make: Callable[..., Any], at: Path) -> None:
    name = 'who"; DROP TABLE x; -- é.b'
    left = ombud.exclude(make({name: ["C-1", "C-2"], "income": [1, 2]}), subject=name, at=at)
    assert incomes(left.frame) == [2]


def test_a_list_for_another_system_is_not_asked_about_this_one(at: Path) -> None:
    rows = {"who": ["C-9", "C-2"], "income": [1, 2]}
    assert incomes(ombud.exclude(arrow(rows), subject="who", system="loans", at=at).frame) == [1, 2]
    assert incomes(ombud.exclude(arrow(rows), subject="who", system="fraud", at=at).frame) == [2]


def test_a_kind_that_is_said_is_the_only_one_that_counts(at: Path) -> None:
    rows = {"who": ["C-1", "C-2"], "income": [1, 2]}
    assert incomes(ombud.exclude(arrow(rows), subject="who", kind="loan_id", at=at).frame) == [1, 2]
    assert incomes(ombud.exclude(arrow(rows), subject="who", kind="customer_id", at=at).frame) == [2]


def test_categories_of_pandas_and_dictionaries_of_arrow_are_values_too(at: Path) -> None:
    frame = pandas(ROWS).astype({"who": "category"})
    assert incomes(ombud.exclude(frame, subject="who", at=at).frame) == [2, 3, 4, 6]
    table = arrow(ROWS)
    table = table.set_column(0, "who", table["who"].dictionary_encode())
    assert incomes(ombud.exclude(table, subject="who", at=at).frame) == [2, 3, 4, 6]


def test_a_column_that_is_not_there_is_an_error_and_never_an_empty_answer(at: Path) -> None:
    for make in MAKERS:
        with pytest.raises(Misused, match="no column"):
            ombud.exclude(make(ROWS), subject="whom", at=at)


@pytest.mark.parametrize("make", [arrow, pandas, polars])
def test_a_column_of_lists_names_nobody(make: Callable[..., Any], at: Path) -> None:
    with pytest.raises(Misused) as refused:
        ombud.exclude(make({"who": [["C-1"], ["C-2"]], "income": [1, 2]}), subject="who", at=at)
    assert "C-1" not in str(refused.value)


def test_another_type_of_table_is_refused_by_its_name(at: Path) -> None:
    with pytest.raises(Misused, match="dict"):
        ombud.exclude(ROWS, subject="who", at=at)


def test_nothing_is_left_in_where_the_lists_cannot_be_read(tmp_path: Path) -> None:
    people = create_workspace(tmp_path).people
    people.enrol([Identity("customer_id", "C-1")])
    path = published_at(tmp_path)
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(Unreadable):
        ombud.exclude(arrow(ROWS), subject="who", at=tmp_path)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from(["C-1", "C-2", "C-3", None, "", "x"]), max_size=20).map(lambda names: ["x", *names]))
def test_every_kind_of_table_is_left_with_the_same_rows(at: Path, names: list[str | None]) -> None:
    wanted = [i for i, name in enumerate(names) if name != "C-1"]
    for make in MAKERS:
        rows = {"who": names, "income": list(range(len(names)))}
        assert incomes(ombud.exclude(make(rows), subject="who", at=at).frame) == wanted


@pytest.mark.spark
def test_spark_leaves_the_same_rows_out(at: Path, tmp_path: Path) -> None:
    sql = needs("pyspark.sql")
    session = (
        sql.SparkSession.builder.master("local[1]").appName("tests").config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "1").config("spark.sql.warehouse.dir", str(tmp_path)).getOrCreate()
    )  # fmt: skip
    frame = session.createDataFrame(list(zip(*ROWS.values(), strict=True)), list(ROWS))
    left = ombud.exclude(frame, subject="who", at=at)
    assert sorted(row["income"] for row in left.frame.collect()) == [2, 3, 4, 6]
    assert (left.people, left.rows, left.nameless) == (1, 2, 2)
