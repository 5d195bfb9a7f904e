from datetime import UTC, date, datetime, timedelta

import pytest

from ombud.decisions.retention import Retention, retention
from ombud.law import Facts, load_pack
from ombud.system.duration import Duration

DECIDED = datetime(2026, 1, 31, tzinfo=UTC)
TODAY = date(2026, 11, 25)


def said(**facts: str) -> Facts:
    return {name: frozenset(value.split()) for name, value in facts.items()}


CREDITOR = said(jurisdiction="US", role="creditor", use_case="mortgage", decision="automated", significant="yes")


def kept(facts: Facts, ceiling: str | None = None, day: date = TODAY) -> Retention:
    return retention(load_pack(), facts, Duration.parse(ceiling) if ceiling else None, day)


def named(found: Retention) -> dict[str, str]:
    return {one.requirement: str(one.at_least) for one in found.floors if one.applies == "yes"}


def test_a_creditor_keeps_applications_for_twenty_five_months() -> None:
    found = kept(CREDITOR)
    assert named(found)["REGB.12"] == "25m"
    assert found.keeps(DECIDED, datetime(2028, 2, 28, tzinfo=UTC)) is not None
    assert found.keeps(DECIDED, datetime(2028, 2, 29, tzinfo=UTC)) is None  # the month has no 31st


def test_business_credit_is_kept_for_twelve() -> None:
    assert named(kept(said(jurisdiction="US", role="creditor", use_case="business-credit")))["REGB.12"] == "12m"


def test_the_ai_act_is_told_before_it_binds_and_does_not_keep_anything_until_then() -> None:
    facts = said(jurisdiction="DE EU", role="provider deployer", use_case="mortgage", decision="automated",
                 significant="yes", annex_iii="yes", annex_iii_point="5b", annex_i="no",
                 design_changed="never", in_use_since="2028-01-01")  # fmt: skip
    floors = {one.requirement: one for one in kept(facts).floors}
    assert floors["AIA.19"].applies == "no" and floors["AIA.19"].bites_from == date(2027, 12, 2)
    assert str(floors["AIA.26.6"].at_least) == "6m"


def test_a_ceiling_below_a_floor_is_a_conflict_and_the_floor_holds() -> None:
    found = kept(CREDITOR, "6m")
    assert [one.requirement for one in found.conflicts] == ["REGB.12"]
    after_ceiling = DECIDED + timedelta(days=300)
    assert not found.expired(DECIDED, after_ceiling)
    assert found.expired(DECIDED, datetime(2028, 3, 1, tzinfo=UTC))
    assert not kept(CREDITOR, "30m").conflicts


def test_without_a_ceiling_nothing_is_ever_over() -> None:
    assert not Retention().expired(DECIDED, datetime(2999, 1, 1, tzinfo=UTC))


def test_what_nobody_declared_may_bind_and_keeps_until_somebody_does() -> None:
    floor = kept({}).keeps(DECIDED, DECIDED + timedelta(days=1), erasure=True)
    assert floor is not None and floor.applies == "cannot tell" and floor.missing


@pytest.mark.parametrize("erasure", [True, False])
def test_a_floor_that_stands_back_before_an_erasure_is_known_as_such(erasure: bool) -> None:
    facts = said(jurisdiction="DE EU", role="deployer", use_case="mortgage", decision="automated", significant="yes",
                 annex_iii="yes", annex_iii_point="5b", annex_i="no",
                 design_changed="never", in_use_since="2028-01-01")  # fmt: skip
    found = kept(facts, day=date(2028, 2, 1))
    logs = [one for one in found.floors if one.requirement == "AIA.26.6"]
    assert logs and logs[0].yields
    held = Retention(floors=tuple(logs)).keeps(datetime(2028, 1, 2, tzinfo=UTC), datetime(2028, 2, 1, tzinfo=UTC),
                                               erasure=erasure)  # fmt: skip
    assert (held is None) is erasure
