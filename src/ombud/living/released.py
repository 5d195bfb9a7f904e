"""What was released and what was revoked: one small signed file, `.ombud/releases.json`, read without a store.

The log stays the truth; the file is what it said when it was published. It holds the list, signed with the log's key,
and the statements that lead from the root key to that key, so that a machine that knows only the root key's id can
tell a forged list. It names no person. What it cannot show by itself is that no newer one exists: see `max_age`.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from attrs import asdict, field, frozen

from ombud.errors import NotFound, OmbudError, Unreadable
from ombud.evidence.canonical import canonical, parse
from ombud.evidence.dsse import Envelope, sign_bytes
from ombud.evidence.entry import Entry
from ombud.evidence.keys import SigningKey
from ombud.evidence.kinds import CHECKPOINT
from ombud.evidence.log import Log
from ombud.evidence.trust import STRUCTURAL
from ombud.store.errors import reported
from ombud.store.settings import FOLDER

FILE: Final = "releases.json"
MAX_BYTES: Final = 16 * 2**20
SIGNED_TYPE: Final = "application/vnd.ombud.releases+json"
_AGAIN: Final = "Publish it where the store is: ombud gates publish; then bring it here."


class State(StrEnum):
    """Where a release stands."""

    RELEASED = "released"
    REVOKED = "revoked"
    BREAK_GLASS = "break-glass"
    UNKNOWN = "unknown"


@frozen(kw_only=True)
class Grace:
    """Something that would stop this release if it were new, and until when a running one may go on regardless.

    Attributes:
        target: a requirement, or check:measurement.
        cause: "new law", "changed law", "age" (evidence grew too old), or "other".
        since: the day since which it would; None where that is not known.
        until: the last day of the grace, by the organisation's own rule; None: there is none.
        because: what the gate says of it.
    """

    target: str
    cause: str
    since: str | None
    until: str | None
    because: str

    def is_over(self, now: str) -> bool:
        """Whether nothing is left of it at an instant."""
        return self.until is None or self.until < now[:10]

    @property
    def words(self) -> str:
        """What it is and until when, on one line."""
        return f"{self.target}: {self.cause}, " + (f"grace until {self.until}" if self.until else "no grace")


@frozen(kw_only=True)
class Release:
    """What the log says of one release of one system.

    Attributes:
        system, release: whose it is, and its composite digest; model: SHA-256 of its model file, where it has one.
        released_at: when it was last declared live; None if it never was and only the glass was broken for it.
        place: position in the log at which it was last declared live; a later release has a greater one.
        revoked_from: from when it is revoked; None if it is not.
        glass_until: until when two people let it run whatever else is said.
        current: nothing newer was released, and nothing else was gone back to.
        rolled_back: the newest word about the system is that it goes back to this release.
        grace: what would stop it if it were new.
    """

    system: str
    release: str
    model: str | None
    released_at: str | None
    place: int
    revoked_from: str | None = None
    glass_until: str | None = None
    current: bool = False
    rolled_back: bool = False
    grace: tuple[Grace, ...] = ()

    def state(self, now: str) -> State:
        """Where it stands at an instant, written as evidence writes instants."""
        if self.glass_until is not None and now < self.glass_until:
            return State.BREAK_GLASS
        if self.released_at is None:
            return State.UNKNOWN
        return State.REVOKED if self.revoked_from is not None and self.revoked_from <= now else State.RELEASED


@frozen
class Standing:
    """The answer to: may this be run?

    Attributes:
        digest: what was asked about: a release, or a model file.
        state: released, revoked, break-glass or unknown.
        release: what the log says of it; None if it is unknown.
    """

    digest: str
    state: State
    release: Release | None = None

    @property
    def runs(self) -> bool:
        """Whether what runs already may go on: it was released and not revoked, or the glass is broken for it."""
        return self.state in (State.RELEASED, State.BREAK_GLASS)

    @property
    def words(self) -> str:
        """The answer in one sentence that names no person."""
        named = f"{self.digest[:12]}"
        if self.release is None:
            return f"{named} is no release on record"
        of = f"release {self.release.release[:12]} of {self.release.system}"
        match self.state:
            case State.RELEASED:
                return f"{of} was released {str(self.release.released_at)[:10]}"
            case State.REVOKED:
                return f"{of} is revoked since {str(self.release.revoked_from)[:19]}Z"
            case State.BREAK_GLASS:
                return f"{of} runs with the glass broken until {str(self.release.glass_until)[:19]}Z"
        return f"{of} was never released"


_BEST: Final = (State.BREAK_GLASS, State.RELEASED, State.REVOKED, State.UNKNOWN)


@frozen
class Releases:
    """Every release that a log speaks of, as it was at an instant.

    Attributes:
        of: the releases; at: when they were looked up; size: of the log they were read from.
    """

    of: tuple[Release, ...]
    at: str
    size: int
    _by_digest: Mapping[str, tuple[Release, ...]] = field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        found: dict[str, list[Release]] = {}
        for one in self.of:
            for digest in dict.fromkeys((one.release, one.model)):
                if digest is not None:
                    found.setdefault(digest, []).append(one)
        object.__setattr__(self, "_by_digest", {digest: tuple(held) for digest, held in found.items()})

    def standing(self, digest: str, now: str, system: str | None = None) -> Standing:
        """Where a release or a model file stands at an instant.

        A model file may belong to several releases (another threshold, another policy): it stands if one of them
        does. Whoever wants to be exact asks about the release.

        Args:
            digest: composite digest of a release, or SHA-256 of a model file.
            now: the instant; one before the list was made is taken for a clock that is behind.
            system: only as a release of this system.
        """
        now = max(now, self.at)
        held = [one for one in self._by_digest.get(digest, ()) if system in (None, one.system)]
        if not held:
            return Standing(digest, State.UNKNOWN)
        best = min(held, key=lambda one: (_BEST.index(one.state(now)), not one.current, -one.place))
        return Standing(digest, best.state(now), best)

    def to_json(self) -> dict[str, Any]:
        """The published form."""
        return {"at": self.at, "size": self.size, "releases": [asdict(one) for one in self.of]}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Releases":
        """Read the published form of a list whose signature was verified."""
        return cls(tuple(_release(one) for one in data["releases"]), data["at"], data["size"])


def _release(data: Mapping[str, Any]) -> Release:
    return Release(**{**data, "grace": tuple(Grace(**one) for one in data["grace"])})


def published_at(root: Path) -> Path:
    """Where the list of a workspace is published."""
    return root / FOLDER / FILE


def write(path: Path, releases: Releases, log: Log, key: SigningKey) -> Path:
    """Publish a list: whole, in place of the one before; on return it is on disk.

    Args:
        path: where; releases: what; log: it was read from; key: the log's, which signs checkpoints.
    """
    envelope = sign_bytes(canonical(releases.to_json()), SIGNED_TYPE, key)
    pairs = zip(log.entries, log.examined, strict=True)
    ground = [{"index": e.index, "leaf": e.leaf.decode()} for e, seen in pairs if seen.kind in STRUCTURAL]
    content = canonical({"keys": ground, "list": envelope.to_json()})
    part = path.with_suffix(f".{os.getpid()}.part")
    with reported(str(path)):
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    return path


def read(path: Path, root_key: str) -> Releases:
    """The list in a file, if the log under this root key signed it.

    Raises:
        NotFound: nothing was published there.
        Unreadable: it was changed, cut, or is of another log.
    """
    data = _bytes(path)
    with _as_a_list(path):
        whole = parse(data, str(path))
        envelope = Envelope.from_json(whole["list"], str(path))
        log = Log(tuple(Entry.read(one["index"], one["leaf"].encode()) for one in whole["keys"]), root_key)
        signed = envelope.payload_type == SIGNED_TYPE and _signed(envelope, log)
    if not signed:
        raise Unreadable(str(path), "it was not signed by the log under this workspace's root key", _AGAIN)
    with _as_a_list(path):
        return Releases.from_json(parse(envelope.payload, str(path)))


@contextmanager
def _as_a_list(path: Path) -> Iterator[None]:
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError, OmbudError):
        raise Unreadable(str(path), "this is not a list of releases, or not a whole one", _AGAIN) from None


def _bytes(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise Unreadable(str(path), "it is larger than a list of releases gets", _AGAIN)
        return path.read_bytes()
    except FileNotFoundError:
        raise NotFound("list of releases", str(path), _AGAIN) from None
    except OSError as error:
        raise Unreadable(str(path), (error.strerror or "it cannot be read").lower(), _AGAIN) from None


def _signed(envelope: Envelope, log: Log) -> bool:
    """Whether a key signed it that may sign checkpoints of this log by the newest word about keys."""
    key = log.keyring.keys.get(envelope.key_id)
    if key is None or key.now is None or not key.public:
        return False
    return key.now.may(CHECKPOINT) and envelope.verify(key.public)


def alarms(releases: Sequence[Release], now: str) -> tuple[Release, ...]:
    """The releases that run and would be stopped if they were new."""
    return tuple(one for one in releases if one.current and one.grace and one.state(now) is State.RELEASED)
