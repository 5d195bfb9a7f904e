"""What law owes people who ask: read from its file, with what is unsure marked so, and nothing invented."""

from datetime import date
from pathlib import Path

import pytest
import yaml

from ombud.errors import Invalid, Misused
from ombud.law import load_pack
from ombud.law.clockrules import clock_rule
from ombud.law.requests import LAWS, RIGHTS, RULES, Regime, book, read_requests, regimes

DAY = date(2026, 11, 23)
FILE = Path(__file__).parents[3] / "src" / "ombud" / "law" / "requests.yaml"
BUSINESS = {"role": frozenset(("business",)), "ccpa_threshold": frozenset(("yes",))}


def laws(residence: str, on: date = DAY, **facts: frozenset[str]) -> dict[str, Regime]:
    return {one.law: one for one in regimes(residence, facts, on)}


def test_where_the_person_lives_decides_which_law_holds() -> None:
    assert set(laws("DE")) == set(laws("NO")) == {"gdpr"}
    assert set(laws("GB")) == set(laws("GB-SCT")) == {"uk-gdpr"}
    assert set(laws("US-CA")) == {"ccpa"} and set(laws("US-CO")) == {"colorado"}
    assert laws("JP") == laws("US-TX") == {}


def test_an_organisation_in_the_union_owes_its_law_to_people_elsewhere_too() -> None:
    held = laws("US-CA", establishment=frozenset(("DE",)))
    assert set(held) == {"gdpr", "ccpa"}
    assert held["gdpr"].because == "the organisation is established in DE"
    assert (held["gdpr"].timezone, held["ccpa"].timezone) == ("Europe/Berlin", "America/Los_Angeles")


def test_a_fact_that_nobody_declared_leaves_the_law_standing_and_is_named() -> None:
    assert laws("US-CA")["ccpa"].missing == {"role", "ccpa_threshold"}
    assert laws("US-CA", **BUSINESS)["ccpa"].missing == frozenset()
    assert laws("US-CA", role=frozenset(("business",)))["ccpa"].missing == {"ccpa_threshold"}


def test_a_fact_that_was_declared_decides() -> None:
    assert "ccpa" not in laws("US-CA", ccpa_threshold=frozenset(("no",)))
    assert "ccpa" not in laws("US-CA", role=frozenset(("service-provider",)))


def test_a_duty_that_begins_later_is_not_owed_before_its_day() -> None:
    before, after = laws("US-CA")["ccpa"], laws("US-CA", on=date(2027, 1, 1))["ccpa"]
    assert before.duty("opt-out-decisions") is None and before.not_yet("opt-out-decisions") == date(2027, 1, 1)
    assert after.duty("opt-out-decisions") is not None and after.not_yet("opt-out-decisions") is None
    assert laws("DE", on=date(2018, 5, 24)) == {} and set(laws("DE", on=date(2018, 5, 25))) == {"gdpr"}


def test_californias_verification_wants_two_points_for_categories_and_three_and_a_declaration_for_pieces() -> None:
    duty = laws("US-CA")["ccpa"].duty("access")
    assert duty is not None and duty.points == {"categories": 2, "pieces": 3} and duty.declaration == "pieces"
    assert (duty.identity, duty.clock, duty.acknowledge) == ("required", "ca-rights-request", "ca-acknowledge")


def test_an_opt_out_wants_no_proof_of_identity() -> None:
    duties = [laws("US-CA")["ccpa"].duty(right) for right in ("opt-out-sale", "limit-sensitive")]
    assert [duty.identity for duty in duties if duty] == ["not-required"] * 2


def test_grounds_are_lists_of_the_law_and_of_what_is_asked_for() -> None:
    gdpr = laws("DE")["gdpr"]
    erasure = {ground.key for ground in gdpr.grounds_to_refuse("erasure")}
    assert {"manifestly-unfounded", "excessive", "legal-obligation"} <= erasure
    assert "legal-obligation" not in {ground.key for ground in gdpr.grounds_to_refuse("access")}
    assert "same-correction-within-six-months" not in erasure
    assert {"legal-obligation", "legal-hold"} <= {ground.key for ground in gdpr.grounds_to_keep("erasure")}


def test_colorado_has_no_number_because_our_sheets_have_none() -> None:
    duties = laws("US-CO")["colorado"].duties.values()
    assert all(duty.clock is None and duty.certainty == "K~" for duty in duties)


# --- the whole file ---------------------------------------------------------------------------------------------------


def test_every_law_has_its_remedies_and_its_rules_and_says_where_a_complaint_goes() -> None:
    assert tuple(book().laws) == LAWS
    for regime in book().laws.values():
        assert "complaint-authority" in regime.remedies and set(regime.rules) == set(RULES)
        assert set(regime.duties) <= set(RIGHTS)


def test_no_entry_was_read_by_anybody_and_all_are_shown_as_not_yet_read() -> None:
    plain = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    assert plain["read_by"] is None and plain["read_on"] is None
    for regime in book().laws.values():
        for entry in (*regime.duties.values(), *regime.refuse.values(), *regime.keep.values(), *regime.rules.values()):
            assert entry.certainty_words.startswith("not yet read")
            assert ("unchecked" in entry.certainty_words) == (entry.certainty != "V")


def test_every_requirement_that_is_named_is_in_the_law_pack_and_every_clock_runs_under_that_requirement_or_beside() -> (
    None
):
    known = {row.id for row in load_pack().view(date(2027, 6, 1), date(2027, 6, 1)).requirements}
    for regime in book().laws.values():
        for duty in regime.duties.values():
            assert duty.requirement is None or duty.requirement in known, duty
            for clock in filter(None, (duty.clock, duty.acknowledge, duty.refusal)):
                assert clock_rule(clock, max(duty.since, date(2027, 1, 1))).requirement in known


def test_a_ground_that_can_be_refused_on_before_identity_is_shown_is_known_wherever_identity_is_asked_for() -> None:
    for regime in book().laws.values():
        for right, duty in regime.duties.items():
            if duty.identity != "not-required":
                assert "identity-not-verified" in {ground.key for ground in regime.grounds_to_refuse(right)}


@pytest.mark.parametrize("place", ["", "d", "germany", "DE; drop", "DE\n", "ann@example.org", "A" * 1000])
def test_what_is_no_place_is_refused_and_not_repeated(place: str) -> None:
    with pytest.raises(Misused) as refused:
        regimes(place, {}, DAY)
    assert str(refused.value) == "that is no place to live"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("clock: ca-opt-out\n", "clock: ca-opt-uot\n", "ca-opt-out"),
        ("        identity: required\n", "        identity: requierd\n", "required"),
        ("certainty: V2, types: [rectification]", "certainty: V9, types: [rectification]", "V9"),
        ('points: {categories: "2"', 'points: {categories: "0"', "number of data points"),
        ("types: [restriction]}", "types: [restrictoin]}", "restriction"),
        ("        ends: told\n", "        ends: maybe\n", "maybe"),
        ("      access: &co-duty", "      acess: &co-duty", "access"),
        ("calendar: US-CA", "calendar: US-XX", "US-XX"),
        ("  gdpr:\n", "  gpdr:\n", "gdpr"),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path: Path, old: str, new: str, said: str) -> None:
    text = FILE.read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "requests.yaml").write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(Invalid) as refused:
        read_requests(tmp_path / "requests.yaml")
    assert said in str(refused.value) and refused.value.line
