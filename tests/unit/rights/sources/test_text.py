"""CSV and JSON lines: the person's rows go, the bytes of all others stay."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from ombud.rights.map.model import Collection, Column, SourceSpec
from ombud.rights.sources.open import open_source
from ombud.rights.sources.source import Change, Match, Outcome, State

ANN = "ann@example.org"
BY_EMAIL = Match(("email",), frozenset({(ANN,)}), "email")


def source(folder: Path, kind: str = "csv", options: dict[str, str] | None = None, **about: Any) -> Any:
    about = {"identities": {"email": "email"}, **about}
    people = Collection(source="lake", name="people", table=f"*.{kind}*", **about)
    spec = SourceSpec(name="lake", kind=kind, address=str(folder), collections=(people,), options=options or {})
    return open_source(spec, Path("/"))


def erase(opened: Any, match: Match = BY_EMAIL) -> Outcome:
    (outcome,) = opened.erase({"lake.people": (match,)})
    return outcome  # type: ignore[no-any-return]


def _utf16(text: str) -> bytes:
    return ("\ufeff" + text).encode("utf-16-le")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"email,n\nann@example.org,1\nb@x.org,2\n", b"email,n\nb@x.org,2\n"),
        (b"email,n\r\nb@x.org,2\r\nANN@example.org,1", b"email,n\r\nb@x.org,2\r\n"),
        (b'email;n\n"b@x.org";"two\n lines"\n\nann@example.org;1\n', b'email;n\n"b@x.org";"two\n lines"\n\n'),
        (b'"email"\t"n"\n"ann@example.org"\t"a ""word"""\n', b'"email"\t"n"\n'),
        (b'n|email\n"1|2"|b@x.org\n"a\nb"|ann@example.org\n', b'n|email\n"1|2"|b@x.org\n'),
        (b"\xef\xbb\xbfemail,n\nann@example.org,1\n", b"\xef\xbb\xbfemail,n\n"),
        (_utf16("email,n\nann@example.org,1\nb@x.org,é\n"), _utf16("email,n\nb@x.org,é\n")),
    ],
)  # fmt: skip
def test_a_csv_file_keeps_the_bytes_of_others(tmp_path: Path, before: bytes, after: bytes) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(before)
    assert erase(source(tmp_path)).state is State.ERASED
    assert path.read_bytes() == after
    assert erase(source(tmp_path)).state is State.NOTHING


