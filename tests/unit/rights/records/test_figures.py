from datetime import date, timedelta
from fractions import Fraction
from statistics import median

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis.strategies import builds, dates, integers, lists, none, one_of, sampled_from

from ombud.documents.rights.records import LoggedRequest, paper
from ombud.rights.records import consent_record, request_log, yearly_figures
from ombud.rights.records.figures import figures_of, months_before
from ombud.rights.records.requests import requests_in
from rights_papers import DAY, DECLARED, data_map, requests

ONE = requests()[0]


def test_the_figures_of_a_year_are_those_computed_by_hand() -> None:
    erasure, consent = yearly_figures("Bank", requests(), 2026, DAY).types
    assert (erasure.right, erasure.received, erasure.whole, erasure.denied, erasure.still_open) == (
        "erasure",
        3,
        1,
        1,
        1,
    )
    assert (erasure.median, erasure.mean) == (Fraction(15), Fraction(15))  # 20 and 10 days
    assert erasure.grounds == {"legal duty": 1}
    assert (consent.right, consent.received, consent.whole) == ("withdraw-consent", 1, 1)


def test_a_request_belongs_to_the_year_it_was_received_in() -> None:
    assert [one.received for one in yearly_figures("Bank", requests(), 2025, DAY).types] == [1]
    assert yearly_figures("Bank", requests(), 2024, DAY).types == ()


def test_a_year_without_requests_is_said_to_be_empty() -> None:
    page = paper(yearly_figures("Bank", (), 2026, DAY))
    assert next(table.empty for table in page.tables) == "No request was received in this year."


any_request = builds(
    lambda received, days, response: evolve(
        ONE, received=received, response=response,
        responded=None if response == "open" or days is None else received + timedelta(days=days),
    ),
    dates(date(2020, 1, 1), date(2030, 1, 1)),
    one_of(none(), integers(0, 400)),
    sampled_from(["complied", "complied in part", "denied", "withdrawn", "open"]),
)  # fmt: skip


@given(lists(any_request))
def test_the_kinds_of_answers_add_up_to_what_was_received(several: list[LoggedRequest]) -> None:
    found = figures_of("erasure", several)
    assert found.whole + found.part + found.denied + found.withdrawn + found.still_open == found.received
    days = [one.days for one in several if one.days is not None and one.response != "withdrawn"]
    assert found.answered == len(days)
    if days:
        assert found.median == Fraction(str(median(days)))
        assert found.mean == Fraction(sum(days), len(days))
        assert min(days) <= found.median <= max(days)
    else:
        assert found.median is found.mean is None


@pytest.mark.parametrize(
    ("day", "before"),
    [
        (date(2026, 12, 20), date(2024, 12, 20)), (date(2028, 2, 29), date(2026, 2, 28)),
        (date(2026, 1, 31), date(2024, 1, 31)),
    ],
)  # fmt: skip
def test_the_log_goes_back_24_months(day: date, before: date) -> None:
    assert months_before(day, 24) == before


def test_what_is_older_than_the_log_stays_in_it_while_it_is_open() -> None:
    old = evolve(ONE, received=date(2024, 1, 1), responded=date(2024, 2, 1), case="R-OLD")
    still = evolve(old, responded=None, response="open", case="R-OPEN")
    late = evolve(old, responded=date(2025, 2, 1), case="R-LATE")
    edge = evolve(old, received=date(2024, 12, 20), responded=None, response="open", case="R-EDGE")
    cases = {one.case for one in request_log("Bank", (old, still, late, edge), DAY).requests}
    assert cases == {"R-OPEN", "R-LATE", "R-EDGE"}
    assert "R-OLD" in {one.case for one in request_log("Bank", (old,), DAY, since=date(2024, 1, 1)).requests}


def test_the_log_shows_the_seven_things_that_the_rule_asks_for() -> None:
    table = paper(request_log("Bank", requests(), DAY)).tables[0]
    row = dict(zip(table.heads, table.rows[1], strict=True))
    assert row == {
        "Reference": "R-2", "Received": "2026-03-01", "Nature": "erasure (delete)", "Manner": "web form",
        "Law": "CCPA", "Answered": "2026-03-11", "Days": "10", "Answer": "denied", "Ground of denial": "legal duty",
    }  # fmt: skip


def test_what_rests_on_consent_is_listed_with_its_proof_or_a_hole() -> None:
    record = consent_record("Bank", data_map(), DECLARED, requests(), DAY)
    assert [one.place for one in record.resting] == ["mailing.newsletter"]
    assert [hole.where for hole in paper(record).holes] == ["records.yaml: consent.mailing.newsletter"]
    filled = evolve(DECLARED, consent={"mailing.newsletter": "table receipts"})
    assert paper(consent_record("Bank", data_map(), filled, requests(), DAY)).holes == ()


def test_a_withdrawal_is_told_once_with_the_list_it_is_on() -> None:
    alone = consent_record("Bank", data_map(), DECLARED, requests(), DAY).withdrawals
    assert [(one.case, one.system) for one in alone] == [("R-4", "not on a list")]
    listed = consent_record("Bank", data_map(), DECLARED, requests(), DAY, (("R-4", DAY, "mailing"),)).withdrawals
    assert [(one.case, one.system) for one in listed] == [("R-4", "mailing")]


def test_no_entries_are_no_requests() -> None:
    assert requests_in(()) == ((), ())
