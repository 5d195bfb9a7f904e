"""The scanner finds an identifier in every place where one can hide, and so its silence means something."""

import bz2
import gzip
import io
import json
import lzma
import sqlite3
import struct
import urllib.parse
import zipfile
from base64 import b64encode
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ombud.rights.proof.identifiers import Identifier
from ombud.rights.proof.scan import Scan, prove, scan
from support import needs

ANN = "ann.planted@example.org"
WHO = (Identifier(ANN, "email"),)


def scanned(path: Path, *who: Identifier) -> Scan:
    return scan([path], who or WHO, base=path if path.is_dir() else path.parent)


def kinds(seen: Scan) -> set[str]:
    return {place.kind for place in seen.found}


def put(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


# --- text and its disguises ---


@pytest.mark.parametrize(
    "content",
    [
        ANN.encode(), ANN.upper().encode(), ("\ufeff" + ANN).encode("utf-16-le"), ANN.encode("utf-16-be"),
        f"x\x00{ANN}".encode("utf-16-le"), json.dumps({"a": json.dumps("\n" + ANN)}).encode(),
        urllib.parse.quote(f"to={ANN}").encode(), b"&#97;nn.planted&#x40;example.org and more",
        b64encode(b"x" + ANN.encode()), b64encode(b"xy" + ANN.encode() + b"z"), ANN.encode().hex().upper().encode(),
        b"ann.planted=40exam=\r\nple.org", b"<w:t>ann.pl</w:t></w:r><w:r><w:t>anted@example.org</w:t>",
        b"\xff\xe9 " + ANN.encode() + b" \xe9",
    ],
)  # fmt: skip
def test_text_is_found_in_its_disguises(tmp_path: Path, content: bytes) -> None:
    seen = scanned(put(tmp_path, "a.txt", content))
    assert seen.hits >= 1 and not seen.not_read


@pytest.mark.parametrize("content", [b"mary.ann.planted@example.org", b"xann.planted@example.org", b""])
def test_other_people_are_not_taken_for_the_person(tmp_path: Path, content: bytes) -> None:
    assert scanned(put(tmp_path, "a.txt", content)).clean


def test_telephone_numbers_are_their_digits(tmp_path: Path) -> None:
    who = Identifier.of("phone", "+49 30 1234567")
    for written in ("0049 (30) 123 45-67", "+49301234567", "+49/30/1234567"):
        assert scanned(put(tmp_path, "a.txt", written.encode()), who).hits == 1
    assert scanned(put(tmp_path, "a.txt", b"+493012345678 1493012345670"), who).clean


def test_text_identifiers_are_taken_to_the_letter(tmp_path: Path) -> None:
    who = Identifier("CUST-0001")
    assert scanned(put(tmp_path, "a.txt", b"cust-0001 CUST-00012"), who).clean
    assert scanned(put(tmp_path, "a.txt", b"[CUST-0001]"), who).hits == 1


def test_both_unicode_forms_and_latin_letters_are_found(tmp_path: Path) -> None:
    who = Identifier("Zoë Müller")
    for content in ("Zoë Müller".encode(), "Zoe\u0308 Mu\u0308ller".encode(), "Zoë Müller,Ä".encode("latin-1")):
        assert scanned(put(tmp_path, "a.csv", content), who).hits == 1
    assert scanned(put(tmp_path, "a.json", json.dumps("Zoë Müller").encode()), who).hits == 1


def test_thousands_are_looked_for_at_once_across_the_edges_of_chunks(tmp_path: Path) -> None:
    who = [Identifier(f"CUST-{number:07d}") for number in range(0, 400_000, 100)]
    path = put(tmp_path, "a.csv", b"".join(b"CUST-%07d\n" % number for number in range(400_000)))
    seen = scan([path], who)
    assert seen.hits == 4_000 and len(seen.seen) == 4_000


def test_an_identifier_in_a_file_name_is_found_and_not_told(tmp_path: Path) -> None:
    put(tmp_path, f"people/{ANN}.txt", b"nothing")
    seen = scanned(tmp_path)
    assert kinds(seen) == {"file name"} and ANN not in repr(seen) and seen.found[0].file == "people/…"


def test_what_is_too_short_to_look_for_is_said(tmp_path: Path) -> None:
    seen = scanned(put(tmp_path, "a.txt", b"nothing"), Identifier("7"))
    assert seen.too_short == 1 and not seen.clean


# --- archives ---


def zipped(name: str, content: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return target.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        gzip.compress(ANN.encode()), gzip.compress(b"x ") + gzip.compress(ANN.encode()), bz2.compress(ANN.encode()),
        lzma.compress(ANN.encode()), zipped("a.csv.gz", gzip.compress(ANN.encode("utf-16"))),
        zipped("word/document.xml", b"<t>ann.planted&#64;example.org</t>"), zipped(f"{ANN}.csv", b""),
    ],
    ids=["gzip", "two gzip members", "bzip2", "xz", "gzip in zip", "a document", "a name in zip"],
)  # fmt: skip
def test_archives_are_opened(tmp_path: Path, content: bytes) -> None:
    seen = scanned(put(tmp_path, "a.bin", content))
    assert seen.hits >= 1 and not seen.not_read and ANN not in repr(seen)


