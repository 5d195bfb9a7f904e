"""What a step may say: kinds of values without room for a person's words."""

import pytest

from ombud.cases.fields import Field, read_field
from ombud.errors import Invalid
from ombud.law.tree import parse
from ombud.rights.request import REQUESTS


def field(written: str) -> Field:
    return read_field(parse(f"one: {written}", "table.yaml").value["one"])


@pytest.mark.parametrize(
    ("written", "good", "bad"),
    [
        ("flag", True, "yes"),
        ("count", 3, -1),
        ("count", 0, True),
        ("day", "2026-11-23", "2026-11-31"),
        ("day", "2026-11-23", "20261123"),
        ("instant", "2026-11-23T07:00:00.000000Z", "2026-11-23"),
        ("digest", "ab" * 32, "AB" * 32),
        ("alias", "ab" * 16, "ann@example.org"),
        ("case", "R-7F3A2C", "R-7F3A2U"),
        ("key", "legal-obligation", "Ann Example"),
        ("name", "core.customers", "ann@example.org"),
        ("place", "US-CA", "California"),
        ("zone", "Europe/Berlin", "../../etc/passwd"),
        ("sentence", "backups, until 2027-01-05", "two\nlines"),
        ("sentence", "", "\x1b[2J"),
        ("[case]", ["R-7F3A2C"], "R-7F3A2C"),
        ("{code: [a, b]}", "a", "c"),
        ("{codes: [a, b]}", ["a", "b"], ["a", 1]),
        ("{rows: {place: name, n: count}}", [{"place": "core.x", "n": 1}, {"place": None}], [{"who": "core.x"}]),
        ("{rows: {place: name}}", [], {"place": "core.x"}),
    ],
)
def test_each_kind_takes_what_is_of_it_and_nothing_else(written: str, good: object, bad: object) -> None:
    assert field(written).problem(good) is None
    assert field(written).problem(bad)


def test_what_is_wrong_is_told_without_the_value() -> None:
    assert "ann" not in str(field("key").problem("ann@example.org"))
    assert "ann" not in str(field("{code: [web, mail]}").problem("ann"))


def test_a_list_is_bounded() -> None:
    assert field("[count]").problem([1] * 10_000) is None
    assert field("[count]").problem([1] * 10_001)


@pytest.mark.parametrize("written", ["wish", "[day, case]", "{code: [a], codes: [b]}", "{free: text}", "[]"])
def test_a_table_names_only_kinds_that_exist(written: str) -> None:
    with pytest.raises(Invalid):
        field(written)


def test_sentences_stand_only_where_the_program_itself_words_them() -> None:
    worded = {"outcomes", "recipients", "zones"}
    for name, one in REQUESTS.fields.items():
        kinds = {one.kind, *(column.kind for column in one.columns.values())}
        assert "sentence" not in kinds or name in worded, name
