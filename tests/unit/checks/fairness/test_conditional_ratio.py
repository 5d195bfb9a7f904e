from fractions import Fraction

import numpy as np
import pytest
from statsmodels.stats.contingency_tables import StratifiedTable, Table2x2
from statsmodels.stats.multitest import multipletests

from counting import named, stratified
from ombud.checks.fairness.conditional_ratio import conditional_ratio
from ombud.statistics.cube import Cube
from ombud.statistics.strata import all_independent

BERKELEY = stratified(  # Bickel, Hammel and O'Connell (1975): graduate admissions, 1973, six departments
    A={"women": (89, 108), "men": (512, 825)},
    B={"women": (17, 25), "men": (353, 560)},
    C={"women": (202, 593), "men": (120, 325)},
    D={"women": (131, 375), "men": (138, 417)},
    E={"women": (94, 393), "men": (53, 191)},
    F={"women": (24, 341), "men": (22, 373)},
)

GENDERS = ("women", "men")


def test_berkeley_women_were_refused_more_often_over_all_and_not_within_departments() -> None:
    measured = list(conditional_ratio(BERKELEY))
    crude, within = (named(measured, name, "women") for name in ("crude_odds_ratio", "mantel_haenszel_odds_ratio"))
    assert float(crude.value or 0) == pytest.approx(0.543, abs=1e-3)
    assert (crude.p_value or 1) < 1e-10
    assert float(within.value or 0) == pytest.approx(1.105, abs=1e-3)  # 0.905 the other way round
    assert any("Simpson's paradox" in note for note in within.notes)
    assert any("differs between strata (Breslow–Day" in note for note in within.notes)


def test_every_number_agrees_with_statsmodels() -> None:
    admitted = {g: [BERKELEY.count(group=g, decision="favourable", stratum=d) for d in "ABCDEF"] for g in GENDERS}
    refused = {g: [BERKELEY.count(group=g, decision="unfavourable", stratum=d) for d in "ABCDEF"] for g in GENDERS}
    departments = list(zip(*(rows[g] for g in GENDERS for rows in (admitted, refused)), strict=True))
    theirs = StratifiedTable([np.array(table).reshape(2, 2) for table in departments])
    measured = list(conditional_ratio(BERKELEY))
    within = named(measured, "mantel_haenszel_odds_ratio", "women")
    assert float(within.value or 0) == pytest.approx(theirs.oddsratio_pooled)
    assert (within.low, within.high) == pytest.approx(theirs.oddsratio_pooled_confint())
    assert within.p_value == pytest.approx(theirs.test_null_odds().pvalue)
    same = named(measured, "odds_ratio_homogeneity", "women")
    assert same.value == pytest.approx(theirs.test_equal_odds(adjust=True).statistic)
    crude, pooled = named(measured, "crude_odds_ratio", "women"), Table2x2(np.sum(departments, axis=0).reshape(2, 2))
    assert float(crude.value or 0) == pytest.approx(pooled.oddsratio)
    assert (crude.low, crude.high) == pytest.approx(pooled.oddsratio_confint())


def test_the_value_is_exact() -> None:
    counts = stratified(x={"a": (10, 40), "b": (20, 40)}, y={"a": (30, 60), "b": (40, 60)})
    within = Fraction(10 * 20, 80) + Fraction(30 * 20, 120), Fraction(30 * 20, 80) + Fraction(30 * 40, 120)
    assert named(conditional_ratio(counts), "mantel_haenszel_odds_ratio").value == within[0] / within[1]


def test_strata_without_both_groups_are_named_and_not_compared() -> None:
    counts = stratified(x={"a": (10, 40), "b": (20, 40)}, y={"a": (30, 60)}, z={"b": (50, 60)})
    measured = list(conditional_ratio(counts))
    within = named(measured, "mantel_haenszel_odds_ratio", "a")
    assert "strata without both a and b, not compared: y, z" in within.notes
    assert (within.n, within.counts["strata_with_both"], within.counts["strata"]) == (40, 1, 3)
    assert named(measured, "assessed_share").value == Fraction(80, 200)


def test_many_strata_without_both_groups_are_named_in_part_and_counted() -> None:
    lonely = {f"s{i}": {"a": (10, 40)} for i in range(8)}
    within = named(
        conditional_ratio(stratified(x={"a": (10, 40), "b": (20, 40)}, **lonely)), "mantel_haenszel_odds_ratio"
    )
    assert within.notes[-1].endswith("s0, s1, s2, s3, s4 and 3 more")


def test_groups_that_never_meet_are_unknown() -> None:
    within = named(
        conditional_ratio(stratified(x={"a": (10, 40)}, y={"b": (20, 40)})), "mantel_haenszel_odds_ratio", "a"
    )
    assert within.unknown == "no stratum holds both a and b: nothing can be compared within strata"


def test_a_group_none_of_whom_is_selected_has_no_interval() -> None:
    within = named(conditional_ratio(stratified(x={"a": (0, 40), "b": (20, 40)})), "mantel_haenszel_odds_ratio")
    assert within.value == 0
    assert (
        within.unknown == "within every stratum all or none of one group are selected: the odds ratio has no interval"
    )


def test_three_groups_are_corrected_by_omnibus_and_holm() -> None:
    counts = stratified(
        x={"a": (10, 60), "b": (20, 60), "c": (30, 60)}, y={"a": (20, 50), "b": (25, 50), "c": (30, 50)}
    )
    measured = [m for m in conditional_ratio(counts) if m.name == "mantel_haenszel_odds_ratio"]
    corrected = multipletests([m.p_raw for m in measured], method="holm")[1]
    overall = all_independent([[10, 20, 30], [20, 25, 30]], [[60, 60, 60], [50, 50, 50]])
    assert corrected[0] < overall < corrected[1]
    assert [m.p_value for m in measured] == pytest.approx([overall, corrected[1]])
    assert {m.reference for m in measured} == {"c"}


def test_small_groups_and_missing_values_are_shown_with_their_count() -> None:
    counts = stratified(x={"a": (10, 29), "b": (20, 40), "c": (10, 40)}) + Cube(
        ("group", "decision", "stratum"), {(None, "favourable", "x"): 12}
    )
    measured = list(conditional_ratio(counts))
    assert named(measured, "mantel_haenszel_odds_ratio", "a").unknown == "not assessed: 29 people, fewer than 30"
    assert named(measured, "mantel_haenszel_odds_ratio", "unknown").n == 12


def test_a_missing_stratum_is_a_stratum() -> None:
    cells = {("a", "favourable", None): 20, ("a", "unfavourable", None): 20, ("b", "favourable", None): 30,
             ("b", "unfavourable", None): 10}  # fmt: skip
    measured = conditional_ratio(Cube(("group", "decision", "stratum"), cells, "sex"))
    assert named(measured, "mantel_haenszel_odds_ratio").value == Fraction(1, 3)


def test_one_group_or_nobody_is_unknown() -> None:
    alone = list(conditional_ratio(stratified(x={"a": (10, 40)})))
    assert alone[0].unknown == "there is only one group: nothing to compare it with"
    nobody = list(conditional_ratio(stratified()))
    assert [m.unknown for m in nobody] == ["nobody was counted", "nobody was counted"]


def test_policy_may_name_the_reference() -> None:
    measured = named(conditional_ratio(BERKELEY, reference="women"), "mantel_haenszel_odds_ratio", "men")
    assert float(measured.value or 0) == pytest.approx(0.905, abs=1e-3)
