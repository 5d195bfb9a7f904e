import os
import zipfile
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from attrs import evolve

from ombud.errors import Misused, Unreadable
from ombud.rights.export import (
    KEPT_DAYS,
    copy_files,
    letter_files,
    new_passphrase,
    package,
    packages,
    purge,
    unlock,
)
from rights_papers import copy, papers
from support import needs

needs("pyzipper")
TODAY = date(2026, 12, 20)
FILES = (("copy.html", b"<p>zoe@example.org</p>"), ("portable/data.json", b"{}"))


@pytest.fixture
def workspace(tmp_path: Path) -> SimpleNamespace:
    return SimpleNamespace(root=tmp_path)


def test_a_package_opens_with_its_passphrase_alone(workspace: SimpleNamespace) -> None:
    passphrase = new_passphrase()
    made = package(workspace, "R-7F3A2C", FILES, passphrase, TODAY)
    assert unlock(made.path, passphrase)["copy.html"] == FILES[0][1]
    for wrong in (new_passphrase(), passphrase[:-1], passphrase.lower(), ""):
        with pytest.raises(Misused):
            unlock(made.path, wrong)


def test_nothing_of_the_person_can_be_read_from_outside(workspace: SimpleNamespace) -> None:
    made = package(workspace, "R-7F3A2C", FILES, new_passphrase(), TODAY)
    raw = made.path.read_bytes()
    assert b"zoe" not in raw and b"example.org" not in raw
    with zipfile.ZipFile(made.path) as archive:
        assert archive.namelist() == ["copy.html", "portable/data.json", "manifest.json"]
        with pytest.raises((RuntimeError, NotImplementedError)):
            archive.read("copy.html")
        assert {entry.compress_type for entry in archive.infolist()} == {99}  # AE-x
        strengths = {entry.extra[entry.extra.index(b"\x01\x99") + 8] for entry in archive.infolist()}
        assert strengths == {3}  # 256 bits


@pytest.mark.parametrize("passphrase", ["", "short", "elevenchars"])
def test_a_short_passphrase_is_refused(workspace: SimpleNamespace, passphrase: str) -> None:
    with pytest.raises(Misused) as refused:
        package(workspace, "R-7F3A2C", FILES, passphrase, TODAY)
    assert not passphrase or passphrase not in str(refused.value)
    assert package(workspace, "R-7F3A2C", FILES, "twelve chars", TODAY).files == 2


def test_passphrases_are_long_and_never_twice_the_same() -> None:
    made = {new_passphrase() for _ in range(200)}
    assert len(made) == 200 and {len(one) for one in made} == {29}


def test_a_flipped_byte_is_noticed(workspace: SimpleNamespace) -> None:
    made = package(workspace, "R-7F3A2C", FILES, "twelve chars", TODAY)
    raw = bytearray(made.path.read_bytes())
    raw[60] ^= 1
    made.path.write_bytes(raw)
    with pytest.raises((Unreadable, Misused)):
        unlock(made.path, "twelve chars")


def test_a_package_is_for_its_owner_alone_and_not_for_git(workspace: SimpleNamespace) -> None:
    made = package(workspace, "R-7F3A2C", FILES, "twelve chars", TODAY)
    assert made.path.stat().st_mode & 0o077 == 0 and made.path.parent.stat().st_mode & 0o077 == 0
    assert (made.path.parent / ".gitignore").read_text(encoding="utf-8") == "*\n"


def test_a_package_goes_by_its_age_whatever_became_of_the_case(workspace: SimpleNamespace) -> None:
    made = package(workspace, "R-7F3A2C", FILES, "twelve chars", TODAY)
    assert made.until == TODAY + timedelta(days=KEPT_DAYS)
    assert purge(workspace, made.until) == 0 and made.path.exists()  # the last day
    assert purge(workspace, made.until + timedelta(days=1)) == 1 and not made.path.exists()
    assert packages(workspace) == ()


def test_what_a_crash_left_and_what_somebody_put_there_goes_too(workspace: SimpleNamespace) -> None:
    folder = package(workspace, "R-7F3A2C", FILES, "twelve chars", TODAY, days=90).path.parent
    old = 1_760_000_000  # October 2025
    for name in ("R-1.2027-01-01.00000000.part", "something.else", "R-1.2026-99-99.00000000.zip"):
        (folder / name).write_bytes(b"x")
        os.utime(folder / name, (old, old))
    assert purge(workspace, TODAY) == 3
    assert len(packages(workspace)) == 1
    assert (folder / ".gitignore").exists()


def test_nothing_half_written_stays_when_a_file_cannot_be_made(workspace: SimpleNamespace) -> None:
    def failing() -> object:
        yield FILES[0]
        raise Misused("the source went away")

    with pytest.raises(Misused):
        package(workspace, "R-7F3A2C", failing(), "twelve chars", TODAY)  # type: ignore[arg-type]
    assert [path.name for path in (workspace.root / ".ombud" / "exports").iterdir()] == [".gitignore"]


@pytest.mark.parametrize("case", ["zoe@example.org", "../x", "", "R 1", "ä"])
def test_a_name_that_could_say_who_it_is_is_refused(workspace: SimpleNamespace, case: str) -> None:
    with pytest.raises(Misused) as refused:
        package(workspace, case, FILES, "twelve chars", TODAY)
    assert not case or case not in str(refused.value)


@pytest.mark.parametrize("days", [0, -1, 91])
def test_a_package_lies_there_for_a_bounded_time(workspace: SimpleNamespace, days: int) -> None:
    with pytest.raises(Misused):
        package(workspace, "R-1", FILES, "twelve chars", TODAY, days=days)


def test_purge_without_any_package_is_quiet(workspace: SimpleNamespace) -> None:
    assert purge(workspace, TODAY) == 0


def test_a_copy_has_a_document_to_read_and_files_for_machines() -> None:
    needs("typst")
    names = [name for name, _ in copy_files(copy())]
    assert names[:2] == ["copy.html", "copy.pdf"] and "portable/data.json" in names and "all/schema.json" in names
    portable = dict(copy_files(copy(), portable_only=True))
    assert not [name for name in portable if not name.startswith("portable/")]
    assert b"Risk class" not in b"".join(portable.values())


def test_a_letter_is_a_page_and_a_pdf() -> None:
    needs("typst")
    paper = dict(papers())["letter-refusal"]
    assert [name for name, _ in letter_files("answer", evolve(paper))] == ["answer.html", "answer.pdf"]
