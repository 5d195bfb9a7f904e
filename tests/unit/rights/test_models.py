"""Which models learned from a person, and what a decision about one of them must say to count."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from asked import OFFICER, asked, granted, office
from ombud.cases import NotAllowed
from ombud.errors import Misused, NotFound, OmbudError
from ombud.release.people import ModelDecision
from ombud.rights.models import KIND_OF, affected, decisions, record_decision
from ombud.store.identity import Identity
from ombud.store.people import Listed, TableState
from ombud.store.workspace import Workspace

MODEL, NEXT, OTHER = "a1" * 32, "b2" * 32, "c3" * 32
NUMBER = Identity("customer_id", "C-1007")
DAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


class Asked:
    """A person in two models' training tables who asked to be erased."""

    def __init__(self, folder: Path, right: str = "erasure") -> None:
        self.workspace, self.clock = office(folder, DAY)
        self.remember(MODEL, "C-1007", "C-1")
        self.case = granted(self.workspace, asked(self.workspace, right, identities=(NUMBER,)).case, people=1)
        assert self.case.alias
        self.alias = self.case.alias
        self.enlist()

    def remember(self, model: str, *subjects: str, role: str = "training") -> None:
        table = TableState(
            system="loans", role=role, digest=f"{role}{model}"[:64].ljust(64, "0"), kind="customer_id", model=model,
            release=model[::-1], rows=len(subjects), taken_at="2026-11-23T09:00:00.000000Z",
        )  # fmt: skip
        self.workspace.people.remember(table, subjects)

    def enlist(self) -> None:
        self.workspace.people.enlist(
            Listed(alias=self.alias, list="erased", law="gdpr", since=self.clock.now().date(), case=self.case.id)
        )

    def decide(self, choice: str = "exclude", model: str = MODEL, **said: object) -> ModelDecision:
        given = {"reason": "It is trained again in January.", "holder": OFFICER, **said}
        return record_decision(self.workspace, self.case.id, model, choice, **given)  # type: ignore[arg-type]

    @property
    def owed(self) -> list[str]:
        return [one.model for one in affected(self.workspace, alias=self.alias) if one.owed]


@pytest.fixture
def person(tmp_path: Path) -> Asked:
    return Asked(tmp_path)


# --- which models -----------------------------------------------------------------------------------------------------


def test_a_model_is_named_by_whoever_was_in_its_training_table(person: Asked) -> None:
    (one,) = affected(person.workspace, [NUMBER])
    assert (one.model, one.system, one.releases) == (MODEL, "loans", (MODEL[::-1],)) and one.owed
    assert affected(person.workspace, [Identity("customer_id", "C-2")]) == ()
    assert affected(person.workspace, alias=person.alias) == (one,)


def test_a_model_that_was_only_evaluated_on_a_person_did_not_learn_from_them(person: Asked) -> None:
    person.remember(OTHER, "C-1007", role="evaluation")
    assert [one.model for one in affected(person.workspace, [NUMBER])] == [MODEL]
    person.remember(OTHER, "C-1007")
    assert {one.model: len(one.tables) for one in affected(person.workspace, [NUMBER])} == {MODEL: 1, OTHER: 2}


def test_a_table_that_no_model_was_checked_with_taught_none(person: Asked) -> None:
    person.remember("", "C-1007")
    assert [one.model for one in affected(person.workspace, [NUMBER])] == [MODEL]


def test_whoever_was_forgotten_is_still_found_behind_the_alias(person: Asked) -> None:
    person.workspace.people.forget(person.alias)
    assert [one.model for one in affected(person.workspace, alias=person.alias)] == [MODEL]
    assert person.workspace.people.identities(person.alias) == ()


def test_whoever_was_forgotten_and_gives_their_number_again_is_still_owed_the_decision(person: Asked) -> None:
    person.workspace.people.forget(person.alias)
    assert [one.owed for one in affected(person.workspace, [NUMBER])] == [True]
    person.decide("exclude")
    assert [(one.owed, one.decision is not None) for one in affected(person.workspace, [NUMBER])] == [(False, True)]


def test_somebody_who_never_asked_has_models_and_owes_no_decision(person: Asked) -> None:
    (one,) = affected(person.workspace, [Identity("customer_id", "C-1")])
    assert one.decision is None and not one.owed


# --- deciding ---------------------------------------------------------------------------------------------------------


def test_a_decision_is_signed_and_answers_for_the_model_it_names(person: Asked) -> None:
    taken = person.decide(model=MODEL[:8].upper())
    assert decisions(person.workspace.ledger.log()) == (taken,) and taken.model == MODEL
    person.remember(NEXT, "C-1007")
    assert person.owed == [NEXT]  # the next version still holds them


