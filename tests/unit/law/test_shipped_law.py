"""The law that ships: complete, honest about who read it, and asking only for facts that can be declared."""

import json
from collections import Counter
from pathlib import Path

import pytest

from ombud.law.condition import facts_in
from ombud.law.framework import read_framework
from ombud.law.load import built_in, law_files, load_pack
from ombud.law.model import Row, Version
from ombud.law.provision import SAID
from ombud.law.release import read_lock, tampered, unreleased
from ombud.law.vocabulary import BINDING, CERTAINTY, CHECKS, DUE, FACTS, NOT_LAW, OWNERS, STATUSES

FILES = law_files(built_in())
ROWS = load_pack().rows
UNDATED = NOT_LAW | {"adopted", "never_applied"}
VERSIONS = [(row, version) for row in ROWS for version in row.versions]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_law_file_loads_and_is_named_after_its_framework(path: Path) -> None:
    assert {row.framework for row in read_framework(path)} == {path.stem}


def test_every_id_is_unique() -> None:
    assert [id for id, times in Counter(row.id for row in ROWS).items() if times > 1] == []


def test_no_row_claims_to_have_been_read() -> None:
    assert {row.id for row, version in VERSIONS if version.provision.read_by or version.provision.read_on} == set()


def test_nothing_unsure_ships() -> None:
    assert {version.provision.certainty for _, version in VERSIONS} <= set(CERTAINTY)
    assert "AIA.49.2" not in {row.id for row in ROWS}


def test_every_condition_asks_only_for_facts_of_the_vocabulary() -> None:
    asked = {
        fact
        for _, version in VERSIONS
        for condition in (version.provision.when, *(period.when for period in version.applies))
        for fact in facts_in(condition)
    }
    assert asked <= set(FACTS)


def test_every_check_that_would_show_or_limit_something_exists() -> None:
    named = {part.name for row in ROWS for part in parts(row) if part.kind == "check"}
    limited = {limit.check for _, version in VERSIONS for limit in version.provision.limits}
    assert named | limited <= CHECKS
    assert named


def test_every_row_that_is_not_context_names_what_shows_it() -> None:
    assert [
        row.id for row, version in VERSIONS if not version.provision.context and not version.provision.shown_by
    ] == []


def test_every_row_is_law_in_some_version() -> None:
    assert [row.id for row in ROWS if all(version.status in NOT_LAW for version in row.versions)] == []


def test_every_version_has_a_date_unless_its_commencement_is_open_or_it_never_came() -> None:
    undated = [row.id for row, version in VERSIONS if version.status not in UNDATED and not dated(version)]
    assert undated == []


def test_versions_stand_in_the_order_in_which_they_were_published() -> None:
    for row in ROWS:
        published = [version.published for version in row.versions if version.published and version.corrects is None]
        assert published == sorted(published), row.id


def test_no_two_present_titles_of_a_framework_are_the_same() -> None:
    titles = Counter((row.framework, row.versions[-1].provision.title) for row in ROWS)
    assert [title for title, times in titles.items() if times > 1] == []


def test_links_lead_to_official_places_and_not_to_copies() -> None:
    copies = ("github.com", "gdpr-info.eu", "artificialintelligenceact.eu", "wikipedia.org")
    assert [row.id for row, version in VERSIONS if any(copy in version.provision.href for copy in copies)] == []


def test_what_was_released_is_unchanged() -> None:
    assert tampered(read_lock(), load_pack()) == ()


def test_what_ships_is_released() -> None:
    assert unreleased(read_lock(), load_pack()) == ()


def test_the_published_lock_is_plain_json_of_digests() -> None:
    assert all(len(digest) == 64 for released in json.loads(json.dumps(read_lock())).values() for digest in released)


def test_the_reference_names_every_word_of_the_law_files() -> None:
    reference = (Path(__file__).parents[3] / "docs" / "reference" / "law.md").read_text(encoding="utf-8")
    words = {*FACTS, *STATUSES, *BINDING, *OWNERS, *DUE, *SAID}
    assert sorted(word for word in words if word not in reference) == []
    values = {value for allowed in FACTS.values() if allowed for value in allowed}
    assert sorted(value for value in values if value not in reference) == []


def parts(row: Row):
    return [part for version in row.versions if version.provision.shown_by for part in version.provision.shown_by.parts]


def dated(version: Version) -> bool:
    return bool(version.starts) or bool(version.effective)
