"""Deciding: each law for itself, only on listed grounds; each refusal beside the smallest thing that is allowed."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from asked import BUSINESS, OFFICER, asked, granted, office, outcome, proved, searched, take
from ombud.cases import NotAllowed
from ombud.errors import Misused
from ombud.law.requests import book
from ombud.rights.decide import Decision, Kept, refuse, review

WHY = "It was asked five times this month."


def both(gdpr: str, ccpa: str, ground: str | None = None) -> list[Decision]:
    return [
        Decision(law="gdpr", decision=gdpr, ground=ground if gdpr == "refuse" else None),
        Decision(law="ccpa", decision=ccpa, ground=ground if ccpa == "refuse" else None),
    ]


# --- refusal ----------------------------------------------------------------------------------------------------------


def test_a_refusal_keeps_its_reasons_private_and_names_ground_and_remedies_in_the_log(tmp_path: Path) -> None:
    workspace, _ = office(tmp_path)
    case = refuse(workspace, proved(workspace, asked(workspace).case).id, {"gdpr": "excessive"}, WHY, OFFICER)
    step = case.last("refused")
    assert step is not None and case.state == "refused"
    assert step.details["grounds"] == ["excessive"] and step.details["remedies"] == ["complaint-authority", "court"]
    assert workspace.people.kept(case.id)["reasons"] == WHY
    assert all(WHY.encode() not in entry.envelope.payload for entry in workspace.ledger.log().entries)


@pytest.mark.parametrize(
    ("right", "listed", "unlisted"),
    [
        ("erasure", "legal-claims", "data-accurate"),
        ("access", "others-rights", "legal-claims"),
        ("rectification", "data-accurate", "research"),
        ("objection", "compelling-grounds", "not-portable"),
        ("portability", "not-portable", "compelling-grounds"),
        ("restriction", "no-ground-for-restriction", "no-ground-for-erasure"),
        ("opt-out-decisions", "decision-allowed", "we do not want to"),
    ],
)
def test_only_grounds_that_the_law_lists_for_the_right_are_taken(
    tmp_path: Path, right: str, listed: str, unlisted: str
) -> None:
    workspace, _ = office(tmp_path)
    case = proved(workspace, asked(workspace, right).case)
    size = workspace.ledger.size
    with pytest.raises(Misused, match="on no such ground") as told:
        refuse(workspace, case.id, {"gdpr": unlisted}, WHY, OFFICER)
    assert listed in told.value.next_step and workspace.ledger.size == size
    assert refuse(workspace, case.id, {"gdpr": listed}, WHY, OFFICER).state == "refused"


def test_a_refusal_without_reasons_is_refused(tmp_path: Path) -> None:
    workspace, _ = office(tmp_path)
    case = proved(workspace, asked(workspace).case)
    for empty in ("", " \n"):
        with pytest.raises(Misused, match="told why"):
            refuse(workspace, case.id, {"gdpr": "excessive"}, empty, OFFICER)
    assert refuse(workspace, case.id, {"gdpr": "excessive"}, ".", OFFICER).state == "refused"


@pytest.mark.parametrize(
    ("ground", "allowed"),
    [("identity-not-verified", True), ("manifestly-unfounded", True), ("not-identifiable", True),
     ("legal-claims", False), ("no-ground-for-erasure", False)],
)  # fmt: skip
def test_who_did_not_show_who_they_are_is_refused_only_on_what_tells_nothing_of_the_person(
    tmp_path: Path, ground: str, allowed: bool
) -> None:
    workspace, _ = office(tmp_path)
    case = asked(workspace).case
    if allowed:
        assert refuse(workspace, case.id, {"gdpr": ground}, WHY, OFFICER).state == "refused"
    else:
        with pytest.raises(NotAllowed, match="must not tell"):
            refuse(workspace, case.id, {"gdpr": ground}, WHY, OFFICER)
        assert refuse(workspace, proved(workspace, case).id, {"gdpr": ground}, WHY, OFFICER).state == "refused"


def test_a_refusal_decides_every_law_and_each_by_its_own_list(tmp_path: Path) -> None:
    workspace, _ = office(tmp_path)
    case = proved(workspace, asked(workspace, "erasure", "DE US-CA", facts=BUSINESS).case)
    with pytest.raises(Misused, match="each law is decided for itself"):
        refuse(workspace, case.id, {"gdpr": "excessive"}, WHY, OFFICER)
    with pytest.raises(Misused, match="California"):
        refuse(workspace, case.id, {"gdpr": "research", "ccpa": "research"}, WHY, OFFICER)
    with pytest.raises(Misused, match="each law"):
        refuse(workspace, case.id, {"gdpr": "excessive", "ccpa": "excessive", "colorado": "excessive"}, WHY, OFFICER)
    refused = refuse(workspace, case.id, {"gdpr": "research", "ccpa": "security"}, WHY, OFFICER)
    assert refused.last("refused").details["grounds"] == ["research", "security"]  # type: ignore[union-attr]


def test_the_same_correction_is_denied_only_within_six_months_of_a_denial(tmp_path: Path) -> None:
    workspace, clock = office(tmp_path, datetime(2026, 1, 31, 20, 0, tzinfo=UTC))
    ground = {"ccpa": "same-correction-within-six-months"}
    first = proved(workspace, asked(workspace, "rectification", "US-CA", facts=BUSINESS).case)
    with pytest.raises(Misused, match="nothing of the kind was denied"):
        refuse(workspace, first.id, ground, WHY, OFFICER)
    refuse(workspace, first.id, {"ccpa": "data-accurate"}, WHY, OFFICER)
    clock.time = datetime(2026, 7, 31, 20, 0, tzinfo=UTC)
    within = proved(workspace, asked(workspace, "rectification", "US-CA", facts=BUSINESS).case)
    clock.time = datetime(2027, 2, 2, 20, 0, tzinfo=UTC)
    assert refuse(workspace, within.id, ground, WHY, OFFICER).state == "refused"
    clock.time = datetime(2027, 8, 3, 20, 0, tzinfo=UTC)
    after = proved(workspace, asked(workspace, "rectification", "US-CA", facts=BUSINESS).case)
    with pytest.raises(Misused, match="within 6 months"):
        refuse(workspace, after.id, ground, WHY, OFFICER)


def test_a_correction_that_was_denied_under_one_law_of_two_counts_as_denied_under_that_one(tmp_path: Path) -> None:
    workspace, clock = office(tmp_path)
    first = searched(workspace, asked(workspace, "rectification", "DE US-CA", facts=BUSINESS).case, people=1)
    review(workspace, first.id, both("grant", "refuse", "data-accurate"), (), OFFICER, reasons=WHY)
    clock.pass_by(86_400)
    again = searched(workspace, asked(workspace, "rectification", "DE US-CA", facts=BUSINESS).case, people=1)
    lately = both("grant", "refuse", "same-correction-within-six-months")
    assert review(workspace, again.id, lately, (), OFFICER, reasons=WHY).state == "reviewed"


def test_nothing_is_refused_after_acting_began(tmp_path: Path) -> None:
    workspace, _ = office(tmp_path)
    case = granted(workspace, asked(workspace).case, people=1)
    with pytest.raises(NotAllowed, match="cannot follow"):
        refuse(workspace, case.id, {"gdpr": "excessive"}, WHY, OFFICER)


# --- review -----------------------------------------------------------------------------------------------------------


def test_a_law_may_be_granted_and_another_refused(tmp_path: Path) -> None:
    workspace, _ = office(tmp_path)
    case = searched(workspace, asked(workspace, "erasure", "DE US-CA", facts=BUSINESS).case, people=1)
    with pytest.raises(Misused, match="told why"):
        review(workspace, case.id, both("grant", "refuse", "exempt-data"), (), OFFICER)
    after = review(workspace, case.id, both("grant", "refuse", "exempt-data"), (), OFFICER, reasons=WHY)
    assert after.state == "reviewed" and take(workspace, after, "acting").state == "acting"


def test_a_review_that_refuses_everything_is_a_refusal_and_needs_its_remedies(tmp_path: Path) -> None:
    workspace, _ = office(tmp_path)
    case = searched(workspace, asked(workspace, "erasure", "DE US-CA", facts=BUSINESS).case, people=1)
    with pytest.raises(NotAllowed, match="that is a refusal"):
        review(workspace, case.id, both("refuse", "refuse", "excessive"), (), OFFICER, reasons=WHY)


def test_every_law_is_decided_once(tmp_path: Path) -> None:
    workspace, _ = office(tmp_path)
    case = searched(workspace, asked(workspace, "erasure", "DE US-CA", facts=BUSINESS).case, people=1)
    for wrong in (both("grant", "grant")[:1], [*both("grant", "grant"), Decision(law="gdpr", decision="grant")]):
        with pytest.raises(NotAllowed, match="each law is decided for itself, once: ccpa, gdpr"):
            review(workspace, case.id, wrong, (), OFFICER)
    assert review(workspace, case.id, both("grant", "grant"), (), OFFICER).state == "reviewed"


def test_a_retention_floor_is_kept_with_its_ground_and_is_no_refusal(tmp_path: Path) -> None:
    workspace, _ = office(tmp_path)
    case = searched(workspace, asked(workspace).case, people=1, invoices=4)
    partly = [Decision(law="gdpr", decision="partly")]
    floor = Kept(collection="core.invoices", ground="legal-obligation", until=date(2036, 12, 31))
    with pytest.raises(Misused, match="on no such ground can this be kept"):
        review(workspace, case.id, partly, [Kept(collection="core.invoices", ground="habit")], OFFICER, reasons=WHY)
    with pytest.raises(NotAllowed, match="names no ground"):
        review(workspace, case.id, partly, (), OFFICER, reasons=WHY)
    with pytest.raises(Misused, match="decided partly"):
        review(workspace, case.id, [Decision(law="gdpr", decision="grant")], [floor], OFFICER, reasons=WHY)
    after = review(workspace, case.id, partly, [floor], OFFICER, reasons=WHY)
    (row,) = after.last("reviewed").details["kept"]  # type: ignore[union-attr]
    assert dict(row) == {
        "law": "gdpr", "collection": "core.invoices", "ground": "legal-obligation", "until": "2036-12-31",
    }  # fmt: skip


def test_nothing_is_decided_before_anybody_looked_where_looking_is_needed(tmp_path: Path) -> None:
    workspace, _ = office(tmp_path)
    grant = [Decision(law="gdpr", decision="grant")]
    erasure, objection = (proved(workspace, asked(workspace, right).case) for right in ("erasure", "objection"))
    with pytest.raises(NotAllowed, match="nobody has looked yet"):
        review(workspace, erasure.id, grant, (), OFFICER)
    assert review(workspace, objection.id, grant, (), OFFICER).state == "reviewed"


def test_a_law_that_the_request_is_not_made_under_is_not_decided(tmp_path: Path) -> None:
    workspace, _ = office(tmp_path)
    case = searched(workspace, asked(workspace).case, people=1)
    with pytest.raises(Misused, match="made under other laws"):
        review(
            workspace, case.id, [Decision(law="ccpa", decision="refuse", ground="excessive")], (), OFFICER, reasons=WHY
        )


# --- what became of it ------------------------------------------------------------------------------------------------


def test_a_request_with_a_failed_place_is_not_fulfilled_until_a_newer_outcome_says_otherwise(tmp_path: Path) -> None:
    workspace, clock = office(tmp_path)
    case = granted(workspace, asked(workspace).case, people=1, orders=2)
    case = take(workspace, case, "acted", outcomes=[outcome("people"), outcome("orders", "failed", because="away")])
    with pytest.raises(NotAllowed, match=r"1 of its places failed or still wait: core\.orders"):
        take(workspace, case, "fulfilled")
    clock.pass_by(60)
    case = take(workspace, case, "acted", outcomes=[outcome("orders")])
    assert take(workspace, case, "fulfilled").state == "fulfilled"


def test_a_place_where_something_was_found_needs_an_outcome(tmp_path: Path) -> None:
    workspace, _ = office(tmp_path)
    case = granted(workspace, asked(workspace).case, people=1, orders=2)
    case = take(workspace, case, "acted", outcomes=[outcome("people")])
    with pytest.raises(NotAllowed, match=r"nothing is known yet of core\.orders"):
        take(workspace, case, "fulfilled")
    assert take(workspace, case, "fulfilled", outcomes=[outcome("orders", "nothing found")]).state == "fulfilled"


def test_a_place_that_could_not_be_searched_needs_an_outcome_whatever_was_asked_for(tmp_path: Path) -> None:
    workspace, _ = office(tmp_path)
    case = proved(workspace, asked(workspace, "access").case)
    case = take(workspace, case, "found", found=[], unreached=["core.archive"])
    review(workspace, case.id, [Decision(law="gdpr", decision="grant")], (), OFFICER)
    case = take(workspace, case, "acting")
    with pytest.raises(NotAllowed, match=r"core\.archive"):
        take(workspace, case, "fulfilled")
    case = take(workspace, case, "found", found=[])
    assert take(workspace, case, "fulfilled").state == "fulfilled"


def test_an_erasure_with_no_outcome_at_all_is_not_fulfilled(tmp_path: Path) -> None:
    workspace, _ = office(tmp_path)
    case = granted(workspace, asked(workspace).case)
    with pytest.raises(NotAllowed, match="nothing was erased"):
        take(workspace, case, "fulfilled")
    assert take(workspace, case, "fulfilled", outcomes=[outcome("people", "nothing found")]).state == "fulfilled"


def test_what_is_kept_names_its_ground(tmp_path: Path) -> None:
    workspace, _ = office(tmp_path)
    case = granted(workspace, asked(workspace).case, people=1)
    with pytest.raises(NotAllowed, match="no ground is named"):
        take(workspace, case, "acted", outcomes=[outcome("people", "not erasable")])
    kept = outcome("people", "not erasable", ground="legal-obligation")
    assert take(workspace, take(workspace, case, "acted", outcomes=[kept]), "fulfilled").state == "fulfilled"


def test_a_case_is_closed_once_the_person_was_told_or_cannot_be(tmp_path: Path) -> None:
    workspace, _ = office(tmp_path)
    refused = refuse(workspace, proved(workspace, asked(workspace).case).id, {"gdpr": "excessive"}, WHY, OFFICER)
    with pytest.raises(NotAllowed, match="not told yet"):
        take(workspace, refused, "closed")
    assert take(workspace, take(workspace, refused, "delivered", how="mail"), "closed").ended
    signal = asked(workspace, "opt-out-sale", "US-CA", channel="gpc").case
    signal = take(workspace, signal, "verified", method="not-required")
    review(workspace, signal.id, [Decision(law="ccpa", decision="grant")], (), OFFICER)
    signal = take(workspace, take(workspace, signal, "acting"), "fulfilled")
    assert take(workspace, signal, "closed", untold="signal-only").ended


def test_every_listed_ground_refuses_what_it_is_listed_for() -> None:
    for regime in book().laws.values():
        for right in regime.duties:
            for ground in regime.grounds_to_refuse(right):
                assert right in ground.types and ground.text and ground.cite
