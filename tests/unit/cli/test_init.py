"""`ombud init`, run as a user runs it."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ombud.cli import main
from ombud.system.facts import facts
from ombud.system.manifest import load_system
from ombud.system.organisation import load_organisation
from ombud.tables.needs import Role
from ombud.tables.open import open_table

MARK = "hunter2SECRET"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    rows = {
        "applicant_id": list(range(100)),
        "approved": [True, False] * 50,
        "sex": ["f", "m"] * 50,
        "race": ["a", "b", "c", "d"] * 25,
        "income": [n / 7 for n in range(100)],
    }
    (tmp_path / "data").mkdir()
    pq.write_table(pa.table(rows), tmp_path / "data" / "Train set.parquet")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["ombud", "init", *arguments])
    with pytest.raises(SystemExit) as ended:
        main.run()
    return int(ended.value.code or 0)


def test_one_table_gives_manifests_that_load_and_fit_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(monkeypatch, "data/Train set.parquet", "--output", "bank", "--yes") == 0
    system = load_system(folder / "bank" / "ombud.yaml")
    load_organisation(folder / "bank" / "organisation.yaml")
    assert system.name == "train-set"
    table = open_table(system.data["decisions"].address(), system.path.parent)
    assert system.columns_for(table.columns).by_role[Role.FEATURE] == ("income",)


def test_what_is_left_open_is_said(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run(monkeypatch, "data/Train set.parquet", "--yes", "--format", "json", "--where", "DE", "--used")
    said = json.loads(capsys.readouterr().out)
    assert said["missing_facts"] == ["role", "use_case", "decision", "significant"]
    assert said["columns"]["protected"] == ["sex", "race"]


def test_options_answer_the_questions(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(
        monkeypatch, "data/Train set.parquet", "--yes", "--use-case", "employment", "--decision", "assisted",
        "--trained", "--used", "--where", "DE", "--where", "US-NYC", "--significant", "--established", "DE",
        "--name", "hiring", "--organisation", "Harbour Bank", "--purpose", "Choose: whom to hire",
    )  # fmt: skip
    system, organisation = load_system("ombud.yaml"), load_organisation("organisation.yaml")
    known = facts(system, organisation)
    assert known["role"] == {"controller", "provider", "deployer", "employer"}
    assert known["annex_iii_point"] == {"4"}
    assert "solely_automated" not in known
    assert (system.purpose, organisation.name) == ("Choose: whom to hire", "Harbour Bank")


def test_nothing_is_overwritten(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "ombud.yaml").write_text("mine")
    assert run(monkeypatch, "data/Train set.parquet", "--yes") == 2
    assert (folder / "ombud.yaml").read_text() == "mine"
    assert not (folder / "organisation.yaml").exists()
    assert "never overwritten" in capsys.readouterr().err


def test_a_second_system_stands_beside_the_same_organisation(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "organisation.yaml").write_text("name: Bank\nadopted: [iso-27001]\n")
    assert run(monkeypatch, "data/Train set.parquet", "--yes") == 0
    assert load_organisation("organisation.yaml").adopted == ("iso-27001",)


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["nowhere.parquet"], "not found"),
        (["data/Train set.parquet", "--use-case", "morgage"], "mortgage"),
        (["data/Train set.parquet", "--decision", "automatic"], "automated"),
        (["data/Train set.parquet", "--where", "Germany"], "DE"),
        (["data/Train set.parquet", "--model", "nowhere.txt"], "nowhere.txt"),
        (["data/Train set.parquet", "--name", "x", "--purpose", "y" * 3000], "purpose"),
        ([f"postgresql://me:{MARK}@db/x#t"], "${env:NAME}"),
        (["${env:OMBUD_TEST_UNSET}"], "OMBUD_TEST_UNSET"),
    ],
)
def test_a_mistake_writes_nothing_and_says_what_to_do(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str], hint: str
) -> None:
    assert run(monkeypatch, *arguments, "--yes") == 2
    said = capsys.readouterr().err
    assert hint in said and "next:" in said and "Traceback" not in said and MARK not in said
    assert not (folder / "ombud.yaml").exists()


def test_a_table_named_by_the_environment_stays_so_in_the_manifest(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMBUD_TEST_TABLE", str(folder / "data" / "Train set.parquet"))
    assert run(monkeypatch, "${env:OMBUD_TEST_TABLE}", "--yes") == 0
    assert load_system("ombud.yaml").data["decisions"].table == "${env:OMBUD_TEST_TABLE}"


def test_at_a_terminal_the_questions_are_asked_and_wrong_answers_are_asked_again(folder: Path) -> None:
    source = str(Path(main.__file__).parents[2])
    answers = [
        "Grant loans",
        "morgage",
        "mortgage",
        "yes",
        "perhaps",
        "yes",
        "automated",
        "",
        "Germany",
        "DE, US-MA",
        "",
        "DE",
    ]
    ours, theirs = pty.openpty()
    os.write(ours, "".join(f"{answer}\n" for answer in answers).encode())
    ran = subprocess.run(
        [sys.executable, "-m", "ombud.cli.main", "init", "data/Train set.parquet"],
        stdin=theirs, capture_output=True, text=True, timeout=60, check=False,
        env={**os.environ, "PYTHONPATH": source},
    )  # fmt: skip
    os.close(ours)
    os.close(theirs)
    assert ran.returncode == 0, ran.stderr
    assert "did you mean mortgage?" in ran.stderr and "did you mean DE?" in ran.stderr
    system = load_system("ombud.yaml")
    assert (system.purpose, system.use_case, system.decision) == ("Grant loans", "mortgage", "automated")
    assert system.roles == ("controller", "deployer", "provider", "creditor")
    assert system.significant is None
    assert system.jurisdictions == ("DE", "US-MA")
    assert load_organisation("organisation.yaml").establishment == ("DE",)
    assert "significant" in ran.stdout
