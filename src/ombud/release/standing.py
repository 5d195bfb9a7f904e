"""Where every release stands, folded from the log alone: released, revoked, gone back to, or running on broken glass.

And the other question, which needs law and evidence: would the gate let it go live if it were new, today?
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from weakref import WeakKeyDictionary

from attrs import frozen

from ombud.evidence.entry import Entry
from ombud.evidence.instants import instant
from ombud.evidence.log import Log
from ombud.evidence.trust import Standing as Trusted
from ombud.law import Pack
from ombud.living.released import Release, Releases, Standing
from ombud.release.gate import GateReport, break_glass, judge_release
from ombud.status.select import moment, of_kind
from ombud.status.shape import well_shaped
from ombud.status.status import Picture, status
from ombud.store.workspace import Workspace

KEPT_SECONDS: Final = 60
"""How long a fold is used while the log stays as long as it is: time alone ends a signature that was dated ahead."""

_GONE: Final = (Trusted.MISTAKEN, Trusted.COMPROMISED)
_FOLDED: Final[WeakKeyDictionary[Any, Releases]] = WeakKeyDictionary()


def standing_of(workspace: Workspace, digest: str, system: str | None = None) -> Standing:
    """Where a release, or a model file, stands now by the log.

    Args:
        digest: composite digest of a release, or SHA-256 of a model file.
        system: only as a release of this system.

    Raises:
        OmbudError: the log cannot be read, or is not what its anchor promised.
    """
    return releases(workspace).standing(digest, workspace.now(), system)


def releases(workspace: Workspace) -> Releases:
    """Every release of the log; folded again only when the log has grown, or after `KEPT_SECONDS`."""
    held, now = _FOLDED.get(workspace.ledger), workspace.now()
    if held is not None and held.size == workspace.ledger.size and _age(held, now) < KEPT_SECONDS:
        return held
    found = fold(workspace.ledger.log(), now)
    _FOLDED[workspace.ledger] = found
    return found


def _age(held: Releases, now: str) -> float:
    return abs((moment(now) - moment(held.at)).total_seconds())


def fold(log: Log, now: str) -> Releases:
    """Every release that a log speaks of, as of an instant."""
    said = _Said.of(log, now)
    keys = dict.fromkeys(_of(entry) for entry in (*said.released, *said.glass))
    found = [said.release(system, digest) for system, digest in keys]
    return Releases(tuple(found), now, len(log.entries))


@frozen
class _Said:
    """What was said of releases.

    Attributes:
        released: release statements, also those that are revoked; gone: positions of those that do not count at all.
        glass, rollbacks, declared: the other statements about releases, as far as they count now.
        revoked: digest of an entry → the newest statement that takes it away.
        key_revoked: position of the newest statement that takes a key away.
    """

    now: str
    released: tuple[Entry, ...]
    gone: frozenset[int]
    glass: tuple[Entry, ...]
    rollbacks: tuple[Entry, ...]
    declared: tuple[Entry, ...]
    revoked: Mapping[str, Entry]
    key_revoked: Entry | None

    @classmethod
    def of(cls, log: Log, now: str) -> "_Said":
        gone = [e for e in log.entries if log.examined[e.index].kind == "release" and log.standing(e.index) in _GONE]
        alive = log.trusted("release")
        revoking = [e for e in log.trusted("key") if e.statement.predicate.get("action") == "revoke"]
        return cls(
            now,
            tuple(sorted(well_shaped([*gone, *alive]), key=lambda entry: entry.index)),
            frozenset(entry.index for entry in gone),
            _counting(log, "break-glass", now),
            _counting(log, "rollback", now),
            well_shaped(log.trusted("declaration")),
            {name: e for e in log.trusted("revocation") for name in _names(e)},
            revoking[-1] if revoking else None,
        )

    def release(self, system: str, digest: str) -> Release:
        """One release, from everything that was said of it."""
        mine = [entry for entry in self.released if _of(entry) == (system, digest)]
        standing = [entry for entry in mine if entry.index not in self.gone]
        words = self._words(system)
        current = bool(words) and words[-1].statement.predicate.get("release") == digest
        broken = [entry for entry in self.glass if _of(entry) == (system, digest)]
        return Release(
            system=system,
            release=digest,
            model=self._model(mine, system, digest),
            released_at=(standing or mine)[-1].statement.observed_at if mine else None,
            place=(standing or mine or broken)[-1].index,
            revoked_from=self._revoked_from(mine, standing),
            glass_until=self._glass(system, digest, mine),
            current=current,
            rolled_back=current and words[-1].statement.kind == "rollback",
        )

    def _words(self, system: str) -> list[Entry]:
        """What was released or gone back to and is not revoked, in the order of the log; the last is the present."""
        alive = [e for e in self.released if e.index not in self.gone and not self._has_ended(e)]
        words = [e for e in (*alive, *self.rollbacks) if e.statement.predicate.get("system") == system]
        return sorted(words, key=lambda entry: entry.index)

    def _model(self, mine: Sequence[Entry], system: str, digest: str) -> str | None:
        said = [*mine, *(entry for entry in self.declared if _of(entry) == (system, digest))]
        parts = said[-1].statement.predicate.get("parts") if said else None
        model = parts.get("model") if isinstance(parts, Mapping) else None
        return model if isinstance(model, str) else None

    def _revoked_from(self, mine: Sequence[Entry], standing: Sequence[Entry]) -> str | None:
        """When the last statement that released it ends; None if one does not."""
        ends = [self._end(entry) for entry in standing]
        if not mine or None in ends:
            return None
        gone = [self._taken(entry) for entry in mine if entry.index in self.gone]
        return max([str(end) for end in ends] or [entry.received_at for entry in gone if entry] or [self.now])

    def _end(self, entry: Entry) -> str | None:
        """When a statement ends; one that was withdrawn without a date ended before now, whatever the clocks say."""
        end, taken = entry.withdrawn_from, self.revoked.get(entry.digest)
        undated = taken is not None and taken.statement.predicate.get("from") is None
        return min(end, self.now) if end is not None and undated else end

    def _has_ended(self, entry: Entry) -> bool:
        end = self._end(entry)
        return end is not None and end <= self.now

    def _taken(self, entry: Entry) -> Entry | None:
        """What takes a statement away."""
        return self.revoked.get(entry.digest) or self.key_revoked

    def _glass(self, system: str, digest: str, mine: Sequence[Entry]) -> str | None:
        """Until when the glass is broken; who broke it before a revocation did not know of it."""
        ended = [entry for entry in mine if entry.index in self.gone or entry.withdrawn_from is not None]
        after = max((taken.index for entry in ended if (taken := self._taken(entry))), default=-1)
        later = [entry for entry in self.glass if entry.index > after]
        as_of = moment(self.now)
        return _instant(break_glass(Picture(system=system, as_of=as_of, known_at=as_of.date(), release=digest), later))


def _of(entry: Entry) -> tuple[str, str]:
    said = entry.statement.predicate
    return str(said.get("system")), str(said.get("release"))


def _counting(log: Log, kind: str, now: str) -> tuple[Entry, ...]:
    return of_kind(well_shaped(log.trusted(kind)), kind, moment(now))


def _names(entry: Entry) -> Iterable[str]:
    names = entry.statement.predicate.get("entries")
    return [str(name) for name in names] if isinstance(names, list) else []


def _instant(text: str | None) -> str | None:
    return None if text is None else instant(moment(text))


# --- if it were new ---------------------------------------------------------------------------------------------------


@frozen
class Judged:
    """A release as the gate sees it at an instant.

    Attributes:
        picture: where the system stands with this release; report: what the gate says.
    """

    picture: Picture
    report: GateReport


def judge_now(log: Log, pack: Pack, release: Release, as_of: datetime, known_at: datetime | None = None) -> Judged:
    """Hold one release against law and evidence of an instant, whatever has been declared of the system since.

    Args:
        log: the log; pack: the law; release: which.
        as_of: the instant; known_at: by what was known then, None: everything.
    """
    known = known_at or as_of
    prefix = log.until(known_at) if known_at else log
    held = [entry for entry in prefix.trusted() if not _of_another(entry, release)]
    picture = status(held, pack.view(as_of.date(), known.date()), release.system, as_of)
    return Judged(picture, judge_release(picture, held))


def _of_another(entry: Entry, release: Release) -> bool:
    said = entry.statement.predicate
    other = said.get("system") == release.system and said.get("release") != release.release
    return entry.statement.kind == "declaration" and other