def test_what_was_replaced_in_a_zip_is_not_called_read(tmp_path: Path) -> None:
    target = io.BytesIO(zipped("old.txt", ANN.encode() * 20))
    with zipfile.ZipFile(target, "a") as archive:
        archive.writestr("new.txt", b"x")
        archive.filelist.pop(0)
    assert scanned(put(tmp_path, "a.zip", target.getvalue())).not_read


def test_encrypted_archives_are_not_called_read(tmp_path: Path) -> None:
    pyzipper = needs("pyzipper")
    with pyzipper.AESZipFile(tmp_path / "a.zip", "w", encryption=pyzipper.WZ_AES) as archive:
        archive.setpassword(b"secret")
        archive.writestr("a.txt", ANN)
    assert "encrypted" in scanned(tmp_path / "a.zip").not_read[0].reason


@pytest.mark.parametrize(
    "content",
    [b"\x28\xb5\x2f\xfd" + b"\1" * 40, b"\x80\x04\x95", bytes(range(256)) * 9, b"PAR1PARE", b"%PDF-1.7 broken"],
)
def test_what_cannot_be_decoded_is_not_called_read(tmp_path: Path, content: bytes) -> None:
    seen = scanned(put(tmp_path, "a.bin", content))
    assert seen.not_read and not seen.clean


# --- Parquet ---


def written(folder: Path, table: pa.Table, **options: Any) -> Path:
    path = folder / "a.parquet"
    pq.write_table(table, path, **options)
    return path


def test_values_are_found_at_every_depth(tmp_path: Path) -> None:
    for column in (
        pa.array([ANN]), pa.array([[{"x": ANN}]]), pa.array([{"a": {"b": ANN.encode()}}]), pa.array([[("k", ANN)]],
        pa.map_(pa.string(), pa.large_string())), pa.array([ANN]).dictionary_encode(),
    ):  # fmt: skip
        path = written(tmp_path, pa.table({"c": column}), write_statistics=False, use_dictionary=False)
        assert kinds(scanned(path)) == {"value"}


@pytest.mark.parametrize("codec", ["none", "snappy", "gzip", "zstd", "brotli", "lz4"])
def test_a_dictionary_entry_that_no_row_uses_is_found(tmp_path: Path, codec: str) -> None:
    dictionary = pa.DictionaryArray.from_arrays(pa.array([0, 0], pa.int8()), pa.array(["b@x.org", ANN]))
    path = written(tmp_path, pa.table({"c": dictionary}), compression=codec)
    assert pq.read_table(path).column("c").to_pylist() == ["b@x.org", "b@x.org"]
    assert "dictionary" in kinds(scanned(path)) and "value" not in kinds(scanned(path))


def patched(path: Path, old: bytes, new: bytes, count: int = -1) -> Path:
    content = path.read_bytes()
    assert len(old) == len(new) and old in content
    path.write_bytes(content.replace(old, new, count))
    return path


def test_statistics_alone_give_the_person_away(tmp_path: Path) -> None:
    """Only the footer keeps the smallest value; the rows are of somebody else."""
    values = ["bob.planted@example.org", "zoe@example.org"]
    path = written(tmp_path, pa.table({"c": values}), compression="none", use_dictionary=False)
    content = path.read_bytes()
    start = content.rindex(b"PAR1", 0, -8) if content.count(b"PAR1") > 2 else len(content) - 8
    start = len(content) - 8 - struct.unpack("<I", content[-8:-4])[0]
    footer = content[start:].replace(b"bob.planted", b"ann.planted")
    path.write_bytes(content[:start] + footer)
    assert kinds(scanned(path)) == {"statistics"}


def test_page_statistics_and_the_page_index_are_read(tmp_path: Path) -> None:
    path = written(tmp_path, pa.table({"c": [ANN, "z@x.org"]}), write_page_index=True, use_dictionary=False)
    assert {"value", "statistics", "page index"} <= kinds(scanned(path))


