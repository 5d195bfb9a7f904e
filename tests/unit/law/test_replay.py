"""The shifts of 2025 to 2028, replayed on the law that ships: what bound whom, by what was published when."""

from datetime import date

import pytest

from ombud.law.diff import difference
from ombud.law.load import load_pack
from ombud.law.upcoming import upcoming
from ombud.law.view import Applicability

PACK = load_pack()
Declared = dict[str, frozenset[str]]


def declared(**facts: str) -> Declared:
    return {name: frozenset(said.split()) for name, said in facts.items()}


CREDIT_SCORER = declared(
    jurisdiction="DE EU EEA",
    role="controller provider deployer creditor",
    use_case="mortgage",
    decision="automated",
    solely_automated="yes",
    significant="yes",
    about_people="yes",
    personal_data="yes",
    profiling="yes",
    trained="yes",
    has_model="yes",
    basis_training="legitimate-interests",
    basis_decisions="contract",
    annex_iii="yes",
    annex_iii_point="5b",
    annex_i="no",
    exemption_claimed="no",
    public_body="no",
    generative="no",
    interactive="yes",
    in_use_since="2026-08-02",
    design_changed="never",
    exempt="",
)
PROVIDER_DUTIES = [
    "AIA.9", "AIA.10.2", "AIA.11", "AIA.12", "AIA.13", "AIA.14", "AIA.15.1", "AIA.16", "AIA.17", "AIA.18", "AIA.19",
    "AIA.20", "AIA.43", "AIA.47", "AIA.48", "AIA.49.1", "AIA.72", "AIA.73.15d",
]  # fmt: skip
DEPLOYER_DUTIES = ["AIA.26.1-2", "AIA.26.4", "AIA.26.6", "AIA.26.11", "AIA.27.1", "AIA.27.2", "AIA.27.3", "AIA.86"]
HIGH_RISK = [*PROVIDER_DUTIES, *DEPLOYER_DUTIES]


def asked(id: str, as_of: str, known_at: str, facts: Declared = CREDIT_SCORER) -> Applicability:
    view = PACK.view(date.fromisoformat(as_of), date.fromisoformat(known_at))
    return view.applies(view.requirement(id), facts)


@pytest.mark.parametrize("id", HIGH_RISK)
def test_by_what_was_published_on_1_july_2026_high_risk_duties_bound_on_3_august(id: str) -> None:
    answer = asked(id, "2026-08-03", "2026-07-01")
    assert (answer.applies, answer.bites_from) == ("yes", date(2026, 8, 2))
    assert "2024/1689" in answer.because


@pytest.mark.parametrize("id", HIGH_RISK)
def test_by_what_was_published_on_28_july_2026_they_do_not_before_december_2027(id: str) -> None:
    new = CREDIT_SCORER | declared(in_use_since="2027-12-02")
    answer = asked(id, "2026-08-03", "2026-07-28", new)
    assert (answer.applies, answer.upcoming, answer.bites_from) == ("no", True, date(2027, 12, 2))
    assert "2026/1744" in answer.because


@pytest.mark.parametrize("known_at", ["2026-07-01", "2026-07-28"])
def test_gdpr_rows_apply_under_both(known_at: str) -> None:
    for id in ("GDPR.22.1", "GDPR.15.1.h"):
        assert asked(id, "2026-08-03", known_at).applies == "yes"


def test_an_interactive_system_tells_people_so_under_both() -> None:
    for known_at in ("2026-07-01", "2026-07-28"):
        assert asked("AIA.50.1", "2026-08-03", known_at).applies == "yes"
        assert asked("AIA.50.1", "2026-08-01", known_at).applies == "no"


def test_the_diff_names_the_amending_regulation_for_every_row_it_moved() -> None:
    views = [PACK.view(date(2026, 8, 3), date(2026, 7, day)) for day in (1, 28)]
    changes = {change.id: change for change in difference(*views, CREDIT_SCORER)}
    assert set(HIGH_RISK) <= set(changes)
    for id in HIGH_RISK:
        assert any("2026/1744" in instrument for instrument in changes[id].instruments), id
    assert not any(id.startswith("GDPR.") for id in changes)


