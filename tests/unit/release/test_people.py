"""Whom a model learned from is kept, and whoever is on a list and undecided is counted."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ledgers import Clock
from ombud.release.assess import _data
from ombud.release.composite import composite
from ombud.release.people import ModelDecision, people_answer
from ombud.store.identity import Identity
from ombud.store.people import Listed
from ombud.store.workspace import create_workspace
from ombud.system.manifest import load_system
from ombud.tables.answers import Data, Taken, Unmet
from ombud.tables.open import open_frame
from ombud.tables.people import ListedPeople

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
TODAY = NOW.date()
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)


class Bank:
    """A workspace with a system: training and evaluation tables, a model file, and people on lists."""

    def __init__(self, folder: Path, column: str = "customer_id", more: str = "") -> None:
        self.folder, self.column = folder, column
        self.clock = Clock(NOW)
        self.workspace = create_workspace(folder, clock=self.clock)
        self.manifest = (
            "system: loans\nmodel: {artifact: model.txt}\n"
            "data: {training: {table: train.parquet}, evaluation: {table: test.parquet}}\n"
            f"columns: {{subject: {column}{more}}}\n"
        )
        self.train("C-1", "C-2", "C-3")
        self.table("test.parquet", ["C-9"])
        self.new_model("one")

    def table(self, name: str, subjects: Sequence[Any], column: str | None = None) -> None:
        pq.write_table(
            pa.table({column or self.column: pa.array(subjects), "x": range(len(subjects))}), self.folder / name
        )

    def train(self, *subjects: Any) -> None:
        self.table("train.parquet", subjects)

    def new_model(self, content: str) -> str:
        (self.folder / "model.txt").write_text(content, encoding="utf-8")
        return self.model

    @property
    def system(self) -> Any:
        (self.folder / "ombud.yaml").write_text(self.manifest, encoding="utf-8")
        return load_system(self.folder / "ombud.yaml")

    @property
    def model(self) -> str:
        return str(composite(self.system).model)

    def listed(self, subject: str, list: str = "erased", kind: str = "customer_id", **more: Any) -> str:
        alias = self.workspace.people.enrol([Identity(kind, subject)])
        said = {"alias": alias, "list": list, "law": "gdpr", "since": YESTERDAY, "case": "R-ABCDEF", **more}
        self.workspace.people.enlist(Listed(**said))
        return alias

    def answer(self, decisions: Iterable[ModelDecision] = (), data: Data | None = None) -> Taken | Unmet:
        system = self.system
        return people_answer(
            self.workspace, system, data or _data(system), composite(system), lambda _log: tuple(decisions)
        )

    def found(self, *decisions: ModelDecision) -> ListedPeople:
        answer = self.answer(decisions)
        assert isinstance(answer, Taken), answer
        found: ListedPeople = answer.calls[0]
        return found

    def decided(self, alias: str, choice: str, /, **more: Any) -> ModelDecision:
        said = {"case": "R-ABCDEF", "alias": alias, "model": self.model, "choice": choice, "at": NOW, **more}
        return ModelDecision(**said)


@pytest.fixture
def bank(tmp_path: Path) -> Bank:
    return Bank(tmp_path)


# --- who counts -------------------------------------------------------------------------------------------------------


def test_an_erased_person_in_the_training_table_is_counted_and_others_are_not(bank: Bank) -> None:
    bank.listed("C-2")
    bank.listed("C-77")
    found = bank.found()
    assert (found.people, found.listed, found.undecided, dict(found.by_list)) == (3, 1, 1, {"erased": 1})


def test_deleting_the_row_takes_nobody_out_of_the_model_and_only_another_model_does(bank: Bank) -> None:
    bank.listed("C-2")
    assert bank.found().undecided == 1
    bank.train("C-1", "C-3")
    assert bank.found().undecided == 1
    bank.new_model("two")
    found = bank.found()
    assert (found.undecided, found.people) == (0, 2)


@pytest.mark.parametrize("list", ["erased", "objected", "opted-out", "restricted", "consent-withdrawn"])
def test_a_list_that_stops_training_counts(bank: Bank, list: str) -> None:
    bank.listed("C-2", list)
    assert bank.found().undecided == 1


@pytest.mark.parametrize("list", ["limited", "sale-opted-out"])
def test_a_list_that_does_not_stop_training_does_not(bank: Bank, list: str) -> None:
    bank.listed("C-2", list)
    assert bank.found().listed == 0


@pytest.mark.parametrize(
    ("more", "counted"),
    [
        ({"system": "loans"}, 1),
        ({"system": "fraud"}, 0),
        ({"until": TODAY}, 1),
        ({"until": YESTERDAY}, 0),
        ({"since": TODAY}, 1),
        ({"since": TOMORROW}, 0),
    ],
)
def test_an_entry_counts_for_its_system_and_its_days(bank: Bank, more: dict[str, Any], counted: int) -> None:
    bank.listed("C-2", **more)
    assert bank.found().undecided == counted


def test_somebody_on_two_lists_is_one_person(bank: Bank) -> None:
    bank.listed("C-2")
    bank.listed("C-2", "objected", case="R-BCDEFG")
    found = bank.found()
    assert found.undecided == 1 and dict(found.by_list) == {"erased": 1, "objected": 1}


def test_a_person_whose_name_was_forgotten_still_counts(bank: Bank) -> None:
    bank.workspace.people.forget(bank.listed("C-2"))
    assert bank.found().undecided == 1


def test_somebody_only_in_the_evaluation_table_is_told_and_fails_nothing(bank: Bank) -> None:
    bank.listed("C-9")
    found = bank.found()
    assert found.listed == 0 and dict(found.elsewhere) == {"evaluation": 1}


@pytest.mark.parametrize("subjects", [[7, 8, None], [7.0, 8.0, None], ["7", "8", " "], [" 7", "8", None]])
def test_a_person_is_the_same_whatever_type_the_column_has(bank: Bank, subjects: list[Any]) -> None:
    bank.train(*subjects)
    bank.listed("7")
    found = bank.found()
    assert (found.undecided, found.people, found.nameless) == (1, 2, 1)


# --- decisions --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("choice", "more", "open"),
    [
        ("exclude", {}, 0),
        ("exclude", {"model": "f" * 64}, 1),
        ("retrain", {"until": TODAY}, 0),
        ("retrain", {"until": YESTERDAY}, 1),
        ("retrain", {}, 1),
        ("suppress", {}, 0),
        ("suppress", {"until": YESTERDAY}, 1),
        ("keep", {"ground": "legal-claims"}, 0),
        ("keep", {"ground": "legal-claims", "until": TOMORROW}, 0),
        ("keep", {"ground": "legal-claims", "until": YESTERDAY}, 1),
        ("unlearn", {"becomes": "e" * 64}, 1),
        ("exclude", {"alias": "0" * 32}, 1),
        ("exclude", {"at": NOW - timedelta(days=2)}, 1),
    ],
)
def test_a_decision_counts_for_its_person_and_model_to_its_last_day(
    bank: Bank, choice: str, more: dict[str, Any], open: int
) -> None:
    decision = bank.decided(bank.listed("C-2"), choice, **more)
    found = bank.found(decision)
    assert found.undecided == open and sum(found.decided.values()) == 1 - open


def test_what_was_decided_about_one_version_says_nothing_of_the_next(bank: Bank) -> None:
    exclude = bank.decided(bank.listed("C-2"), "exclude")
    assert bank.found(exclude).undecided == 0
    bank.new_model("two")
    assert bank.found(exclude).undecided == 1
    bank.train("C-1", "C-3")
    bank.new_model("three")
    assert bank.found(exclude).undecided == 0


def test_unlearning_stands_for_the_model_that_came_of_it_and_not_for_the_one_before(bank: Bank) -> None:
    alias, old = bank.listed("C-2"), bank.model
    new = bank.new_model("two")
    unlearned = bank.decided(alias, "unlearn", model=old, becomes=new)
    assert bank.found(unlearned).undecided == 0
    bank.new_model("one")
    assert bank.found(unlearned).undecided == 1


def test_the_newest_decision_counts_and_an_older_one_does_not_come_back(bank: Bank) -> None:
    alias = bank.listed("C-2")
    keep, retrain = bank.decided(alias, "keep", ground="x"), bank.decided(alias, "retrain", until=YESTERDAY)
    assert bank.found(retrain, keep).undecided == 0
    assert bank.found(keep, retrain).undecided == 1


def test_what_somebody_asks_for_later_needs_a_decision_of_its_own(bank: Bank) -> None:
    alias = bank.listed("C-2", "objected")
    keep = bank.decided(alias, "keep", ground="x")
    assert bank.found(keep).undecided == 0
    bank.listed("C-2", since=TOMORROW, case="R-BCDEFG")
    bank.clock.pass_by(86_400)
    found = bank.found(keep)
    assert found.undecided == 1 and dict(found.by_list) == {"erased": 1}


# --- what cannot be answered ------------------------------------------------------------------------------------------


def test_without_a_subject_column_it_names_the_key_that_is_missing(bank: Bank) -> None:
    bank.manifest = bank.manifest.replace("subject: customer_id", "features: [x]")
    answer = bank.answer()
    assert isinstance(answer, Unmet) and answer.manifest_key == "columns.subject"


def test_without_a_training_table_it_cannot_be_answered_but_the_others_are_kept(bank: Bank) -> None:
    bank.manifest = bank.manifest.replace("training: {table: train.parquet}, ", "")
    answer = bank.answer()
    assert isinstance(answer, Unmet) and answer.manifest_key == "data.training.table"
    assert [one.table.role for one in bank.workspace.people.tables()] == ["evaluation"]


def test_a_training_table_without_the_column_is_no_empty_one(bank: Bank) -> None:
    bank.table("train.parquet", ["C-2"], column="other")
    answer = bank.answer()
    assert isinstance(answer, Unmet) and "no column 'customer_id'" in answer.reason


def test_a_lost_key_is_said_and_is_no_pass(bank: Bank) -> None:
    bank.listed("C-2")
    (bank.folder / ".ombud" / "keys" / "people.key").unlink()
    answer = bank.answer()
    assert isinstance(answer, Unmet) and "people.key" in answer.reason


def test_the_manifest_says_what_kind_of_identity_the_column_holds(tmp_path: Path) -> None:
    bank = Bank(tmp_path, column="Kunde", more=", subject_kind: customer_id")
    bank.listed("C-2")
    assert bank.found().undecided == 1


def test_without_that_it_is_the_kind_the_column_is_called(tmp_path: Path) -> None:
    bank = Bank(tmp_path, column="Customer_ID")
    bank.listed("C-2")
    assert bank.found().undecided == 1


def test_a_column_whose_name_is_no_kind_asks_for_one(tmp_path: Path) -> None:
    answer = Bank(tmp_path, column="Kunden Nr").answer()
    assert isinstance(answer, Unmet) and answer.manifest_key == "columns.subject_kind"


# --- what is kept -----------------------------------------------------------------------------------------------------


def test_a_second_check_of_the_same_tables_keeps_nothing_twice(bank: Bank) -> None:
    bank.found()
    kept = bank.workspace.people.tables()
    bank.found()
    assert bank.workspace.people.tables() == kept and {one.table.role for one in kept} == {"training", "evaluation"}


def test_a_live_table_is_read_at_every_check_and_says_so(bank: Bank) -> None:
    bank.listed("C-2")
    first = _live(bank, "C-1", "C-3")
    assert first.live and first.undecided == 0
    second = _live(bank, "C-1", "C-2")
    assert second.undecided == 1
    assert _live(bank, "C-1", "C-3").undecided == 1  # the model may have learned from it
    assert all(one.table.live for one in bank.workspace.people.tables())


def _live(bank: Bank, *subjects: str) -> ListedPeople:
    frame = open_frame(pa.table({"customer_id": subjects, "x": range(len(subjects))}), "train")
    answer = bank.answer(data=Data(tables={"training": frame}, columns=bank.system.columns))
    assert isinstance(answer, Taken)
    found: ListedPeople = answer.calls[0]
    return found
