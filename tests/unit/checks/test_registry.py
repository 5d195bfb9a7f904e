"""The list of checks is the list of files, and a broken plug-in is reported, never left out."""

from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

import ombud.checks as checks
from ombud.checks import BUILT_IN, all_checks, built_in
from ombud.checks.check import Check, check
from ombud.errors import Misused
from ombud.law.vocabulary import CHECKS
from ombud.statistics.cube import Cube
from ombud.statistics.measurement import Measurement
from ombud.tables.needs import Artifact, Counts

FOLDER = Path(checks.__file__).parent


def test_the_list_names_every_file_and_no_other() -> None:
    files = {f"{path.parent.name}.{path.stem}" for path in FOLDER.glob("*/*.py") if path.stem != "__init__"}
    assert files == set(BUILT_IN)


def test_law_knows_the_same_names() -> None:
    assert set(CHECKS) == set(BUILT_IN)


def test_every_check_asks_a_question_and_says_what_to_do() -> None:
    for one in built_in():
        assert one.asks.endswith("?"), one.name
        assert one.remedy, one.name
        assert one.measure.__doc__, one.name


def test_every_check_has_its_page() -> None:
    pages = Path(__file__).parents[3] / "docs" / "reference" / "checks"
    missing = [name for name in BUILT_IN if not (pages / f"{name.replace('.', '-')}.md").exists()]
    assert not missing


@check("fairness.of_my_own", asks="Is it fair?", needs=Counts())
def of_my_own(counts: Cube) -> Iterator[Measurement]:
    yield Measurement(name="people", value=counts.total)


@pytest.fixture
def plugged(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[EntryPoint]]:
    points: list[EntryPoint] = []
    monkeypatch.setattr(checks, "entry_points", lambda group: points)
    all_checks.cache_clear()
    yield points
    all_checks.cache_clear()


def test_a_plug_in_is_a_check_like_any_other(plugged: list[EntryPoint], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(EntryPoint, "load", lambda self: of_my_own)
    plugged.append(EntryPoint("mine", "package:of_my_own", checks.GROUP))
    found, broken = all_checks()
    assert of_my_own in found and not broken


@pytest.mark.parametrize(
    ("target", "why"),
    [
        ("no.such.package:check", "could not be imported"),
        ("json:dumps", "does not name a check"),
        ("ombud.checks.fairness.impact_ratio:impact_ratio", "is taken"),
    ],
)
def test_a_plug_in_that_cannot_be_used_is_named_with_the_reason(
    plugged: list[EntryPoint], target: str, why: str
) -> None:
    plugged.append(EntryPoint("broken", target, checks.GROUP))
    found, broken = all_checks()
    assert len(found) == len(BUILT_IN)
    assert broken[0][0] == "broken" and why in broken[0][1]


def test_a_check_for_another_version_of_the_contract_is_not_used(
    plugged: list[EntryPoint], monkeypatch: pytest.MonkeyPatch
) -> None:
    point = EntryPoint("old", "ombud.checks.fairness.impact_ratio:impact_ratio", checks.GROUP)
    old = Check("old.check", "Old?", (Counts(),), of_my_own.measure, api=0)
    monkeypatch.setattr(EntryPoint, "load", lambda self: old)
    plugged.append(point)
    assert "version 0" in all_checks()[1][0][1]


def test_a_name_without_a_subject_is_refused() -> None:
    with pytest.raises(Misused):
        check("impact", asks="?", needs=Counts())


def test_numbers_from_counts_can_be_recomputed_and_others_not() -> None:
    assert of_my_own.recomputable
    assert not Check("a.b", "?", (Counts(), Artifact()), of_my_own.measure).recomputable


def test_the_digest_of_a_check_is_that_of_its_source() -> None:
    assert of_my_own.digest != next(iter(built_in())).digest
    assert len(of_my_own.digest) == 64
