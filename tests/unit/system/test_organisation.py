"""The organisation's manifest."""

from datetime import date
from pathlib import Path

import pytest

from ombud.errors import Invalid
from ombud.system.facts import facts
from ombud.system.manifest import read_system
from ombud.system.organisation import Organisation, load_organisation, read_organisation
from ombud.system.yaml_lines import parse_yaml

FULL = """\
name: Harbour Bank
establishment: [DE]
size: {ccpa_threshold: yes, large_bank: no}
adopted: [iso-27001]
certified:
  - {standard: iso-27001, scope: Retail lending in Hamburg, until: 2027-05-31}
processors:
  - {name: Example Cloud, does: hosting, regions: [DE, US], contract: contracts/cloud.pdf}
calendars: [DE, US-CA]
people: {dpo: dpo, owner: [lending, lending-deputy]}
facts: {public_body: no}
"""


def organisation(text: str) -> Organisation:
    return read_organisation(parse_yaml(text.encode(), Path("bank/organisation.yaml")))


def test_every_key_is_understood() -> None:
    read = organisation(FULL)
    assert (read.name, read.establishment, read.adopted, read.calendars) == (
        "Harbour Bank", ("DE",), ("iso-27001",), ("DE", "US-CA"),
    )  # fmt: skip
    assert read.certified[0].until == date(2027, 5, 31)
    assert read.processors is not None and read.processors[0].contract == Path("bank/contracts/cloud.pdf")
    assert read.people == {"dpo": ("dpo",), "owner": ("lending", "lending-deputy")}
    assert read.declared == {
        "ccpa_threshold": frozenset({"yes"}), "large_bank": frozenset({"no"}), "public_body": frozenset({"no"}),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "key", "nearest"),
    [
        ("name: B\nadopted: [iso27001]", "adopted[0]", "iso-27001"),
        ("name: B\npeople: {dppo: x}", "people.dppo", "dpo"),
        ("name: B\nsize: {ccpa_treshold: yes}", "size.ccpa_treshold", "ccpa_threshold"),
        ("name: B\nprocessors: [{name: C, region: US}]", "processors[0].region", "regions"),
        ("name: B\ncalendars: [Bavaria, Germany]", "calendars[1]", "DE"),
        ("nam: B", "nam", "name"),
    ],
)
def test_mistakes_are_named_with_what_was_meant(text: str, key: str, nearest: str) -> None:
    with pytest.raises(Invalid) as caught:
        organisation(text.replace("Bavaria, ", "FR, "))
    assert (caught.value.key, caught.value.nearest) == (key, nearest)


def test_people_are_functions_or_holders_of_keys() -> None:
    with pytest.raises(Invalid, match="names of people stay out"):
        organisation("name: B\npeople: {dpo: Erika Mustermann}")


def test_a_framework_of_ones_own_is_accepted() -> None:
    assert organisation("name: B\nadopted: [house-rules]").adopted == ("house-rules",)


def test_a_declared_fact_that_the_manifest_disproves_is_refused_where_it_stands() -> None:
    system = read_system(parse_yaml(b"system: a", Path("ombud.yaml")))
    read = organisation("name: B\nprocessors: [{name: C}]\nfacts:\n  uses_processors: no\n")
    with pytest.raises(Invalid) as caught:
        facts(system, read)
    assert (caught.value.line, caught.value.key) == (4, "facts.uses_processors")
    own = read_system(
        parse_yaml(b"system: a\nfacts: {special_categories: no}\ncolumns: {special: {race: }}", Path("o.yaml"))
    )
    with pytest.raises(Invalid, match=r"o\.yaml:2: facts\.special_categories: contradicts"):
        facts(own, None)


def test_a_file_is_loaded_from_disk(tmp_path: Path) -> None:
    (tmp_path / "organisation.yaml").write_text(FULL, encoding="utf-8")
    read = load_organisation(tmp_path / "organisation.yaml")
    assert read.digest == organisation(FULL).digest
