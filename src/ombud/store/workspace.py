"""A workspace: one folder, one log, many systems."""

import contextlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from attrs import evolve, field, frozen

from ombud import __version__
from ombud.errors import Misused, NotFound
from ombud.evidence.dsse import Envelope, sign
from ombud.evidence.entry import Entry
from ombud.evidence.instants import instant
from ombud.evidence.keyring import key_statement
from ombud.evidence.keys import SigningKey, key_id
from ombud.evidence.kinds import LOG, ROOT, default_grants
from ombud.evidence.statement import Statement, Subject
from ombud.store.anchor import Anchor
from ombud.store.clock import Clock, SystemClock
from ombud.store.context import Context
from ombud.store.database import HEAD, Database
from ombud.store.decided import Decided
from ombud.store.keyfiles import KeyFiles
from ombud.store.ledger import Ledger
from ombud.store.people import People
from ombud.store.people.key import key_of
from ombud.store.people.published import published_at
from ombud.store.settings import Settings, find_workspace, load_settings, write_config

Rights = tuple[Sequence[str], Sequence[str] | None]
"""Roles, and the kinds a key may sign; None for the usual ones of the roles."""

NO_HOLDERS: Final[Mapping[str, Rights]] = {}


@frozen(eq=False)
class Workspace:
    """An open workspace.

    Attributes:
        root: its folder.
        context: clock, keys, settings, randomness.
        ledger: its log.
    """

    root: Path
    context: Context = field(repr=False)
    ledger: Ledger = field(repr=False)

    @property
    def people(self) -> People:
        """The people whom cases and tables are about, kept beside the log.

        Their lists are published as soon as there is a key to hash people with, also while they are empty: so whoever
        enforces them can tell "nobody is listed" from lists that are gone.

        Raises:
            NotFound, Unreadable: the key that they were hashed with is gone, or is another.
        """
        database = self.ledger.database
        people = People(database, self.root, key_of(self.context.settings.keys, database))
        if not published_at(self.root).exists():
            people.publish()
        return people

    @property
    def decided(self) -> Decided:
        """The decisions that were recorded, kept beside the log."""
        return Decided(self.ledger.database)

    def now(self) -> str:
        """The time by the workspace's clock, as statements write it."""
        return instant(self.context.clock.now())

    def sign(self, statement: Statement, holder: str) -> Envelope:
        """Sign a statement with a holder's private key.

        Raises:
            NotFound: the key is not here.
        """
        return sign(statement, self.context.keys.load(holder))

    def holders(self, roles: Iterable[str] = ()) -> list[str]:
        """The holders whose private key is here and may sign now, sorted; with roles, those who have one of them."""
        wanted, here = set(roles), set(self.context.keys.names())
        able = {
            key.holder
            for key in self.ledger.keyring().keys.values()
            if key.now is not None and (not wanted or wanted & key.now.roles)
        }
        return sorted(able & here)

    def add_key(self, holder: str, roles: Sequence[str], grants: Sequence[str] | None = None) -> Entry:
        """Make a key for a holder, and say so in the log under the root key.

        A key file of that name that may not sign any more, or never came into the log, is set aside.

        Raises:
            Misused: the holder has a key here.
            Refused: the log does not take it.
        """
        key = self.context.keys.generate()
        if self.context.keys.has(holder) and not self.ledger.keyring().held_by(holder):
            self.context.keys.set_aside(holder)
        self.context.keys.save(holder, key)
        try:
            return self.introduce(holder, key.public, roles, grants)
        except BaseException:
            self.context.keys.discard(holder)
            raise

    def introduce(self, holder: str, public: bytes, roles: Sequence[str], grants: Sequence[str] | None = None) -> Entry:
        """Say in the log whose public key this is; the private one may be on another machine."""
        envelope = self._addition(holder, public, roles, grants)
        return self.ledger.append([envelope])[0]

    def rotate_key(self, holder: str) -> Entry:
        """Give a holder a new key with the same rights; what the old one signed stays signed."""
        keys, old = self.context.keys, self.context.keys.load(holder)
        new, aside = keys.generate(), keys.set_aside(holder)
        try:
            keys.save(holder, new)
            return self._say_key("rotate", new.key_id, holder, public=new.public, replaces=old.key_id)
        except BaseException:
            keys.put_back(holder, aside)
            raise

    def end_key(self, action: str, key: str, **more: Any) -> Entry:
        """Retire or revoke a key by its id."""
        known = self.ledger.keyring().keys.get(key)
        if known is None:
            raise Misused(f"there is no key {key[:16]} in the log", "See: ombud keys list")
        return self._say_key(action, key, known.holder, **more)

    def find_key(self, name: str) -> str:
        """The id of the key that a holder's name or the beginning of an id means.

        Raises:
            Misused: none, or several.
        """
        ring = self.ledger.keyring()
        current = [key.key_id for key in ring.held_by(name)]
        found = current or [known for known in ring.keys if known.startswith(name) and len(name) >= 8]
        if len(found) != 1:
            raise Misused(f"{len(found)} keys are meant by {name!r}", "Name one by its id: ombud keys list")
        return found[0]

    def _say_key(self, action: str, key: str, holder: str, *, public: bytes | None = None, **more: Any) -> Entry:
        predicate = key_statement(action, key, holder, public=public, **more)
        return self.ledger.append([self.sign(_about_key(predicate, key, self.now()), ROOT)])[0]

    def _addition(self, holder: str, public: bytes, roles: Sequence[str], grants: Sequence[str] | None) -> Envelope:
        return _addition(self.context.keys.load(ROOT), holder, public, roles, grants, self.now())