def test_an_encoding_of_the_map_is_kept(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes("email,name\nann@example.org,x\nb@x.org,Zoë\n".encode("latin-1"))
    assert erase(source(tmp_path)).state is State.FAILED
    assert erase(source(tmp_path, options={"encoding": "latin-1"})).state is State.ERASED
    assert (tmp_path / "a.csv").read_bytes() == "email,name\nb@x.org,Zoë\n".encode("latin-1")


def test_files_without_a_header_get_their_names_from_the_map(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"ann@example.org,1\nb@x.org,2\n")
    assert erase(source(tmp_path, options={"columns": "email, n"})).erased == 1
    assert (tmp_path / "a.csv").read_bytes() == b"b@x.org,2\n"


def test_json_lines_keep_the_bytes_of_others(tmp_path: Path) -> None:
    other = b'{ "email" : "b@x.org", "x":1.10,"u":"\\u00e9" }\r\n\n'
    (tmp_path / "a.jsonl").write_bytes(other + b'{"email":"\\u0041nn@example.org"}\n' + other)
    assert erase(source(tmp_path, "jsonl")).erased == 1
    assert (tmp_path / "a.jsonl").read_bytes() == other + other


def test_a_dotted_column_is_a_field_inside_an_object(tmp_path: Path) -> None:
    lines = [{"contact": {"email": ANN}}, {"contact": None}, {"contact": {"email": "b@x.org"}}]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    opened = source(tmp_path, "jsonl", identities={"contact.email": "email"})
    match = Match(("contact.email",), frozenset({(ANN,)}), "email")
    (people,) = opened.spec.collections
    assert list(opened.lookup(people, [match])) == [{"contact": {"email": ANN}}]
    assert list(opened.lookup(people, [match], ["contact.email"])) == [{"contact.email": ANN}]
    assert list(opened.identities(people, "contact.email")) == [ANN, "b@x.org"]
    assert erase(opened, match).erased == 1


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_compressed_files_stay_compressed(tmp_path: Path, kind: str) -> None:
    plain = {"csv": "email\nann@example.org\nb@x.org\n", "jsonl": '{"email":"ann@example.org"}\n{"email":"b@x.org"}\n'}
    path = tmp_path / f"a.{kind}.gz"
    path.write_bytes(gzip.compress(plain[kind].encode()))
    assert erase(source(tmp_path, kind)).erased == 1
    assert gzip.decompress(path.read_bytes()).count(b"\n") == plain[kind].count("\n") - 1
    assert b"ann@example" not in gzip.decompress(path.read_bytes())


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("csv", b"email,n\nann@example.org\n"),
        ("csv", b"email,email\nann@example.org,b\n"),
        ("csv", b'email,n\n"ann@example.org,1\n'),
        ("csv", b"mail,n\nann@example.org,1\n"),
        ("csv", b"email,n\nann@example.org,\xff\n"),
        ("jsonl", b'{"email":"ann@example.org"\n'),
        ("jsonl", b'{"email":"b@x.org","email":"ann@example.org"}\n'),
        ("jsonl", b'["ann@example.org"]\n'),
        ("jsonl", b'{"mail":"ann@example.org"}\n'),
        ("jsonl", b"[" * 200_000 + b"\n"),
    ],
)
def test_what_cannot_be_told_apart_fails_and_is_left_as_it_is(tmp_path: Path, kind: str, content: bytes) -> None:
    (tmp_path / f"a.{kind}").write_bytes(content)
    outcome = erase(source(tmp_path, kind))
    assert outcome.state is State.FAILED and "example" not in str(outcome.to_json())
    assert (tmp_path / f"a.{kind}").read_bytes() == content


def test_broken_compression_fails(tmp_path: Path) -> None:
    whole = gzip.compress(b"email\nann@example.org\n" * 500)
    for broken in (whole[:-9], whole[:30] + b"\0" + whole[31:]):
        (tmp_path / "a.csv.gz").write_bytes(broken)
        assert erase(source(tmp_path)).state is State.FAILED


def test_masks_and_changes_rewrite_only_the_row(tmp_path: Path) -> None:
    columns = {"email": Column(name="email"), "name": Column(name="name", mask="gone")}
    (tmp_path / "a.csv").write_bytes(b'email;name;n\r\n"b@x.org";"B";1\r\nann@example.org;Ann;2\r\n')
    outcome = erase(source(tmp_path, columns=columns, on_erase="mask"))
    assert (outcome.state, outcome.masked) == (State.ERASED, 1)
    assert (tmp_path / "a.csv").read_bytes() == b'email;name;n\r\n"b@x.org";"B";1\r\n;gone;2\r\n'
    (tmp_path / "a.jsonl").write_bytes(b'{"email":"ann@example.org","n":{"m":1}}\n{"email":  "b@x.org"}\n')
    change = Change(collection="lake.people", values={"n.m": 2}, where={"n.m": "1"})
    assert source(tmp_path, "jsonl").change(change, [BY_EMAIL]).masked == 1
    assert (tmp_path / "a.jsonl").read_bytes() == b'{"email":"ann@example.org","n":{"m":2}}\n{"email":  "b@x.org"}\n'


def test_a_column_to_be_changed_that_is_not_there_fails(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"email,n\nann@example.org,1\n")
    change = Change(collection="lake.people", values={"city": "Kiel"})
    assert source(tmp_path).change(change, [BY_EMAIL]).state is State.FAILED
