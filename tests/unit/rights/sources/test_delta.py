"""Delta tables: not only the rows go, but whatever the table remembered of them."""

import json
import os
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ombud.errors import Misused
from ombud.rights.map.model import Collection, Column, SourceSpec
from ombud.rights.proof.identifiers import Identifier
from ombud.rights.proof.scan import Scan, prove, scan
from ombud.rights.sources.delta_log import unreferenced
from ombud.rights.sources.objects import open_files
from ombud.rights.sources.open import open_source
from ombud.rights.sources.source import Change, Match, Outcome, State
from support import needs

ANN = "ann.planted@example.org"
BY_EMAIL = Match(("email",), frozenset({(ANN.upper(),)}), "email")


@pytest.fixture(autouse=True)
def deltalake() -> Any:
    return needs("deltalake")


def source(folder: Path, options: dict[str, str] | None = None, **about: Any) -> Any:
    about = {"identities": {"email": "email"}, **about}
    people = Collection(source="lake", name="people", table="people", **about)
    spec = SourceSpec(name="lake", kind="delta", address=str(folder), collections=(people,), options=options or {})
    return open_source(spec, Path("/"))


def erase(opened: Any, match: Match = BY_EMAIL) -> Outcome:
    (outcome,) = opened.erase({"lake.people": (match,)})
    return outcome  # type: ignore[no-any-return]


def write(folder: Path, *emails: str | None, **options: Any) -> Path:
    from deltalake import write_deltalake

    rows = pa.table({"email": pa.array(emails, pa.string()), "n": list(range(len(emails))), "c": ["DE"] * len(emails)})
    write_deltalake(str(folder / "people"), rows, mode="append", **options)
    return folder / "people"


def read(path: Path) -> list[dict[str, Any]]:
    from deltalake import DeltaTable

    names = [str(uri).removeprefix("file://") for uri in DeltaTable(str(path)).file_uris()]
    return [row for name in names for row in pq.read_table(name, partitioning=None).to_pylist()]


def seen(folder: Path, who: str = ANN) -> Scan:
    return scan([folder], [Identifier(who, "email")], base=folder)


def test_rows_old_files_and_the_log_are_gone(tmp_path: Path) -> None:
    path = write(tmp_path, ANN, "b@x.org", None)
    write(tmp_path, "c@x.org")
    before = seen(tmp_path)
    assert {"Delta log: text", "statistics"} <= {place.kind for place in before.found}
    outcome = erase(source(tmp_path))
    assert (outcome.state, outcome.found, outcome.erased, outcome.left) == (State.ERASED, 1, 1, 0)
    assert len(outcome.files) == 1 and any("time travel" in said for said in outcome.not_covered)
    assert sorted(str(row["email"]) for row in read(path)) == ["None", "b@x.org", "c@x.org"]
    assert prove(before, seen(tmp_path)).proved, seen(tmp_path)


def test_a_second_erasure_finds_nothing_and_writes_nothing(tmp_path: Path) -> None:
    path = write(tmp_path, ANN, "b@x.org")
    erase(source(tmp_path))
    before = sorted(str(one) for one in path.rglob("*"))
    assert erase(source(tmp_path)).state is State.NOTHING
    assert sorted(str(one) for one in path.rglob("*")) == before


def test_the_table_can_be_written_to_afterwards(tmp_path: Path) -> None:
    path = write(tmp_path, ANN, "b@x.org")
    erase(source(tmp_path))
    write(tmp_path, "d@x.org")
    assert sorted(row["email"] for row in read(path)) == ["b@x.org", "d@x.org"]


def test_rows_deleted_long_ago_but_not_vacuumed_are_found_in_older_versions(tmp_path: Path) -> None:
    from deltalake import DeltaTable

    path = write(tmp_path, ANN, "b@x.org")
    DeltaTable(str(path)).delete(f"email = '{ANN}'")
    before = seen(tmp_path)
    assert before.hits
    outcome = erase(source(tmp_path))
    assert (outcome.state, outcome.found) == (State.ERASED, 1)
    assert prove(before, seen(tmp_path)).proved


