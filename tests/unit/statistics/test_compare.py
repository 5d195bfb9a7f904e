import numpy as np
import pytest
from scipy.stats import chi2, chi2_contingency
from statsmodels.stats.multitest import multipletests

from ombud.statistics.compare import Family, compare, nameless, too_small
from ombud.statistics.equality import omnibus
from ombud.statistics.groups import Group, choose_reference

GROUPS = [Group("a", 60, 200), Group("b", 45, 100), Group("c", 52, 150), Group("d", 30, 110)]


def family(groups: list[Group], protected: str = "race", named: str | None = None) -> Family:
    return compare(protected, groups, choose_reference(protected, groups, named), too_small(groups) | nameless(groups))


def test_the_p_value_is_the_larger_of_omnibus_and_holm() -> None:
    raw = [chi2_contingency([[g.selected, g.total - g.selected], [45, 55]], correction=False).pvalue
           for g in GROUPS if g.name != "b"]  # fmt: skip
    overall = chi2_contingency([[g.selected, g.total - g.selected] for g in GROUPS]).pvalue
    found = family(GROUPS).comparisons
    assert [one.p_raw for one in found] == pytest.approx(raw)
    assert [one.p_value for one in found] == pytest.approx(np.maximum(overall, multipletests(raw, method="holm")[1]))


def test_one_pair_is_not_corrected() -> None:
    (one,) = family(GROUPS[:2]).comparisons
    assert one.p_value == one.p_raw


def test_many_combinations_are_corrected_by_benjamini_and_hochberg_after_the_omnibus() -> None:
    rng = np.random.default_rng(0)
    groups = [Group(f"g{i:02} × f", int(rng.binomial(100, 0.3)), 100) for i in range(12)]
    found = family([*groups, Group("z × f", 60, 100)], "race × sex")
    expected = multipletests([one.p_raw for one in found.comparisons], method="fdr_bh")[1]
    overall = omnibus([g.selected for g in groups] + [60], [100] * 13)
    assert [one.p_value for one in found.comparisons] == pytest.approx(np.maximum(overall, expected))
    assert "Benjamini–Hochberg over 12 pairs" in found.method


def test_many_levels_of_one_column_are_still_corrected_one_by_one() -> None:
    groups = [Group(f"g{i:02}", 30 + i, 100) for i in range(13)]
    assert "Holm over 12 pairs" in family(groups).method


def test_small_groups_are_left_with_their_count_and_do_not_enter_the_correction() -> None:
    found = family([*GROUPS[:2], Group("tiny", 1, 29)])
    assert [(group.name, reason) for group, reason in found.left] == [
        ("tiny", "not assessed: 29 people, fewer than 30")
    ]
    (one,) = found.comparisons
    assert one.p_value == one.p_raw
    assert found.compared == {"a", "b"}


def test_people_with_a_missing_value_are_left_whatever_their_number() -> None:
    found = family([*GROUPS[:2], Group("unknown", 90, 900, missing=True)])
    assert [reason for _, reason in found.left] == ["not assessed: 900 people whose protected value is not known"]


def test_one_group_alone_is_compared_with_nobody() -> None:
    found = family([Group("a", 10, 40)])
    assert [reason for _, reason in found.left] == ["there is only one group: nothing to compare it with"]
    assert found.compared == frozenset()


def test_a_named_reference_too_small_to_assess_leaves_all_unknown() -> None:
    found = family([*GROUPS, Group("tiny", 1, 12)], named="tiny")
    assert found.comparisons == ()
    assert {reason for group, reason in found.left if group.name != "tiny"} == {
        "the reference group tiny is not assessed: 12 people, fewer than 30"
    }


def test_a_named_reference_that_was_not_counted_leaves_all_unknown() -> None:
    assert all("'x', named by policy" in reason for _, reason in family(GROUPS, named="x").left)


def test_no_group_at_all_is_no_comparison() -> None:
    found = family([])
    assert (found.comparisons, found.left) == ((), ())


def _fails(selected: list[int], n: int) -> tuple[bool, bool]:
    """Whether any group falls below four fifths with a p-value below .05: corrected, and raw."""
    found = family([Group(f"g{i}", x, n) for i, x in enumerate(selected)]).comparisons
    beyond = [one for one in found if one.group.selected < 0.8 * one.reference.selected]
    return any(one.p_value < 0.05 for one in beyond), any(one.p_raw < 0.05 for one in beyond)


@pytest.mark.parametrize(("n", "rate"), [(100, 0.3), (60, 0.1)])
def test_six_fair_groups_fail_in_at_most_52_of_1000_audits(n: int, rate: float) -> None:
    draws = np.random.default_rng(20261123).binomial(n, rate, (10_000, 6))
    pooled = draws.sum(axis=1, keepdims=True) / (6 * n)
    overall = chi2.sf(((draws - n * pooled) ** 2 / n / (pooled * (1 - pooled))).sum(axis=1), 5)
    unequal = [selected for selected, p in zip(draws.tolist(), overall, strict=True) if p < 0.06]  # the rest passes
    assert 0.03 < sum(_fails(selected, n)[0] for selected in unequal) / 10_000 <= 0.052
    assert not any(_fails(selected, n)[0] for selected in draws[overall >= 0.06][:100].tolist())


def test_without_the_correction_six_fair_groups_would_fail_far_more_often() -> None:
    draws = np.random.default_rng(7).binomial(100, 0.3, (500, 6)).tolist()
    assert np.mean([_fails(selected, 100)[1] for selected in draws]) > 0.15