SWITCHED_ON = ["AIA.9", "AIA.10.2", "AIA.11", "AIA.12", "AIA.13", "AIA.14", "AIA.15.1", "AIA.19", "AIA.26.1-2",
               "AIA.27.1", "AIA.43", "AIA.47", "AIA.49.1", "AIA.72", "AIA.73.15d", "AIA.86"]  # fmt: skip


def test_for_a_system_first_used_in_december_2027_they_switch_on_in_one_day() -> None:
    new = CREDIT_SCORER | declared(in_use_since="2027-12-02")
    for id in SWITCHED_ON:
        assert asked(id, "2027-12-01", "2026-11-23", new).applies == "no", id
        assert asked(id, "2027-12-02", "2026-11-23", new).applies == "yes", id


def test_months_ahead_the_product_lists_them_with_what_would_show_them() -> None:
    new = CREDIT_SCORER | declared(in_use_since="2027-12-02")
    turns = upcoming(PACK.view(date(2026, 11, 23), date(2026, 11, 23)), new, date(2027, 12, 31))
    coming = {turn.requirement.id: turn for turn in turns if turn.day == date(2027, 12, 2)}
    assert set(SWITCHED_ON) <= set(coming)
    assert all(coming[id].to_json()["shown_by"] for id in SWITCHED_ON)


def test_a_system_already_in_use_comes_in_only_on_significant_design_change() -> None:
    for id in SWITCHED_ON:
        assert asked(id, "2027-12-02", "2026-11-23").applies == "no", id
        redesigned = CREDIT_SCORER | declared(design_changed="2027-12-02")
        assert asked(id, "2027-12-02", "2026-11-23", redesigned).applies == "yes", id


def test_without_the_date_of_first_use_it_cannot_be_told() -> None:
    undated = {fact: values for fact, values in CREDIT_SCORER.items() if fact != "in_use_since"}
    for id in SWITCHED_ON:
        answer = asked(id, "2027-12-02", "2026-11-23", undated)
        assert (answer.applies, answer.missing_facts) == ("cannot tell", ("in_use_since",)), id


COLORADO = declared(
    jurisdiction="US-CO US", role="deployer provider creditor", use_case="mortgage", decision="automated",
    solely_automated="yes", significant="yes", about_people="yes", personal_data="yes", in_use_since="2026-01-01",
)  # fmt: skip
COADMT = ["COADMT.1702", "COADMT.1703", "COADMT.1704.notice", "COADMT.1704.adverse", "COADMT.1705"]


@pytest.mark.parametrize("id", COADMT)
def test_the_colorado_act_of_2024_never_bound_anybody(id: str) -> None:
    for known_at in ("2026-05-13", "2026-07-01", "2026-11-23"):
        for as_of in ("2026-02-01", "2026-07-01", "2026-12-31"):
            assert asked(id, as_of, known_at, COLORADO).applies == "no"


@pytest.mark.parametrize("id", COADMT)
def test_its_successor_binds_from_january_2027(id: str) -> None:
    answer = asked(id, "2026-07-01", "2026-07-01", COLORADO)
    assert (answer.upcoming, answer.bites_from) == (True, date(2027, 1, 1))
    assert "SB 26-189" in answer.because
    assert asked(id, "2027-01-01", "2026-11-23", COLORADO).applies == "yes"


def test_the_proposed_96_hours_never_change_the_breach_rule() -> None:
    for known_at in (date(2025, 11, 18), date(2026, 11, 23), date(2027, 6, 1)):
        view = PACK.view(date(2027, 6, 1), known_at)
        numbers = {
            value.on(date(2027, 6, 1)) for value in view.requirement("GDPR.33.1").values if value.unit == "hours"
        }
        assert numbers == {72}
    before, after = (PACK.view(date(2026, 1, 1), date(2025, 11, day)) for day in (18, 20))
    assert "GDPR.33.1" not in {change.id for change in difference(before, after)}
    assert "GDPR.33.1" in {proposal.id for proposal in after.proposals}


