"""What hostile hands type into the verbs that carry a request out: words and an exit code, never a trace or an echo."""

import json
import shutil
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest

from doors import Done, inside, obeyed
from ombud.rights.export import packages, purge
from petitions import ask, fulfilled, grant, open_shop, rows, steps_of
from support import needs

SECRET = "zeta.secret@mail.example"
BIDI = "\u202egnp.zeta\u202c"


@pytest.fixture(scope="module")
def _shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return open_shop(tmp_path_factory.mktemp("attack") / "shop")


@pytest.fixture
def shop(_shop: Path, tmp_path: Path) -> Path:
    return shutil.copytree(_shop, tmp_path / "shop")


@pytest.fixture(scope="module")
def _granted(_shop: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = shutil.copytree(_shop, tmp_path_factory.mktemp("granted") / "shop")
    return folder, grant(folder, "erasure")


@pytest.fixture
def granted(_granted: tuple[Path, str], tmp_path: Path) -> tuple[Path, str]:
    return shutil.copytree(_granted[0], tmp_path / "shop"), _granted[1]


@pytest.fixture(scope="module")
def correcting(_shop: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = shutil.copytree(_shop, tmp_path_factory.mktemp("correcting") / "shop")
    case = ask(folder, "rectification")
    obeyed("rights", "verify", case, "--method", "staff", "--seen", "identity-card", at=folder)
    return folder, case


def refused(done: Done, *secrets: str) -> Done:
    """It was refused in words that repeat nothing, on stderr, with nothing half said on stdout."""
    assert done.code in (2, 3), (done.code, done.said)
    assert done.err.strip() and not done.out.strip(), done.said
    for secret in secrets:
        assert secret not in done.said
    return done


NUMBERS = [
    SECRET, "'; DROP TABLE cases; --", "R-000000\n", "../../etc/passwd", "R-" + "7" * 100_000, BIDI, "R-ÄÖÜ123",
    "\x1b[31m", "", " ", "E-7F3A2C", "R-7F3A2C",
]  # fmt: skip


@pytest.mark.parametrize("verb", ["find", "fulfil", "close", "deliver", "told", "correct", "step"])
def test_what_is_no_number_of_a_case_is_refused_by_every_verb(shop: Path, verb: str) -> None:
    (shop / "changes.json").write_text('[{"collection": "core.customers", "values": {"name": "x"}}]', encoding="utf-8")
    more = {
        "deliver": ["--how", "mail"], "told": ["--recipient", "parcel service"], "correct": ["--file", "changes.json"],
        "step": ["core.customers", "--verb", "erase", "--says", "nothing found"],
    }.get(verb, [])  # fmt: skip
    for number in NUMBERS:
        echoes = [number] if len(number.strip()) > 10 else []
        refused(inside("rights", verb, number, *more, at=shop), *echoes)


IDENTITIES = [
    SECRET, "=", f"={SECRET}", f"EMAIL={SECRET}", f"email;{SECRET}", f"e mail={SECRET}", f"nobody_knows={SECRET}",
    f"email={SECRET}" + "x" * 2_000, f"email=\0{SECRET}", "email=", "email=   ", f"{BIDI}={SECRET}",
    f"{'k' * 200}={SECRET}",
]  # fmt: skip


@pytest.mark.parametrize("option", ["--also", "--not-theirs"])
def test_an_identity_that_is_none_is_refused_unrepeated_and_nothing_is_searched(
    granted: tuple[Path, str], option: str
) -> None:
    folder, case = granted
    before = steps_of(folder, case)
    for identity in IDENTITIES:
        if option == "--not-theirs" and identity.startswith("nobody_knows"):
            continue  # whoever rejects what the map does not know rejects nothing
        refused(inside("rights", "find", case, option, identity, at=folder), SECRET)
    assert steps_of(folder, case) == before


def test_values_with_quotes_wildcards_and_marks_of_direction_are_values_and_nothing_else(
    granted: tuple[Path, str],
) -> None:
    folder, case = granted
    for value in (
        "' OR '1'='1",
        '"; DROP TABLE customers; --',
        "%",
        "_nna.unique@mail.example",
        "*",
        BIDI,
        "\\",
        "${x}",
    ):
        done = inside("rights", "find", case, "--also", f"email={value}x", "--format", "json", at=folder)
        assert done.code == 0 and done.json["found"]["core.customers"] == 1, done.said
        assert value not in done.err
    obeyed("rights", "review", case, "--decision", "grant", at=folder)  # of what was found now
    assert set(fulfilled(folder, case).values()) == {"erased and verified"}
    assert rows(folder, "SELECT id FROM customers") == [("C-2",)]


# --- the map ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        None, b"", b"\xff\xfe\x00", b"\0", b"- just\n- a list\n", b"a: [unclosed", b"a: &a [*a, *a]\nb: *nowhere",
        b"!!python/object/apply:os.system ['touch owned']", b"sources: 7", b"[" * 50_000, b"a: " + b"x" * 20_000_000,
    ],
    ids=["folder", "empty", "utf16", "nul", "list", "unclosed", "alias", "object", "number", "deep", "huge"],
)  # fmt: skip
def test_a_map_that_is_none_is_refused_before_anything_is_done(
    granted: tuple[Path, str], content: bytes | None
) -> None:
    folder, case = granted
    path = folder / "hostile.yaml"
    path.mkdir() if content is None else path.write_bytes(content)
    for words in (("find", case), ("fulfil", case), ("reapply",)):
        refused(inside("rights", *words, "--map", "hostile.yaml", at=folder))
    assert not (folder / "owned").exists() and rows(folder, "SELECT count(*) FROM customers") == [(2,)]
    assert inside("rights", "find", case, "--map", "nowhere/at-all.yaml", at=folder).code in (2, 3)


