"""Verify a bundle: what was changed, by name; up to when it is anchored; and what nobody can know from it."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

from attrs import field, frozen

from ombud.errors import Misused, Unreadable
from ombud.evidence.bundle import SIGNED_TYPE, Bundle, cubes_named
from ombud.evidence.checkpoint import Checkpoint, origin_of
from ombud.evidence.compare import what_was_done
from ombud.evidence.dsse import Envelope
from ombud.evidence.entry import Entry, examine
from ombud.evidence.keyring import shown_key
from ombud.evidence.keys import PUBLIC_BYTES, PublicKey, key_id
from ombud.evidence.kinds import CHECKPOINT, KINDS
from ombud.evidence.log import Examiner, Log
from ombud.evidence.tree import leaf_hash, root_of
from ombud.evidence.trust import Standing

_REPORTED_APART: Final = ("entries.jsonl", "leaves.txt", "cubes/", "checkpoints/")
"""Files whose changes are told more exactly than by "this file was changed"."""

_NO_OFFENCE: Final = frozenset(
    (Standing.TRUSTED, Standing.MISTAKEN, Standing.COMPROMISED, Standing.UNKNOWN_KIND, Standing.UNREADABLE)
)


@frozen
class Problem:
    """One thing that is wrong.

    Attributes:
        code: its kind, one word or two, stable.
        message: a sentence for people.
        entry: the entry concerned, where there is one.
    """

    code: str
    message: str
    entry: int | None = None

    def to_json(self) -> dict[str, Any]:
        """A plain form."""
        return {"code": self.code, "message": self.message, "entry": self.entry}


@frozen(kw_only=True)
class Verdict:
    """What verification found.

    Attributes:
        where: the bundle.
        root_key: the root key under which it was read.
        size: number of entries; trusted: how many may be believed.
        tampered: what was changed; empty for a sound bundle.
        unknown: keys that nobody vouched for.
        notes: what a reader should know and is no tampering: revoked entries, a clock that ran back, unknown kinds.
        kinds: number of statements by kind, also those that this version does not know.
        anchored_size, anchored_at: up to which entry, and its time, a checkpoint held outside vouches.
        must_be_anchored: whether the reader asked for that.
        cannot_know: what no reading of this bundle can show.
        log: the log, for further reading; only meaningful if nothing was tampered with.
    """

    where: str
    root_key: str
    size: int
    trusted: int
    tampered: tuple[Problem, ...]
    unknown: tuple[Problem, ...]
    notes: tuple[str, ...]
    kinds: Mapping[str, int]
    anchored_size: int
    anchored_at: str | None
    must_be_anchored: bool
    cannot_know: tuple[str, ...]
    log: Log = field(repr=False, eq=False)

    @property
    def unknown_kinds(self) -> Mapping[str, int]:
        """Kinds that this version does not know; kept and counted."""
        return {kind: n for kind, n in self.kinds.items() if kind not in KINDS}

    @property
    def exit_code(self) -> int:
        """0 sound, 1 tampered with, 3 an unknown key, or not anchored though that was asked for."""
        if self.tampered:
            return 1
        return 3 if self.unknown or (self.must_be_anchored and not self.anchored_size) else 0

    def to_json(self) -> dict[str, Any]:
        """A plain form."""
        return {
            "where": self.where, "root_key": self.root_key, "size": self.size, "trusted": self.trusted,
            "tampered": [problem.to_json() for problem in self.tampered],
            "unknown": [problem.to_json() for problem in self.unknown],
            "notes": list(self.notes), "kinds": dict(sorted(self.kinds.items())),
            "unknown_kinds": dict(sorted(self.unknown_kinds.items())),
            "anchored": {"size": self.anchored_size, "at": self.anchored_at}, "must_be_anchored": self.must_be_anchored,
            "cannot_know": list(self.cannot_know), "exit_code": self.exit_code,
        }  # fmt: skip


def verify_bundle(
    bundle: Bundle,
    root: str | None = None,
    since: Checkpoint | None = None,
    anchored: bool = False,
    examiner: Examiner = examine,
) -> Verdict:
    """Verify a bundle against what the reader holds.

    Args:
        bundle: as received.
        root: id of the root key that the reader trusts; None: the bundle's own, which proves nothing about who.
        since: a checkpoint that the reader holds from earlier, or got from somebody else.
        anchored: whether a bundle without a fitting `since` is refused.
        examiner: how signatures are verified; pass one that spreads the work for a long log.

    Raises:
        Misused: `since` is a checkpoint of another log.
    """
    if since is not None and since.origin != origin_of(root or bundle.root_key):
        raise Misused(
            f"the checkpoint you hold is of {since.origin}, the bundle of {origin_of(bundle.root_key)}",
            "Give the checkpoint of this log.",
        )
    entries, unreadable = _entries(bundle)
    log = Log(entries, bundle.root_key, examiner)
    reading = _Reading(bundle, log, [leaf_hash(leaf) for leaf in bundle.leaves])
    tampered = [*unreadable, *_integrity(reading), *_trust(log, unreadable), *_held(reading, since)]
    return _verdict(reading, tampered, root, since, anchored)


@frozen
class _Reading:
    """A bundle with its log and the hashes of its entries."""

    bundle: Bundle
    log: Log
    hashes: Sequence[bytes]

    def root(self, size: int) -> bytes:
        """Root over the first entries."""
        return root_of(self.hashes[:size])

    def log_keys(self) -> list[PublicKey]:
        """The keys that may sign checkpoints of this log."""
        ring = self.log.keyring
        return [
            PublicKey(key.public)
            for key in ring.keys.values()
            if len(key.public) == PUBLIC_BYTES and any(span.may(CHECKPOINT) for span in key.spans)
        ]


def _verdict(
    reading: _Reading, tampered: Sequence[Problem], root: str | None, since: Checkpoint | None, anchored: bool
) -> Verdict:
    log = reading.log
    sound = since is not None and not tampered
    size = min(since.size, len(log.entries)) if since is not None and sound else 0
    return Verdict(
        where=reading.bundle.where,
        root_key=reading.bundle.root_key,
        size=len(log.entries),
        trusted=len(log.trusted()),
        tampered=tuple(dict.fromkeys(tampered)),
        unknown=tuple(_unknown(log, root)),
        notes=tuple(_notes(log)),
        kinds=log.kinds,
        anchored_size=size,
        anchored_at=log.entries[size - 1].received_at if size else None,
        must_be_anchored=anchored,
        cannot_know=tuple(_cannot_know(log, root, size)),
        log=log,
    )


def _entries(bundle: Bundle) -> tuple[tuple[Entry, ...], list[Problem]]:
    """All entries; what cannot be read stands in the list as an entry that says nothing."""
    entries: list[Entry] = []
    problems: list[Problem] = []
    for index, leaf in enumerate(bundle.leaves):
        try:
            entries.append(Entry.read(index, leaf))
        except Unreadable as error:
            problems.append(Problem("unreadable entry", f"entry {index} cannot be read: {error.problem}", index))
            entries.append(_nothing(index, leaf))
    return tuple(entries), problems


def _nothing(index: int, leaf: bytes) -> Entry:
    return Entry(index, "", Envelope(b"", "", b"", ""), hashlib.sha256(leaf).hexdigest(), leaf)


def _integrity(reading: _Reading) -> Iterator[Problem]:
    yield from _manifest(reading)
    yield from _checkpoints(reading)
    yield from _order(reading)
    yield from _head(reading.log)
    yield from _times(reading.log)
    yield from _cubes(reading)


def _manifest(reading: _Reading) -> Iterator[Problem]:
    bundle = reading.bundle
    if not _manifest_signed(reading):
        yield Problem("manifest", "the manifest was changed: its signature does not fit")
    for name, data in bundle.files.items():
        if name.startswith("manifest.") or name.startswith(_REPORTED_APART):
            continue
        said = bundle.listed.get(name)
        if said is None:
            yield Problem("foreign file", f"{name} was put in: the manifest does not list it")
        elif said != hashlib.sha256(data).hexdigest():
            yield Problem("changed file", f"{name} was changed: it does not have the digest that was signed for")
    for name in bundle.listed:
        if name not in bundle.files and not name.startswith("cubes/"):
            yield Problem("missing file", f"{name} is missing, though the manifest lists it")


def _manifest_signed(reading: _Reading) -> bool:
    try:
        signature = reading.bundle.signature
    except Unreadable:
        return False
    same = signature.payload == reading.bundle.files["manifest.json"] and signature.payload_type == SIGNED_TYPE
    return same and any(signature.verify(key) for key in reading.log_keys())


def _checkpoints(reading: _Reading) -> Iterator[Problem]:
    notes = reading.bundle.checkpoints
    if not notes:
        yield Problem("checkpoint", "the bundle has no checkpoint, so nothing says which log it is")
    for note in notes:
        try:
            found = Checkpoint.read(note)
        except Unreadable:
            yield Problem("checkpoint", "a checkpoint in the bundle was changed: it is no signed note any more")
            continue
        if found.signed_by(reading.log_keys()) is None:
            yield Problem(
                "checkpoint signature",
                f"the checkpoint over {found.size} entries was not signed by this log's key, or was changed",
            )


def _order(reading: _Reading) -> Iterator[Problem]:
    """Entries against the list of hashes and the newest checkpoint in the bundle."""
    newest = _newest(reading)
    if newest is None:
        return
    promised = [bytes.fromhex(text) for text in reading.bundle.leaf_hashes if _is_hash(text)]
    if root_of(promised) == newest.root and len(promised) == newest.size:
        for code, index, message in what_was_done(reading.hashes, promised):
            yield Problem(code, message, index)
    elif root_of(reading.hashes) == newest.root:
        yield Problem("hashes", "leaves.txt was changed: the entries fit the checkpoint, the list of hashes does not")
    else:
        yield Problem(
            "root",
            "the entries do not lead to the root that the checkpoint signs; the list of hashes does not either, so "
            "which entry was changed cannot be told from the bundle alone",
        )


def _newest(reading: _Reading) -> Checkpoint | None:
    notes = reading.bundle.checkpoints
    try:
        return Checkpoint.read(notes[-1]) if notes else None
    except Unreadable:
        return None


def _is_hash(text: str) -> bool:
    return len(text) == 64 and all(sign in "0123456789abcdef" for sign in text)


def _head(log: Log) -> Iterator[Problem]:
    first = log.entries[0] if log.entries else None
    shown = shown_key(first.statement.predicate) if first and first.statement.kind == "key" else None
    if shown is None or key_id(shown) != log.root_key:
        yield Problem(
            "head", "the log does not begin with its root key: the head is missing, or another root is meant", 0
        )


def _times(log: Log) -> Iterator[Problem]:
    for before, after in pairwise(log.entries):
        if before.received_at and after.received_at and after.received_at <= before.received_at:
            yield Problem(
                "time",
                f"entry {after.index} says it was received at {after.received_at}, not after entry {before.index}",
                after.index,
            )


def _cubes(reading: _Reading) -> Iterator[Problem]:
    bundle = reading.bundle
    for name in sorted(bundle.cube_names):
        if hashlib.sha256(bundle.cube_bytes(name) or b"").hexdigest() != name:
            yield Problem("cube", f"cube {name[:16]} was changed: its counts do not have the digest it is called by")
    for name in cubes_named(reading.log):
        if name not in bundle.cube_names:
            yield Problem("missing cube", f"cube {name[:16]} is missing, though a measurement rests on it")


def _trust(log: Log, unreadable: Sequence[Problem]) -> Iterator[Problem]:
    """Entries that the ledger would never have taken."""
    skipped = {problem.entry for problem in unreadable}
    for entry in log.entries:
        standing = log.standing(entry.index)
        if standing in _NO_OFFENCE or standing is Standing.UNKNOWN_KEY or entry.index in skipped:
            continue
        if log.standing_on_receipt(entry.index) is not Standing.TRUSTED:
            yield Problem(standing.name.lower().replace("_", " "), _offence(log, entry, standing), entry.index)


def _offence(log: Log, entry: Entry, standing: Standing) -> str:
    name = entry.envelope.key_id[:16]
    match standing:
        case Standing.FOREIGN_SIGNATURE:
            return f"entry {entry.index}: the signature was not made with key {name}, which it names"
        case Standing.REPLAYED:
            first = next(other.index for other in log.entries if other.digest == entry.digest)
            return f"entry {entry.index} was replayed: it repeats entry {first}"
        case Standing.REFUSED:
            return f"entry {entry.index}: {log.why_refused(entry.index)}"
    known = log.keyring.keys.get(entry.envelope.key_id)
    return f"entry {entry.index}: {standing}: {known.holder if known else name}, {entry.statement.kind}"


def _unknown(log: Log, root: str | None) -> Iterator[Problem]:
    if root is not None and root != log.root_key:
        yield Problem(
            "root key", f"this log begins with root key {log.root_key[:16]}, not with {root[:16]}, which you trust"
        )
    for entry in log.entries:
        never = log.standing(entry.index) is Standing.UNKNOWN_KEY
        if never and log.standing_on_receipt(entry.index) is Standing.UNKNOWN_KEY:
            name = entry.envelope.key_id[:16]
            yield Problem(
                "unknown key", f"entry {entry.index} was signed with key {name}, which is unknown", entry.index
            )


def _held(reading: _Reading, since: Checkpoint | None) -> Iterator[Problem]:
    if since is None:
        return
    here = len(reading.hashes)
    if since.signed_by(reading.log_keys()) is None:
        yield Problem("held checkpoint", "the checkpoint you hold was not signed by a key of this log")
    if since.size > here:
        yield Problem(
            "dropped tail",
            f"the checkpoint you hold promised {since.size} entries, here are {here}: the tail was dropped",
        )
    elif reading.root(since.size) != since.root:
        yield Problem(
            "rewritten",
            f"the first {since.size} entries are not those of the checkpoint you hold: something before it was "
            "changed, removed or reordered",
        )


def _notes(log: Log) -> Iterator[str]:
    for entry in log.entries:
        standing = log.standing(entry.index)
        if standing in (Standing.MISTAKEN, Standing.COMPROMISED):
            yield f"entry {entry.index} is {standing}"
        elif standing is Standing.UNREADABLE:
            yield f"entry {entry.index} is kept and counted, but says nothing: {log.examined[entry.index].problem}"
        elif standing not in _NO_OFFENCE and log.standing_on_receipt(entry.index) is Standing.TRUSTED:
            yield f"entry {entry.index} counted once, and no longer: {standing}"
        if entry.flags:
            yield f"entry {entry.index}: {', '.join(entry.flags)} when it was received at {entry.received_at}"


def _cannot_know(log: Log, root: str | None, anchored: int) -> Iterator[str]:
    size = len(log.entries)
    if root is None:
        yield f"whose root key {log.root_key[:16]} is: compare it with one you got in another way (--root)"
    if not anchored:
        yield "whether the holder of the keys rewrote the log or dropped its end: hold a checkpoint (--since)"
    elif anchored < size:
        yield f"whether the holder of the keys rewrote or dropped anything after entry {anchored - 1}"
    else:
        yield f"whether entries after the {size} shown here were left out"
    yield "whether what was signed is true, and what was never written down"
    yield "whether the log's clock was right: times between two outside checkpoints are the log's own word"
