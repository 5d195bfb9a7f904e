"""Law files: what is read, and what is refused, with its line."""

from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from ombud.errors import Invalid, Misused, NotFound
from ombud.law.lint import errors
from ombud.law.load import load_pack, read_pack
from ombud.law.model import Row

LAW = """\
framework: house-rules
title: House rules
cite: House rules 2026
href: https://example.org/rules
binding: principle
in_pack_since: 2026-01-01
requirements:
  HOUSE.1:
    title: Keep a file
    text: A file is kept.
    cite: r. 1
    certainty: V
    owner: ml
    due: continuous
    when: {role: [provider]}
    shown_by: {all_of: [{document: policy, strength: direct}]}
    versions:
      - {published: 2026-01-01, instrument: House rules 2026, status: in_force, applies: [{from: 2026-02-01}]}
"""


def written(folder: Path, text: str, name: str = "rules.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def read(folder: Path, text: str) -> Row:
    (row,) = read_pack([written(folder, text)]).rows
    return row


def refused(folder: Path, old: str, new: str) -> Invalid:
    assert old in LAW
    with pytest.raises(Invalid) as error:
        read(folder, LAW.replace(old, new))
    return error.value


def test_a_folder_of_ones_own_is_read_like_the_built_in_law(tmp_path: Path) -> None:
    written(tmp_path, LAW)
    ids = {row.id for row in load_pack([tmp_path]).rows}
    assert "HOUSE.1" in ids
    assert ids > {row.id for row in load_pack().rows}


def test_nobody_has_read_a_row_that_does_not_say_so(tmp_path: Path) -> None:
    assert read(tmp_path, LAW).versions[0].provision.read_by is None


def test_a_reader_is_named_with_the_day_or_not_at_all(tmp_path: Path) -> None:
    error = refused(tmp_path, "    owner: ml\n", "    owner: ml\n    read_by: A. Reader\n")
    assert (error.line, error.problem) == (14, "read_by and read_on belong together")
    row = read(
        tmp_path, LAW.replace("    owner: ml\n", "    owner: ml\n    read_by: A. Reader\n    read_on: 2026-03-01\n")
    )
    assert row.versions[0].provision.read_on == date(2026, 3, 1)


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "nearest"),
    [
        ("owner: ml", "owner: mll", 13, "requirements.HOUSE.1.owner", "ml"),
        ("owner: ml", "ownr: ml", 13, "requirements.HOUSE.1.ownr", "owner"),
        ("role: [provider]", "rol: [provider]", 15, "requirements.HOUSE.1.when.rol", "role"),
        ("role: [provider]", "role: [providr]", 15, "requirements.HOUSE.1.when.role", "provider"),
        ("document: policy", "document: polcy", 16, "requirements.HOUSE.1.shown_by.all_of.document", "policy"),
        ("document: policy", "check: fairness.impact_ration", 16, "requirements.HOUSE.1.shown_by.all_of.check",
         "fairness.impact_ratio"),
        ("status: in_force", "status: in-force", 18, "requirements.HOUSE.1.versions.status", "in_force"),
        ("binding: principle", "binding: principal", 5, "binding", "principle"),
    ],
)  # fmt: skip
def test_a_slip_is_named_with_line_key_and_nearest_word(
    tmp_path: Path, old: str, new: str, line: int, key: str, nearest: str
) -> None:
    error = refused(tmp_path, old, new)
    assert (error.line, error.key, error.nearest) == (line, key, nearest)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("certainty: V", "certainty: K?", "Allowed: K+, K~, V, V2."),
        ("from: 2026-02-01", "from: 2026-02-30", "'2026-02-30' is not a date"),
        ("from: 2026-02-01", "from: 1 Feb 2026", "is not a date"),
        ("from: 2026-02-01", "from: 2026-02-01, to: 2026-02-01", "ends before it starts"),
        ("from: 2026-02-01", "from: 2026-02-01, bites: 2026-01-31", "cannot bind before it applies"),
        ("href: https://example.org/rules", "href: http://example.org/rules", "is not an https:// address"),
        ("HOUSE.1:", "house 1:", "an id is written like GDPR.22.1"),
        ("framework: house-rules", "framework: House Rules", "a framework is named in small letters"),
        ("{role: [provider]}", "{role: []}", "an empty list says nothing"),
        ("{role: [provider]}", "{role: provider}", "expected a list"),
        ("{role: [provider]}", "{role: {from: 2026-01-01}}", "is not a date; give a list of values"),
        ("{role: [provider]}", "{in_use_since: {}}", "give from, before, or both"),
        ("{role: [provider]}", "{jurisdiction: [Germany]}", "is not of the form that jurisdiction has"),
        ("all_of:", "some_of:", "no such key here"),
        ("strength: direct}", "strength: direct, process: notices}", "name one thing"),
        ("{document: policy, strength: direct}",
         "{document: policy, strength: direct}, {document: policy, strength: supporting}", "the same thing twice"),
        ("    shown_by:", "    context: true\n    shown_by:", "a context row is shown by nothing"),
        ("    title: Keep a file\n", "", "title missing"),
        ("published: 2026-01-01, ", "", "published missing"),
        ("[{from: 2026-02-01}]}", "[{from: 2026-02-01}]}\n      - {corrects: \"1\"}", "since when it is in the pack"),
        ("[{from: 2026-02-01}]}",
         "[{from: 2026-02-01}]}\n      - {corrects: 2, in_pack_since: 2026-03-01}", "is not the number of a version"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused_in_words(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert said in str(refused(tmp_path, old, new))


def test_a_row_without_anything_to_show_it_has_to_say_that_it_is_context(tmp_path: Path) -> None:
    error = refused(tmp_path, "    shown_by: {all_of: [{document: policy, strength: direct}]}\n", "")
    assert "context: true" in error.problem


def test_a_check_of_a_plug_in_is_taken_at_its_word(tmp_path: Path) -> None:
    row = read(tmp_path, LAW.replace("document: policy", "check: water.lead_in_pipes"))
    shown_by = row.versions[0].provision.shown_by
    assert shown_by is not None
    assert shown_by.parts[0].item == "check:water.lead_in_pipes"


def test_words_that_yaml_would_turn_into_something_else_stay_words(tmp_path: Path) -> None:
    row = read(tmp_path, LAW.replace("{role: [provider]}", "{jurisdiction: [NO], about_people: [yes]}"))
    facts = {"jurisdiction": frozenset({"NO"}), "about_people": frozenset({"yes"})}
    assert row.versions[0].provision.when.evaluate(facts).holds is True


def test_numbers_are_exact_and_days_stay_days(tmp_path: Path) -> None:
    values = """\
    values:
      share: {unit: "1", origin: guidance, since: {2026-02-01: "0.8", 2027-01-01: null}}
      each_year: {unit: month and day, origin: law, since: {2026-02-01: "07-01"}}
"""
    share, each_year = (
        read(tmp_path, LAW.replace("    versions:\n", values + "    versions:\n")).versions[0].provision.values
    )
    assert share.on(date(2026, 12, 31)) == Fraction(4, 5)
    assert share.on(date(2027, 1, 1)) is None
    assert share.on(date(2026, 1, 31)) is None
    assert each_year.on(date(2026, 2, 1)) == "07-01"


@pytest.mark.parametrize("number", ["0,8", "4/0", "1e3", "0.5/2", "nan", "inf", ""])
def test_what_is_not_an_exact_number_is_refused(tmp_path: Path, number: str) -> None:
    limit = f'{{check: fairness.impact_ratio, measurement: impact_ratio, op: ">=", value: "{number}", origin: law}}'
    with pytest.raises(Invalid):
        read(tmp_path, LAW.replace("    versions:\n", f"    limits: [{limit}]\n    versions:\n"))


def test_a_correction_takes_everything_else_from_what_it_corrects(tmp_path: Path) -> None:
    correction = "      - {corrects: 1, in_pack_since: 2026-03-01, cite: r. 1a, note: The paragraph was wrong.}\n"
    row = read(tmp_path, LAW + correction)
    first, second = row.versions
    assert second.provision.cite == "r. 1a"
    assert second.provision.title == first.provision.title
    assert (second.published, second.applies, second.corrects) == (first.published, first.applies, 1)
    view = read_pack([tmp_path / "rules.yaml"]).view(date(2026, 4, 1), date(2026, 4, 1))
    assert view.requirement("HOUSE.1").cite == "r. 1a"
    assert len(view.versions("HOUSE.1")) == 1


def test_before_the_correction_was_in_the_pack_the_error_can_still_be_seen(tmp_path: Path) -> None:
    correction = "      - {corrects: 1, in_pack_since: 2026-03-01, cite: r. 1a}\n"
    pack = read_pack([written(tmp_path, LAW + correction)])
    then = pack.view(date(2026, 4, 1), date(2026, 4, 1), held_at=date(2026, 2, 28))
    assert then.requirement("HOUSE.1").cite == "r. 1"


def test_an_id_may_be_given_once(tmp_path: Path) -> None:
    first, second = written(tmp_path, LAW), written(tmp_path, LAW, "more.yaml")
    with pytest.raises(Invalid, match="is already given in"):
        read_pack([first, second])


def test_ones_own_law_cannot_replace_a_built_in_row(tmp_path: Path) -> None:
    written(tmp_path, LAW.replace("HOUSE.1", load_pack().rows[0].id))
    with pytest.raises(Invalid, match="is already given in"):
        load_pack([tmp_path])


def test_a_folder_that_is_not_there_or_holds_nothing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        load_pack([tmp_path / "absent"])
    with pytest.raises(Misused, match="holds no law file"):
        load_pack([tmp_path])


def test_all_errors_of_a_file_can_be_listed_at_once(tmp_path: Path) -> None:
    second = LAW[LAW.index("  HOUSE.1") :].replace("HOUSE.1", "HOUSE.2").replace("owner: ml", "owner: nobody")
    found = list(errors(written(tmp_path, LAW.replace("due: continuous", "due: never") + second)))
    assert len(found) == 2
    assert "HOUSE.1.due" in found[0]
    assert "HOUSE.2.owner" in found[1]
