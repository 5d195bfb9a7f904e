"""Spool files are bytes from outside: whatever is done to them, whole records are read and no other is made up."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ombud.decisions import Recorder
from ombud.decisions.drain import ASIDE, drain
from ombud.decisions.frames import HEADER, MARK, Damaged, Record, frame, read_frames
from ombud.decisions.spool import files_of, spool_of
from ombud.store.workspace import Workspace
from recorded import bank, decision, decisions

CONTENTS = st.lists(st.binary(min_size=1, max_size=60), min_size=1, max_size=6)


def records(data: bytes) -> list[bytes]:
    return [one.content for one in read_frames(data) if isinstance(one, Record)]


@given(CONTENTS)
def test_what_was_framed_is_read(contents: list[bytes]) -> None:
    assert records(b"".join(map(frame, contents))) == contents


@given(CONTENTS, st.data())
def test_a_torn_file_gives_every_record_before_the_tear_and_calls_nothing_damaged(
    contents: list[bytes], data: st.DataObject
) -> None:
    whole = b"".join(map(frame, contents))
    cut = data.draw(st.integers(0, len(whole)))
    found = list(read_frames(whole[:cut]))
    assert not any(isinstance(one, Damaged) for one in found)
    ends = [len(b"".join(map(frame, contents[: number + 1]))) for number in range(len(contents))]
    assert len(found) == sum(end <= cut for end in ends)


@given(CONTENTS, st.data())
def test_a_flipped_bit_costs_at_most_the_record_it_is_in(contents: list[bytes], data: st.DataObject) -> None:
    whole = bytearray(b"".join(map(frame, contents)))
    place = data.draw(st.integers(0, len(whole) - 1))
    whole[place] ^= 1 << data.draw(st.integers(0, 7))
    starts = [len(b"".join(map(frame, contents[:number]))) for number in range(len(contents))]
    hit = max(number for number, start in enumerate(starts) if start <= place)
    assert records(bytes(whole)) == contents[:hit] + contents[hit + 1 :]


@given(CONTENTS, st.binary(max_size=80), st.data())
def test_garbage_between_records_hides_none_of_them(contents: list[bytes], noise: bytes, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(contents)))
    frames = [*map(frame, contents)]
    assert records(b"".join([*frames[:at], noise, *frames[at:]])) == contents


@given(st.binary(max_size=400))
def test_bytes_that_are_no_records_are_no_records(data: bytes) -> None:
    assert records(data) == []


def test_a_length_beyond_all_reason_is_no_record() -> None:
    assert records(MARK + b"\xff" * (HEADER - 4) + b"x" * 100 + frame(b"here")) == [b"here"]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return bank(tmp_path)


def test_damage_is_set_aside_and_told_and_the_rest_is_taken_in(workspace: Workspace) -> None:
    Recorder.at(workspace.root, "mortgage").record_all(decisions(3))
    (path,) = files_of(spool_of(workspace.root))
    data = bytearray(path.read_bytes())
    data[data.index(b"A-1") + 1] ^= 1
    path.write_bytes(data)
    done = drain(workspace)
    assert (done.receipt.new, done.damaged, done.clean) == (2, 1, False)
    aside = list((path.parent / ASIDE).iterdir())
    assert len(aside) == 1 and b"customer_id" in aside[0].read_bytes()
    assert aside[0].stat().st_mode & 0o077 == 0


def test_a_record_that_is_no_decision_is_set_aside(workspace: Workspace) -> None:
    recorder = Recorder.at(workspace.root, "mortgage")
    recorder.spool.append(b'{"id":7}')
    recorder.record(decision(1))
    done = drain(workspace)
    assert (done.receipt.new, done.unreadable) == (1, 1)


def test_a_torn_last_record_is_left_where_it_is_and_the_next_writer_is_not_disturbed(workspace: Workspace) -> None:
    recorder = Recorder.at(workspace.root, "mortgage")
    recorder.record(decision(1))
    recorder.spool.close()
    (path,) = files_of(spool_of(workspace.root))
    with path.open("ab") as file:
        file.write(frame(b"never acknowledged")[:-5])
    done = drain(workspace)
    assert (done.receipt.new, done.torn, done.damaged, done.files) == (1, 1, 0, 0)
    recorder.record(decision(2))
    again = drain(workspace)
    assert (again.receipt.new, again.receipt.same, again.torn) == (1, 0, 1)


def test_spool_files_are_for_their_owner_only(workspace: Workspace) -> None:
    Recorder.at(workspace.root, "mortgage").record(decision(1))
    folder = spool_of(workspace.root)
    assert folder.stat().st_mode & 0o077 == 0
    assert all(path.stat().st_mode & 0o077 == 0 for path in files_of(folder))
    assert (folder / ".gitignore").read_text() == "*\n"


@given(st.binary(max_size=300))
def test_a_whole_file_of_noise_is_set_aside_and_never_stops_the_drainer(data: bytes) -> None:
    found = list(read_frames(data))
    assert all(isinstance(one, Damaged) for one in found)
    assert sum(len(one.content) for one in found) <= len(data)
