"""The scanner reads hostile bytes: truncated, flipped, cyclic, bombs. It ends, and says what it could not read."""

import gzip
import io
import random
import resource
import sqlite3
import struct
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ombud.errors import Unreadable
from ombud.rights.proof.bloom import may_hold, xxh64
from ombud.rights.proof.identifiers import Identifier
from ombud.rights.proof.matcher import Matcher
from ombud.rights.proof.scan import Scan
from ombud.rights.proof.sink import Gathered, Sink
from ombud.rights.proof.thrift import read_struct

ANN = "ann.planted@example.org"
BEGINNINGS = (
    b"PAR1", b"SQLite format 3\0", bytes.fromhex("377f0682"), bytes.fromhex("d9d505f920a163d7"), b"\x1f\x8b\x08",
    b"PK\x03\x04", b"BZh9", b"\xfd7zXZ\0", b"%PDF-1.7", b"\x93NUMPY\1\0", b"",
)  # fmt: skip
QUIET = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


def read(content: bytes, name: str = "a.bin") -> Gathered:
    from ombud.rights.proof.decode import decode

    gathered = Gathered()
    decode(memoryview(content), Sink(Matcher.of([Identifier(ANN, "email")]), name, gathered))
    return gathered


@contextmanager
def within(megabytes: int) -> Iterator[None]:
    """No more memory than that, beyond what is in use."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + megabytes * 2**20, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def parquet() -> bytes:
    target = io.BytesIO()
    rows = {"c": [ANN, *(f"p{n}@x.org" for n in range(50))], "n": list(range(51)), "s": [{"a": [1]}] * 51}
    pq.write_table(pa.table(rows), target, row_group_size=20, write_page_index=True, compression="zstd",
                   bloom_filter_options={"c": {"ndv": 50, "fpp": 0.1}})  # fmt: skip
    return target.getvalue()


def database(folder: Path) -> bytes:
    path = folder / "a.db"
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("CREATE TABLE t(v)")
        connection.execute("CREATE INDEX i ON t(v)")
        for n in range(60):
            connection.execute("INSERT INTO t VALUES (?)", (f"{ANN} {n} {'x' * (n * 300)}",))
        connection.execute("DELETE FROM t WHERE rowid % 3 = 0")
    return path.read_bytes()


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.parquet", parquet())
    return {
        "parquet": parquet(), "sqlite": database(tmp_path_factory.mktemp("db")),
        "gzip": gzip.compress(parquet()), "zip": zipped.getvalue(),
    }  # fmt: skip


@pytest.mark.parametrize("kind", ["parquet", "sqlite", "gzip", "zip"])
def test_the_sound_file_is_read_whole(sound: dict[str, bytes], kind: str) -> None:
    gathered = read(sound[kind])
    assert gathered.seen == {0} and not gathered.unread


@pytest.mark.parametrize("kind", ["parquet", "sqlite", "gzip", "zip"])
def test_a_truncated_file_is_never_called_read(sound: dict[str, bytes], kind: str) -> None:
    whole = sound[kind]
    for length in range(17, len(whole), max(1, len(whole) // 60)):
        page_edge = kind == "sqlite" and length % 4096 == 0
        assert read(whole[:length]).unread or page_edge, length


@pytest.mark.parametrize("kind", ["parquet", "sqlite", "gzip", "zip"])
@QUIET
@given(data=st.data())
def test_flipped_bits_do_no_harm(sound: dict[str, bytes], kind: str, data: st.DataObject) -> None:
    content = bytearray(sound[kind])
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), min_size=1, max_size=6)):
        content[place] ^= 1 << data.draw(st.integers(0, 7))
    read(bytes(content))


@QUIET
@given(head=st.sampled_from(BEGINNINGS), rest=st.binary(max_size=3000))
def test_garbage_behind_a_true_beginning_does_no_harm(head: bytes, rest: bytes) -> None:
    read(head + rest)
    read(head + rest + b"PAR1", "a.db-journal")


def test_an_overflow_chain_that_turns_back_ends(tmp_path: Path) -> None:
    content = bytearray(database(tmp_path))
    for number in range(2, len(content) // 4096 + 1):
        start = (number - 1) * 4096
        if content[start] not in (2, 5, 10, 13):
            content[start : start + 4] = struct.pack(">I", number)
    assert read(bytes(content)).unread


def test_a_free_list_that_turns_back_ends(tmp_path: Path) -> None:
    content = bytearray(database(tmp_path))
    content[32:36] = struct.pack(">I", 2)
    content[4096:4108] = struct.pack(">III", 2, 0xFFFFFFFF, 2)
    read(bytes(content))


def test_huge_counts_do_not_fill_the_memory() -> None:
    footer = b"\x15\x02\x19\xfc" + b"\xff\xff\xff\xff\x07" + b"\x19" * 64
    content = b"PAR1" + footer + struct.pack("<I", len(footer)) + b"PAR1"
    with within(500):
        assert read(content).unread
        assert read(b"PAR1" + b"\x15\x02" * 9 + struct.pack("<I", 0xFFFFFFF0) + b"PAR1").unread


def test_a_deep_structure_ends() -> None:
    with pytest.raises(Unreadable):
        read_struct(b"\x1c" * 100_000)
    with pytest.raises(Unreadable):
        read_struct(b"\x19" + b"\x19" * 100_000)


def test_bombs_are_not_unpacked_into_memory() -> None:
    bomb = gzip.compress(b"\0" * (300 * 2**20), 9)
    with within(1200):
        assert read(bomb).unread
        assert read(gzip.compress(gzip.compress(gzip.compress(gzip.compress(gzip.compress(b"x" * 99)))))).unread


def test_xxh64_is_the_one_of_the_specification() -> None:
    assert xxh64(b"") == 0xEF46DB3751D8E999
    assert xxh64(b"a") == 0xD24EC4F1A98C6E5B
    assert xxh64(b"Nobody inspects the spammish repetition") == 0xFBCEA83C8A378BF1


def test_bloom_filters_of_the_writer_hold_what_was_put_in() -> None:
    values = [f"value {n}" for n in random.Random(1).sample(range(10_000), 500)]
    target = io.BytesIO()
    pq.write_table(pa.table({"c": values}), target, bloom_filter_options={"c": {"ndv": 500, "fpp": 0.01}})
    content = target.getvalue()
    footer, _ = read_struct(content[len(content) - 8 - struct.unpack("<I", content[-8:-4])[0] :])
    header, start = read_struct(content, footer[4][0][1][0][3][14])
    bits = content[start : start + header[1]]
    assert all(may_hold(bits, value.encode()) for value in values)
    assert sum(may_hold(bits, f"other {n}".encode()) for n in range(1000)) < 60


def test_no_result_repeats_what_was_looked_for(sound: dict[str, bytes]) -> None:
    for content in sound.values():
        assert "ann.planted" not in repr(read(content))
    assert "ann.planted" not in repr(Scan.__doc__)