def test_the_effects_test_of_regulation_b_ended_on_21_july_2026() -> None:
    before = PACK.view(date(2026, 7, 20), date(2026, 11, 23)).requirement("REGB.6.effects")
    after = PACK.view(date(2026, 7, 21), date(2026, 11, 23)).requirement("REGB.6.effects")
    assert before.text != after.text
    assert before.instrument != after.instrument


def test_sr_11_7_ended_on_17_april_2026_and_its_successor_began() -> None:
    legacy = PACK.view(date(2026, 4, 17), date(2026, 11, 23)).requirement("MRM.LEGACY.SR11-7")
    assert legacy.status == "repealed"
    assert legacy.context or legacy.applies_to == date(2026, 4, 17)
    assert PACK.view(date(2026, 4, 17), date(2026, 11, 23)).requirement("MRM.US.monitoring").applies_from == date(
        2026, 4, 17
    )


def test_the_four_fifths_rule_limits_us_hiring_and_nothing_else() -> None:
    limited = {
        (row.id, limit.value) for row in PACK.view(date(2026, 11, 23), date(2026, 11, 23)).requirements
        for limit in row.limits if limit.measurement == "impact_ratio"
    }  # fmt: skip
    assert {id for id, _ in limited} == {"UGESP.4D"}
    hiring = declared(jurisdiction="US-NY US", role="employer", use_case="employment", decision="automated", exempt="")
    assert asked("UGESP.4D", "2026-11-23", "2026-11-23", hiring).applies == "yes"
    assert asked("UGESP.4D", "2026-11-23", "2026-11-23", COLORADO | declared(role="creditor")).applies == "no"


def test_new_prohibitions_begin_on_2_december_2026() -> None:
    images = declared(jurisdiction="FR EU EEA", role="provider", generative="yes")
    assert asked("AIA.5.ba-bb", "2026-12-01", "2026-11-23", images).applies == "no"
    assert asked("AIA.5.ba-bb", "2026-12-02", "2026-11-23", images).applies == "yes"
    assert asked("AIA.5.a-h", "2025-02-02", "2026-11-23", images).applies == "yes"


def test_californian_decision_rules_bind_existing_uses_from_2027() -> None:
    lender = declared(
        jurisdiction="US-CA US", role="business", use_case="mortgage", decision="automated", solely_automated="yes",
        significant="yes", about_people="yes", personal_data="yes", ccpa_threshold="yes", exempt="",
        in_use_since="2026-01-01",
    )  # fmt: skip
    for id in ("CCR.7220", "CCR.7221", "CCR.7222"):
        assert asked(id, "2026-12-31", "2026-11-23", lender).applies == "no", id
        assert asked(id, "2027-01-01", "2026-11-23", lender).applies == "yes", id


@pytest.mark.parametrize(
    ("id", "day"),
    [("UKGDPR.12A", "2026-02-05"), ("UKGDPR.22A-D", "2026-02-05"), ("DPA18.164A", "2026-06-19"),
     ("CCD2.18", "2026-11-20"), ("CA.FEHA.ADS", "2025-10-01"), ("IL.HB3773", "2026-01-01"),
     ("TX.TRAIGA", "2026-01-01"), ("AIA.4a", "2026-07-27"), ("AIA.53", "2025-08-02"), ("OSFI.E23", "2027-05-01")],
)  # fmt: skip
def test_dates_of_the_change_list_are_in_the_data(id: str, day: str) -> None:
    requirement = PACK.view(date.fromisoformat(day), date(2026, 11, 23)).requirement(id)
    assert requirement.applies_from == date.fromisoformat(day)
