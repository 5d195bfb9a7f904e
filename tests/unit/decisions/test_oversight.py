"""Do people take part? Figures against scipy, statsmodels and enumeration, and what a period of decisions shows."""

import json
import math
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, fisher_exact, quantile_test
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

from contested import (
    OFFICER,
    PLATFORM,
    REVIEWER,
    SYSTEM,
    TODAY,
    as_,
    contest,
    decision,
    made,
    office,
    told,
)
from ombud.cli.decisions.oversight_text import overseen
from ombud.decisions import Human
from ombud.decisions.contest_review import Contests
from ombud.decisions.contest_reviewers import appoint, staff_alias
from ombud.decisions.intake import record
from ombud.decisions.oversight import (
    SMALLEST,
    Hand,
    Tally,
    figures,
    looked_at_alone,
    median,
    median_interval,
    never_disagreed,
)
from ombud.decisions.oversight_record import Overseen, oversee, plain
from ombud.errors import Misused, OmbudError
from ombud.evidence.errors import Refused
from ombud.statistics.measurement import Measurement
from ombud.system.manifest import load_system
from ombud.system.spec import System

counts = st.integers(SMALLEST, 400)


def of(*hands: tuple[int, int], decisions: int | None = None, **more: int) -> Tally:
    """Reviewers by (reviews, changed)."""
    all_ = {f"S-{n}": Hand(reviews=reviews, changed=changed) for n, (reviews, changed) in enumerate(hands)}
    return Tally(decisions=decisions or sum(reviews for reviews, _ in hands), hands=all_, **more)


def figure(tally: Tally, name: str, hasty: int = 30) -> Measurement:
    return next(one for one in figures(tally, hasty) if one.name == name)


# --- shares -----------------------------------------------------------------------------------------------------------


@given(reviews=counts, share=st.floats(0, 1))
def test_the_override_rate_has_wilsons_interval(reviews: int, share: float) -> None:
    changed = round(share * reviews)
    found = figure(of((reviews, changed)), "override_rate")
    low, high = proportion_confint(changed, reviews, method="wilson")
    assert found.value == Fraction(changed, reviews) and found.n == reviews
    assert (found.low, found.high) == (pytest.approx(low, abs=1e-9), pytest.approx(high, abs=1e-9))


def test_thirty_reviews_are_assessed_and_twenty_nine_are_only_counted() -> None:
    assert figure(of((30, 3)), "override_rate").value == Fraction(1, 10)
    few = figure(of((29, 3)), "override_rate")
    assert few.value is None and not few.is_assessed and dict(few.counts) == {"some": 3, "all": 29}


def test_the_share_of_decisions_with_a_person_is_counted_and_not_estimated() -> None:
    found = figure(of((5, 0), decisions=400), "human_share")
    assert (found.value, found.low, found.is_estimate) == (Fraction(5, 400), None, False)
    assert figure(Tally(decisions=0, hands={}), "human_share").unknown == "no decision was made in the period"


# --- times ------------------------------------------------------------------------------------------------------------


@given(st.lists(st.integers(0, 10_000), min_size=6, max_size=300))
def test_the_median_and_its_interval_agree_with_scipy(values: list[int]) -> None:
    ascending = [float(one) for one in sorted(values)]
    assert median(ascending) == np.median(ascending)
    expected = quantile_test(np.array(ascending), p=0.5).confidence_interval(0.95)
    found = median_interval(ascending)
    assert (found.low, found.high) == (expected.low, expected.high)


def test_five_values_hold_no_interval_of_the_median_and_six_do() -> None:
    assert median_interval([1.0] * 5).low == -math.inf  # 2 / 2**5 is more than 5 %
    assert median_interval([1.0] * 6) == median_interval([1.0] * 6).__class__(1.0, 1.0)


