import shutil
from datetime import date
from importlib.resources import as_file, files
from pathlib import Path

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis.strategies import lists, sampled_from

from ombud.documents.paper import Facts, Heading, Note, Paper, Points, Say
from ombud.documents.rights.letters import (
    Acknowledgement,
    Answer,
    Decided,
    Extension,
    Refusal,
    Told,
    letter,
    load_wording,
)
from ombud.documents.rights.letters.letter import RIGHTS
from ombud.documents.rights.letters.wording import english, fill
from ombud.errors import Invalid, Misused, NotFound
from rights_papers import answer, frame, ground, letters, remedy

DONE, NOTHING = Told(place="Account", became="done"), Told(place="Newsletter", became="nothing")
KEPT, FAILED = Told(place="Books", became="kept", ground=ground()), Told(place="Archive", became="failed")


def text(paper: Paper) -> str:
    said = [paper.title]
    for part in paper.parts:
        match part:
            case Say() | Heading():
                said.append(part.text)
            case Points():
                said += [str(item) for item in part.items]
            case Facts():
                said += [f"{term}: {value}" for term, value in part.rows]
            case Note():
                said += [part.title, *part.lines]
    return "\n".join(said)


def erasure(*outcomes: Told, **more: object) -> str:
    return text(letter(Answer(frame=frame(), outcomes=outcomes, remedies=(remedy(),), **more)))  # type: ignore[arg-type]


# --- what a letter may claim ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcomes", "title"),
    [
        ((DONE, NOTHING), "We have erased your data"),
        ((NOTHING,), "We found no data about you to erase"),
        ((DONE, KEPT), "We have erased part of your data"),
        ((KEPT, NOTHING), "We have not erased your data"),
        ((DONE, KEPT, FAILED), "We have not yet erased all of your data"),
    ],
)
def test_the_title_claims_no_more_than_was_done(outcomes: tuple[Told, ...], title: str) -> None:
    assert erasure(*outcomes).startswith(title)


@given(lists(sampled_from([DONE, NOTHING, KEPT, FAILED]), min_size=1))
def test_a_letter_is_never_better_than_its_worst_place(outcomes: list[Told]) -> None:
    verdict = Answer(frame=frame(), outcomes=tuple(outcomes), remedies=(remedy(),)).verdict
    found = {one.became for one in outcomes}
    assert (verdict == "failed") == ("failed" in found)
    assert (verdict == "done") == (found <= {"done", "nothing"} and "done" in found)


def test_the_four_outcomes_are_told_place_by_place() -> None:
    said = erasure(DONE, NOTHING, KEPT, FAILED)
    assert "Account: Erased. We searched again afterwards and found nothing about you." in said
    assert "Newsletter: We found nothing about you here." in said
    assert "Books: Kept. We must keep the records of your account (Companies Act 2014, s. 285)." in said
    assert "This ends on 2031-03-01." in said
    assert "Archive: This has not worked yet. Your data may still be here." in said


def test_backups_are_told_with_the_day_they_end() -> None:
    said = erasure(evolve(DONE, copies=("Backups, until 2027-01-05",)))
    assert "Copies that live on" in said and "Backups, until 2027-01-05" in said
    assert "Copies that live on" not in erasure(DONE)


@pytest.mark.parametrize("choice", ["exclude", "retrain", "unlearn", "suppress", "keep"])
def test_a_decision_on_a_model_is_told_as_done_only_when_it_is(choice: str) -> None:
    by = Decided(model="M", choice=choice, by=date(2027, 2, 1))  # type: ignore[arg-type]
    planned, finished = erasure(DONE, models=(by,)), erasure(DONE, models=(evolve(by, done=True),))
    assert "2027-02-01" in planned and "2027-02-01" not in finished
    still = ("stays in use", "stays in it", "was trained with your data")
    assert any(words in planned for words in still)
    undated = erasure(DONE, models=(evolve(by, by=None),))
    assert "No day is set" in undated or choice == "keep"


def test_no_word_of_our_own_doubts_on_law_reaches_the_person() -> None:
    for name, written in letters():
        assert "unchecked" not in text(letter(written)), name
        assert "not yet read" not in text(letter(written)), name


# --- what a letter cannot leave out -----------------------------------------------------------------------------------


def test_a_refusal_names_its_ground_its_reasons_the_authority_and_the_court() -> None:
    said = text(letter(Refusal(frame=frame(), grounds=(ground(),), remedies=(remedy(),))))
    for words in ("Companies Act 2014, s. 285", "closed on 2025-03-01", "Data Protection Commission", "go to court"):
        assert words in said


def test_a_refusal_without_ground_or_remedy_is_not_written() -> None:
    with pytest.raises(Misused):
        Refusal(frame=frame(), grounds=(), remedies=(remedy(),))
    with pytest.raises(Misused):
        Refusal(frame=frame(), grounds=(ground(),), remedies=())


