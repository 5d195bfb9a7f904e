"""A table of decisions is enough to start: no model, no score, no label."""

import sqlite3
from pathlib import Path
from typing import Any

import duckdb
import pytest

from doors import MANIFEST, PEOPLE, inside, obeyed, ombud, write_system
from ombud.store.workspace import create_workspace

BY_ENVIRONMENT = MANIFEST.replace("decisions.parquet", '"${env:TABLE_OF_TODAY}"')


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    """A workspace with keys and the small system, not yet checked."""
    write_system(tmp_path)
    create_workspace(tmp_path, {name: ((role,), None) for name, role in PEOPLE.items()})
    return tmp_path


def checked(folder: Path) -> dict[str, dict[str, Any]]:
    done = inside("check", "--as", "engineer", "--format", "json", at=folder)
    assert done.code == 0, done.err
    return {finding["check"]: finding for finding in done.json["findings"]}


def ratio(found: dict[str, dict[str, Any]]) -> dict[str, Any]:
    taken = [one for one in found["fairness.impact_ratio"]["measurements"] if one["name"] == "impact_ratio"]
    assert len(taken) == 1
    return taken[0]


def test_what_needs_no_model_is_measured_and_what_does_says_which_key_is_missing(bank: Path) -> None:
    found = checked(bank)
    measured = ("fairness.impact_ratio", "fairness.selection_rates", "privacy.undeclared_personal_data",
                "monitoring.data_quality")  # fmt: skip
    assert {found[name]["unmet"] for name in measured} == {None}
    assert "model.artifact" in found["explanation.reasons"]["unmet"]
    assert "model.artifact" in found["security.model_format"]["unmet"]
    assert "columns.label" in found["fairness.error_rates"]["unmet"]
    assert "data.training.table" in found["monitoring.drift"]["unmet"]


def as_csv(bank: Path) -> str:
    duckdb.sql(f"COPY (FROM '{bank / 'decisions.parquet'}') TO '{bank / 'decisions.csv'}' (HEADER)")
    return "decisions.csv"


def as_json_lines(bank: Path) -> str:
    duckdb.sql(f"COPY (FROM '{bank / 'decisions.parquet'}') TO '{bank / 'decisions.jsonl'}'")
    return "decisions.jsonl"


def as_duckdb(bank: Path) -> str:
    with duckdb.connect(str(bank / "warehouse.duckdb")) as database:
        database.execute(f"CREATE TABLE decisions AS FROM '{bank / 'decisions.parquet'}'")
    return "warehouse.duckdb#decisions"


def as_sqlite(bank: Path) -> str:
    rows = duckdb.sql(f"FROM '{bank / 'decisions.parquet'}'").fetchall()
    with sqlite3.connect(bank / "app.sqlite") as database:
        database.execute('CREATE TABLE decisions ("case" TEXT, sex TEXT, approved INTEGER)')
        database.executemany("INSERT INTO decisions VALUES (?, ?, ?)", rows)
    return "app.sqlite#decisions"


def as_parts(bank: Path) -> str:
    (bank / "parts").mkdir()
    for sex in ("female", "male"):
        duckdb.sql(
            f"COPY (FROM '{bank / 'decisions.parquet'}' WHERE sex = '{sex}') TO '{bank / 'parts' / sex}.parquet'"
        )
    return "parts/*.parquet"


@pytest.mark.parametrize("written", [as_csv, as_json_lines, as_duckdb, as_sqlite, as_parts])
def test_the_same_decisions_give_the_same_number_however_they_are_kept(bank: Path, written: Any) -> None:
    expected = {name: ratio(checked(bank))[name] for name in ("value", "low", "high", "n", "p_value", "outcome")}
    manifest = MANIFEST.replace("decisions.parquet", written(bank))
    (bank / "ombud.yaml").write_text(manifest, encoding="utf-8")
    got = ratio(checked(bank))
    assert {name: got[name] for name in expected} == expected


def test_the_table_may_be_named_by_the_environment_and_its_value_is_not_written_down(bank: Path) -> None:
    (bank / "ombud.yaml").write_text(BY_ENVIRONMENT, encoding="utf-8")
    done = ombud("check", "--as", "engineer", "--format", "json", at=bank, TABLE_OF_TODAY="decisions.parquet")
    assert done.code == 0, done.err
    declared = obeyed("ledger", "show", len(PEOPLE) + 2, at=bank).json["statement"]["predicate"]
    assert declared["content"]["data"]["decisions"]["table"] == "${env:TABLE_OF_TODAY}"


def test_a_variable_that_is_not_set_is_named_and_what_needs_the_table_is_unknown(bank: Path) -> None:
    (bank / "ombud.yaml").write_text(BY_ENVIRONMENT, encoding="utf-8")
    done = ombud("check", "--as", "engineer", at=bank)
    assert done.code in (2, 3) and "TABLE_OF_TODAY" in done.said


def test_from_a_table_to_a_first_check_with_what_init_writes(tmp_path: Path) -> None:
    write_system(tmp_path / "source")
    (tmp_path / "source" / "decisions.parquet").rename(tmp_path / "decisions.parquet")
    words = (
        "init",
        "decisions.parquet",
        "--yes",
        "--use-case",
        "employment",
        "--decision",
        "assisted",
        "--where",
        "DE",
    )
    assert obeyed(*words, "--trained", "--used", "--significant", at=tmp_path).out
    obeyed("keys", "init", at=tmp_path)
    obeyed("keys", "add", "engineer", "--role", "ml", at=tmp_path)
    done = ombud("check", "--format", "json", at=tmp_path)
    assert done.code in (0, 3), done.err
    assert done.json["facts"]["use_case"] == ["employment"]
    assert "fairness.selection_rates" in {finding["check"] for finding in done.json["findings"] if not finding["unmet"]}
