"""Shared by tests of evidence: keys from fixed seeds, statements, and logs made in memory."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from ombud.evidence.bundle import make_bundle
from ombud.evidence.canonical import digest
from ombud.evidence.checkpoint import Checkpoint, checkpoint
from ombud.evidence.dsse import Envelope, sign
from ombud.evidence.entry import Entry
from ombud.evidence.instants import instant
from ombud.evidence.keyring import key_statement
from ombud.evidence.keys import SigningKey
from ombud.evidence.kinds import default_grants
from ombud.evidence.log import Log
from ombud.evidence.statement import Statement, Subject
from ombud.statistics.cube import Cube

START = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


def key(name: str) -> SigningKey:
    """The same key for the same name, always."""
    return SigningKey.from_seed(name.encode().ljust(32, b"."))


def at(seconds: float) -> str:
    """So many seconds after the start of the story."""
    return instant(START + timedelta(seconds=seconds))


def statement(kind: str, predicate: dict[str, Any] | None = None, seconds: float = 0, **more: Any) -> Statement:
    """A statement with the members that all have."""
    common = {"observed_at": at(seconds), "system": "mortgage", "software": {"ombud": "0.1.0"}}
    return Statement((Subject("mortgage"),), kind, {**common, **(predicate or {}), **more})


def says(name: str, kind: str, predicate: dict[str, Any] | None = None, seconds: float = 0, **more: Any) -> Envelope:
    """A statement signed by the key of that name."""
    return sign(statement(kind, predicate, seconds, **more), key(name))


def measured(name: str, number: int, seconds: float = 0) -> Envelope:
    """A small measurement."""
    return says(name, "measurement", {"check": "fairness.impact_ratio", "measurements": [{"n": number}]}, seconds)


def added(holder: str, *roles: str, by: str = "root", named: str | None = None, **more: Any) -> Envelope:
    """A key statement: the key called `named` (or like its holder) belongs to a holder with these roles."""
    other = key(named or holder)
    predicate = key_statement("add", other.key_id, holder, public=other.public, roles=list(roles))
    predicate["grants"] = list(default_grants(roles))
    return says(by, "key", predicate | more)


def turned(action: str, name: str, by: str = "root", **more: Any) -> Envelope:
    """A key statement that ends a key."""
    return says(by, "key", key_statement(action, key(name).key_id, name, **more))


def revoked(by: str, reason: str, *envelopes: Envelope, **more: Any) -> Envelope:
    """A revocation of entries."""
    return says(by, "revocation", {"entries": [envelope.digest for envelope in envelopes], "reason": reason, **more})


def beginning() -> list[Envelope]:
    """The root key, the log's key, an engineer and a data protection officer."""
    return [added("root", "root"), added("log", "log"), added("ml", "ml"), added("dpo", "dpo")]


def entries(envelopes: Sequence[Envelope], seconds: float = 0) -> tuple[Entry, ...]:
    """Entries received one second after the other."""
    return tuple(Entry.at(index, at(seconds + index), envelope) for index, envelope in enumerate(envelopes))


def log(*envelopes: Envelope) -> Log:
    """A log of these envelopes under the root key of the story."""
    return Log(entries(envelopes), key("root").key_id)


COUNTS = Cube(("group", "decision"), {("a", "1"): 30, ("a", "0"): 10, ("b", "1"): 20, ("b", "0"): 20}, "race")


def counted(name: str, cube: Cube = COUNTS, seconds: float = 0) -> Envelope:
    """A measurement that names the cube it rests on."""
    inputs = [{"need": "counts", "name": cube.name, "cube": digest(cube.to_json())}]
    return says(name, "measurement", {"check": "c", "measurements": [], "inputs": inputs}, seconds)


def noted(log: Log, size: int | None = None, by: str = "log") -> Checkpoint:
    """The signed checkpoint of a log."""
    prefix = log if size is None else log.first(size)
    return checkpoint(log.root_key, len(prefix.entries), prefix.root).signed(key(by))


def bundled(log: Log, *cubes: Cube, by: str = "log", **attachments: bytes) -> dict[str, bytes]:
    """The files of a bundle of a log."""
    size = len(log.entries)
    plain = {digest(cube.to_json()): cube.to_json() for cube in cubes}
    notes = [(size, noted(log, by=by).encode())]
    return make_bundle(log, key("root").public, notes, plain, attachments, key(by))


def a_story() -> Log:
    """Keys, three measurements (one on a cube), and an attestation."""
    attested = says("dpo", "attestation", {"item": "document:dpia", "says": "done"}, 8)
    return log(*beginning(), measured("ml", 1, 4), counted("ml", seconds=5), measured("ml", 2, 6), attested)


class Clock:
    """A clock that a test sets."""

    def __init__(self, start: datetime = START) -> None:
        self.time = start

    def now(self) -> datetime:
        """The time it was set to."""
        return self.time

    def pass_by(self, seconds: float) -> None:
        """Go forward, or back."""
        self.time += timedelta(seconds=seconds)
