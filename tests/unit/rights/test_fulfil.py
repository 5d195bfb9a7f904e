"""Doing what was asked: nothing twice, nothing half that is called whole, and the list before the first row."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from asked import ANN, BUSINESS, OFFICER
from desks import BOB, SOURCES, ask, desk_at, fill, grant, granted, left_in, rigged, states
from ombud.errors import Misused, Unreadable, what_next
from ombud.rights.decide import Decision, Kept, review
from ombud.rights.desk import FOUND, Desk, recipients
from ombud.rights.export import package, packages
from ombud.rights.fulfil import LIST_OF, fulfil, told
from ombud.rights.request_guards import outcomes
from ombud.rights.search import search
from ombud.rights.sources.source import Outcome, Selection, State
from ombud.rights.walk import Ambiguity
from ombud.store.identity import Identity
from ombud.store.people.listed import STOPPING
from support import needs


def note(desk: Desk, number: str, **changes: Any) -> None:
    """Change what the search came to."""
    case = desk.case(number)
    desk.note(case, FOUND, evolve(desk.found(case), **changes).to_json())


def recorded(desk: Desk, number: str) -> dict[str, str]:
    """Place → what the log holds as its outcome."""
    return {place: one["state"] for place, one in outcomes(desk.case(number), {}).items()}


def breaks(_: Any, __: Selection) -> tuple[Outcome, ...]:
    raise Unreadable("source core", "it went away")


# --- erasure ----------------------------------------------------------------------------------------------------------


def test_an_erasure_that_everything_agrees_with_fulfils_the_case(tmp_path: Path) -> None:
    desk, _ = desk_at(tmp_path)
    done = fulfil(desk, granted(desk))
    assert done.done and set(states(done.outcomes).values()) == {"erased and verified"}
    assert left_in(tmp_path) == [] and len(left_in(tmp_path, BOB.value)) == 2


def test_a_source_that_lies_keeps_the_case_open(tmp_path: Path) -> None:
    def lies(_: Any, selection: Selection) -> tuple[Outcome, ...]:
        return tuple(Outcome(collection=one, state=State.ERASED, found=1, erased=1) for one in selection)

    desk, _ = desk_at(tmp_path)
    done = fulfil(rigged(desk, core=lies), granted(desk))
    assert not done.done and states(done.outcomes)["core.people"] == "failed"
    assert done.case.state == "acting" and done.case.last("fulfilled") is None


def test_a_second_run_completes_the_first_and_what_was_erased_before_is_still_told_as_erased(tmp_path: Path) -> None:
    desk, _ = desk_at(tmp_path)
    number = granted(desk)
    first = fulfil(rigged(desk, core=breaks), number)
    assert states(first.outcomes) == {
        "core.people": "failed", "core.invoices": "failed", "lake.visits": "erased and verified",
    }  # fmt: skip
    second = fulfil(desk, number)
    assert second.done and set(recorded(desk, number).values()) == {"erased and verified"}
    visits = next(one for one in second.outcomes if one.collection == "lake.visits")
    assert (visits.found, visits.erased) == (2, 2) and visits.not_covered


def test_a_run_that_was_cut_off_before_it_could_say_anything_is_told_as_what_it_left(tmp_path: Path) -> None:
    def erases_then_dies(inner: Any, selection: Selection) -> tuple[Outcome, ...]:
        inner.erase(selection)
        raise KeyboardInterrupt

    desk, _ = desk_at(tmp_path)
    number = granted(desk)
    with pytest.raises(KeyboardInterrupt):
        fulfil(rigged(desk, core=erases_then_dies), number)
    assert recorded(desk, number) == {}
    done = fulfil(desk, number)
    people = next(one for one in done.outcomes if one.collection == "core.people")
    assert done.done and people.state is State.ERASED and people.found == 1 and "cut off" in people.because


def test_where_nothing_was_nothing_is_said_to_be_erased_however_often_it_runs(tmp_path: Path) -> None:
    desk, _ = desk_at(tmp_path)
    (tmp_path / "lake" / "visits.csv").write_text("email,page\nbob@example.org,/b\n", encoding="utf-8")
    number = granted(desk)
    fulfil(rigged(desk, core=breaks), number)
    assert states(fulfil(desk, number).outcomes)["lake.visits"] == "nothing found"


def test_a_case_that_was_fulfilled_is_not_fulfilled_again(tmp_path: Path) -> None:
    desk, _ = desk_at(tmp_path)
    number = granted(desk)
    fulfil(desk, number)
    fill(tmp_path)
    size = desk.workspace.ledger.size
    with pytest.raises(Misused, match="where nothing can be done"):
        fulfil(desk, number)
    assert desk.workspace.ledger.size == size and "people.jsonl" in left_in(tmp_path)


def test_whoever_asked_is_on_the_list_before_the_first_row_is_touched(tmp_path: Path) -> None:
    desk, _ = desk_at(tmp_path)
    number, seen = granted(desk), []

    def looks(inner: Any, selection: Selection) -> tuple[Outcome, ...]:
        seen.extend(one.list for one in desk.workspace.people.listed([ANN]))
        return inner.erase(selection)  # type: ignore[no-any-return]

    fulfil(rigged(desk, core=looks), number)
    assert seen == ["erased"] and not desk.workspace.people.listed([BOB])


@pytest.mark.parametrize("days", [0, 1])
def test_what_a_review_keeps_to_a_day_is_kept_on_that_day_and_erased_after_it(tmp_path: Path, days: int) -> None:
    desk, clock = desk_at(tmp_path)
    keep = Kept(collection="core.invoices", ground="legal-obligation", until=desk.today)
    number = granted(desk, keep=[keep])
    clock.pass_by(days * 86_400)
    done = fulfil(desk, number)
    kept = next(one for one in done.outcomes if one.collection == "core.invoices")
    assert (kept.state, kept.ground) == ((State.KEPT, "legal-obligation") if days == 0 else (State.ERASED, None))
    assert done.done


def test_a_review_keeps_nothing_to_a_day_that_is_over(tmp_path: Path) -> None:
    desk, _ = desk_at(tmp_path)
    number = ask(desk)
    search(desk, number)
    over = Kept(collection="core.invoices", ground="legal-obligation", until=desk.today - timedelta(days=1))
    with pytest.raises(Misused, match="not kept any more"):
        grant(desk, number, [over])
    assert desk.case(number).state == "found"


def test_an_identity_that_was_said_to_be_the_persons_by_mistake_is_taken_back(tmp_path: Path) -> None:
    desk, _ = desk_at(tmp_path)
    number = ask(desk)
    search(desk, number, also=[BOB])
    assert desk.workspace.people.alias_of(BOB) == desk.case(number).alias
    _, found = search(desk, number, rejected=[BOB])
    assert BOB not in found.identities and desk.workspace.people.alias_of(BOB) is None
    assert desk.workspace.people.alias_of(ANN) == desk.case(number).alias


def test_nobody_is_left_without_anything_that_they_are_known_by(tmp_path: Path) -> None:
    desk, _ = desk_at(tmp_path)
    number = ask(desk)
    with pytest.raises(Misused, match="nothing that the person is known by"):
        search(desk, number, rejected=[ANN])
    with pytest.raises(Misused, match="and not to be"):
        search(desk, number, also=[BOB], rejected=[BOB])


def test_an_exemption_of_the_map_is_over_after_its_last_day(tmp_path: Path) -> None:
    kept = "        exemption: {ground: legal-obligation, until: DAY}\n        recipients: [tax office]\n"
    for day, state in (("2026-11-23", "not erasable"), ("2026-11-22", "erased and verified")):
        folder = tmp_path / day
        folder.mkdir()
        desk, _ = desk_at(folder, SOURCES.replace("        recipients: [tax office]\n", kept.replace("DAY", day)))
        assert states(fulfil(desk, granted(desk)).outcomes)["core.invoices"] == state


def test_a_review_that_keeps_a_place_by_a_wrong_name_erases_nothing(tmp_path: Path) -> None:
    desk, _ = desk_at(tmp_path)
    number = ask(desk)
    search(desk, number)
    with pytest.raises(Misused, match="none of the map") as refused:
        grant(desk, number, [Kept(collection="core.invoice", ground="legal-obligation")])
    assert "core.invoices" in what_next(refused.value)
    assert desk.case(number).state == "found" and "people.jsonl" in left_in(tmp_path)
    grant(desk, number, [Kept(collection="core.invoices", ground="legal-obligation")])
    assert states(fulfil(desk, number).outcomes)["core.invoices"] == "not erasable"


def test_a_review_does_not_lift_a_legal_hold(tmp_path: Path) -> None:
    held = "        exemption: {ground: legal-claims, hold: true}\n        recipients: [tax office]\n"
    desk, _ = desk_at(tmp_path, SOURCES.replace("        recipients: [tax office]\n", held))
    keep = Kept(collection="core.invoices", ground="legal-obligation", until=date(2026, 11, 30))
    kept = next(one for one in fulfil(desk, granted(desk, keep=[keep])).outcomes if one.collection == "core.invoices")
    assert (kept.state, kept.ground) == (State.KEPT, "legal-claims")


def test_copies_that_the_person_was_given_before_are_deleted_and_nobody_elses(tmp_path: Path) -> None:
    needs("pyzipper")
    desk, _ = desk_at(tmp_path)
    mine, others = granted(desk, "access"), ask(desk, "access", identities=(BOB,))
    for number in (mine, others):
        package(desk.workspace, number, [("copy.html", b"x")], "a-long-passphrase", desk.today)
    fulfil(desk, granted(desk))
    assert [case for _, case, _ in packages(desk.workspace)] == [others]


# --- what has to be decided, and what was cut -------------------------------------------------------------------------


def test_what_may_be_somebody_elses_stops_everything_until_somebody_decides(tmp_path: Path) -> None:
    rows = '{"id": "C-9", "email": "ann@example.org", "name": "Second Account", "pin": ""}\n'
    for choice in ("also", "rejected"):
        folder = tmp_path / choice
        folder.mkdir()
        desk, _ = desk_at(folder, SOURCES.replace("table: people.jsonl\n", "table: people.jsonl\n        key: [id]\n"))
        with (folder / "core" / "people.jsonl").open("a", encoding="utf-8") as file:
            file.write(rows)
        number = ask(desk)
        found = search(desk, number)[1]
        assert {one.kind for one in found.ambiguities} == {"customer"}
        grant(desk, number)
        with pytest.raises(Misused, match="nobody has decided yet"):
            fulfil(desk, number)
        assert desk.case(number).state == "reviewed" and "people.jsonl" in left_in(folder)
        mine, other = Identity("customer", "C-1"), Identity("customer", "C-9")
        said = {"also": [mine, other]} if choice == "also" else {"also": [mine], "rejected": [other]}
        assert not search(desk, number, **said)[1].ambiguities
        grant(desk, number)
        assert fulfil(desk, number).done
        text = (folder / "core" / "people.jsonl").read_text(encoding="utf-8")
        assert ("Second Account" in text) == (choice == "rejected") and "Ann Unique" not in text


@pytest.mark.parametrize(
    "reason", ["core.people: more than 5 rows lead on; the rest was not looked at",
               "the person has more than 5 identities"],
)  # fmt: skip
def test_a_search_that_was_cut_at_its_bound_never_ends_in_fulfilled(tmp_path: Path, reason: str) -> None:
    desk, _ = desk_at(tmp_path)
    number = granted(desk)
    note(desk, number, incomplete=(reason,))
    done = fulfil(desk, number)
    assert not done.done and states(done.outcomes)["core.people"] == "failed"
    search(desk, number)
    assert fulfil(desk, number).done, "a whole search takes it on"


def test_recipients_of_what_was_erased_first_are_owed_after_a_second_search_that_finds_nothing(tmp_path: Path) -> None:
    desk, _ = desk_at(tmp_path)
    number = granted(desk)
    fulfil(rigged(desk, lake=breaks), number)
    search(desk, number)
    done = fulfil(desk, number)
    assert done.done and set(done.recipients) == {"parcel service", "tax office", "web analytics"}


def test_only_recipients_of_places_with_the_person_are_owed(tmp_path: Path) -> None:
    desk, _ = desk_at(tmp_path)
    (tmp_path / "lake" / "visits.csv").write_text("email,page\nbob@example.org,/b\n", encoding="utf-8")
    number = granted(desk)
    assert set(recipients(desk.data_map, desk.case(number))) == {"parcel service", "tax office"}


# --- the other rights -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("right", "name"), [one for one in LIST_OF.items() if one[0] != "erasure"])
def test_a_right_that_stops_something_puts_the_person_on_its_list_and_touches_no_row(
    tmp_path: Path, right: str, name: str
) -> None:
    desk, _ = desk_at(tmp_path)
    us = right in ("opt-out-sale", "limit-sensitive")
    number = granted(desk, right, lives="US-CA" if us else "DE", facts=BUSINESS if us else {})
    done = fulfil(desk, number)
    assert done.done and not done.outcomes and [one.list for one in desk.workspace.people.listed([ANN])] == [name]
    assert "people.jsonl" in left_in(tmp_path)


def test_whoever_forbids_only_the_sale_of_their_data_is_still_decided_about() -> None:
    assert LIST_OF["opt-out-sale"] not in STOPPING and LIST_OF["opt-out-decisions"] in STOPPING


@pytest.mark.parametrize("right", ["access", "portability"])
def test_a_copy_is_not_owed_as_done_while_a_source_is_away_and_is_once_it_was_searched(
    tmp_path: Path, right: str
) -> None:
    desk, _ = desk_at(tmp_path)
    (tmp_path / "lake").rename(tmp_path / "away")
    number = granted(desk, right)
    first = fulfil(desk, number)
    assert not first.done and states(first.outcomes) == {"lake.visits": "failed"}
    (tmp_path / "away").rename(tmp_path / "lake")
    search(desk, number)
    assert fulfil(desk, number).done


def test_a_correction_without_saying_what_is_right_is_refused(tmp_path: Path) -> None:
    desk, _ = desk_at(tmp_path)
    with pytest.raises(Misused, match="nobody has said what is right"):
        fulfil(desk, granted(desk, "rectification"))


def test_two_laws_are_each_decided_and_the_person_is_listed_once(tmp_path: Path) -> None:
    desk, _ = desk_at(tmp_path)
    number = ask(desk, lives="DE US-CA", facts=BUSINESS)
    search(desk, number)
    laws = desk.case(number).opened["laws"]
    assert laws == ["gdpr", "ccpa"]
    keep = Kept(collection="core.invoices", ground="legal-obligation", law="gdpr", until=date(2030, 1, 1))
    decided = [Decision(law="gdpr", decision="partly"), Decision(law="ccpa", decision="grant")]
    review(desk.workspace, number, decided, [keep], OFFICER, reasons="The tax law wants it.")
    done = fulfil(desk, number)
    assert done.done and states(done.outcomes)["core.invoices"] == "not erasable"
    assert {one.list for one in desk.workspace.people.listed([ANN])} == {"erased"}


# --- steps by hand ----------------------------------------------------------------------------------------------------

PAPER = """\
  paper:
    manual: the cabinet
    owner: front-desk
    collections:
      files:
        identities: {number: file}
        columns: {note: user.content.private}
