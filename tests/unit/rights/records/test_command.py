"""`ombud rights records` and `ombud rights exports`, as a user runs them."""

import json
from datetime import date
from pathlib import Path

import pytest

from doors import inside, obeyed
from ombud.rights.export import package
from ombud.store.workspace import open_workspace
from support import needs

MAP = """\
identities: {email: user.contact.email}
sources:
  core:
    sql: "sqlite:///bank.db"
    collections:
      customers:
        identities: {email: email}
        columns: {email: user.contact.email}
        purposes: Run accounts
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("bank")
    (made / "sources.yaml").write_text(MAP, encoding="utf-8")
    obeyed("keys", "init", at=made)
    return made


@pytest.mark.parametrize("kind", ["ropa", "log", "metrics", "consents", "own"])
@pytest.mark.parametrize("ending", ["html", "pdf", "docx", "xlsx", "json"])
def test_every_record_is_written_in_every_format(folder: Path, kind: str, ending: str) -> None:
    for module in ("typst", "docx", "xlsxwriter"):
        needs(module)
    obeyed("rights", "records", kind, "--output", f"{kind}.{ending}", at=folder)
    start = {"html": b"<!doctype html>", "pdf": b"%PDF", "docx": b"PK", "xlsx": b"PK", "json": b"{"}[ending]
    assert (folder / f"{kind}.{ending}").read_bytes().lstrip().startswith(start)


def test_what_is_missing_is_remarked_with_the_place_to_add_it(folder: Path) -> None:
    done = obeyed("rights", "records", "ropa", "--output", "ropa.html", at=folder)
    assert "things are missing" in done.err and "organisation.yaml: name" in done.err
    assert "written: ropa.html" in done.out


def test_json_is_printed_for_programs(folder: Path) -> None:
    assert obeyed("rights", "records", "ropa", at=folder).json["activities"][0]["purpose"] == "Run accounts"
    assert obeyed("rights", "records", "metrics", "--year", "2025", at=folder).json["types"] == []


def test_a_pdf_is_not_printed_on_a_terminal(folder: Path) -> None:
    done = inside("rights", "records", "ropa", "--format", "pdf", at=folder)
    assert done.code == 2 and "--output" in done.err


@pytest.mark.parametrize(
    "words",
    [("ropa", "--output", "x.odt"), ("log", "--since", "yesterday"), ("ropa", "--map", "no.yaml"), ("processor",)],
)
def test_what_cannot_be_meant_is_said(folder: Path, words: tuple[str, ...]) -> None:
    assert inside("rights", "records", *words, at=folder).code == 2


def test_packages_are_listed_and_purged_by_age(folder: Path) -> None:
    needs("pyzipper")
    workspace = open_workspace(folder)
    package(workspace, "R-7F3A2C", (("a", b"b"),), "twelve chars", date(2020, 1, 1))
    listed = json.loads(obeyed("rights", "exports", "--format", "json", at=folder).out)
    assert [(one["case"], one["until"]) for one in listed["packages"]] == [("R-7F3A2C", "2020-01-31")]
    assert "1 deleted" in obeyed("rights", "exports", "--purge", at=folder).out
    assert "0 here" in obeyed("rights", "exports", at=folder).out