def test_a_bloom_filter_that_remembers_the_person_is_reported(tmp_path: Path) -> None:
    table, options = pa.table({"c": [ANN, "z@x.org"]}), {"bloom_filter_options": {"c": {"ndv": 1000, "fpp": 0.01}}}
    path = written(tmp_path, table, use_dictionary=False, write_statistics=False, **options)
    offset = pq.ParquetFile(path).metadata
    patched(path, ANN.encode(), b"bob.planted@example.org") if ANN.encode() in path.read_bytes() else None
    assert "Bloom filter" in kinds(scanned(path)), offset
    crowded = {"bloom_filter_options": {"c": {"ndv": 10, "fpp": 0.9}}}
    many = pa.table({"c": [ANN, *(f"p{n}@x.org" for n in range(1000))]})
    seen = scanned(written(tmp_path, many, use_dictionary=False, write_statistics=False, **crowded))
    assert seen.possible[0].kind == "Bloom filter"


def test_metadata_is_read_arrows_own_too(tmp_path: Path) -> None:
    path = written(tmp_path, pa.table({"c": [1]}).replace_schema_metadata({"by": ANN}))
    assert kinds(scanned(path)) == {"metadata"}
    field = pa.field("c", pa.int64(), metadata={"by": ANN})
    assert kinds(scanned(written(tmp_path, pa.table({"c": [1]}, pa.schema([field]))))) == {"metadata"}


def test_bytes_between_the_pages_are_not_called_read(tmp_path: Path) -> None:
    path = written(tmp_path, pa.table({"c": ["b"]}))
    content = path.read_bytes()
    start = len(content) - 8 - struct.unpack("<I", content[-8:-4])[0]
    path.write_bytes(content[:start] + ANN.encode() + content[start:])
    seen = scanned(path)
    assert "between the pages" in kinds(seen) and seen.not_read


def test_numbers_count_where_they_are_asked_for(tmp_path: Path) -> None:
    path = written(tmp_path, pa.table({"id": [4711, 4712]}))
    assert scanned(path, Identifier("4711")).clean
    assert scanned(path, Identifier("4711", integers=True)).hits >= 1
    np.save(tmp_path / "a.npy", np.array([1.0, 4711.0]))
    assert scanned(tmp_path / "a.npy", Identifier("4711", integers=True)).hits == 1
    np.save(tmp_path / "b.npy", np.array([ANN, "b"]))
    assert scanned(tmp_path / "b.npy").hits == 1


def test_a_uuid_is_found_as_its_bytes(tmp_path: Path) -> None:
    who = Identifier("6f9619ff-8b86-d011-b42d-00c04fc964ff")
    raw = bytes.fromhex("6f9619ff8b86d011b42d00c04fc964ff")
    assert scanned(written(tmp_path, pa.table({"id": pa.array([raw], pa.binary(16))})), who).hits >= 1


# --- SQLite ---


def database(folder: Path, *statements: str, pragmas: tuple[str, ...] = ("secure_delete=OFF",)) -> Path:
    path = folder / "a.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}").fetchall()
        connection.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, v)")
        for statement in statements:
            connection.execute(statement)
    return path


@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16le", "UTF-16be"])
def test_cells_of_tables_and_indexes_are_read(tmp_path: Path, encoding: str) -> None:
    path = database(
        tmp_path, "CREATE INDEX i ON t(v)", f"INSERT INTO t(v) VALUES ('{ANN}')", pragmas=(f"encoding='{encoding}'",)
    )
    seen = scanned(path)
    assert kinds(seen) == {"value"} and seen.hits == 2 and not seen.not_read


def test_a_value_cut_by_the_edge_of_an_overflow_page_is_found(tmp_path: Path) -> None:
    for ahead in range(4030, 4110, 7):
        path = database(tmp_path, f"INSERT INTO t(v) VALUES ('{'x' * ahead} {ANN} {'y' * 9000}')")
        seen = scanned(path)
        assert seen.hits == 1 and not seen.not_read, ahead
        path.unlink()


def test_rows_that_were_deleted_and_not_vacuumed_are_found(tmp_path: Path) -> None:
    keep = [f"INSERT INTO t(v) VALUES ('other {n}')" for n in range(5)]
    path = database(
        tmp_path, *keep[:2], f"INSERT INTO t(v) VALUES ('{ANN}')", *keep[2:], f"DELETE FROM t WHERE v='{ANN}'"
    )
    assert kinds(scanned(path)) == {"slack"}


def test_free_pages_are_read(tmp_path: Path) -> None:
    fill = [f"INSERT INTO t(v) VALUES ('{ANN} {'z' * 900}')" for _ in range(40)]
    path = database(tmp_path, *fill, "DELETE FROM t")
    assert "freelist page" in kinds(scanned(path))