@pytest.mark.parametrize("steps", [1, 2, 3])
def test_an_erasure_that_was_interrupted_is_completed(
    tmp_path: Path, steps: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ombud.rights.sources import delta, delta_log

    write(tmp_path, ANN, "b@x.org")
    before = seen(tmp_path)

    def stop(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    where = {1: (delta.DeltaSource, "_vacuum"), 2: (delta.DeltaSource, "_cut"), 3: (delta_log, "_plain_commit")}[steps]
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(*where, stop)
        erase(source(tmp_path))
    outcome = erase(source(tmp_path))
    assert outcome.state in (State.ERASED, State.NOTHING) and outcome.left == 0
    assert prove(before, seen(tmp_path)).proved, seen(tmp_path)


def test_partitions_named_after_the_person_are_gone_from_folders_and_checkpoints(tmp_path: Path) -> None:
    path = write(tmp_path, ANN, "b@x.org", partition_by=["email"])
    opened = source(tmp_path)
    (people,) = opened.spec.collections
    assert next(opened.lookup(people, [BY_EMAIL]))["email"] == ANN
    before = seen(tmp_path)
    outcome = erase(opened)
    assert outcome.state is State.ERASED and ANN not in str(outcome.to_json()).replace("%40", "@")
    assert prove(before, seen(tmp_path)).proved, seen(tmp_path)
    assert len(list(path.rglob("*.parquet"))) == 2


def test_change_data_is_removed(tmp_path: Path) -> None:
    from deltalake import DeltaTable

    path = write(tmp_path, ANN, "b@x.org", configuration={"delta.enableChangeDataFeed": "true"})
    DeltaTable(str(path)).update({"n": "7"}, predicate=f"email = '{ANN}'")
    assert list((path / "_change_data").iterdir())
    before = seen(tmp_path)
    outcome = erase(source(tmp_path))
    assert outcome.state is State.ERASED, outcome
    assert prove(before, seen(tmp_path)).proved, seen(tmp_path)


def orphan(path: Path, age: float) -> Path:
    left = path / "part-99999-left-by-a-crash.parquet"
    pq.write_table(pa.table({"email": [ANN], "n": [1], "c": ["DE"]}), left)
    os.utime(left, (left.stat().st_atime, left.stat().st_mtime - age))
    return left


def test_old_files_that_no_version_knows_are_removed(tmp_path: Path) -> None:
    path = write(tmp_path, "b@x.org")
    left = orphan(path, 7200)
    assert erase(source(tmp_path)).state is State.ERASED
    assert not left.exists()


def test_young_files_that_no_version_knows_may_be_a_writers_and_it_is_said(tmp_path: Path) -> None:
    path = write(tmp_path, "b@x.org")
    left = orphan(path, 0)
    outcome = erase(source(tmp_path))
    assert outcome.state is State.FAILED and "young file" in outcome.because and left.exists()
    assert erase(source(tmp_path, {"writers": "stopped"})).state is State.ERASED
    assert not left.exists()


def test_a_table_with_checkpoints_is_cleaned_too(tmp_path: Path) -> None:
    from deltalake import DeltaTable

    path = write(tmp_path, ANN, "b@x.org")
    DeltaTable(str(path)).create_checkpoint()
    for number in range(12):
        write(tmp_path, f"p{number}@x.org")
    before = seen(tmp_path)
    assert erase(source(tmp_path)).state is State.ERASED
    assert prove(before, seen(tmp_path)).proved, seen(tmp_path)
    assert len(read(path)) == 13
    assert len(list((path / "_delta_log").glob("*.json"))) == 1


def test_masking_rewrites_and_forgets(tmp_path: Path) -> None:
    path = write(tmp_path, ANN, "b@x.org")
    before = seen(tmp_path)
    columns = {"email": Column(name="email", mask="it's gone")}
    outcome = erase(source(tmp_path, on_erase="mask", columns=columns))
    assert (outcome.state, outcome.masked) == (State.ERASED, 1)
    assert sorted(row["email"] for row in read(path)) == ["b@x.org", "it's gone"]
    assert prove(before, seen(tmp_path)).proved, seen(tmp_path)


def test_values_are_changed_and_old_versions_are_told_of(tmp_path: Path) -> None:
    path = write(tmp_path, ANN, ANN, "b@x.org")
    change = Change(collection="lake.people", values={"c": "FR"}, where={"n": 1})
    outcome = source(tmp_path).change(change, [BY_EMAIL])
    assert (outcome.state, outcome.masked) == (State.ERASED, 1)
    assert any("earlier versions" in said for said in outcome.not_covered)
    assert {row["n"]: row["c"] for row in read(path) if row["email"] == ANN} == {0: "DE", 1: "FR"}


def test_quotes_in_identifiers_are_values_and_no_conditions(tmp_path: Path) -> None:
    path = write(tmp_path, "x' OR 'a'='a", "b@x.org", "o''k")
    match = Match(("email",), frozenset({("x' OR 'a'='a",)}))
    assert erase(source(tmp_path), match).erased == 1
    assert sorted(row["email"] for row in read(path)) == ["b@x.org", "o''k"]


def test_a_table_that_only_takes_additions_fails(tmp_path: Path) -> None:
    write(tmp_path, ANN, configuration={"delta.appendOnly": "true"})
    outcome = erase(source(tmp_path))
    assert outcome.state is State.FAILED and outcome.left == 0 and ANN not in str(outcome.to_json())
    assert seen(tmp_path).hits


def test_a_table_that_hides_names_or_rows_fails(tmp_path: Path) -> None:
    path = write(tmp_path, ANN)
    commit = path / "_delta_log" / f"{0:020d}.json"
    lines = [json.loads(line) for line in commit.read_text().splitlines()]
    for line in lines:
        if "metaData" in line:
            line["metaData"]["configuration"]["delta.columnMapping.mode"] = "name"
    commit.write_text("\n".join(json.dumps(line) for line in lines))
    assert erase(source(tmp_path)).state is State.FAILED


def test_no_table_fails(tmp_path: Path) -> None:
    assert erase(source(tmp_path)).state is State.FAILED
    with pytest.raises(Misused):
        source("memory://lake")  # type: ignore[arg-type]


def test_a_file_that_is_committed_while_old_ones_are_looked_for_is_left_alone(tmp_path: Path) -> None:
    from deltalake import DeltaTable

    path = write(tmp_path, ANN, "b@x.org")
    DeltaTable(str(path)).delete(f"email = '{ANN}'")

    def somebody_writes_first() -> list[str]:
        write(tmp_path, "late@x.org")
        return [f"people/{uri.rsplit('/', 1)[-1]}" for uri in DeltaTable(str(path)).file_uris()]

    old = unreferenced(open_files(str(tmp_path), Path("/")), "people", somebody_writes_first)
    assert len(old) == 1 and not any("late@x.org" in str(pq.read_table(tmp_path / name)["email"]) for name in old)


def test_others_may_append_meanwhile(tmp_path: Path) -> None:
    path = write(tmp_path, ANN, "b@x.org")
    done: list[str] = []

    def append() -> None:
        from deltalake.exceptions import DeltaError

        for number in range(8):
            with suppress(DeltaError):  # a writer that was told to begin again has written nothing
                write(tmp_path, f"late{number}@x.org")
                done.append(f"late{number}@x.org")

    thread = threading.Thread(target=append)
    thread.start()
    outcome = erase(source(tmp_path))
    thread.join()
    assert outcome.state is State.ERASED, outcome
    assert done and sorted(row["email"] for row in read(path)) == sorted(["b@x.org", *done])
