"""Answering: the letter never claims more than the outcomes, what was made is locked, and a closed case forgets."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from asked import ANN, OFFICER, take
from desks import SOURCES, ask, desk_at, grant, granted, rigged
from ombud.cases import NotAllowed
from ombud.documents.paper import Facts
from ombud.documents.rights.letters import Answer, Refusal, letter
from ombud.errors import Misused, Unreadable
from ombud.rights.answer import answer
from ombud.rights.decide import Decision, Kept, refuse, review
from ombud.rights.deliver import close, deliver, tell_recipients, untold
from ombud.rights.desk import Desk
from ombud.rights.export import packages, unlock
from ombud.rights.fulfil import fulfil
from ombud.rights.search import search
from ombud.rights.sources.source import Outcome, Selection
from ombud.store.people import People
from support import needs

needs("pyzipper")
needs("typst")
WORD = "a-long-test-passphrase"
OWED = ["parcel service", "tax office", "web analytics"]


def done(desk: Desk, right: str = "erasure", **more: Any) -> str:
    """A case that was fulfilled."""
    number = granted(desk, right, **more)
    assert fulfil(desk, number).done
    return number


def said(desk: Desk, number: str) -> Answer:
    told = answer(desk, desk.case(number))
    assert isinstance(told, Answer)
    return told


def breaks(_: Any, __: Selection) -> tuple[Outcome, ...]:
    raise Unreadable("source core", "it went away")


# --- the letter -------------------------------------------------------------------------------------------------------


def test_the_letter_says_place_by_place_what_the_outcomes_say_and_not_more(tmp_path: Path) -> None:
    desk, _ = desk_at(tmp_path)
    (tmp_path / "lake" / "visits.csv").write_text("email,page\nbob@example.org,/b\n", encoding="utf-8")
    told = said(desk, done(desk, keep=[Kept(collection="core.invoices", ground="legal-obligation")]))
    assert {one.place: one.became for one in told.outcomes} == {
        "people (core)": "done", "invoices (core)": "kept", "visits (lake)": "nothing",
    }  # fmt: skip
    ground = next(one.ground for one in told.outcomes if one.ground)
    assert ground.cite.startswith("GDPR Art. 17(3)") and told.verdict == "partly" and told.remedies


def test_nothing_is_told_before_the_case_is_decided_and_while_a_place_failed(tmp_path: Path) -> None:
    desk, _ = desk_at(tmp_path)
    number = granted(desk)
    fulfil(rigged(desk, core=breaks), number)
    with pytest.raises(Misused, match="nothing to tell yet"):
        answer(desk, desk.case(number))
    with pytest.raises(Misused, match="nothing to tell yet"):
        deliver(desk, number, "mail")
    assert not packages(desk.workspace)
    fulfil(desk, number)
    assert said(desk, number).verdict == "done"


def test_what_an_earlier_run_erased_is_told_as_erased(tmp_path: Path) -> None:
    desk, _ = desk_at(tmp_path)
    number = granted(desk)
    fulfil(rigged(desk, core=breaks), number)
    fulfil(desk, number)
    assert {one.became for one in said(desk, number).outcomes} == {"done"}


@pytest.mark.parametrize("right", ["restriction", "objection", "withdraw-consent"])
def test_a_right_that_only_puts_somebody_on_a_list_claims_no_place(tmp_path: Path, right: str) -> None:
    desk, _ = desk_at(tmp_path)
    assert said(desk, done(desk, right)).outcomes == ()


def test_a_copy_of_a_search_that_was_cut_says_so_in_its_letter(tmp_path: Path) -> None:
    desk, _ = desk_at(tmp_path)
    number = granted(desk, "access")
    case = desk.case(number)
    desk.note(
        case, "found", evolve(desk.found(case), incomplete=("core.people: the rest was not looked at",)).to_json()
    )
    fulfil(desk, number)
    told = said(desk, number)
    assert "Core.people: the rest was not looked at." in told.limits and any("35 days" in one for one in told.limits)


def test_models_are_called_by_the_newest_decision_on_each(tmp_path: Path) -> None:
    desk, _ = desk_at(tmp_path)
    number, model = done(desk), "a" * 64
    take(desk.workspace, desk.case(number), "model-decided", model=model, choice="retrain", until="2027-01-01")
    assert [(one.choice, one.done, str(one.by)) for one in said(desk, number).models] == [
        ("retrain", False, "2027-01-01")
    ]
    take(desk.workspace, desk.case(number), "model-decided", model=model, choice="suppress")
    assert [(one.choice, one.done) for one in said(desk, number).models] == [("suppress", True)]


def test_a_refusal_names_each_laws_ground_with_its_reasons_and_remedies(tmp_path: Path) -> None:
    desk, _ = desk_at(tmp_path)
    number = ask(desk)
    refuse(desk.workspace, number, {"gdpr": "excessive"}, "Five times this month.", OFFICER)
    told = answer(desk, desk.case(number))
    assert isinstance(told, Refusal) and told.grounds[0].reasons == ("Five times this month.",) and told.remedies


def test_two_laws_are_told_in_one_letter_each_with_its_remedies(tmp_path: Path) -> None:
    from asked import BUSINESS

    desk, _ = desk_at(tmp_path)
    number = ask(desk, lives="DE US-CA", facts=BUSINESS)
    search(desk, number)
    decided = [Decision(law="gdpr", decision="partly"), Decision(law="ccpa", decision="grant")]
    keep = Kept(collection="core.invoices", ground="legal-obligation", law="gdpr")
    review(desk.workspace, number, decided, [keep], OFFICER, reasons="The tax law wants it.")
    fulfil(desk, number)
    told = said(desk, number)
    assert any(one.cite.startswith("GDPR") for one in told.remedies)
    assert any("Cal" in one.cite or "California" in one.authority for one in told.remedies)
    assert [one.ground.cite for one in told.outcomes if one.ground] == ["GDPR Art. 17(3)(b)"]


def test_a_letter_without_anybody_to_write_back_to_is_not_written(tmp_path: Path) -> None:
    desk, _ = desk_at(tmp_path)
    number = done(desk)
    with pytest.raises(Misused, match=r"organisation\.yaml|who writes"):
        deliver(Desk(desk.workspace, desk.data_map, OFFICER, None), number, "mail")
    assert desk.case(number).state == "fulfilled" and not packages(desk.workspace)


# --- the package ------------------------------------------------------------------------------------------------------


def test_a_package_opens_with_its_passphrase_and_holds_letter_and_copy(tmp_path: Path) -> None:
    desk, _ = desk_at(tmp_path)
    made = deliver(desk, done(desk, "access"), "mail")
    files = unlock(made.package.path, made.passphrase)
    assert {"letter.html", "copy.html", "copy.pdf", "all/data.json", "portable/data.json"} <= set(files)
    whole = b"".join(files.values())
    assert b"bob@" not in whole and b"pin-of-ann" not in whole and b"undeclared" not in whole
    assert json.loads(files["all/data.json"])["collections"]["core.people"][0]["pin"] == "[held, not shown]"
    assert "pin" not in json.loads(files["portable/data.json"])["collections"]["core.people"][0]
    with pytest.raises(Misused):
        unlock(made.package.path, WORD)


def test_what_to_take_along_comes_without_the_rest(tmp_path: Path) -> None:
    desk, _ = desk_at(tmp_path)
    files = deliver(desk, done(desk, "portability"), "mail", passphrase=WORD).files
    assert "portable/data.json" in files and "all/data.json" not in files and "copy.pdf" not in files


@pytest.mark.parametrize(("how", "word"), [("pigeon", WORD), ("mail", "short")])
def test_what_cannot_be_delivered_leaves_nothing_behind(tmp_path: Path, how: str, word: str) -> None:
    desk, _ = desk_at(tmp_path)
    number = done(desk)
    with pytest.raises((NotAllowed, Misused)):
        deliver(desk, number, how, passphrase=word)
    assert not list((tmp_path / ".ombud" / "exports").glob("*.zip")) and desk.case(number).state == "fulfilled"


def test_what_was_delivered_is_not_delivered_again_and_no_second_package_is_made(tmp_path: Path) -> None:
    desk, _ = desk_at(tmp_path)
    number = done(desk)
    deliver(desk, number, "mail", passphrase=WORD)
    with pytest.raises(NotAllowed):
        deliver(desk, number, "mail", passphrase=WORD)
    assert len(packages(desk.workspace)) == 1


def test_the_letter_is_addressed_to_the_person_and_escapes_what_they_are_called(tmp_path: Path) -> None:
    desk, _ = desk_at(tmp_path)
    number = done(desk, "objection", name="<script>alert(1)</script>", contact="1 <b>Street</b>")
    made = deliver(desk, number, "mail", passphrase=WORD)
    page = unlock(made.package.path, WORD)["letter.html"].decode()
    assert "<script>alert" not in page and "&lt;script&gt;" in page and not re.search(r"<b>Street", page)


# --- recipients, and the end ------------------------------------------------------------------------------------------


def test_recipients_are_owed_until_somebody_says_that_they_were_told_or_could_not_be(tmp_path: Path) -> None:
    desk, _ = desk_at(tmp_path)
    number = done(desk)
    assert list(untold(desk, desk.case(number))) == OWED
    deliver(desk, number, "mail", passphrase=WORD)
    with pytest.raises(Misused, match="parcel service, tax office, web analytics"):
        close(desk, number)
    tell_recipients(desk, number, OWED[:1])
    tell_recipients(desk, number, OWED[1:], reached=False)
    told = said(desk, number)
    assert (told.recipients, told.recipients_failed) == (("parcel service",), ("tax office", "web analytics"))
    assert close(desk, number).state == "closed"


@pytest.mark.parametrize("names", [[], ["Somebody Private"], ["parcel service", "Somebody Private"]])
def test_only_recipients_of_the_map_are_put_on_record(tmp_path: Path, names: list[str]) -> None:
    desk, _ = desk_at(tmp_path)
    number, size = done(desk), desk.workspace.ledger.size
    with pytest.raises(Misused) as told:
        tell_recipients(desk, number, names)
    assert "Somebody" not in f"{told.value} {told.value.next_step}" and desk.workspace.ledger.size == size


@pytest.mark.parametrize("right", ["objection", "access"])
def test_rights_of_which_nobody_has_to_be_told_close_without(tmp_path: Path, right: str) -> None:
    desk, _ = desk_at(tmp_path)
    number = done(desk, right)
    deliver(desk, number, "mail", passphrase=WORD)
    assert close(desk, number).state == "closed"


def ended(desk: Desk, number: str, end: Callable[[Desk, str], object] = close) -> None:
    tell_recipients(desk, number, OWED)
    deliver(desk, number, "mail", passphrase=WORD)
    end(desk, number)


def test_a_closed_erasure_forgets_who_it_was_and_keeps_them_on_the_list(tmp_path: Path) -> None:
    desk, _ = desk_at(tmp_path)
    number = done(desk)
    alias, people = desk.alias(desk.case(number)), desk.workspace.people
    ended(desk, number)
    assert not people.kept(number) and not people.identities(alias)
    assert [one.list for one in people.listed([ANN])] == ["erased"]
    store = b"".join(path.read_bytes() for path in (tmp_path / ".ombud").rglob("*") if path.is_file())
    assert b"ann@example" not in store and b"Ann Unique" not in store


def test_a_closed_access_keeps_the_link_for_the_next_request_and_drops_the_notes(tmp_path: Path) -> None:
    desk, _ = desk_at(tmp_path)
    number = done(desk, "access")
    deliver(desk, number, "mail", passphrase=WORD)
    close(desk, number)
    assert not desk.workspace.people.kept(number)
    assert desk.workspace.people.alias_of(ANN) == desk.case(number).alias


def test_closing_again_after_a_crash_forgets_what_was_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk, _ = desk_at(tmp_path)
    number = done(desk)

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(People, "drop", dies)
        with pytest.raises(KeyboardInterrupt):
            ended(desk, number)
    alias = desk.alias(desk.case(number))
    assert desk.case(number).state == "closed" and desk.workspace.people.identities(alias)
    close(desk, number)
    assert not desk.workspace.people.kept(number) and not desk.workspace.people.identities(alias)


def test_the_link_stays_while_another_request_of_the_person_is_open_and_goes_with_the_last(tmp_path: Path) -> None:
    desk, _ = desk_at(tmp_path)
    other, number = granted(desk, "access"), done(desk)
    alias = desk.alias(desk.case(number))
    ended(desk, number)
    assert desk.workspace.people.identities(alias), "the copy could not be answered without"
    fulfil(desk, other)
    deliver(desk, other, "mail", passphrase=WORD)
    close(desk, other)
    assert not desk.workspace.people.identities(alias)


def test_a_case_whose_person_was_not_told_is_closed_only_with_the_reason(tmp_path: Path) -> None:
    desk, _ = desk_at(tmp_path)
    number = done(desk, "objection")
    with pytest.raises(NotAllowed, match="not told"):
        close(desk, number)
    with pytest.raises(NotAllowed):
        close(desk, number, untold_because="because Ann moved")
    assert close(desk, number, untold_because="no-contact").state == "closed"


# --- places that only people can read ---------------------------------------------------------------------------------

PAPER = """\
  paper:
    manual: the cabinet
    owner: front-desk
    collections: {files: {columns: {note: user.content.private}}}
