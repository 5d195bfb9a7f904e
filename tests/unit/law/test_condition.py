"""Three-valued conditions: what is not declared is unknown, never "no"."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from ombud.law.condition import ALWAYS, All, Any_, Condition, Dated, Is, Not, every, facts_in, from_json, in_words

PROVIDER = Is("role", ("provider",))
LISTED = Is("annex_iii", ("yes",))
NOBODY: dict[str, frozenset[str]] = {}


def declared(**facts: str) -> dict[str, frozenset[str]]:
    return {name: frozenset(said.split()) for name, said in facts.items()}


def test_a_fact_that_is_not_declared_is_missing_and_not_false() -> None:
    truth = PROVIDER.evaluate(NOBODY)
    assert truth.holds is None
    assert truth.missing == {"role"}
    assert truth.words == "not declared: role"


def test_a_fact_declared_as_empty_is_false() -> None:
    truth = Is("exempt", ("US-CA:glba",)).evaluate(declared(exempt=""))
    assert truth.holds is False
    assert truth.words == "exempt is declared as none, not US-CA:glba"


def test_a_false_part_settles_a_conjunction_though_another_is_unknown() -> None:
    truth = All((LISTED, PROVIDER)).evaluate(declared(role="deployer"))
    assert truth.holds is False
    assert truth.missing == frozenset()
    assert truth.words == "role is deployer, not provider"


def test_a_true_part_settles_a_disjunction_though_another_is_unknown() -> None:
    truth = Any_((LISTED, PROVIDER)).evaluate(declared(role="provider deployer"))
    assert truth.holds is True
    assert truth.words == "role is provider"


def test_the_missing_facts_are_those_that_could_still_decide() -> None:
    condition = All((PROVIDER, Any_((LISTED, Is("annex_i", ("yes",))))))
    assert condition.evaluate(declared(role="provider", annex_iii="no")).missing == {"annex_i"}
    assert condition.evaluate(declared(annex_iii="no")).missing == {"annex_i", "role"}


def test_the_denial_of_what_is_unknown_is_unknown() -> None:
    assert Not(PROVIDER).evaluate(NOBODY).holds is None
    assert Not(PROVIDER).evaluate(declared(role="deployer")).holds is True


def test_a_date_may_be_asked_for_from_a_day_on_and_before_another() -> None:
    since = Dated("in_use_since", date(2026, 8, 2), None)
    assert since.evaluate(declared(in_use_since="2026-08-02")).holds is True
    assert since.evaluate(declared(in_use_since="2026-08-01")).holds is False
    assert since.evaluate(NOBODY).missing == {"in_use_since"}
    before = Dated("in_use_since", None, date(2026, 8, 2))
    assert before.evaluate(declared(in_use_since="2026-08-02")).holds is False
    assert before.evaluate(declared(in_use_since="2026-08-01")).holds is True


def test_what_never_happened_lies_on_neither_side_of_a_date() -> None:
    never = declared(design_changed="never")
    assert Dated("design_changed", date(2026, 8, 2), None).evaluate(never).holds is False
    assert Dated("design_changed", None, date(2026, 8, 2)).evaluate(never).holds is False


def test_the_conjunction_of_conditions_is_flat() -> None:
    assert every(ALWAYS, PROVIDER) == PROVIDER
    assert every(All((PROVIDER, LISTED)), PROVIDER) == All((PROVIDER, LISTED, PROVIDER))


def test_a_condition_can_be_said_in_words() -> None:
    condition = All((PROVIDER, Any_((LISTED, Not(Is("decision", ("assisted", "none")))))))
    assert in_words(condition) == ("role is provider; and (annex_iii is yes, or not (decision is assisted or none))")
    assert in_words(ALWAYS) == "everybody"


conditions: st.SearchStrategy[Condition] = st.recursive(
    st.sampled_from([PROVIDER, LISTED, Is("annex_i", ("yes",)), Dated("in_use_since", date(2026, 1, 1), None)]),
    lambda inner: st.one_of(
        inner.map(Not),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: All(tuple(parts))),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: Any_(tuple(parts))),
    ),
    max_leaves=12,
)
worlds = st.fixed_dictionaries(
    {},
    optional={
        "role": st.sampled_from([frozenset({"provider"}), frozenset({"deployer"})]),
        "annex_iii": st.sampled_from([frozenset({"yes"}), frozenset({"no"})]),
        "annex_i": st.sampled_from([frozenset({"yes"}), frozenset({"no"})]),
        "in_use_since": st.sampled_from([frozenset({"2025-01-01"}), frozenset({"2026-06-01"})]),
    },
)


@given(condition=conditions, facts=worlds, more=worlds)
def test_declaring_more_never_turns_a_settled_answer(condition: Condition, facts, more) -> None:
    before = condition.evaluate(facts)
    if before.holds is not None:
        assert condition.evaluate({**more, **facts}).holds is before.holds


@given(condition=conditions, facts=worlds)
def test_what_is_missing_is_asked_about_and_not_declared(condition: Condition, facts) -> None:
    truth = condition.evaluate(facts)
    assert (truth.holds is None) == bool(truth.missing)
    assert truth.missing <= facts_in(condition) - set(facts)


@given(condition=conditions, facts=worlds)
def test_two_denials_are_none(condition: Condition, facts) -> None:
    assert Not(Not(condition)).evaluate(facts).holds is condition.evaluate(facts).holds


@given(condition=conditions)
def test_a_condition_survives_json(condition: Condition) -> None:
    assert from_json(condition.to_json()) == condition
