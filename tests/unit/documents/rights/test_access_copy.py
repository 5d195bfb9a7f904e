import csv
import json
from datetime import UTC, date, datetime, time
from decimal import Decimal
from io import StringIO
from typing import Any
from uuid import UUID

import jsonschema
import pytest
from attrs import evolve
from hypothesis import given
from hypothesis.strategies import characters, sampled_from, text

from ombud.documents.paper import Facts, Paper, Table
from ombud.documents.rights.access import Copy, Field, Held, portable_files, readable_copy
from ombud.documents.rights.access.copy import NEVER_RAW
from ombud.documents.rights.access.readable import SHOWN_ROWS
from ombud.documents.rights.access.values import as_cell, as_json, as_text, in_words
from ombud.documents.webpage import html
from rights_papers import copy

SECRETS = ("IE29AIBK93115212345678", "4711", "Sam Doe")


def files_of(one: Copy, scope: Any = "everything") -> dict[str, bytes]:
    return dict(portable_files(one, scope))


def tables(paper: Paper) -> list[Table]:
    return [part for part in paper.parts if isinstance(part, Table)]


@pytest.mark.parametrize("scope", ["everything", "portable"])
def test_secrets_and_third_parties_are_in_no_file(scope: str) -> None:
    written = html(readable_copy(copy())).encode() + b"".join(files_of(copy(), scope).values())
    for secret in SECRETS:
        assert secret.encode() not in written
    assert b"likes the sea" in written  # the reader works


def test_what_is_not_shown_is_said_to_be_held() -> None:
    rows = {row[0]: row[1] for row in tables(readable_copy(copy()))[0].rows}
    assert rows["Account number"] == rows["pin"] == "[held, not shown]"
    assert rows["Partner"] == "[about somebody else]"


def test_nothing_is_claimed_to_be_held_where_there_is_nothing() -> None:
    held = Held(address="a.b", fields=(Field(name="pin", secret=True),), rows=({"pin": None}, {}))
    paper = readable_copy(evolve(copy(), held=(held,)))
    assert {row[0] for row in tables(paper)[0].rows} == {"–"}


@pytest.mark.parametrize("segment", sorted(NEVER_RAW))
def test_numbers_of_accounts_and_passwords_are_never_raw_whatever_the_map_says(segment: str) -> None:
    assert Field(name="x", category=f"user.some.{segment}").hidden
    assert not Field(name="x", category=f"user.some.{segment}ish").hidden  # compared by segment


def test_only_what_was_given_or_observed_is_portable() -> None:
    given = json.loads(files_of(copy(), "portable")["data.json"])["collections"]["core.customers"][0]
    assert set(given) == {"name", "seen", "note"}
    everything = json.loads(files_of(copy())["data.json"])["collections"]["core.customers"][0]
    assert set(everything) == {"name", "iban", "pin", "partner", "risk", "seen", "note"}


def test_a_reader_gets_a_bounded_table_and_is_told_where_the_rest_is() -> None:
    paper = readable_copy(copy(rows=1_000))
    assert len(tables(paper)[1].rows) == SHOWN_ROWS
    assert "50 of 1,000 entries are shown here" in html(paper)
    assert len(json.loads(files_of(copy(rows=1_000))["data.json"])["collections"]["core.payments"]) == 1_000


def test_a_place_that_could_not_be_read_makes_the_copy_incomplete() -> None:
    page = html(readable_copy(copy()))
    assert "This copy is not complete" in page and "It did not answer in time." in page
    assert json.loads(files_of(copy())["data.json"])["complete"] is False
    whole = evolve(copy(), held=copy().held[:2])
    assert "not complete" not in html(readable_copy(whole))
    assert json.loads(files_of(whole)["data.json"])["complete"] is True


def test_a_copy_without_anything_says_so() -> None:
    assert "We found nothing about you." in html(readable_copy(evolve(copy(), held=copy().held[3:])))


def test_the_copy_tells_purposes_recipients_source_retention_logic_and_rights() -> None:
    facts = [part for part in readable_copy(copy()).parts if isinstance(part, Facts)]
    told = {term: value for part in facts for term, value in part.rows}
    assert told["How long they stay"] != "10y"
    page = html(readable_copy(copy()))
    for words in ("run your account", "Credit Bureau Ltd", "10 years", "Your debts are high for your income",
                  "Data Protection Commission", "Have data erased."):  # fmt: skip
        assert words in page
    assert "ask us" in str(told["What people do"])  # nothing is invented where nobody said


@pytest.mark.parametrize("scope", ["everything", "portable"])
def test_the_data_hold_to_the_schema_that_goes_with_them(scope: str) -> None:
    files = files_of(copy(), scope)
    schema = json.loads(files["schema.json"])
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(json.loads(files["data.json"]), schema)
    broken = json.loads(files["data.json"])
    broken["collections"]["core.customers"][0]["more"] = 1
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(broken, schema)


def test_csv_files_read_back_as_they_were() -> None:
    rows = list(csv.DictReader(StringIO(files_of(copy())["01-core-customers.csv"].decode("utf-8-sig"))))
    assert rows[0]["note"] == "likes the sea" and rows[0]["seen"] == "2026-11-20T09:30:00"


def test_names_of_files_say_nothing_about_the_person() -> None:
    named = evolve(copy().held[0], address="core.../../zoë <x>")
    names = list(files_of(evolve(copy(), held=(named,))))
    assert names == ["data.json", "schema.json", "01-core-------zo---x.csv"]


@given(sampled_from(["=", "+", "-", "@", "\t=", " =", "\r=", "\u200b=", "＝", "＠"]), text(max_size=20))
def test_no_cell_of_a_csv_begins_a_formula(start: str, rest: str) -> None:
    cell = as_cell(f"{start}{rest}")
    assert cell.startswith("'") or cell.lstrip("+-").replace(".", "").replace(",", "").isdigit()


@given(text(alphabet=characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40))
def test_a_cell_keeps_its_text(said: str) -> None:
    assert as_cell(said).removeprefix("'") in (said, said.removeprefix("'"))


@pytest.mark.parametrize(
    ("value", "plain", "shown"),
    [
        (None, None, "–"), (True, True, "yes"), (-5, -5, "-5"), (2.0, 2.0, "2"), (float("nan"), "nan", "nan"),
        (Decimal("12.50"), "12.50", "12.50"), (date(2026, 1, 2), "2026-01-02", "2026-01-02"),
        (datetime(2026, 1, 2, 3, 4, tzinfo=UTC), "2026-01-02T03:04:00+00:00", "2026-01-02 03:04:00+00:00"),
        (time(3, 4), "03:04:00", "03:04:00"), (b"ab", "YWI=", "2 bytes (in the file for machines)"),
        ([1, "a"], [1, "a"], "[1, 'a']"), ("\ud800", "?", "\ud800"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001", "00000000-0000-0000-0000-000000000001"),
    ],
)  # fmt: skip
def test_values_of_databases_are_written_exactly_for_machines_and_readably_for_people(
    value: Any, plain: Any, shown: str
) -> None:
    assert as_json(value) == plain and as_text(value) == shown
    json.dumps(as_json(value)).encode()


@pytest.mark.parametrize(("length", "words"), [("10y", "10 years"), ("1 m", "1 month"), ("as long as needed",) * 2])
def test_lengths_of_time_are_words(length: str, words: str) -> None:
    assert in_words(length) == words
