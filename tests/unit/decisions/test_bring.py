"""Import files are bytes from outside: every row is kept once or told by its number, and no value is ever repeated."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ombud.decisions.anchoring import anchor_table, audit_tables, forget_rows
from ombud.decisions.bring import DIFFERS, bring, bring_labels
from ombud.decisions.intake import between, find, labels_of
from ombud.decisions.live import find_anywhere, find_live
from ombud.decisions.rows import Made
from ombud.errors import Invalid, Misused, NotFound, OmbudError, Unreadable
from ombud.store.workspace import Workspace
from ombud.system.manifest import load_system
from ombud.system.spec import System
from recorded import AT, PLATFORM, bank

MANIFEST = """\
system: mortgage
model: {artifact: model.txt, threshold: 0.5}
data: {decisions: {table: own.csv}}
columns: {id: id, subject: customer, time: at, decision: ok, favourable: 1, score: p, protected: [sex],
          features: [income, zip], label: repaid, human: who, human_changed: changed, human_seconds: seconds}
"""
HEAD = "id,customer,at,ok,p,sex,income,zip\n"
GOOD = "A-1,C-1,2026-11-02T09:00:00Z,1,0.75,f,1000.5,02134\n"


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    (tmp_path / "ombud.yaml").write_text(MANIFEST)
    return bank(tmp_path)


@pytest.fixture
def system(workspace: Workspace) -> System:
    return load_system(workspace.root / "ombud.yaml")


def brought(workspace: Workspace, system: System, text: str, name: str = "d.csv", **more: object):
    path = workspace.root / name
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    return bring(workspace, system, str(path), holder=PLATFORM, **more)  # type: ignore[arg-type]


def test_a_row_becomes_the_decision_that_it_says(workspace: Workspace, system: System) -> None:
    done = brought(workspace, system, HEAD + GOOD, made=Made(threshold="0.5", model="m" * 64))
    made = find(workspace, "mortgage", "A-1").decision
    assert done.whole and (made.at, made.outcome, made.decided, made.score) == (AT, "favourable", "1", 0.75)
    assert dict(made.inputs) == {"income": 1000.5, "zip": "02134"}  # a number with a nought ahead is a text
    assert made.subject is not None and (made.subject.kind, made.subject.value) == ("customer", "C-1")
    assert dict(made.protected) == {"sex": "f"} and (made.threshold, made.model) == ("0.5", "m" * 64)


BAD = {
    "no number": ",C-9,2026-11-02T09:00:00Z,1,0.75,f,1,2\n",
    "no time": "A-9,C-9,,1,0.75,f,1,2\n",
    "a time that is none": "A-9,C-9,yesterday,1,0.75,f,1,2\n",
    "a time without a timezone (give --timezone)": "A-9,C-9,2026-11-02T09:00:00,1,0.75,f,1,2\n",
    "a score that is no number": "A-9,C-9,2026-11-02T09:00:00Z,1,high,f,1,2\n",
    "another number of cells than the header has": "A-9,C-9,2026-11-02T09:00:00Z,1,0.75\n",
    "bytes that are not UTF-8": "A-9,C-9\udcff,2026-11-02T09:00:00Z,1,0.75,f,1,2\n",
    "a third kind of decision (list the bad ones in columns.unfavourable)": (
        "A-8,C-9,2026-11-02T09:00:00Z,0,0.75,f,1,2\nA-9,C-9,2026-11-02T09:00:00Z,2,0.75,f,1,2\n"
    ),
    DIFFERS: "A-1,C-1,2026-11-02T09:00:00Z,0,0.75,f,1000.5,02134\n",
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_row_is_told_by_kind_and_number_and_the_others_are_kept(
    workspace: Workspace, system: System, kind: str
) -> None:
    done = brought(workspace, system, HEAD + GOOD + BAD[kind] + GOOD.replace("A-1", "A-2"))
    assert list(done.bad) == [kind]
    assert done.bad[kind].rows == (2 + BAD[kind].count("\n") - 1,)
    assert {one.decision.id for one in between(workspace, "mortgage")} >= {"A-1", "A-2"}
    assert "C-9" not in json.dumps(done.to_json()) and "high" not in json.dumps(done.to_json())


def test_the_same_table_again_changes_nothing(workspace: Workspace, system: System) -> None:
    first = brought(workspace, system, HEAD + GOOD)
    again = brought(workspace, system, HEAD + GOOD + GOOD)
    assert (first.receipt.new, again.receipt.new, again.receipt.same, again.whole) == (1, 0, 2, True)


def test_parquet_and_json_lines_say_the_same_as_csv(workspace: Workspace, system: System) -> None:
    row = {"id": "A-1", "customer": "C-1", "at": AT, "ok": 1, "p": 0.75, "sex": "f", "income": 1000.5, "zip": "02134"}
    pq.write_table(pa.Table.from_pylist([row]), workspace.root / "d.parquet")
    brought(workspace, system, HEAD + GOOD)
    parquet = bring(workspace, system, str(workspace.root / "d.parquet"), holder=None)
    lines = brought(workspace, system, json.dumps(row | {"at": AT.isoformat()}) + "\n", "d.jsonl")
    assert (parquet.receipt.same, lines.receipt.same) == (1, 1)


def test_bad_lines_of_json_are_told(workspace: Workspace, system: System) -> None:
    good = json.dumps({"id": "A-1", "customer": "C-1", "at": AT.isoformat(), "ok": 1, "p": 0.75, "sex": "f",
                       "income": 1, "zip": "x"})  # fmt: skip
    done = brought(workspace, system, f"{good}\n{{\n[1]\n{good.replace('1, ', '[1], ', 1)}\n", "d.jsonl")
    assert done.receipt.new == 1 and sum(one.count for one in done.bad.values()) == 3


def test_times_without_a_zone_are_read_by_the_one_that_is_given(workspace: Workspace, system: System) -> None:
    from zoneinfo import ZoneInfo

    made = Made(timezone=ZoneInfo("Europe/Berlin"))
    brought(workspace, system, HEAD + GOOD.replace("09:00:00Z", "10:00:00"), made=made)
    assert find(workspace, "mortgage", "A-1").decision.at == AT


def test_a_table_that_lacks_a_declared_column_is_refused_whole(workspace: Workspace, system: System) -> None:
    with pytest.raises(Invalid, match=r"scor|p"):
        brought(workspace, system, (HEAD + GOOD).replace(",p,", ",q,"))
    assert list(between(workspace, "mortgage")) == []
    for text in ("", "\n", "a,A\n1,2\n"):
        with pytest.raises(OmbudError):
            brought(workspace, system, text)


def test_rows_without_numbers_are_counted_if_wanted(workspace: Workspace) -> None:
    (workspace.root / "plain.yaml").write_text(MANIFEST.replace("id: id, ", ""))
    plain = load_system(workspace.root / "plain.yaml")
    text = (HEAD + GOOD + GOOD).replace("id,", "", 1).replace("A-1,", "")
    with pytest.raises(Misused):
        brought(workspace, plain, text)
    assert brought(workspace, plain, text, number_rows=True).receipt.new == 2
    assert brought(workspace, plain, text, number_rows=True).receipt.same == 2


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(noise=st.binary(max_size=120), suffix=st.sampled_from([".csv", ".jsonl", ".json", ".parquet", ".tsv"]))
def test_noise_is_told_and_never_breaks(workspace: Workspace, system: System, noise: bytes, suffix: str) -> None:
    path = workspace.root / f"noise{suffix}"
    path.write_bytes(HEAD.encode() + noise if suffix == ".csv" else noise)
    try:
        done = bring(workspace, system, str(path), holder=None)
    except OmbudError as error:
        assert "C-1" not in str(error)
        return
    assert done.rows == done.receipt.new + done.receipt.same + sum(one.count for one in done.bad.values())


def test_labels_are_taken_from_a_table(workspace: Workspace, system: System) -> None:
    brought(workspace, system, HEAD + GOOD)
    path = workspace.root / "l.csv"
    path.write_text("id,repaid\nA-1,1\nA-7,0\n,1\n")
    done, bad = bring_labels(workspace, system, str(path))
    assert (done.new, done.waiting) == (2, 1) and bad["no number or no label"].rows == (3,)
    assert labels_of(workspace, "mortgage", ["A-1"]) == {"A-1": "1"}


# --- a table of your own ----------------------------------------------------------------------------------------------


def own(workspace: Workspace, *rows: str) -> None:
    (workspace.root / "own.csv").write_text(HEAD + "".join(rows))


OTHER = GOOD.replace("A-1", "A-2").replace("C-1", "C-2")


def test_a_decision_in_your_own_table_is_found_there_and_nothing_is_copied(
    workspace: Workspace, system: System
) -> None:
    own(workspace, GOOD, OTHER)
    found = find_anywhere(workspace, system, "A-2")
    assert found.decision.subject is not None and found.decision.subject.value == "C-2" and found.row is None
    assert found.commitment == find_live(workspace, system, "A-2").commitment
    assert list(workspace.decided.since("mortgage")) == []
    with pytest.raises(NotFound):
        find_anywhere(workspace, system, "' OR 1=1 --")


def test_a_number_that_stands_twice_is_nobodys(workspace: Workspace, system: System) -> None:
    own(workspace, GOOD, GOOD)
    with pytest.raises(Unreadable, match="several rows"):
        find_live(workspace, system, "A-1")


DAY = (AT.replace(hour=0), AT.replace(hour=23))


@pytest.mark.parametrize(
    ("now", "told"),
    [
        ((GOOD, OTHER), None),
        ((GOOD, OTHER.replace("0.75", "0.76")), "decision A-2: changed"),
        ((GOOD,), "1 rows were taken away"),
        ((GOOD, OTHER, GOOD.replace("A-1", "A-3")), "decision A-3: added"),
        ((GOOD.replace(":00:00Z", ":00:01Z"), OTHER), "decision A-1: changed"),
    ],
)
def test_a_later_change_of_your_own_table_shows(
    workspace: Workspace, system: System, now: tuple[str, ...], told: str | None
) -> None:
    own(workspace, GOOD, OTHER)
    anchor_table(workspace, system, *DAY, PLATFORM)
    own(workspace, *now)
    (found,) = audit_tables(workspace, [system])
    assert found.whole is (told is None) and (told is None or found.problems[0].startswith(told))


def test_whose_row_it_was_can_be_forgotten_and_the_root_stays(workspace: Workspace, system: System) -> None:
    own(workspace, GOOD, OTHER)
    anchor_table(workspace, system, *DAY, PLATFORM)
    assert forget_rows(workspace, "mortgage", ["A-1"]) == 1
    own(workspace, OTHER)
    (found,) = audit_tables(workspace, [system])
    assert found.whole and found.forgotten == 1


def test_a_period_that_is_not_over_is_not_anchored(workspace: Workspace, system: System) -> None:
    own(workspace, GOOD)
    with pytest.raises(Misused):
        anchor_table(workspace, system, AT, AT.replace(year=2999), PLATFORM)
