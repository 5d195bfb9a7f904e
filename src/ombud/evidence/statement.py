"""Statements: what somebody says at a time about named things, in the form of in-toto Statement v1."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final, Protocol

from attrs import field, frozen

from ombud.errors import Misused, Unreadable
from ombud.evidence.canonical import canonical, parse
from ombud.evidence.instants import is_instant
from ombud.evidence.kinds import COMMON, KINDS

TYPE: Final = "https://in-toto.io/Statement/v1"
_PREDICATE: Final = re.compile(r"https://ombud\.dev/([a-z][a-z-]*)/v([1-9][0-9]{0,3})")
_HEX: Final = re.compile(r"[0-9a-f]{64}")


class Named(Protocol):
    """Anything with a name and, where its bytes are known, a SHA-256 digest."""

    @property
    def name(self) -> str: ...
    @property
    def digest(self) -> str | None: ...


@frozen
class Subject:
    """Something a statement speaks of: a name, and its SHA-256 digest where its bytes are known.

    A thing without bytes (a system, an organisation) is written with the digest of its name under "ombudName", so
    that in-toto's rule "every subject has a digest" holds and nobody takes it for a digest of content.
    """

    name: str
    digest: str | None = None

    def to_json(self) -> dict[str, Any]:
        """An in-toto resource descriptor."""
        if self.digest is not None:
            return {"name": self.name, "digest": {"sha256": self.digest}}
        return {"name": self.name, "digest": {"ombudName": hashlib.sha256(self.name.encode()).hexdigest()}}


def _own_subjects(subjects: Iterable[Named]) -> tuple[Subject, ...]:
    return tuple(Subject(subject.name, subject.digest) for subject in subjects)


def _frozen_map(predicate: Mapping[str, Any]) -> Mapping[str, Any]:
    return MappingProxyType(dict(predicate))


@frozen(eq=False)
class Statement:
    """One statement.

    Attributes:
        subjects: what it speaks of; at least one.
        kind: one of `KINDS`; a kind that this version does not know is kept as it is.
        predicate: what it says; see docs/reference/evidence.md for each kind.
        version: version of the kind; this version of Ombud writes and understands 1.
    """

    subjects: tuple[Subject, ...] = field(converter=_own_subjects)
    kind: str
    predicate: Mapping[str, Any] = field(converter=_frozen_map)
    version: int = 1

    @property
    def known(self) -> bool:
        """Whether this version of Ombud understands the kind; others are kept and counted."""
        return self.kind in KINDS and self.version == 1

    @property
    def observed_at(self) -> str:
        """When it was observed, by the signer's claim; empty if the statement does not say."""
        observed = self.predicate.get("observed_at", "")
        return observed if isinstance(observed, str) else ""

    @property
    def system(self) -> str | None:
        """The system it is about; None for the whole organisation."""
        name = self.predicate.get("system")
        return name if isinstance(name, str) else None

    @property
    def problem(self) -> str | None:
        """Why a statement of a known kind says less than its kind must; None if it is whole."""
        return _problem(self) if self.known else None

    def encode(self) -> bytes:
        """The canonical bytes that are signed.

        Raises:
            Misused: no subject, a digest that is none, an unknown kind, or a member missing.
        """
        problem = _problem(self) or _unspeakable(self.subjects)
        if not self.known or problem:
            raise Misused(f"statement of kind {self.kind!r}: {problem or 'this version does not write this kind'}")
        return canonical({
            "_type": TYPE,
            "subject": [subject.to_json() for subject in self.subjects],
            "predicateType": f"https://ombud.dev/{self.kind}/v{self.version}",
            "predicate": self.predicate,
        })  # fmt: skip

    @classmethod
    def read(cls, payload: bytes, where: str = "statement") -> "Statement":
        """Read signed bytes.

        Raises:
            Unreadable: not canonical JSON, or not an in-toto Statement v1.
        """
        data = parse(payload, where)
        try:
            if data["_type"] != TYPE or not isinstance(data["predicate"], dict):
                raise TypeError
            kind, version = _kind(data["predicateType"])
            subjects = tuple(_subject(subject) for subject in data["subject"])
        except (KeyError, TypeError, AttributeError):
            raise Unreadable(where, "this is not an in-toto Statement v1") from None
        return cls(subjects, kind, data["predicate"], version)


def _kind(predicate_type: str) -> tuple[str, int]:
    """Kind and version; a foreign predicate type is a kind of its own, version 0."""
    found = _PREDICATE.fullmatch(predicate_type)
    return (found[1], int(found[2])) if found else (str(predicate_type), 0)


def _subject(data: Mapping[str, Any]) -> Subject:
    name, digests = data["name"], data["digest"]
    if not isinstance(name, str) or not isinstance(digests.get("sha256", ""), str):
        raise TypeError
    return Subject(name, digests.get("sha256"))


def _problem(statement: Statement) -> str | None:
    predicate = statement.predicate
    missing = sorted((COMMON | KINDS.get(statement.kind, frozenset())) - predicate.keys())
    if missing:
        return f"it lacks {', '.join(missing)}"
    if not is_instant(predicate["observed_at"]):
        return "its observed_at is not an instant in UTC with microseconds"
    if not isinstance(predicate.get("system"), str) and predicate.get("organisation") is not True:
        return "it names neither a system nor the organisation"
    return None


def _unspeakable(subjects: tuple[Subject, ...]) -> str | None:
    if not subjects:
        return "it has no subject"
    if any(subject.digest is not None and not _HEX.fullmatch(subject.digest) for subject in subjects):
        return "a subject's digest is not 64 lower-case hexadecimal digits"
    return None