def test_the_reason_stays_beside_the_log(person: Asked) -> None:
    person.decide(reason="Mrs Quince is a friend of the house.")
    assert person.workspace.people.kept(person.case.id)[f"model {MODEL[:16]}"].startswith("Mrs Quince")
    assert not any(b"Quince" in entry.leaf for entry in person.workspace.ledger.log().entries)


def test_a_day_that_has_passed_is_no_decision_any_more(person: Asked) -> None:
    person.decide("retrain", until=(DAY + timedelta(days=30)).date())
    person.clock.time = DAY + timedelta(days=30, hours=10)
    assert person.owed == []
    person.clock.time = DAY + timedelta(days=31)
    assert person.owed == [MODEL]


def test_unlearning_answers_for_the_model_that_came_of_it_and_not_for_the_one_before(person: Asked) -> None:
    person.decide("unlearn", becomes=NEXT)
    person.remember(NEXT, "C-1007")
    assert person.owed == [MODEL]


def test_suppressing_and_keeping_on_a_ground_answer(person: Asked) -> None:
    person.decide("suppress")
    assert person.owed == []
    person.decide("keep", ground="legal-claims")
    assert person.owed == [] and len(decisions(person.workspace.ledger.log())) == 2


def test_what_is_asked_later_needs_a_decision_of_its_own(person: Asked) -> None:
    person.decide()
    person.clock.time = DAY + timedelta(days=5)
    person.workspace.people.enlist(
        Listed(alias=person.alias, list="objected", law="gdpr", since=person.clock.now().date(), case="R-ABCDEF")
    )
    assert person.owed == [MODEL]
    person.decide()
    assert person.owed == []


@pytest.mark.parametrize(
    ("choice", "said", "why"),
    [
        ("wait", {}, "nothing that can be decided"),
        ("exclude", {"reason": "  "}, "has a reason"),
        ("retrain", {}, "has a day"),
        ("retrain", {"until": (DAY - timedelta(days=1)).date()}, "over already"),
        ("exclude", {"until": (DAY + timedelta(days=1)).date()}, "no last day"),
        ("suppress", {"until": (DAY + timedelta(days=1)).date()}, "no last day"),
        ("keep", {}, "on a ground"),
        ("unlearn", {}, "names the model"),
        ("exclude", {"becomes": NEXT}, "names the model"),
    ],
)
def test_what_lacks_something_is_refused_and_nothing_is_written(
    person: Asked, choice: str, said: dict[str, object], why: str
) -> None:
    size = person.workspace.ledger.size
    with pytest.raises(Misused, match=why):
        person.decide(choice, **said)
    assert person.workspace.ledger.size == size


@pytest.mark.parametrize("ground", ["Mrs Quince said so", "x" * 300])
def test_a_ground_is_a_key_and_never_a_sentence(person: Asked, ground: str) -> None:
    with pytest.raises(OmbudError) as refused:
        person.decide("keep", ground=ground)
    assert "Quince" not in str(refused.value) and person.owed == [MODEL]


@pytest.mark.parametrize("model", [OTHER, MODEL[:7], "", "zz" * 8])
def test_a_model_that_did_not_learn_from_the_person_cannot_be_decided_about(person: Asked, model: str) -> None:
    with pytest.raises(NotFound) as refused:
        person.decide(model=model)
    assert MODEL[:12] in str(refused.value.next_step) or MODEL[:12] in str(refused.value)


def test_nothing_can_be_decided_before_anything_was_done(tmp_path: Path) -> None:
    person = Asked(tmp_path)
    fresh = asked(person.workspace, "objection", identities=(NUMBER,)).case
    with pytest.raises(NotAllowed):
        record_decision(person.workspace, fresh.id, MODEL, "exclude", reason="x", holder=OFFICER)


def test_a_revoked_decision_does_not_count(person: Asked) -> None:
    from ombud.evidence.statement import Statement, Subject

    person.decide()
    workspace: Workspace = person.workspace
    entry = workspace.ledger.log().trusted("case")[-1]
    said = {
        "entries": [entry.digest], "reason": "mistaken", "from": None, "organisation": True,
        "observed_at": workspace.now(), "software": {},
    }  # fmt: skip
    workspace.ledger.append([workspace.sign(Statement((Subject("e", entry.digest),), "revocation", said), OFFICER)])
    assert decisions(workspace.ledger.log()) == () and person.owed == [MODEL]


def test_every_kind_of_the_command_line_has_a_choice_that_requests_can_hold() -> None:
    from ombud.rights.request import REQUESTS

    assert set(KIND_OF.values()) == REQUESTS.fields["choice"].codes
