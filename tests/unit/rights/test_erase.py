"""Erasing everywhere: what a source says is held against a search of its own, and silence is no good news."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from asked import ANN
from desks import SOURCES, Wrapped, desk_at, left_in, mapped, states
from ombud.errors import Unreadable
from ombud.rights.desk import in_force
from ombud.rights.erase import erase_everywhere, verified
from ombud.rights.map.model import DataMap, Exemption
from ombud.rights.sources.open import open_source
from ombud.rights.sources.source import Match, Outcome, Selection, State
from ombud.rights.walk import find


@pytest.fixture
def data_map(tmp_path: Path) -> DataMap:
    return desk_at(tmp_path)[0].data_map


def theirs(data_map: DataMap) -> Selection:
    return find(data_map, [ANN]).selection


def done(data_map: DataMap, erases: Any = None, **more: Any) -> dict[str, Outcome]:
    """Erased and verified, where the source "core" erases as a test says."""
    selection = theirs(data_map)

    def opened(spec: Any, base: Path) -> Any:
        return Wrapped(open_source(spec, base), erases if spec.name == "core" else None)

    outcomes = erase_everywhere(data_map, selection, open=opened, **more)
    return {one.collection: one for one in verified(data_map, selection, outcomes, open=opened)}


def test_every_place_with_personal_data_has_one_outcome(data_map: DataMap, tmp_path: Path) -> None:
    assert states(list(done(data_map).values())) == dict.fromkeys(
        ("core.people", "core.invoices", "lake.visits"), "erased and verified"
    )
    assert left_in(tmp_path) == [] and left_in(tmp_path, "bob@example.org") == ["people.jsonl", "visits.csv"]


@pytest.mark.parametrize("said", [State.ERASED, State.NOTHING])
def test_a_source_that_lies_has_failed(data_map: DataMap, said: State) -> None:
    def lies(_: Any, selection: Selection) -> tuple[Outcome, ...]:
        return tuple(Outcome(collection=one, state=said, found=1, erased=1) for one in selection)

    told = done(data_map, lies)
    assert told["core.people"].state is State.FAILED and told["core.people"].left == 1
    assert "a new search still finds 1 rows" in told["core.people"].because
    assert told["lake.visits"].state is State.ERASED, "the others are done all the same"


def test_a_source_that_says_nothing_of_a_place_has_failed_there(data_map: DataMap) -> None:
    def forgets(inner: Any, selection: Selection) -> tuple[Outcome, ...]:
        return tuple(one for one in inner.erase(selection) if one.collection != "core.people")

    told = done(data_map, forgets)
    assert told["core.people"].state is State.FAILED and "does not say" in told["core.people"].because
    assert told["core.invoices"].state is State.ERASED


def test_a_source_that_fails_keeps_no_other_from_being_done(data_map: DataMap) -> None:
    def breaks(_: Any, __: Selection) -> tuple[Outcome, ...]:
        raise Unreadable("source core", "it went away")

    told = done(data_map, breaks)
    assert {told[one].state for one in ("core.people", "core.invoices")} == {State.FAILED}
    assert "went away" in told["core.people"].because and told["lake.visits"].state is State.ERASED


def test_what_was_done_but_cannot_be_searched_again_is_not_called_done(data_map: DataMap, tmp_path: Path) -> None:
    def then_breaks(inner: Any, selection: Selection) -> tuple[Outcome, ...]:
        told = inner.erase(selection)
        (tmp_path / "core" / "people.jsonl").write_text("{not json\n", encoding="utf-8")
        return told  # type: ignore[no-any-return]

    told = done(data_map, then_breaks)["core.people"]
    assert told.state is State.FAILED and "could not be searched again" in told.because


def test_a_source_that_could_not_be_searched_is_not_touched_and_not_called_empty(
    data_map: DataMap, tmp_path: Path
) -> None:
    told = done(data_map, away={"core": "it was closed"})
    assert told["core.people"].state is State.FAILED and told["core.people"].because == "it was closed"
    assert "people.jsonl" in left_in(tmp_path)


def test_a_place_without_the_person_is_told_as_empty(data_map: DataMap, tmp_path: Path) -> None:
    (tmp_path / "lake" / "visits.csv").write_text("email,page\nbob@example.org,/b\n", encoding="utf-8")
    assert done(data_map)["lake.visits"].state is State.NOTHING


def test_erasing_again_finds_nothing_and_changes_no_byte(data_map: DataMap, tmp_path: Path) -> None:
    selection = theirs(data_map)
    erase_everywhere(data_map, selection)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.*l")}
    again = erase_everywhere(data_map, selection)
    assert {one.state for one in again} == {State.NOTHING}
    assert {path: path.read_bytes() for path in tmp_path.rglob("*.*l")} == before


@pytest.mark.parametrize(
    ("until", "hold", "stays"),
    [
        ("2026-11-22", False, False), ("2026-11-23", False, True), (None, False, True), ("2026-11-22", True, True),
    ],
)  # fmt: skip
def test_an_exemption_holds_to_its_last_day_and_a_legal_hold_until_it_is_lifted(
    data_map: DataMap, until: str | None, hold: bool, stays: bool
) -> None:
    day = date.fromisoformat(until) if until else None
    kept = Exemption(ground="legal-obligation", until=day, hold=hold)
    sources = tuple(
        evolve(spec, collections=tuple(
            evolve(one, exemption=kept) if one.name == "invoices" else one for one in spec.collections
        ))
        for spec in data_map.sources
    )  # fmt: skip
    told = done(in_force(evolve(data_map, sources=sources), date(2026, 11, 23)))
    assert told["core.invoices"].state is (State.KEPT if stays else State.ERASED)
    assert told["core.people"].state is State.ERASED


def test_what_is_masked_may_still_be_counted_but_no_row_more(tmp_path: Path) -> None:
    """A source that keeps two rows without the person in them, of three that a search by key still finds."""
    data_map = mapped(tmp_path, SOURCES)
    (tmp_path / "core").mkdir()
    (tmp_path / "core" / "people.jsonl").write_text('{"id": "C-1"}\n' * 3, encoding="utf-8")
    selection = {"core.people": (Match(("id",), frozenset({("C-1",)})),)}
    for masked, state in ((3, State.ERASED), (2, State.FAILED)):
        said = [Outcome(collection="core.people", state=State.ERASED, found=3, masked=masked)]
        assert verified(data_map, selection, said)[0].state is state


def test_what_is_kept_without_a_ground_is_failed_so_that_no_case_closes_on_it(tmp_path: Path) -> None:
    kept = Outcome(collection="core.people", state=State.KEPT, found=1, kept=1, left=1)
    grounded = Outcome(collection="core.people", state=State.KEPT, found=1, kept=1, left=1, ground="legal-obligation")
    data_map = DataMap(path=tmp_path / "sources.yaml", identities={}, sources=())
    assert verified(data_map, {}, [kept])[0].state is State.FAILED
    assert verified(data_map, {}, [grounded]) == (grounded,)