def test_no_time_is_shown_where_nobody_was_told_and_the_same_times_are_shown_where_they_were() -> None:
    quick = {"S-1": Hand(reviews=40, seconds=[10.0] * 30 + [90.0] * 10)}
    hidden = figures(Tally(decisions=40, hands=quick))
    assert [one.value for one in hidden if one.name in ("review_seconds", "hasty_share")] == [None, None]
    shown = Tally(decisions=40, hands=quick, told=1)
    assert figure(shown, "review_seconds").value == 10.0
    assert figure(shown, "hasty_share").value == Fraction(30, 40)
    assert figure(shown, "hasty_share", hasty=10).value == 0  # a review of 10 seconds is not below 10
    few = Tally(decisions=40, hands={"S-1": Hand(reviews=40, seconds=[10.0] * 29)}, told=1)
    assert figure(few, "review_seconds").value is None and "fewer than 30" in str(figure(few, "hasty_share").unknown)


# --- who never disagrees ----------------------------------------------------------------------------------------------


def test_the_chance_is_the_binomial_one_and_the_p_value_fishers_corrected_by_holm() -> None:
    hands = ((60, 0), (200, 20), (90, 9), (45, 0), (10, 0))
    found = {one.who: one for one in never_disagreed(of(*hands))}
    assert found.keys() == {"S-0", "S-3"}  # ten reviews are too few to be looked at alone
    reviews, changed = sum(n for n, _ in hands), sum(k for _, k in hands)
    raw = [
        fisher_exact([[k, n - k], [changed - k, reviews - n - (changed - k)]], alternative="less").pvalue
        for n, k in hands[:4]
    ]
    corrected = multipletests(raw, method="holm")[1]
    for name, at in (("S-0", 0), ("S-3", 3)):
        n = hands[at][0]
        assert found[name].chance == pytest.approx(binom.pmf(0, n, changed / (reviews - n)))
        assert found[name].p_value == pytest.approx(corrected[at], rel=1e-9)


def test_a_small_deal_agrees_with_counting_every_way_to_deal_it() -> None:
    """Of 12 cases 3 come out otherwise; one reviewer has 5. How often do they get none of the 3?"""
    from ombud.decisions.oversight import _few

    ways = list(combinations(range(12), 5))
    none = sum(not {0, 1, 2} & set(way) for way in ways)
    tally = of((5, 0), (7, 3))
    assert _few(tally.hands["S-0"], tally) == pytest.approx(none / len(ways))


def test_where_nobody_disagrees_nobody_stands_out() -> None:
    found = never_disagreed(of((500, 0), (500, 0)))
    assert [(one.chance, one.p_value, one.stands_out) for one in found] == [(1.0, 1.0, False)] * 2


def test_two_hundred_reviews_without_a_change_stand_out_and_thirty_do_not() -> None:
    (long,) = never_disagreed(of((200, 0), (400, 40)))
    assert long.stands_out and long.chance == pytest.approx(0.9**200)
    (short,) = never_disagreed(of((30, 0), (400, 40)))
    assert not short.stands_out


def test_a_reviewer_is_looked_at_alone_only_with_enough_reviews_by_others() -> None:
    assert never_disagreed(of((200, 0), (29, 20))) == () and looked_at_alone(of((200, 0), (29, 20))) == 0
    assert len(never_disagreed(of((200, 0), (30, 20)))) == 1
    assert never_disagreed(of((200, 0))) == ()  # alone there are no others


def test_among_many_reviewers_like_all_others_few_stand_out() -> None:
    """A thousand offices, twenty reviewers each who all change one outcome in twenty: one stands out in at most 5 %."""
    rng = np.random.default_rng(20261126)
    offices = [
        any(one.stands_out for one in never_disagreed(of(*((60, int(k)) for k in rng.binomial(60, 0.05, 20)))))
        for _ in range(1000)
    ]
    assert sum(offices) <= binom.ppf(0.999, 1000, 0.05)


# --- a period of decisions --------------------------------------------------------------------------------------------

MANIFEST = """\
system: mortgage-approval
model: {artifact: model.txt, threshold: 0.5}
"""
START, END = TODAY - timedelta(days=60), TODAY
BOTH = ("score", "documents")


def period(folder: Path) -> tuple[Contests, System]:
    who, _ = office(folder)
    (folder / "ombud.yaml").write_text(MANIFEST)
    return who, load_system(folder / "ombud.yaml")


