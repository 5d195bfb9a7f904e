"""Hostile and broken law files: each an error with its place, nothing run, nothing that hangs or swells."""

import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ombud.errors import Invalid, NotFound, OmbudError, Unreadable
from ombud.law.framework import read_framework
from ombud.law.load import load_pack
from ombud.law.tree import MAX_BYTES, MAX_DEPTH, parse

HEAD = """\
framework: hostile
title: Hostile
cite: none
href: https://example.org/
binding: law
in_pack_since: 2026-01-01
"""


def refused(folder: Path, text: str | bytes) -> OmbudError:
    path = folder / "hostile.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    with pytest.raises((Invalid, Unreadable)) as error:
        read_framework(path)
    said = str(error.value)
    assert "hostile.yaml" in said
    assert said.isprintable()
    return error.value


def test_a_billion_laughs_are_refused_before_they_expand(tmp_path: Path) -> None:
    lines = ["a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 30)]
    started = time.perf_counter()
    error = refused(tmp_path, "\n".join(lines))
    assert "expands to more than a law file can hold" in str(error)
    assert time.perf_counter() - started < 2


def test_laughs_hidden_in_a_condition_are_refused(tmp_path: Path) -> None:
    lines = ["when:", "  all:", "    - &b0 {role: [provider]}"]
    lines += [f"    - &b{n} {{all: [{', '.join([f'*b{n - 1}'] * 10)}]}}" for n in range(1, 12)]
    assert "expands" in str(refused(tmp_path, HEAD + "\n".join(lines) + "\nrequirements: {}\n"))


def test_an_alias_into_itself_is_refused(tmp_path: Path) -> None:
    error = refused(tmp_path, HEAD + "requirements: &r\n  A.1: *r\n")
    assert "points to nothing above, or into itself" in str(error)


def test_an_alias_to_nothing_is_refused_with_its_line(tmp_path: Path) -> None:
    error = refused(tmp_path, HEAD + "requirements: *nothing\n")
    assert isinstance(error, Invalid)
    assert error.line == 7


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ("{a: ", "}")])
def test_deep_nesting_is_refused(tmp_path: Path, opening: str, closing: str) -> None:
    assert f"nested deeper than {MAX_DEPTH}" in str(refused(tmp_path, "a: " + opening * 5_000 + closing * 5_000))


def test_nesting_built_from_aliases_is_refused(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x]"] + [f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, MAX_DEPTH + 5)]
    assert "expands" in str(refused(tmp_path, "\n".join(lines)))