"""


@pytest.mark.parametrize(("says", "rows", "became"), [("done", 2, "erased and verified"), ("nothing found", 0, None)])
def test_a_cabinet_filed_by_what_nobody_knows_of_the_person_is_asked_all_the_same(
    tmp_path: Path, says: Any, rows: int, became: str | None
) -> None:
    from ombud.rights.sources.manual_steps import attest_step

    sources = SOURCES.replace("customer: user.unique_id}", "customer: user.unique_id, file: user.unique_id}") + PAPER
    desk, _ = desk_at(tmp_path, sources)
    number = granted(desk)
    assert states(fulfil(desk, number).outcomes)["paper.files"] == "failed"
    place = desk.data_map.collection("paper.files")
    attest_step(
        desk.workspace, number, desk.data_map.source("paper"), place, "erase", says, OFFICER, rows=rows
    )  # fmt: skip
    done = fulfil(desk, number)
    assert done.done and states(done.outcomes)["paper.files"] == (became or "nothing found")


# --- what the log takes -----------------------------------------------------------------------------------------------


def test_an_outcome_in_the_log_is_one_short_printable_line(tmp_path: Path) -> None:
    long = Outcome(collection="core.people", state=State.FAILED, because="a\nb\x1b[31m" + "c" * 1000)
    because = told(long)["because"]
    assert because.isprintable() and len(because) == 400 and because.endswith("...")
    assert Outcome.from_json(told(evolve(long, because="plain", files=("x",)))).files == ("x",)


def test_an_ambiguity_is_told_without_the_values_in_question() -> None:
    one = Ambiguity(kind="customer", identities=(Identity("customer", "C-1"),), rows={}, because="1 more value")
    assert "C-1" not in repr(one)


@pytest.mark.parametrize("right", ["objection", "restriction"])
def test_a_stop_holds_at_once_and_says_which_place_was_not_searched(tmp_path: Path, right: str) -> None:
    desk, _ = desk_at(tmp_path)
    (tmp_path / "lake" / "visits.csv").rename(tmp_path / "visits.csv")
    number = granted(desk, right)
    first = fulfil(desk, number)
    assert not first.done and states(first.outcomes) == {"lake.visits": "failed"}
    assert desk.workspace.people.listed([ANN])
    (tmp_path / "visits.csv").rename(tmp_path / "lake" / "visits.csv")
    search(desk, number)
    assert fulfil(desk, number).done
