"""The published lists in the memory of a process that decides or trains: one look-up takes microseconds, no network.

Whoever cannot read the lists must not decide: everything that is wrong with them is an error, never a "yes".
"""

import hashlib
import os
import time
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from attrs import field, frozen

from ombud.errors import Misused, NotFound, Unreadable
from ombud.store.identity import Identity, comparable, form_of
from ombud.store.people.key import FINGERPRINT_BYTES, read_key
from ombud.store.people.listed import STOPPING
from ombud.store.people.published import WRITTEN, Published, published_at, read_published
from ombud.store.people.written import as_text
from ombud.store.settings import FOLDER

_DAY: Final = 86_400
_EPOCH: Final = date(1970, 1, 1).toordinal()


@frozen
class Lists:
    """The lists of a workspace as they were when they were read.

    Attributes:
        root: the workspace's folder.
        published: the lists; stamp: by which a newer file is told from this one.
    """

    root: Path
    published: Published
    stamp: tuple[int, int, int]
    _keyed: Any = field(repr=False)
    _forms: Mapping[str, str] = field(repr=False)

    @classmethod
    def read(cls, root: Path) -> "Lists":
        """Read the published lists of a workspace.

        Raises:
            NotFound: no lists or no key there.
            Unreadable: the file was changed, or was written with another key.
            Misused: others than its owner may read the key.
        """
        stamp = _stamp(published_at(root))
        key = read_key(root / FOLDER / "keys")
        published = read_published(root, key)
        keyed = hashlib.blake2b(key=key, digest_size=FINGERPRINT_BYTES)
        return cls(root, published, stamp, keyed, MappingProxyType({one: form_of(one) for one in published.kinds}))

    def is_current(self) -> bool:
        """Whether the file is still the one that was read.

        Raises:
            NotFound: it is gone.
        """
        return _stamp(published_at(self.root)) == self.stamp

    def on(self, subject: str, kind: str | None = None, system: str | None = None) -> tuple[str, ...]:
        """The names of the lists that somebody is on today; with kind None, whoever is so called under any kind.

        Args:
            subject: the value of an identity; kind: what it is.
            system: for this system; None: for any.
        """
        found: list[str] = []
        for one in self._forms if kind is None else (kind,):
            entries = self.published.entries.get(self._fingerprint(one, subject))
            if entries is not None:
                today = _EPOCH + int(time.time()) // _DAY
                for name, concerned, since, until in entries:
                    concerns = system is None or concerned is None or concerned == system
                    if concerns and _holds(today, since, until) and name not in found:
                        found.append(name)
        return tuple(found)

    def stopped(self, subjects: Iterable[str], kind: str | None, system: str | None) -> dict[str, tuple[str, ...]]:
        """Those of some subjects who may not be decided about or trained on → the lists that say so."""
        told = ((one, stopping(self.on(one, kind, system))) for one in subjects)
        return {one: names for one, names in told if names}

    def _fingerprint(self, kind: str, subject: str) -> bytes:
        plain = subject.isascii() and self._forms.get(kind) == "text"
        value = subject.strip() if plain else comparable(kind, subject)
        keyed = self._keyed.copy()
        keyed.update(f"{kind}\0{value}".encode("utf-8", "surrogatepass"))
        return bytes(keyed.digest())


def stopping(names: tuple[str, ...]) -> tuple[str, ...]:
    """Those of some lists that stop decisions and training."""
    return tuple([name for name in names if name in STOPPING]) if names else names


def _holds(today: int, since: int, until: int | None) -> bool:
    """Whether it holds, counted from where the first day begins to where the last one ends: a day of UTC more."""
    return since - 1 <= today and (until is None or today <= until + 1)


def _stamp(path: Path) -> tuple[int, int, int]:
    try:
        seen = os.stat(path)  # noqa: PTH116 (a microsecond faster than Path.stat)
    except OSError:
        raise NotFound("published lists", str(path), "Publish them: ombud rights lists --publish") from None
    return seen.st_ino, seen.st_mtime_ns, seen.st_size


class Enforced:
    """The lists that a process goes by. They are replaced when their file is; never by older ones.

    Whether the file is still the same is asked at most once in `LOOK_AGAIN` seconds, for asking takes longer than all
    the rest; lists that this very process publishes count at once. Threads and forked processes need no lock: whoever
    finds the file replaced reads it, and two that do come to the same.
    """

    def __init__(self) -> None:
        self._by_root: dict[Path, tuple[Lists, float, int]] = {}

    def lists(self, root: Path) -> Lists:
        """The lists of a workspace as they are now.

        Raises:
            NotFound, Unreadable, Misused: they cannot be read, so nobody may be decided about.
        """
        held = self._by_root.get(root)
        if held is not None and time.monotonic() < held[1] and WRITTEN.get(root, 0) == held[2]:
            return held[0]
        written = WRITTEN.get(root, 0)
        lists = _current(root, held[0] if held is not None else None)
        self._by_root[root] = lists, time.monotonic() + LOOK_AGAIN, written
        return lists


LOOK_AGAIN: Final = 0.01


def _current(root: Path, held: Lists | None) -> Lists:
    if held is not None and held.is_current():
        return held
    fresh = Lists.read(root)
    if held is not None and fresh.published.at < held.published.at:
        raise Unreadable(
            str(published_at(root)),
            "these lists are older than those in use before",
            "Was a backup restored? Run `ombud rights reapply`, then `ombud rights lists --publish`.",
        )
    return fresh


def subject_text(subject: object, kind: str | None) -> tuple[str, str | None]:
    """What somebody is called, and the kind of it.

    Raises:
        Misused: it is nothing by which a person can be known, or says another kind.
    """
    if isinstance(subject, Identity):
        if kind not in (None, subject.kind):
            raise Misused("the identity is of another kind than `kind` says", "Leave `kind` out.")
        return subject.value, subject.kind
    text = subject if isinstance(subject, str) else as_text(subject)
    if not text or not text.strip():
        raise Misused("a person without an identity cannot be looked up", "Decide about nobody you cannot name.")
    return text, kind
