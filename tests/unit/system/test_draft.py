"""The drafts of manifests that `ombud init` writes."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from ombud.law.vocabulary import USE_CASES
from ombud.system.draft import Answers, draft_organisation, draft_system
from ombud.system.facts import facts
from ombud.system.guess import Guess
from ombud.system.manifest import read_system
from ombud.system.organisation import read_organisation
from ombud.system.places import PLACES
from ombud.system.spec import System
from ombud.system.words import words
from ombud.system.yaml_lines import parse_yaml
from ombud.tables.needs import Role

name = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=20)
maybe = st.sampled_from([True, False, None])


def drafted(answers: Answers, guess: Guess, model: str | None = None, threshold: str | None = None) -> System:
    return read_system(
        parse_yaml(draft_system(answers, guess, "data.parquet", model, threshold).encode(), Path("ombud.yaml"))
    )


def test_what_nobody_answered_is_left_out_and_so_cannot_be_told() -> None:
    known = facts(drafted(Answers(name="a"), Guess(by_role={})))
    assert not {"jurisdiction", "role", "use_case", "decision", "significant", "label_is"} & set(known)


def test_whoever_trains_and_uses_a_model_is_provider_and_deployer() -> None:
    read = drafted(Answers(name="a", trains=True, uses=True, use_case="mortgage"), Guess(by_role={}))
    assert set(read.roles) == {"controller", "provider", "deployer", "creditor"}


def test_whoever_trained_a_model_has_one_even_if_only_decisions_are_at_hand() -> None:
    known = facts(drafted(Answers(name="a", trains=True), Guess(by_role={})))
    assert (known["has_model"], known["trained"], known["third_party_model"]) == ({"yes"}, {"yes"}, {"no"})
    assert "has_model" not in facts(drafted(Answers(name="a", trains=False), Guess(by_role={})))


def test_whoever_only_uses_it_is_no_provider() -> None:
    read = drafted(Answers(name="a", trains=False, uses=True, use_case="employment"), Guess(by_role={}))
    assert set(read.roles) == {"controller", "deployer", "employer"}


def test_half_an_answer_declares_no_role() -> None:
    assert drafted(Answers(name="a", trains=None, uses=True), Guess(by_role={})).roles == ()


def test_a_labelled_table_is_for_evaluation_and_another_one_holds_decisions() -> None:
    labelled = Guess(by_role={Role.LABEL: ("y",)}, label_favourable="1")
    assert set(drafted(Answers(name="a"), labelled).data) == {"evaluation"}
    assert set(drafted(Answers(name="a"), Guess(by_role={})).data) == {"decisions"}


def test_a_decision_whose_good_value_is_unsure_is_left_as_a_comment() -> None:
    unsure = Guess(by_role={Role.DECISION: ("ok",)}, decision_values=("A", "B"))
    text = draft_system(Answers(name="a"), unsure, "t.csv", None, None)
    assert "# decision: ok" in text and "# favourable: A or B" in text
    assert Role.DECISION not in drafted(Answers(name="a"), unsure).columns.by_role


@given(
    columns=st.lists(name, min_size=7, max_size=7, unique=True),
    favourable=name,
    places=st.lists(st.sampled_from(sorted(PLACES)), max_size=3, unique=True),
    use_case=st.sampled_from([*sorted(USE_CASES), None]),
    trains=maybe,
    uses=maybe,
    significant=maybe,
    organisation=st.none() | st.just("Bank \"of\" #1: 'x'"),
)
def test_whatever_is_drafted_loads_and_says_what_was_answered(
    columns: list[str], favourable: str, places: list[str], use_case: str | None, trains: bool | None,
    uses: bool | None, significant: bool | None, organisation: str | None,
) -> None:  # fmt: skip
    subject, decision, label, sex, race, zip3, other = columns
    guess = Guess(
        by_role={
            Role.SUBJECT: (subject,), Role.DECISION: (decision,), Role.LABEL: (label,), Role.PROTECTED: (sex, race),
            Role.QUASI_IDENTIFIER: (zip3, sex), Role.SPECIAL: (race,),
        },
        favourable=favourable, label_favourable=favourable, remarks={other: "has 61 values"},
    )  # fmt: skip
    answers = Answers(
        name="a", places=tuple(places), use_case=use_case, trains=trains, uses=uses, significant=significant,
        organisation=organisation,
    )  # fmt: skip
    read = drafted(answers, guess, "m.txt", "0.5")
    assert read.columns.by_role[Role.PROTECTED] == (sex, race)
    assert (read.columns.favourable, read.columns.of(Role.DECISION)) == (favourable, (decision,))
    assert (read.jurisdictions, read.use_case, read.significant) == (tuple(places), use_case, significant)
    beside = read_organisation(parse_yaml(draft_organisation(answers).encode(), Path("organisation.yaml")))
    assert organisation in (None, beside.name)


EXAMPLES = words(
    "lawful_basis in_use_since design_changed exempt owner roles jurisdictions use_case decision significant label_is "
    "model facts"
)


def test_every_commented_example_line_loads_when_it_is_uncommented() -> None:
    text = draft_system(Answers(name="a"), Guess(by_role={}), "t.csv", None, None)
    examples = {line.removeprefix("# ").partition(":")[0]: line for line in text.splitlines() if line.startswith("# ")}
    for key in EXAMPLES:
        opened = text.replace(examples[key], examples[key].removeprefix("# "))
        assert key in read_system(parse_yaml(opened.encode(), Path("ombud.yaml"))).content
    for line in draft_organisation(Answers(name="a")).splitlines()[3:]:
        opened = f"name: B\n{line.removeprefix('# ')}\n"
        assert len(read_organisation(parse_yaml(opened.encode(), Path("organisation.yaml"))).content) == 2
