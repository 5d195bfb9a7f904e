"""Recorded decisions explained through the command line, and the letters as a refused person gets them."""

import json
import re
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from doors import Done, ombud
from ombud.system.models import open_model
from support import needs
from told import FEATURES, MODELS, OFFICER, SUBJECT, Lender, lender


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Lender]:
    made = dict[str, Lender]()

    def give(kind: str) -> Lender:
        if kind not in made:
            made[kind] = lender(tmp_path_factory.mktemp(kind), kind)
        return made[kind]

    return give


def explained(one: Lender, number: str, *words: str) -> Done:
    return ombud("decisions", "explain", number, *words, at=one.folder)


def as_json(done: Done) -> Any:
    assert done.code in (0, 1), done.err
    return json.loads(done.out)


@pytest.mark.parametrize("kind", MODELS)
def test_a_refusal_is_repeated_and_each_way_to_another_outcome_is_what_the_model_says(bank: Any, kind: str) -> None:
    one = bank(kind)
    said = as_json(explained(one, one.refused, "--format", "json"))
    assert said["replay"]["reproduced"] and said["replay"]["proof"] == "exact"
    assert 1 <= len(said["reasons"]) <= 4 and said["may_be_sent"]
    shown = json.loads(ombud("decisions", "show", one.refused, "--format", "json", at=one.folder).out)
    model = open_model(one.folder / MODELS[kind])
    assert said["recourse"]["result"] == "found"
    for way in said["recourse"]["ways"]:
        inputs = {**shown["inputs"], **{move["feature"]: move["after"] for move in way["changes"]}}
        score = float(model.predict(np.array([[inputs[name] for name in FEATURES]]))[0])
        assert score == way["score_after"] >= 0.5
        assert {move["feature"] for move in way["changes"]} <= {"income", "debt"}


def test_an_approval_is_explained_without_reasons_against_the_person(bank: Any) -> None:
    one = bank("xgboost")
    done = explained(one, one.approved)
    assert done.code == 0 and "favourable" in done.out and "reasons, against" not in done.out


def test_letters_are_written_for_their_owner_alone_and_the_log_names_nobody(bank: Any, tmp_path: Path) -> None:
    one = bank("lightgbm")
    done = explained(one, one.refused, "--out", str(tmp_path / "out"), "--as", OFFICER)
    assert done.code == 0, done.err
    files = sorted((tmp_path / "out").iterdir())
    assert {path.suffix for path in files} >= {".html", ".pdf", ".json"}
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in files)
    logged = [entry.envelope.payload.decode() for entry in one.workspace.ledger.log().entries]
    assert sum("explanation" in said for said in logged) >= 1
    assert not any(word in said for said in logged for word in (SUBJECT, '"A-1"', "Your debts"))


def test_a_letter_goes_out_only_once_nothing_is_missing_in_it(bank: Any, tmp_path: Path) -> None:
    one = bank("linear")
    form = ("--form", "gdpr-15-1-h", "--how", "post", "--as", OFFICER)
    letters = one.folder / "letters.yaml"
    whole = letters.read_text(encoding="utf-8")
    letters.write_text(whole.replace("consequences:", "# consequences:"), encoding="utf-8")
    held = explained(one, one.refused, "--out", str(tmp_path / "held"), *form)
    assert held.code == 2 and "not complete" in held.err and "letters.yaml" in held.err
    assert not (tmp_path / "held").exists()
    letters.write_text(whole, encoding="utf-8")
    sent = explained(one, one.refused, "--out", str(tmp_path / "sent"), *form)
    assert sent.code == 0 and "MISSING" not in sent.out, sent.err


def test_a_second_letter_is_told_to_be_one_more(tmp_path: Path) -> None:
    one = changed(tmp_path, "linear")
    post = ("--out", str(tmp_path / "out"), "--form", "plain", "--as", OFFICER)
    assert "went out before" not in explained(one, one.refused, *post).out
    assert "went out before" not in explained(one, one.refused, *post, "--how", "post").out
    again = explained(one, one.refused, *post, "--how", "post")
    assert again.code == 0 and "went out before" in again.out