def decide(who: Contests, prefix: str, number: int, human: Human | None, at: datetime = TODAY) -> None:
    """So many decisions, a second apart."""
    made_at = at - timedelta(hours=1)
    rows = [decision(f"{prefix}-{n}", human=human, at=made_at + timedelta(seconds=n)) for n in range(number)]
    record(who.workspace, SYSTEM, rows, PLATFORM)


def seen(who: Contests, system: System, start: datetime = START, end: datetime = END) -> Overseen:
    return oversee(who.workspace, system, start, end, PLATFORM)


def elements(done: Overseen) -> dict[str, tuple[int, int]]:
    return {one.key: (one.shown, one.of) for one in done.elements}


def test_each_element_is_shown_only_where_it_is_on_record(tmp_path: Path) -> None:
    who, system = period(tmp_path)
    decide(who, "trained", 4, Human(who="S-17", saw=BOTH))
    decide(who, "untrained", 3, Human(who="S-40", saw=BOTH))
    decide(who, "unnamed", 2, Human(who="S-99", saw=BOTH))
    decide(who, "score-only", 5, Human(who="S-17", saw=("score", "reasons")))
    decide(who, "no-output", 6, Human(who="S-17", saw=("documents",)))
    done = seen(who, system)
    # A-2 is by S-17, from before anybody was named, and they saw the score alone
    assert elements(done) == {"reads-output": (0, 21), "other-information": (9, 21), "may-change": (0, 21)}
    assert done.conclusion == "not-shown" and done.tally.decisions == 23


def test_what_was_put_on_record_before_the_decisions_shows_the_elements(tmp_path: Path) -> None:
    who, system = period(tmp_path)
    clock = who.workspace.context.clock
    clock.pass_by(7200)  # type: ignore[attr-defined]
    later = TODAY + timedelta(seconds=7200)
    decide(who, "trained", 4, Human(who="S-17", saw=BOTH), later)
    decide(who, "untrained", 3, Human(who="S-40", saw=BOTH), later)
    decide(who, "unnamed", 2, Human(who="S-99", saw=BOTH), later)
    decide(who, "score-only", 5, Human(who="S-17", saw=("score", "reasons")), later)
    done = oversee(who.workspace, system, TODAY, later, PLATFORM)
    assert elements(done) == {"reads-output": (9, 14), "other-information": (9, 14), "may-change": (12, 14)}
    assert (done.tally.whole, done.conclusion) == (4, "not-shown")


def test_it_is_shown_for_a_period_only_if_it_is_shown_for_every_decision(tmp_path: Path) -> None:
    who, system = period(tmp_path)
    who.workspace.context.clock.pass_by(7200)  # type: ignore[attr-defined]
    later = TODAY + timedelta(seconds=7200)
    assert oversee(who.workspace, system, TODAY, later, PLATFORM).conclusion == "cannot-tell"  # nothing was decided
    decide(who, "whole", 4, Human(who="S-17", saw=BOTH), later)
    assert oversee(who.workspace, system, TODAY, later, PLATFORM).conclusion == "shown"
    decide(who, "alone", 1, None, later)
    assert oversee(who.workspace, system, TODAY, later, PLATFORM).conclusion == "not-shown"


def test_times_from_before_the_notice_are_not_looked_at(tmp_path: Path) -> None:
    who, system = period(tmp_path)
    decide(who, "before", 50, Human(who="S-17", saw=BOTH, seconds=5.0))
    told(who, "S-17")
    who.workspace.context.clock.pass_by(7200)  # type: ignore[attr-defined]
    later = TODAY + timedelta(seconds=7200)
    decide(who, "after", 40, Human(who="S-17", saw=BOTH, seconds=100.0), later)
    decide(who, "untimed", 3, Human(who="S-17", saw=BOTH), later)
    decide(who, "not-told", 40, Human(who="S-40", saw=BOTH, seconds=1.0), later)
    done = seen(who, system, end=later)
    time = done.measurement("review_seconds")
    assert (time.value, time.n, time.counts["untimed"]) == (100.0, 40, 3)


