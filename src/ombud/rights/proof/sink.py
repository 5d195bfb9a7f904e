"""What a scan gathers: where identifiers stand, how often, and what could not be read."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from attrs import define, field, frozen

from ombud.rights.proof.matcher import Found, Matcher

_ENOUGH: Final = 2**20


class Undecoded(Exception):
    """Why a file, or a part of one, could not be decoded: in words, without data."""


@frozen(order=True)
class Place:
    """Where identifiers stand.

    Attributes:
        file: its name, and after "!" that of a file inside of it; identifiers in it are written "…".
        kind: "value", "dictionary", "statistics", "freelist page", …
        count: how often any of the identifiers stands there.
    """

    file: str
    kind: str
    count: int


@frozen(order=True)
class Unread:
    """A file, or a part of one, of which nothing is known."""

    file: str
    reason: str


@define
class Gathered:
    """What all files of a scan add to."""

    places: Counter[tuple[str, str]] = field(factory=Counter)
    possible: Counter[tuple[str, str]] = field(factory=Counter)
    seen: set[int] = field(factory=set)
    unread: dict[tuple[str, str], None] = field(factory=dict)
    bytes: int = 0


@define(eq=False)
class Sink:
    """Takes the decoded parts of one file. Small parts are put together before they are searched.

    Attributes:
        matcher: what is looked for; file: as it is told; gathered: where it is added up;
        prefix: put before kinds ("Delta log"); depth: how many archives it lies in.
    """

    matcher: Matcher
    file: str
    gathered: Gathered
    prefix: str = ""
    depth: int = 0
    _texts: dict[str, list[bytes]] = field(factory=dict)
    _raws: dict[str, list[bytes]] = field(factory=dict)
    _waiting: int = 0

    def text(self, kind: str, data: bytes | memoryview) -> None:
        """Decoded text: a value, or several with NUL between them."""
        self._wait(self._texts, kind, data)

    def raw(self, kind: str, data: bytes | memoryview) -> None:
        """Bytes of no known structure."""
        self._wait(self._raws, kind, data)

    def variants(self, kind: str, several: Sequence[bytes]) -> None:
        """One text read in several ways: what is found in more than one of them counts once."""
        found: Found = Counter()
        for one in several:
            found |= self.matcher.text(one)
        self._add(kind, found)

    def integers(self, kind: str, values: Any) -> None:
        """Whole numbers as an array."""
        self._add(kind, self.matcher.integers(values))

    def perhaps(self, kind: str, count: int) -> None:
        """A structure that answers "possible"."""
        if count:
            self.gathered.possible[self.file, self._named(kind)] += count

    def sure(self, kind: str, identifiers: Sequence[int]) -> None:
        """Identifiers found by other means."""
        self._add(kind, Counter(identifiers))

    def unread(self, reason: str) -> None:
        """A part that was not decoded."""
        self.gathered.unread[self.file, reason] = None

    def inside(self, name: str) -> "Sink":
        """The sink of a file inside of this one."""
        shown = hidden(name, self.matcher)
        return Sink(self.matcher, f"{self.file}!{shown}", self.gathered, self.prefix, self.depth + 1)

    def flush(self) -> None:
        """Search what waits."""
        for kind, parts in self._texts.items():
            self._add(kind, self.matcher.text(b"\0".join(parts)))
        for kind, parts in self._raws.items():
            self._add(kind, self.matcher.raw(b"\0\0\0\0".join(parts)))
        self._texts, self._raws, self._waiting = {}, {}, 0

    def _wait(self, where: dict[str, list[bytes]], kind: str, data: bytes | memoryview) -> None:
        if len(data) >= _ENOUGH:
            self._add(kind, self.matcher.text(data) if where is self._texts else self.matcher.raw(data))
            return
        where.setdefault(kind, []).append(bytes(data))
        self._waiting += len(data) + 1
        if self._waiting >= _ENOUGH:
            self.flush()

    def _add(self, kind: str, found: Found) -> None:
        if found:
            self.gathered.places[self.file, self._named(kind)] += found.total()
            self.gathered.seen.update(found)

    def _named(self, kind: str) -> str:
        return f"{self.prefix}: {kind}" if self.prefix else kind


def hidden(name: str, matcher: Matcher) -> str:
    """A name whose parts that hold an identifier are not told."""
    parts = name.split("/")
    return "/".join("…" if matcher.text(part.encode("utf-8", "surrogateescape")) else part for part in parts)