def test_the_log_never_speaks_of_a_letter_that_could_not_be_written(tmp_path: Path) -> None:
    one = changed(tmp_path, "linear")
    (tmp_path / "file").write_text("not a folder", encoding="utf-8")
    post = ("--form", "plain", "--as", OFFICER, "--how", "post")
    assert explained(one, one.refused, "--out", str(tmp_path / "file"), *post).code == 2
    assert not list(one.workspace.ledger.log().trusted("explanation"))
    assert explained(one, one.refused, "--out", str(tmp_path / "out"), *post).code == 0
    assert len(list(one.workspace.ledger.log().trusted("explanation"))) == 1


def test_a_letter_that_may_not_be_signed_is_not_left_behind(tmp_path: Path) -> None:
    from ombud.cli.decisions.explain import writer_of
    from ombud.cli.workbench import open_workbench
    from ombud.decisions.explain import explain_decision
    from ombud.decisions.served import serve
    from ombud.errors import OmbudError

    one = changed(tmp_path, "linear")
    bench, out = open_workbench(one.folder / "ombud.yaml", None), tmp_path / "out"
    said = explain_decision(bench.workspace, bench.system, one.refused)
    with pytest.raises(OmbudError):
        serve(bench.workspace, said, writer_of(bench), "plain", out, "nobody")
    assert not list(out.iterdir())
    assert len(serve(bench.workspace, said, writer_of(bench), "plain", out, OFFICER).files) == len(list(out.iterdir()))


# --- refusals, each beside what is allowed ----------------------------------------------------------------------------


def changed(tmp_path: Path, kind: str = "xgboost") -> Lender:
    folder = tmp_path / "bank"
    folder.mkdir()
    return lender(folder, kind)


def test_a_model_that_is_gone_or_changed_explains_nothing_and_one_that_was_kept_does(tmp_path: Path) -> None:
    one = changed(tmp_path)
    artifact = one.folder / "model.json"
    kept = artifact.read_bytes()
    artifact.unlink()
    gone = explained(one, one.refused)
    assert gone.code == 3 and "model" in gone.err
    artifact.write_bytes(kept.replace(b'"base_score"', b'"base_score" ', 1))
    assert explained(one, one.refused).code == 3
    artifact.write_bytes(kept)
    assert explained(one, one.refused).code == 0


def test_a_score_that_does_not_come_out_again_is_told_and_nothing_is_sent(tmp_path: Path) -> None:
    from datetime import UTC, datetime

    from ombud.decisions import Recorder
    from ombud.decisions.drain import drain

    one = changed(tmp_path)
    shown = json.loads(ombud("decisions", "show", one.refused, "--format", "json", at=one.folder).out)
    recorder = Recorder.of(one.folder / "ombud.yaml")
    recorder.record(id="B-1", at=datetime(2026, 11, 3, tzinfo=UTC), inputs=shown["inputs"], score=shown["score"] + 1e-3)
    inputs = {name: value for name, value in shown["inputs"].items() if name != "debt"} | {"debts": 1.0}
    recorder.record(id="B-2", at=datetime(2026, 11, 3, tzinfo=UTC), inputs=inputs, score=shown["score"])
    drain(one.workspace)
    apart = explained(one, "B-1", "--out", str(tmp_path / "out"), "--as", OFFICER)
    assert apart.code == 1 and "differ by 0.001" in apart.out and not (tmp_path / "out").exists()
    renamed = explained(one, "B-2")
    assert renamed.code == 3 and "'debt'" in renamed.err and "'debts'" in renamed.err
    assert explained(one, one.refused).code == 0