def test_a_freed_value_cut_by_the_edge_of_its_overflow_page_is_found(tmp_path: Path) -> None:
    missed = []
    for ahead in range(0, 60):
        long = f"{'x' * (1780 + ahead)} {ANN} {'y' * 6000}"
        path = database(
            tmp_path, f"INSERT INTO t(v) VALUES ('{long}')", "INSERT INTO t(v) VALUES ('b')", "DELETE FROM t WHERE id=1"
        )
        if not scanned(path).hits:
            missed.append(ahead)
        path.unlink()
    assert not missed


def test_the_write_ahead_log_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL").fetchall()
        connection.execute("CREATE TABLE t(v)")
        connection.execute(f"INSERT INTO t VALUES ('{ANN} {'x' * 9000}')")
        connection.execute("DELETE FROM t")
        seen = scanned(tmp_path)
        assert any(kind.startswith("WAL") for kind in kinds(seen)) and not seen.not_read
        connection.execute("PRAGMA secure_delete=ON").fetchall()
        connection.execute("VACUUM")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        after = scanned(tmp_path)
    assert after.clean, after
    assert prove(seen, after).proved


@pytest.mark.parametrize("mode", ["PERSIST", "DELETE"])
def test_the_rollback_journal_is_read(tmp_path: Path, mode: str) -> None:
    path = tmp_path / "a.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(f"PRAGMA journal_mode={mode}").fetchall()
        connection.execute("CREATE TABLE t(v)")
        connection.execute(f"INSERT INTO t VALUES ('{ANN}')")
        connection.execute("PRAGMA secure_delete=ON").fetchall()
        connection.execute("BEGIN")
        connection.execute("DELETE FROM t")
        connection.execute("PRAGMA cache_spill=1").fetchall()
        if mode == "PERSIST":
            connection.execute("COMMIT")
        seen = scanned(tmp_path)
    assert any(kind.startswith("journal") for kind in kinds(seen))


def test_packed_values_in_a_column_are_unpacked(tmp_path: Path) -> None:
    path = database(tmp_path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("INSERT INTO t(v) VALUES (?)", (gzip.compress(f"{ANN} ".encode() * 3),))
    assert scanned(path).hits == 3


def test_numbers_in_a_database_count_where_they_are_asked_for(tmp_path: Path) -> None:
    path = database(tmp_path, "INSERT INTO t(id, v) VALUES (4711, 470123)")
    assert scanned(path, Identifier("4711", integers=True), Identifier("470123", integers=True)).seen == {0, 1}


def test_a_vacuumed_database_is_clean_and_that_is_proved(tmp_path: Path) -> None:
    path = database(tmp_path, *(f"INSERT INTO t(v) VALUES ('{ANN} {n}')" for n in range(300)))
    before = scanned(tmp_path)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA secure_delete=OFF").fetchall()
        connection.execute("DELETE FROM t")
        dirty = scanned(tmp_path)
        connection.execute("VACUUM")
    assert not prove(before, dirty).proved
    assert prove(before, scanned(tmp_path)).proved


# --- PDF ---


def test_the_letters_of_a_pdf_are_read(tmp_path: Path) -> None:
    needs("pikepdf")
    typst = needs("typst")
    (tmp_path / "a.typ").write_text('#set document(title: "letter")\nDear #"ann.planted@example.org", fi ffl.')
    path = put(tmp_path, "a.pdf", typst.compile(str(tmp_path / "a.typ")))
    (tmp_path / "a.typ").unlink()
    seen = scanned(path)
    assert "page" in kinds(seen) and not seen.not_read


# --- proof ---


def test_nothing_is_proved_without_a_control(tmp_path: Path) -> None:
    clean = scanned(put(tmp_path, "a.txt", b"nothing"))
    assert not prove(clean, clean).proved and "no control" in prove(clean, clean).because


def test_nothing_is_proved_while_anything_is_unread(tmp_path: Path) -> None:
    before = scanned(put(tmp_path, "a.txt", ANN.encode()))
    put(tmp_path, "a.txt", b"gone")
    assert prove(before, scanned(tmp_path)).proved
    put(tmp_path, "b.bin", b"\x28\xb5\x2f\xfd" + b"\1" * 40)
    assert not prove(before, scanned(tmp_path)).proved


def test_both_scans_must_look_for_the_same(tmp_path: Path) -> None:
    path = put(tmp_path, "a.txt", ANN.encode())
    before = scanned(path)
    assert not prove(before, scanned(put(tmp_path, "a.txt", b""), Identifier("somebody else"))).proved