def test_whoever_keeps_data_says_on_what_ground_and_where_to_complain() -> None:
    with pytest.raises(Misused):
        Told(place="Books", became="kept")
    with pytest.raises(Misused):
        Answer(frame=frame(), outcomes=(KEPT,))
    with pytest.raises(Misused):
        Answer(frame=frame(), outcomes=(FAILED,))
    assert Answer(frame=frame(), outcomes=(DONE,)).verdict == "done"  # the allowed neighbour


def test_an_extension_ends_later_and_gives_reasons() -> None:
    day, later = date(2026, 12, 23), date(2027, 2, 23)
    with pytest.raises(Misused):
        Extension(frame=frame(), was=day, due=day, reasons=("Many accounts.",))
    with pytest.raises(Misused):
        Extension(frame=frame(), was=day, due=later, reasons=())
    said = text(letter(Extension(frame=frame(), was=day, due=later, reasons=("Many accounts.",))))
    assert "2027-02-23" in said and "Many accounts." in said


def test_an_unknown_right_is_refused() -> None:
    with pytest.raises(Misused):
        frame("everything")


@pytest.mark.parametrize("right", RIGHTS)
def test_every_right_has_an_answer_for_every_outcome(right: str) -> None:
    for outcomes in ((DONE,), (NOTHING,), (DONE, KEPT), (KEPT,), (FAILED,)):
        written = evolve(answer(right), outcomes=outcomes)
        paper = letter(written)
        assert paper.title and paper.language == "en"
        assert "{" not in text(paper)


def test_a_letter_without_a_name_greets_all_the_same() -> None:
    nameless = Acknowledgement(frame=evolve(frame("access"), person="", person_address=()), due=date(2026, 12, 23))
    assert "Good day," in text(letter(nameless))


# --- words of other languages -----------------------------------------------------------------------------------------


@pytest.fixture
def german(tmp_path: Path) -> Path:
    with as_file(files("ombud.documents.rights.letters") / "en") as folder:
        copied = shutil.copytree(folder, tmp_path / "de")
    change(copied / "language.yaml", "language: en", "language: de")
    return copied


def change(path: Path, before: str, after: str) -> None:
    said = path.read_text(encoding="utf-8")
    assert before in said
    path.write_text(said.replace(before, after), encoding="utf-8")


def test_words_that_nobody_approved_are_not_sent(german: Path) -> None:
    with pytest.raises(Invalid, match="nobody has approved"):
        load_wording(german)
    change(german / "language.yaml", "approved_by: null", 'approved_by: "  "')
    with pytest.raises(Invalid, match="nobody has approved"):
        load_wording(german)


def test_words_that_somebody_approved_are_used(german: Path) -> None:
    change(german / "language.yaml", "approved_by: null", "approved_by: A. Reader")
    change(german / "refusal.yaml", "We cannot do what you asked", "Wir können nicht tun, worum Sie bitten")
    words = load_wording(german)
    paper = letter(Refusal(frame=frame(), grounds=(ground(),), remedies=(remedy(),)), words)
    assert paper.title == "Wir können nicht tun, worum Sie bitten" and paper.language == "de"


def test_a_language_with_a_missing_letter_or_word_is_refused(german: Path) -> None:
    change(german / "language.yaml", "approved_by: null", "approved_by: A. Reader")
    change(german / "language.yaml", "  outcome.failed:", "  outcome.fehler:")
    with pytest.raises(Invalid, match=r"outcome\.failed"):
        load_wording(german)
    (german / "refusal.yaml").unlink()
    with pytest.raises(NotFound, match=r"refusal\.yaml"):
        load_wording(german)


@pytest.mark.parametrize("part", ["- run: x", "- say: a\n    heading: b", "- say: a\n    shell: b", "- just words"])
def test_a_part_that_nobody_knows_is_refused(german: Path, part: str) -> None:
    change(german / "language.yaml", "approved_by: null", "approved_by: A. Reader")
    (german / "refusal.yaml").write_text(f"title: x\nparts:\n  {part}\n", encoding="utf-8")
    with pytest.raises(Invalid):
        load_wording(german)


def test_words_ask_for_a_value_that_there_is_none_of(german: Path) -> None:
    change(german / "language.yaml", "approved_by: null", "approved_by: A. Reader")
    (german / "refusal.yaml").write_text("title: x\nparts:\n  - say: '{secret}'\n", encoding="utf-8")
    with pytest.raises(Invalid, match="secret"):
        letter(Refusal(frame=frame(), grounds=(ground(),), remedies=(remedy(),)), load_wording(german))


def test_what_is_filled_in_is_not_filled_again() -> None:
    assert fill("{person} {case}", {"person": "{case}", "case": "R-1"}) == "{case} R-1"
    assert fill("{0} {} {person!r}", {"person": "x"}) == "{0} {} {person!r}"
    with pytest.raises(Invalid):
        fill("{person.real}", {"person": "x"})  # no attribute of a value is reached


def test_the_english_words_say_that_nobody_approved_them() -> None:
    assert english().approved_by is None