def test_a_reason_that_stands_for_a_protected_column_is_kept_and_a_person_looks(tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    one = changed(tmp_path)
    assert explained(one, one.refused).code == 0
    path = one.folder / "decisions.parquet"
    table = pq.read_table(path)
    groups = ["a" if debt > 2 else "b" for debt in table["debt"].to_pylist()]
    pq.write_table(table.set_column(table.column_names.index("race"), "race", [groups]), path)
    held = as_json(explained(one, one.refused, "--format", "json"))
    assert not held["may_be_sent"] and held["recourse"]["result"] == "not asked"
    assert "debt" in {reason["feature"] for reason in held["reasons"] if reason["sensitive"]}
    done = explained(one, one.refused, "--out", str(tmp_path / "out"), "--as", OFFICER)
    assert done.code == 1 and "NOTHING MAY BE SENT" in done.out and not (tmp_path / "out").exists()
    (entry,) = one.workspace.ledger.log().trusted("explanation")
    assert entry.statement.predicate["refusals"] and entry.statement.predicate["documents"] == []


def test_an_unknown_number_is_not_repeated_in_what_is_said(bank: Any) -> None:
    done = explained(bank("xgboost"), "Ann Unique")
    assert done.code == 2 and "Unique" not in done.err


def test_words_of_a_language_that_nobody_approved_are_refused(bank: Any, tmp_path: Path) -> None:
    done = explained(bank("xgboost"), "A-1", "--language", str(tmp_path))
    assert done.code == 2 and "error" in done.err


# --- as people see them -----------------------------------------------------------------------------------------------

FORMS = ("adverse-action", "gdpr-15-1-h", "ai-act-86", "plain")


@pytest.fixture(scope="module")
def letters(bank: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    needs("typst")
    out, one = tmp_path_factory.mktemp("letters"), bank("xgboost")
    asked = [word for form in FORMS for word in ("--form", form)]
    done = explained(one, one.refused, "--out", str(out), "--as", OFFICER, *asked)
    assert done.code == 0, done.err
    return out


@pytest.mark.browser
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (1280, "dark"), (390, "light")])
def test_axe_finds_nothing_and_nothing_sticks_out(
    letters: Path, browser: Any, form: str, width: int, scheme: str
) -> None:
    axe = needs("axe_playwright_python.sync_playwright").Axe()
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page.goto(next(letters.glob(f"{form}-*.html")).as_uri())
    found = axe.run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.close()


@pytest.mark.parametrize("form", FORMS)
def test_the_pdf_is_one_for_everybody(letters: Path, form: str) -> None:
    report = needs("pdfua").validate(str(next(letters.glob(f"{form}-*.pdf"))))
    assert report.exit_code == 0 and not report.findings, [one.message for one in report.findings]


def words_of(letters: Path, form: str) -> str:
    page = next(letters.glob(f"{form}-*.html")).read_text(encoding="utf-8")
    return " ".join(re.sub(r"<[^>]+>", " ", page.split("<body", 1)[1]).split())


@pytest.mark.parametrize("form", FORMS)
def test_every_letter_gives_the_reasons_and_what_would_have_changed_it_and_promises_nothing(
    letters: Path, form: str
) -> None:
    said = words_of(letters, form)
    assert "Your debts are high" in said or "Your income is low" in said
    assert "It is not a promise" in said
    assert not re.search(r"\d\.\d{7,}", said), "a number with the noise of its last bits"


def test_an_adverse_action_notice_shows_what_the_creditor_has_yet_to_say(letters: Path) -> None:
    said = words_of(letters, "adverse-action")
    assert "Notice of action taken" in said and "notice of equal credit opportunity" in said
    assert list(letters.glob("adverse-action-*.docx")), "a Word file, to fill in what is missing"


def test_the_form_of_a_law_that_does_not_bind_yet_says_from_when(letters: Path) -> None:
    assert "Art. 86" in words_of(letters, "ai-act-86")
    assert re.search(r"applies from \d{4}-\d\d-\d\d on|has the form", words_of(letters, "ai-act-86"))
