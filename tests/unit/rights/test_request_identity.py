"""Who asks: shown, asked for, failed, waived; and agents."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from asked import BUSINESS, OFFICER, asked, granted, office, searched, take
from ombud.cases import NotAllowed
from ombud.errors import Misused
from ombud.law.requests import LAWS, book
from ombud.rights.decide import Decision, review
from ombud.rights.identify import (
    ask_identity,
    identity_failed,
    need_of,
    record_verification,
    show_authority,
    waive_identity,
)
from ombud.rights.verify import Level, Proof, needed

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def proof(level: Level, method: str = "attested") -> Proof:
    return Proof(method=method, points=0, level=level, at=AT)  # type: ignore[arg-type]


def test_a_proof_that_is_sure_enough_is_written_down_and_a_weaker_one_is_not(tmp_path: Path) -> None:
    workspace, _ = office(tmp_path)
    case = asked(workspace, "access", "US-CA", facts=BUSINESS).case
    with pytest.raises(NotAllowed, match="high is needed"):
        record_verification(workspace, case.id, proof(Level.REASONABLE), OFFICER)
    after = record_verification(workspace, case.id, proof(Level.HIGH), OFFICER)
    assert after.state == "verified"


def test_categories_want_less_than_pieces(tmp_path: Path) -> None:
    workspace, _ = office(tmp_path)
    case = asked(workspace, "access", "US-CA", scope="categories").case
    assert record_verification(workspace, case.id, proof(Level.REASONABLE), OFFICER).state == "verified"


def test_of_several_laws_the_strictest_decides_how_sure_one_has_to_be(tmp_path: Path) -> None:
    workspace, _ = office(tmp_path)
    assert need_of(asked(workspace, "access", "DE").case).level is Level.REASONABLE  # type: ignore[union-attr]
    assert need_of(asked(workspace, "access", "DE US-CA").case).level is Level.HIGH  # type: ignore[union-attr]


def test_where_no_law_wants_a_proof_it_is_waived_and_where_one_does_it_is_not(tmp_path: Path) -> None:
    workspace, _ = office(tmp_path)
    assert waive_identity(workspace, asked(workspace, "opt-out-sale", "US-CA").case.id, OFFICER).state == "verified"
    for right in ("access", "erasure"):
        with pytest.raises(NotAllowed, match="wants to know who asks"):
            waive_identity(workspace, asked(workspace, right, "DE").case.id, OFFICER)


def test_who_could_not_show_it_may_try_again(tmp_path: Path) -> None:
    workspace, _ = office(tmp_path)
    case = asked(workspace).case
    ask_identity(workspace, case.id, ["matched-points", "declaration"], OFFICER)
    assert identity_failed(workspace, case.id, OFFICER).state == "unverified"
    assert record_verification(workspace, case.id, proof(Level.REASONABLE), OFFICER).state == "verified"
    with pytest.raises(Misused, match="no way"):
        ask_identity(workspace, case.id, ["crystal-ball"], OFFICER)


def test_nothing_is_decided_for_an_agent_who_showed_nothing(tmp_path: Path) -> None:
    workspace, clock = office(tmp_path)
    case = searched(workspace, asked(workspace, agent="lawyer").case, people=1)
    grant = [Decision(law="gdpr", decision="grant")]
    with pytest.raises(NotAllowed, match="agent may speak"):
        review(workspace, case.id, grant, (), OFFICER)
    with pytest.raises(Misused, match="does not show"):
        show_authority(workspace, case.id, "his word", OFFICER)
    show_authority(workspace, case.id, "power-of-attorney", OFFICER)
    clock.pass_by(60)
    assert review(workspace, case.id, grant, (), OFFICER).state == "reviewed"


def test_authority_that_was_shown_on_receipt_is_not_asked_for_again(tmp_path: Path) -> None:
    workspace, _ = office(tmp_path)
    case = asked(workspace, agent="parent", authority="parental-responsibility", minor=True).case
    assert granted(workspace, case, people=1).state == "acting"
    with pytest.raises(Misused, match="asks for themselves"):
        show_authority(workspace, asked(workspace, "access").case.id, "court-order", OFFICER)


@pytest.mark.parametrize("event", ["found", "reviewed", "acting", "fulfilled", "delivered", "closed"])
def test_nothing_goes_on_before_identity_is_shown(tmp_path: Path, event: str) -> None:
    workspace, _ = office(tmp_path)
    case = asked(workspace).case
    with pytest.raises(NotAllowed):
        take(workspace, case, event, **{"found": {"found": []}, "delivered": {"how": "mail"}}.get(event, {}))


@pytest.mark.parametrize("law", LAWS)
def test_the_levels_of_proof_agree_with_what_the_duties_say(law: str) -> None:
    for right, duty in book().laws[law].duties.items():
        need = needed(law, right)
        assert need is not None or duty.identity == "not-required", right
        if need is not None:
            assert (need.level is Level.NONE) == (duty.identity == "not-required"), right
            assert duty.points.get("pieces", need.points) == need.points, right
            assert bool(duty.declaration) == need.declaration or not duty.points, right