def open_workspace(
    start: Path | None = None, *, clock: Clock | None = None, store: str | None = None, anchored: bool = True
) -> Workspace:
    """Open the workspace that holds `start` (default: the current folder), and hold its store against its anchor.

    Args:
        anchored: False leaves the anchor unread; only to look at a store whose anchor is broken or gone.

    Raises:
        NotFound: there is no workspace, or no store.
        LedgerBroken: the store is behind its anchor or is not the one that was anchored.
    """
    settings = load_settings(find_workspace(start or Path.cwd()), store=store)
    workspace = _workspace(settings, Database.open(settings.store), clock)
    if anchored:
        workspace.ledger.check_anchor()
    return workspace


def create_workspace(
    path: Path,
    holders: Mapping[str, Rights] = NO_HOLDERS,
    *,
    clock: Clock | None = None,
    store: str | None = None,
) -> Workspace:
    """Make a workspace with its root key, its log's key, and a key for each holder; one that is there is completed.

    Args:
        path: its folder.
        holders: name → (roles, kinds it may sign; None for the usual ones of its roles).
        clock: default: the operating system's.
        store: database URL; default: SQLite inside the workspace, or OMBUD_STORE.
    """
    path.mkdir(parents=True, exist_ok=True)
    settings = load_settings(path.resolve(), store=store)
    keys = KeyFiles.of(settings.keys)
    if settings.root_key is None:
        settings = evolve(settings, root_key=_key(keys, ROOT).key_id)
        write_config(settings)
    workspace = _workspace(settings, Database.create(settings.store), clock)
    _begin_log(workspace)
    present = {key.holder for key in workspace.ledger.keyring().keys.values()}
    for holder, (roles, grants) in holders.items():
        if holder not in present:
            workspace.add_key(holder, roles, grants)
    _begin_lists(workspace)
    return workspace


def _begin_lists(workspace: Workspace) -> None:
    """Publish lists while they are empty, so that nobody takes "there are no lists" for "nobody is listed".

    Where the store was written with a key of people that is not here, whoever needs it is told.
    """
    with contextlib.suppress(NotFound):
        _ = workspace.people


def upgrade_store(start: Path | None = None) -> str:
    """Bring the store of the workspace that holds `start` up to this program's schema; its version.

    Raises:
        StoreFailed: the store is newer than this program.
    """
    settings = load_settings(find_workspace(start or Path.cwd()))
    Database.open_any(settings.store).upgrade()
    return HEAD


def _workspace(settings: Settings, database: Database, clock: Clock | None) -> Workspace:
    if settings.root_key is None:
        raise Misused(f"{settings.config} names no root_key", "Write the root key's id there, or run: ombud keys init")
    context = Context(settings, KeyFiles.of(settings.keys), clock or SystemClock())
    ledger = Ledger(database, Anchor(settings.anchor), settings.root_key, context.clock, lambda: context.keys.load(LOG))
    return Workspace(settings.root, context, ledger)


def _key(keys: KeyFiles, holder: str) -> SigningKey:
    if not keys.has(holder):
        keys.save(holder, keys.generate())
    return keys.load(holder)


def _begin_log(workspace: Workspace) -> None:
    """The first entries: the root key shows itself, and introduces the key that signs checkpoints."""
    if workspace.ledger.size:
        workspace.ledger.check_anchor()
        return
    keys, now = workspace.context.keys, workspace.now()
    root, log = _key(keys, ROOT), _key(keys, LOG)
    workspace.ledger.anchor_now()
    workspace.ledger.append([
        _addition(root, ROOT, root.public, (ROOT,), None, now),
        _addition(root, LOG, log.public, (LOG,), None, now),
    ])  # fmt: skip


def _addition(
    root: SigningKey, holder: str, public: bytes, roles: Sequence[str], grants: Sequence[str] | None, now: str
) -> Envelope:
    kinds = default_grants(roles) if grants is None else grants
    predicate = key_statement("add", key_id(public), holder, public=public, roles=list(roles), grants=list(kinds))
    return sign(_about_key(predicate, key_id(public), now), root)


def _about_key(predicate: Mapping[str, object], key: str, now: str) -> Statement:
    common = {"observed_at": now, "organisation": True, "software": {"ombud": __version__}}
    return Statement((Subject("key", key),), "key", {**predicate, **common})
