"""From the list to the model: the check fails for a person nobody decided about, and passes once somebody did."""

import io
import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import ombud
from asked import ANN, OFFICER, asked, granted
from doors import inside, obeyed
from ombud.store.identity import Identity
from ombud.store.people import Listed
from ombud.store.workspace import create_workspace, open_workspace

MANIFEST = """\
system: loans
model: {artifact: model.txt}
data:
  training: {table: train.parquet}
columns: {subject: Customer, subject_kind: customer_id, decision: approved, favourable: 1}
"""
NUMBER = Identity("customer_id", "1007")
MODEL = Path(__file__).parents[1] / "cases" / "security" / "files" / "small.cbm"


def write_table(folder: Path, people: range) -> None:
    rows = {"Customer": list(people), "approved": [n % 2 for n in people], "income": [n % 97 for n in people]}
    pq.write_table(pa.table(rows), folder / "train.parquet")


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    """A system whose training table holds somebody who is erased today."""
    workspace = create_workspace(tmp_path, {OFFICER: (("dpo",), None), "ml": (("ml",), None)})
    (tmp_path / "ombud.yaml").write_text(MANIFEST, encoding="utf-8")
    shutil.copy(MODEL, tmp_path / "model.txt")
    write_table(tmp_path, range(1_000, 1_400))
    case = granted(workspace, asked(workspace, identities=(ANN, NUMBER)).case, people=1)
    (tmp_path / "case").write_text(case.id)
    return tmp_path


def erase(bank: Path) -> str:
    people, case = open_workspace(bank).people, (bank / "case").read_text()
    alias = people.alias_of(NUMBER)
    assert alias
    people.enlist(Listed(alias=alias, list="erased", law="gdpr", since=today(), case=case))
    people.forget(alias)
    return case


def today() -> date:
    return datetime.now(UTC).date()


def check(bank: Path) -> tuple[str, float | None]:
    done = inside("check", "ombud.yaml", "--format", "json", "--as", "ml", at=bank)
    (finding,) = [one for one in done.json["findings"] if one["check"] == "privacy.erased_people"]
    return finding["outcome"], finding["measurements"][0]["value"]


def models(bank: Path, *words: str) -> list[dict[str, object]]:
    return list(obeyed("rights", "models", *words, "--format", "json", at=bank).json["models"])


def test_an_erased_person_fails_the_check_until_somebody_decides(bank: Path) -> None:
    assert check(bank) == ("pass", 0.0)
    case = erase(bank)
    assert check(bank) == ("fail", 1.0)
    (one,) = models(bank, "--case", case)
    assert one["owed"] and one["decision"] is None
    day = (today() + timedelta(days=60)).isoformat()
    obeyed("rights", "models", "decide", case, str(one["model"])[:10], "--kind", "retrain-by", "--by", day,
           "--reason", "Trained again in January.", "--as", OFFICER, at=bank)  # fmt: skip
    assert check(bank) == ("pass", 0.0)
    (after,) = models(bank, "--case", case)
    assert not after["owed"]


def test_deleting_the_row_takes_nobody_out_of_the_model_and_a_new_model_does(bank: Path) -> None:
    check(bank)
    erase(bank)
    left = ombud.exclude(pq.read_table(bank / "train.parquet"), subject="Customer", kind="customer_id", at=bank)
    assert (left.people, left.rows) == (1, 1)
    pq.write_table(left.frame, bank / "train.parquet")
    assert check(bank) == ("fail", 1.0)
    with (bank / "model.txt").open("ab") as file:  # another file: trained again
        file.write(b"\n")
    assert check(bank) == ("pass", 0.0)


def test_an_identity_can_come_through_a_pipe(bank: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    check(bank)
    (one,) = models(bank, "--subject", "customer_id=1007")
    assert one["system"] == "loans"
    monkeypatch.setattr("sys.stdin", io.StringIO("customer_id=1007\n"))
    assert models(bank, "--subject", "-") == [one]
    assert "no model" in obeyed("rights", "models", "--subject", "customer_id=5", at=bank).out


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("--subject", "1007"),
        ("--case", "1007"),
        ("--subject", "customer_id=1007", "--case", "R-ABCDEF"),
        ("decide", "R-ABCDEF"),
        ("forget", "R-ABCDEF", "aaaaaaaa"),
        ("decide", "R-ABCDEF", "aaaaaaaa", "--kind", "wait"),
    ],
)
def test_what_is_asked_wrongly_is_answered_in_words_that_name_nobody(bank: Path, words: tuple[str, ...]) -> None:
    done = inside("rights", "models", *words, at=bank)
    assert done.code == 2 and "error:" in done.said and "1007" not in done.said and "Traceback" not in done.said


def test_lists_are_counted_without_a_name_and_published_again(bank: Path) -> None:
    assert "nobody is on a list" in obeyed("rights", "lists", at=bank).out
    erase(bank)
    said = obeyed("rights", "lists", at=bank).out
    assert "erased" in said and "gdpr" in said and "1007" not in said
    (bank / ".ombud" / "lists.bin").unlink()
    obeyed("rights", "lists", "--publish", at=bank)
    assert not ombud.may_decide(1007, kind="customer_id", at=bank)