"""


def by_hand(desk: Desk, number: str, verb: Any, says: Any, rows: int) -> None:
    from ombud.rights.sources.manual_steps import attest_step

    place = desk.data_map.collection("paper.files")
    attest_step(desk.workspace, number, desk.data_map.source("paper"), place, verb, says, OFFICER, rows=rows)


@pytest.mark.parametrize("right", ["access", "portability"])
def test_what_people_found_on_paper_is_neither_said_to_be_in_the_copy_nor_to_be_nowhere(
    tmp_path: Path, right: str
) -> None:
    desk, _ = desk_at(tmp_path, SOURCES + PAPER)
    number = ask(desk, right)
    by_hand(desk, number, "find", "done", 3)
    search(desk, number)
    grant(desk, number)
    fulfil(desk, number)
    told = said(desk, number)
    assert told.verdict == "partly"
    made = unlock(deliver(desk, number, "mail", passphrase=WORD).package.path, WORD)
    page = made["letter.html"].decode()
    assert "It is not in the" in page and "found nothing about you" not in page
    data = json.loads(made["portable/data.json"])
    assert data["complete"] is False and "paper.files" in data["not_read"]
    if right == "access":
        page = made["copy.html"].decode()
        assert "3 entries about you" in page and "Where we found nothing" not in page and "In 4 of them" in page


def test_where_people_looked_and_found_nothing_the_copy_is_whole(tmp_path: Path) -> None:
    desk, _ = desk_at(tmp_path, SOURCES + PAPER)
    number = ask(desk, "access")
    by_hand(desk, number, "find", "nothing found", 0)
    search(desk, number)
    grant(desk, number)
    fulfil(desk, number)
    assert said(desk, number).verdict == "done"
    made = unlock(deliver(desk, number, "mail", passphrase=WORD).package.path, WORD)
    assert (
        json.loads(made["portable/data.json"])["complete"] is True
        and "Where we found nothing" in made["copy.html"].decode()
    )


def test_what_was_erased_by_hand_is_not_said_to_have_been_searched_again(tmp_path: Path) -> None:
    desk, _ = desk_at(tmp_path, SOURCES + PAPER)
    number = granted(desk)
    by_hand(desk, number, "erase", "done", 2)
    assert fulfil(desk, number).done
    paper = letter(answer(desk, desk.case(number)))
    facts = {term: str(says) for part in paper.parts if isinstance(part, Facts) for term, says in part.rows}
    assert "by hand" in facts["files (paper)"] and "searched again" not in facts["files (paper)"]
    assert "searched again" in facts["people (core)"]