def test_a_contest_that_changed_a_decision_counts_as_a_contest_and_not_as_a_review(tmp_path: Path) -> None:
    who, system = period(tmp_path)
    who.assign(number := contest(who), REVIEWER)
    as_(who, REVIEWER).review(number, made("changed"))
    who.workspace.context.clock.pass_by(60)  # type: ignore[attr-defined]
    done = seen(who, system, end=TODAY + timedelta(seconds=60))
    assert (done.tally.decisions, done.tally.reviews, done.tally.changed) == (3, 1, 0)
    assert (done.tally.contests, done.tally.reversed) == (1, 1)


def test_what_was_measured_is_signed_and_names_no_reviewer(tmp_path: Path) -> None:
    who, system = period(tmp_path)
    decide(who, "never", 100, Human(who="S-Unique", saw=BOTH))
    decide(who, "often", 60, Human(who="S-40", saw=BOTH, changed=True))
    done = seen(who, system)
    said = dict(done.entry.statement.predicate)
    assert said["check"] == "oversight.human_involvement" and done.entry in who.workspace.ledger.log().entries
    assert "Unique" not in json.dumps(said) + json.dumps(plain(done)) and "S-40" not in json.dumps(said)
    (one,) = (row for row in said["measurements"] if row["name"] == "overrides_of_reviewer")
    assert one["group"] == staff_alias(who.workspace, "S-Unique") and one["n"] == 100
    assert [each.who for each in done.never] == ["S-Unique"] and done.never[0].stands_out
    assert "compliant" not in json.dumps(plain(done))
    assert "S-Unique" in overseen(done, private=True) and "Unique" not in overseen(done, private=False)
    assert "chance is no good account of it: ask" in overseen(done, private=False)


def test_decisions_in_a_table_of_ones_own_count_once_and_rows_that_are_none_are_told(tmp_path: Path) -> None:
    who, _ = period(tmp_path)
    (tmp_path / "ombud.yaml").write_text(MANIFEST + """\
data: {decisions: {table: own.csv}}
columns: {id: id, subject: customer, time: at, decision: ok, favourable: 1, score: p, features: [income], human: who,
          human_changed: changed, human_seconds: seconds}
""")  # fmt: skip
    day = (TODAY - timedelta(days=2)).isoformat()
    (tmp_path / "own.csv").write_text(
        "id,customer,at,ok,p,income,who,changed,seconds\n"
        f"L-1,C-1,{day},0,0.2,10,S-17,1,40\nL-2,C-2,{day},1,0.7,10,,,\nA-1,C-3,{day},1,0.7,10,,,\nL-3,C-4,,1,0.7,10,,,\n"
    )
    done = seen(who, load_system(tmp_path / "ombud.yaml"))
    assert (done.tally.decisions, done.tally.reviews, done.tally.changed, done.tally.left_out) == (5, 2, 1, 1)


def test_a_period_is_over_and_the_key_may_measure(tmp_path: Path) -> None:
    who, system = period(tmp_path)
    for start, end in ((END, START), (START, START), (START, TODAY + timedelta(days=1))):
        with pytest.raises(Misused, match="begins before it ends"):
            seen(who, system, start, end)
    with pytest.raises(Refused) as refused:
        oversee(who.workspace, system, START, END, OFFICER)
    assert isinstance(refused.value, OmbudError)
    assert seen(who, system).tally.decisions == 3


def test_a_record_that_is_over_shows_nothing_from_then_on(tmp_path: Path) -> None:
    who, system = period(tmp_path)
    clock = who.workspace.context.clock
    appoint(who.workspace, PLATFORM, OFFICER, staff="S-7", training="8" * 64, until=TODAY + timedelta(hours=1))
    clock.pass_by(3 * 3600)  # type: ignore[attr-defined]
    inside, after = TODAY + timedelta(minutes=90), TODAY + timedelta(hours=3)
    decide(who, "inside", 2, Human(who="S-7", saw=BOTH), inside)  # an hour before: half past ten
    decide(who, "after", 3, Human(who="S-7", saw=BOTH), after)
    assert elements(oversee(who.workspace, system, TODAY, after, PLATFORM))["may-change"] == (2, 5)
