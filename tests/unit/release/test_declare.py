"""What is declared of a system: its own limits, and the default ones where it is silent."""

from pathlib import Path

from ombud.release.declare import policy_of
from ombud.system.manifest import load_system

MODEL = "model: {artifact: model.json}\n"
UNDECIDED = ("privacy.erased_people", "people_without_decision")
UNSAFE = ("security.model_format", "unsafe_findings")


def limits(folder: Path, text: str) -> dict[tuple[str, str], str]:
    path = folder / "ombud.yaml"
    path.write_text(f"system: loans\n{text}", encoding="utf-8")
    return {(one["check"], one["measurement"]): one["value"] for one in policy_of(load_system(path))}


def test_a_file_that_can_run_code_is_refused_by_default(tmp_path: Path) -> None:
    assert limits(tmp_path, "model: {artifact: model.json}\n") == {UNSAFE: "0"}


def test_a_limit_of_the_manifest_takes_the_place_of_the_default_one(tmp_path: Path) -> None:
    own = "policy: {security.model_format: {measurement: unsafe_findings, max: 2}}\n"
    assert limits(tmp_path, "model: {artifact: model.json}\n" + own) == {UNSAFE: "2"}


def test_other_limits_leave_the_default_one_standing(tmp_path: Path) -> None:
    own = 'policy: {fairness.impact_ratio: {min: "4/5"}}\n'
    found = limits(tmp_path, "model: {artifact: model.json}\n" + own)
    assert found == {("fairness.impact_ratio", "impact_ratio"): "4/5", UNSAFE: "0"}


def test_without_a_model_there_is_no_limit_on_its_file(tmp_path: Path) -> None:
    assert limits(tmp_path, "decision: automated\n") == {}


TRAINED = MODEL + "data: {training: {table: a.parquet}}\ncolumns: {subject: customer_id}\n"


def test_nobody_erased_may_stay_in_a_model_undecided_by_default(tmp_path: Path) -> None:
    assert limits(tmp_path, TRAINED) == {UNSAFE: "0", UNDECIDED: "0"}


def test_where_nobody_can_be_told_from_another_no_limit_is_set_that_nothing_could_pass(tmp_path: Path) -> None:
    assert UNDECIDED not in limits(tmp_path, MODEL + "data: {training: {table: a.parquet}}\n")
    assert UNDECIDED not in limits(tmp_path, MODEL + "columns: {subject: customer_id}\n")


def test_a_manifest_may_answer_for_a_limit_of_its_own(tmp_path: Path) -> None:
    own = "policy: {privacy.erased_people: {measurement: people_without_decision, max: 3}}\n"
    assert limits(tmp_path, TRAINED + own)[UNDECIDED] == "3"