# --- changes ----------------------------------------------------------------------------------------------------------

ONE = {"collection": "core.customers", "values": {"name": SECRET}}


@pytest.mark.parametrize(
    "content",
    [
        b"", b"\xff", b"{", b"[" * 200_000, b"[" + b"1," * 6_000_000 + b"1]", b'"' + SECRET.encode() + b'"', b"1e999",
        b"[" + b"9" * 10_000 + b"]", json.dumps([ONE] * 5_000).encode(), json.dumps(ONE).encode(),
        json.dumps([{**ONE, "values": {SECRET: 1}}]).encode(), json.dumps([{**ONE, "where": SECRET}]).encode(),
        json.dumps([{**ONE, "values": {"name": {"$gt": SECRET}}}]).encode(),
        json.dumps([{**ONE, "collection": SECRET}]).encode(),
        json.dumps([{**ONE, "values": {"name; --": SECRET}}]).encode(),
    ],
    ids=["empty", "no-utf8", "cut", "deep", "huge", "text", "infinite", "long-number", "many", "no-list", "column",
         "where", "nested", "place", "injected"],
)  # fmt: skip
def test_changes_of_the_wrong_shape_are_refused_unrepeated(
    correcting: tuple[Path, str], content: bytes, tmp_path: Path
) -> None:
    folder, case = correcting
    path = tmp_path / "changes.json"
    path.write_bytes(content)
    told = refused(inside("rights", "correct", case, "--file", path, at=folder), SECRET)
    assert "change" in told.err or "JSON" in told.err or "bytes" in told.err
    refused(inside("rights", "correct", case, "--file", tmp_path, at=folder))
    path.write_text(json.dumps([ONE]), encoding="utf-8")
    assert SECRET not in obeyed("rights", "correct", case, "--file", path, at=folder).said


# --- packages ---------------------------------------------------------------------------------------------------------


def test_a_passphrase_that_is_too_short_is_refused_and_an_empty_one_is_none(granted: tuple[Path, str]) -> None:
    for part in ("typst", "pyzipper"):
        needs(part)
    folder, case = granted
    fulfilled(folder, case)
    for word in ("short", "elevenchars"):
        done = inside("rights", "deliver", case, "--how", "mail", at=folder, OMBUD_PACKAGE_PASSPHRASE=word)
        refused(done, word)
    for how in (SECRET, "", BIDI):
        refused(inside("rights", "deliver", case, "--how", how, at=folder), SECRET, BIDI)
    assert not list((folder / ".ombud").rglob("*.zip")) and steps_of(folder, case)[-1] == "fulfilled"
    made = inside("rights", "deliver", case, "--how", "mail", at=folder, OMBUD_PACKAGE_PASSPHRASE="")
    assert made.code == 0 and "passphrase, shown once: " in made.err, "nobody could open it otherwise"


def test_links_in_the_folder_of_packages_are_never_followed(granted: tuple[Path, str], tmp_path: Path) -> None:
    folder, case = granted
    theirs = tmp_path / "thesis.txt"
    theirs.write_text("three years of work", encoding="utf-8")
    exports = folder / ".ombud" / "exports"
    exports.mkdir(exist_ok=True)
    (exports / f"{case}.2020-01-01.00000000.zip").symlink_to(theirs)
    (exports / f"{case}.2099-01-01.00000000.zip").symlink_to(theirs)
    (exports / f"{case}.2099-01-02.00000000.zip").symlink_to(tmp_path / "nowhere")
    fulfilled(folder, case)
    place = SimpleNamespace(root=folder)
    assert packages(place) == ()
    purge(place, date(2030, 1, 1))
    assert theirs.read_text(encoding="utf-8") == "three years of work"


# --- words ------------------------------------------------------------------------------------------------------------


def test_recipients_places_and_reasons_that_nobody_knows_are_refused_unrepeated(granted: tuple[Path, str]) -> None:
    folder, case = granted
    fulfilled(folder, case)
    before = steps_of(folder, case)
    for name in (SECRET, "", BIDI, "parcel service\0"):
        refused(inside("rights", "told", case, "--recipient", name, at=folder), SECRET, BIDI)
        refused(inside("rights", "close", case, "--untold", name, at=folder), SECRET, BIDI)
        step = ("rights", "step", case, name, "--verb", "erase", "--says", "nothing found")
        refused(inside(*step, at=folder), SECRET, BIDI)
    for verb, says, more in (
        (SECRET, "done", ["--rows", "1"]), ("erase", SECRET, []), ("erase", "done", ["--rows", "-1"]),
        ("erase", "kept", ["--rows", "1", "--ground", SECRET]),
    ):  # fmt: skip
        refused(
            inside("rights", "step", case, "core.customers", "--verb", verb, "--says", says, *more, at=folder), SECRET
        )
    assert steps_of(folder, case) == before


def test_the_scanner_says_what_it_could_not_read_and_takes_no_identity_for_one(shop: Path) -> None:
    for identity in (SECRET, "=", "email=", f"{BIDI}={SECRET}", f"email={'x' * 2_000}"):
        refused(inside("rights", "scan", "lake", "--identity", identity, at=shop), SECRET)
    done = inside("rights", "scan", "nowhere", "--identity", f"email={SECRET}", at=shop)
    assert done.code in (2, 3) and SECRET not in done.said
