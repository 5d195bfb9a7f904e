import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import inspect

from ombud.errors import Misused, NotFound
from ombud.store.database import HEAD, Database
from ombud.store.errors import StoreFailed
from ombud.store.schema import METADATA


def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'deep' / 'ombud.db'}"


def run(tmp_path: Path, sql: str) -> None:
    connection = sqlite3.connect(tmp_path / "deep" / "ombud.db")
    connection.execute(sql)
    connection.commit()
    connection.close()


def test_a_store_that_there_is_not_is_not_made_by_reading(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        Database.open(url(tmp_path))
    assert not (tmp_path / "deep").exists()


def test_the_migrations_make_what_the_program_expects(tmp_path: Path) -> None:
    database = Database.create(url(tmp_path))
    made = inspect(database.engine)
    assert set(made.get_table_names()) == {*METADATA.tables, "alembic_version"}
    for name, table in METADATA.tables.items():
        assert {column["name"] for column in made.get_columns(name)} == set(table.columns.keys())
        assert {index["name"] for index in made.get_indexes(name)} >= {index.name for index in table.indexes}


def test_the_newest_migration_is_the_version_that_is_checked() -> None:
    import ombud.store.migrations as migrations

    folder = Path(migrations.__path__[0]) / "versions"
    assert max(path.name for path in folder.glob("[0-9]*.py")).startswith(HEAD)


def test_sqlite_is_durable_and_forgets_what_is_deleted(tmp_path: Path) -> None:
    database = Database.create(url(tmp_path))
    with database.reading() as connection:
        values = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "secure_delete")
        }
    assert values == {"journal_mode": "wal", "synchronous": 2, "secure_delete": 1}


def test_a_store_of_a_newer_program_is_refused(tmp_path: Path) -> None:
    Database.create(url(tmp_path))
    run(tmp_path, "UPDATE alembic_version SET version_num = '0999'")
    for opening in (Database.open, Database.create):
        with pytest.raises(StoreFailed, match="newer than this program"):
            opening(url(tmp_path))


def test_a_store_of_an_older_program_asks_for_an_upgrade(tmp_path: Path) -> None:
    Database.create(url(tmp_path))
    run(tmp_path, "UPDATE alembic_version SET version_num = '0000'")
    with pytest.raises(StoreFailed) as caught:
        Database.open(url(tmp_path))
    assert "ombud ledger backup" in caught.value.next_step and "ombud ledger upgrade" in caught.value.next_step


def test_another_sqlite_file_is_not_taken_for_a_store(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    run(tmp_path, "CREATE TABLE cats (name)")
    with pytest.raises(StoreFailed, match="not an Ombud store"):
        Database.open(url(tmp_path))


def test_a_file_that_is_no_database_is_not_taken_for_one(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "ombud.db").write_bytes(b"hello" * 1000)
    with pytest.raises(StoreFailed, match="not an Ombud store"):
        Database.open(url(tmp_path))


@pytest.mark.parametrize("address", ["", "nonsense", "mysql://user:word@host/db", "oracle+x://y"])
def test_another_kind_of_store_is_refused_without_its_password(address: str) -> None:
    with pytest.raises(Misused) as caught:
        Database.open(address)
    assert "word" not in str(caught.value)


def test_a_backup_is_a_store_of_its_own_and_overwrites_nothing(tmp_path: Path) -> None:
    database = Database.create(url(tmp_path))
    with database.writing() as connection:
        connection.exec_driver_sql("INSERT INTO cubes VALUES ('a', x'00')")
    database.backup(tmp_path / "copy.db")
    with Database.open(f"sqlite:///{tmp_path / 'copy.db'}").reading() as connection:
        assert connection.exec_driver_sql("SELECT digest FROM cubes").scalar() == "a"
    with pytest.raises(Misused, match="is there already"):
        database.backup(tmp_path / "copy.db")
