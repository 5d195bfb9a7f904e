"""Gathering a person's copy: what is declared is shown, what is hidden stays hidden, and what is missing is said."""

import json
from pathlib import Path
from typing import Any

import pytest

from desks import SOURCES, desk_at, granted
from ombud.documents.rights.access import Copy, Held, portable_files
from ombud.rights import gather
from ombud.rights.desk import Desk
from ombud.rights.gather import copy_of


def gathered(desk: Desk, **more: Any) -> dict[str, Held]:
    return {one.address: one for one in whole(desk, **more).held}


def whole(desk: Desk, **more: Any) -> Copy:
    found = desk.found(desk.case(granted(desk, "access")))
    assert desk.organisation is not None
    return copy_of(
        desk.data_map, found.selection, organisation=desk.organisation, case="R-7F3A2C", today=desk.today,
        log=desk.workspace.ledger.log(), **more,
    )  # fmt: skip


def test_a_copy_holds_the_persons_rows_and_nobody_elses(tmp_path: Path) -> None:
    held = gathered(desk_at(tmp_path)[0])
    assert [row["name"] for row in held["core.people"].rows] == ["Ann Unique"]
    assert sorted(row["page"] for row in held["lake.visits"].rows) == ["/a", "/c"]
    assert held["core.people"].recipients == ("parcel service",) and not any(one.problem for one in held.values())


def test_a_column_that_the_map_does_not_declare_is_not_even_read_into_the_copy(tmp_path: Path) -> None:
    held = gathered(desk_at(tmp_path)[0])
    assert set(held["core.people"].rows[0]) == {"email", "id", "name", "pin"}


@pytest.mark.parametrize("how", ["secret: true", "third_party: true"])
def test_hidden_columns_stay_hidden_in_every_file(tmp_path: Path, how: str) -> None:
    sources = SOURCES.replace("secret: true", how).replace("user.authorization.password", "user.name")
    copy = whole(desk_at(tmp_path, sources)[0])
    for scope in ("everything", "portable"):
        files = dict(portable_files(copy, scope))  # type: ignore[arg-type]
        assert b"pin-of-ann" not in b"".join(files.values()) and b"Ann Unique" in files["data.json"]


def test_a_place_whose_columns_nobody_declared_is_not_passed_over_in_silence(tmp_path: Path) -> None:
    sources = SOURCES + (
        "      baskets:\n        table: baskets.csv\n        personal: true\n"
        "        references: {page: belongs to visits.page}\n"
    )
    desk, _ = desk_at(tmp_path, sources)
    (tmp_path / "lake" / "baskets.csv").write_text("page,thing\n/a,lamp\n/b,chair\n", encoding="utf-8")
    held = gathered(desk)["lake.baskets"]
    assert "does not say what is in them" in held.problem and not any("lamp" in str(row) for row in held.rows)


def test_a_place_that_is_away_or_cannot_be_read_makes_the_copy_incomplete(tmp_path: Path) -> None:
    desk, _ = desk_at(tmp_path)
    assert gathered(desk, away={"core": "closed"})["core.people"].problem == "It could not be searched."
    copy = whole(desk, away={"core": "closed"})
    data = json.loads(dict(portable_files(copy, "everything"))["data.json"])
    assert data["complete"] is False and data["not_read"] == ["core.people", "core.invoices"]


def test_a_file_that_broke_since_the_search_is_told_as_not_read(tmp_path: Path) -> None:
    desk, _ = desk_at(tmp_path)
    found = desk.found(desk.case(granted(desk, "access")))
    (tmp_path / "core" / "people.jsonl").write_text("{not json\n", encoding="utf-8")
    assert desk.organisation is not None
    copy = copy_of(
        desk.data_map, found.selection, organisation=desk.organisation, case="R-7F3A2C", today=desk.today,
        log=desk.workspace.ledger.log(),
    )  # fmt: skip
    held = {one.address: one for one in copy.held}
    assert held["core.people"].problem == "It could not be read." and held["lake.visits"].rows


def test_a_place_with_more_rows_than_a_copy_takes_says_how_many_are_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gather, "MOST_ROWS", 1)
    held = gathered(desk_at(tmp_path)[0])["lake.visits"]
    assert len(held.rows) == 1 and held.problem == "It holds 2 entries; this copy has 1 of them."