@pytest.mark.parametrize(
    "value",
    [
        "!!python/object/apply:os.system ['touch canary']",
        "!!python/name:os.system",
        "!!binary aGVsbG8=",
        "!custom x",
        "!!set {a, b}",
        "!!timestamp 2026-01-01",
    ],
)
def test_tags_are_refused_and_nothing_runs(tmp_path: Path, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert "are not read" in str(refused(tmp_path, f"{HEAD}when: {value}\nrequirements: {{}}\n"))
    assert not (tmp_path / "canary").exists()


def test_a_second_document_is_refused(tmp_path: Path) -> None:
    assert "more than one document" in str(refused(tmp_path, HEAD + "requirements: {}\n---\nframework: other\n"))


def test_a_key_given_twice_is_refused_with_both_lines(tmp_path: Path) -> None:
    error = refused(tmp_path, HEAD + "binding: principle\nrequirements: {}\n")
    assert isinstance(error, Invalid)
    assert error.line == 7
    assert "already given in line 5" in error.problem


def test_a_requirement_given_twice_in_a_file_is_refused(tmp_path: Path) -> None:
    assert "already given" in str(refused(tmp_path, HEAD + "requirements:\n  A.1: {}\n  A.1: {}\n"))


def test_merge_keys_are_refused(tmp_path: Path) -> None:
    assert "merge keys" in str(refused(tmp_path, HEAD + "requirements:\n  A.1: &a {title: x}\n  A.2: {<<: *a}\n"))


@pytest.mark.parametrize("key", ["[a, b]", "{a: b}", "~"])
def test_a_key_that_is_no_word_is_refused(tmp_path: Path, key: str) -> None:
    assert "a key has to be a word" in str(refused(tmp_path, f"? {key}\n: x\n"))


def test_a_file_of_ten_megabytes_is_refused_unread(tmp_path: Path) -> None:
    error = refused(tmp_path, b"# " + b"x" * (10 * 1024 * 1024))
    assert isinstance(error, Unreadable)
    assert f"larger than {MAX_BYTES // 1024 // 1024} MB" in str(error)


@pytest.mark.parametrize("data", [b"\xff\xfe\x00a", b"title: \x80", b"\x00", b"title: \xed\xa0\x80"])
def test_bytes_that_are_not_text_are_refused(tmp_path: Path, data: bytes) -> None:
    refused(tmp_path, data)


@pytest.mark.parametrize(
    "text", ["", "   \n", "# only a comment\n", "just words", "- a\n- b\n", "null", "{}", "a: [", "\t- a"]
)
def test_what_is_no_law_file_is_refused(tmp_path: Path, text: str) -> None:
    refused(tmp_path, text)


@pytest.mark.parametrize("escape", ["\\e[31mred", "\\u202Eevil", "\\x07", "a\\0b"])
def test_words_cannot_carry_control_characters_to_a_terminal(tmp_path: Path, escape: str) -> None:
    text = HEAD.replace("title: Hostile", f'title: "{escape}"') + "requirements: {}\n"
    assert "cannot be printed" in str(refused(tmp_path, text))


def test_a_key_with_control_characters_is_not_echoed_to_the_terminal(tmp_path: Path) -> None:
    refused(tmp_path, HEAD + '"\\e[31mkey": x\nrequirements: {}\n')


@pytest.mark.parametrize("href", ["javascript:alert(1)", "https://a b", 'https://a"onclick=x', "file:///etc/passwd"])
def test_links_that_are_not_plain_https_are_refused(tmp_path: Path, href: str) -> None:
    text = HEAD.replace("https://example.org/", f"'{href}'") + "requirements: {}\n"
    assert "is not an https:// address" in str(refused(tmp_path, text))


def test_an_endless_title_is_refused(tmp_path: Path) -> None:
    text = HEAD.replace("title: Hostile", f"title: {'x' * 5_000}") + "requirements: {}\n"
    assert "longer than" in str(refused(tmp_path, text))


def test_a_directory_or_missing_file_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        read_framework(tmp_path / "absent.yaml")
    (tmp_path / "folder.yaml").mkdir()
    with pytest.raises(NotFound):
        read_framework(tmp_path / "folder.yaml")


def test_a_hostile_folder_leaves_the_built_in_law_usable(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("a: [", encoding="utf-8")
    with pytest.raises(Invalid):
        load_pack([tmp_path])
    assert load_pack().rows


def test_the_command_ends_in_words_and_code_2(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text(HEAD + "requirements:\n  A.1: {titel: x}\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "ombud.cli.main", "law", "list", "--as-of", "2026-11-23", "--known-at", "2026-11-23",
         "--law", str(tmp_path)],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stdout == ""
    assert "bad.yaml:8" in done.stderr
    assert "Did you mean 'title'?" in done.stderr
    assert "Traceback" not in done.stderr


@given(text=st.text(max_size=200))
def test_any_text_is_read_or_refused_in_words(text: str) -> None:
    try:
        parse(text, "some.yaml")
    except OmbudError as error:
        assert str(error).isprintable()


@given(cut=st.integers(0, 3_000))
def test_a_truncated_law_file_is_read_or_refused_never_a_crash(
    cut: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    whole = (Path(__file__).parents[1] / "cases" / "law" / "small.yaml").read_bytes()
    path = tmp_path_factory.mktemp("cut") / "cut.yaml"
    path.write_bytes(whole[:cut])
    try:
        read_framework(path)
    except OmbudError as error:
        assert "cut.yaml" in str(error)
