"""Whatever is removed, changed or reordered before a held checkpoint: the gate ends with 3 before it judges."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from attrs import frozen
from hypothesis import given, settings
from hypothesis import strategies as st

from doors import Done, inside, release_ready
from ledgers import Clock
from ombud.cli import gate
from ombud.evidence.dsse import sign
from ombud.evidence.entry import Entry
from ombud.evidence.keys import SigningKey
from ombud.evidence.statement import Statement
from ombud.evidence.tree import Peaks, grow
from ombud.store.keyfiles import KeyFiles

Leaves = list[bytes]


@frozen
class Held:
    """A workspace whose release may go live, and what somebody in possession of all its keys could forge with."""

    folder: Path
    leaves: tuple[bytes, ...]
    keys: dict[str, SigningKey]


@pytest.fixture(scope="module")
def held() -> Iterator[Held]:
    with TemporaryDirectory() as folder:
        bank = Path(folder) / "bank"
        workspace = release_ready(bank, Clock(datetime.now(UTC)))
        files = KeyFiles.of(bank / ".ombud" / "keys")
        keys = {key.key_id: key for key in map(files.load, files.names())}
        yield Held(bank, tuple(entry.leaf for entry in workspace.ledger.log().entries), keys)


def removed(held: Held, leaves: Leaves, at: int, other: int) -> Leaves:
    return leaves[:at] + leaves[at + 1 :]


def reordered(held: Held, leaves: Leaves, at: int, other: int) -> Leaves:
    swapped = list(leaves)
    swapped[at], swapped[other] = leaves[other], leaves[at]
    return swapped


def resigned(held: Held, leaves: Leaves, at: int, other: int) -> Leaves:
    """The entry says something else, and is signed by the very key that signed it before."""
    entry = Entry.read(at, leaves[at])
    said = entry.statement
    forged = Statement(said.subjects, said.kind, {**said.predicate, "forged": True})
    envelope = sign(forged, held.keys[entry.envelope.key_id])
    return [*leaves[:at], Entry.at(at, entry.received_at, envelope).leaf, *leaves[at + 1 :]]


def backdated(held: Held, leaves: Leaves, at: int, other: int) -> Leaves:
    entry = Entry.read(at, leaves[at])
    return [*leaves[:at], Entry.at(at, "2020-01-01T00:00:00.000000Z", entry.envelope).leaf, *leaves[at + 1 :]]


HARMS: list[Callable[[Held, Leaves, int, int], Leaves]] = [removed, reordered, resigned, backdated]


def store_anew(store: Path, leaves: Leaves, mended: bool) -> None:
    """Put these entries in place of those that are there; mended: with a tree that fits them."""
    read = [Entry.read(position, leaf) for position, leaf in enumerate(leaves)]
    rows = [(entry.index, entry.statement.kind, entry.digest, entry.leaf) for entry in read]
    _, hashes = grow(Peaks(), (entry.leaf_hash for entry in read))
    with sqlite3.connect(store) as database:
        database.execute("DELETE FROM entries")
        database.executemany("INSERT INTO entries (position, kind, digest, leaf) VALUES (?, ?, ?, ?)", rows)
        if mended:
            database.execute("DELETE FROM nodes")
            database.executemany("INSERT INTO nodes (position, hash) VALUES (?, ?)", list(enumerate(hashes)))
    database.close()


def asked(held: Held, leaves: Leaves, mended: bool) -> tuple[Done, list[str]]:
    """What the gate says of a copy with these entries, and whether it judged."""
    judged: list[str] = []
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        bank = shutil.copytree(held.folder, Path(folder) / "bank")
        store_anew(bank / ".ombud" / "ombud.db", leaves, mended)
        judge = gate.judge_release
        patch.setattr(gate, "judge_release", lambda *given: (judged.append("judged"), judge(*given))[1])
        return inside("gate", at=bank), judged


def test_the_log_as_it_is_lets_the_release_pass(held: Held) -> None:
    done, judged = asked(held, list(held.leaves), mended=True)
    assert (done.code, judged) == (0, ["judged"])


@given(data=st.data(), harm=st.sampled_from(HARMS), mended=st.booleans())
@settings(max_examples=80)
def test_no_entry_before_the_checkpoint_can_be_touched(
    held: Held, data: st.DataObject, harm: Callable[[Held, Leaves, int, int], Leaves], mended: bool
) -> None:
    at = data.draw(st.integers(0, len(held.leaves) - 1), label="entry")
    other = data.draw(st.integers(0, len(held.leaves) - 1).filter(lambda index: index != at), label="other")
    done, judged = asked(held, harm(held, list(held.leaves), at, other), mended)
    assert (done.code, done.out, judged) == (3, "", [])
    assert "error: " in done.err and "next: " in done.err


@given(data=st.data())
@settings(max_examples=10)
def test_the_tail_cannot_be_dropped(held: Held, data: st.DataObject) -> None:
    keep = data.draw(st.integers(0, len(held.leaves) - 1), label="kept")
    done, judged = asked(held, list(held.leaves[:keep]), mended=True)
    assert (done.code, done.out, judged) == (3, "", [])
