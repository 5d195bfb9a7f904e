"""People as the store knows them: behind aliases, in notes of cases, on lists, in tables."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path

from attrs import field, frozen
from sqlalchemy import Connection, delete, insert, select

from ombud.store.database import Database
from ombud.store.identity import Identity
from ombud.store.people import aliases, lists, membership
from ombud.store.people.key import fingerprint_of
from ombud.store.people.listed import Listed
from ombud.store.people.membership import Membership, TableState
from ombud.store.people.published import publish
from ombud.store.schema import NOTES


@frozen(eq=False)
class People:
    """The people of one workspace. All of it is personal data, kept beside the log, and can be deleted.

    Attributes:
        database: the store.
        root: the workspace's folder, where the lists are published for `ombud.may_decide`.
        key: what people are hashed with.
    """

    database: Database
    root: Path
    key: bytes = field(repr=False)

    def fingerprint(self, identity: Identity) -> bytes:
        """The keyed hash of an identity, 16 bytes."""
        return fingerprint_of(self.key, identity)

    # --- aliases ------------------------------------------------------------------------------------------------------

    def enrol(self, identities: Iterable[Identity]) -> str:
        """The alias of a person, 32 hexadecimal digits; a new, random one if none of the identities is known.

        Raises:
            Misused: no identity, or they belong to several people.
        """
        with self.database.writing() as connection:
            return aliases.enrol(connection, self.key, tuple(identities))

    def alias_of(self, identity: Identity) -> str | None:
        """The alias of whoever has an identity; None if nobody here does."""
        with self.database.reading() as connection:
            return aliases.alias_of(connection, self.key, (identity,))

    def identities(self, alias: str) -> tuple[Identity, ...]:
        """The identities behind an alias, sorted; none after `forget`."""
        with self.database.reading() as connection:
            return aliases.identities_of(connection, alias)

    def add(self, alias: str, identities: Iterable[Identity]) -> None:
        """Put further identities behind an alias.

        Raises:
            Misused: one of them belongs to another person.
        """
        with self.database.writing() as connection:
            aliases.add(connection, self.key, alias, tuple(identities))
            if aliases.is_listed(connection, alias):
                self._publish(connection)

    def take_back(self, alias: str, identities: Iterable[Identity]) -> None:
        """Take identities away from an alias that were put behind it by mistake; those of others stay theirs.

        Raises:
            Misused: none would be left.
        """
        with self.database.writing() as connection:
            aliases.take_back(connection, self.key, alias, tuple(identities))
            if aliases.is_listed(connection, alias):
                self._publish(connection)

    def forget(self, alias: str) -> None:
        """Delete the plain identities of a person. Lists keep their keyed hashes."""
        with self.database.writing() as connection:
            aliases.forget(connection, alias)
        self.database.settle()

    # --- notes of cases -----------------------------------------------------------------------------------------------

    def keep(self, case: str, name: str, value: str, until: date | None = None) -> None:
        """Keep a private note of a case, in place of one of that name; until: the last day it is kept."""
        with self.database.writing() as connection:
            connection.execute(delete(NOTES).where(NOTES.c.matter == case, NOTES.c.name == name))
            connection.execute(insert(NOTES), [{"matter": case, "name": name, "value": value, "until": until}])

    def kept(self, case: str) -> Mapping[str, str]:
        """The private notes of a case, by name."""
        with self.database.reading() as connection:
            rows = connection.execute(select(NOTES.c.name, NOTES.c.value).where(NOTES.c.matter == case))
            return {row.name: row.value for row in rows}

    def drop(self, case: str, name: str | None = None) -> None:
        """Delete a note, or all notes of a case."""
        which = [NOTES.c.matter == case, *([NOTES.c.name == name] if name is not None else [])]
        with self.database.writing() as connection:
            connection.execute(delete(NOTES).where(*which))
        self.database.settle()

    def drop_expired(self, today: date) -> int:
        """Delete the notes whose last day is over; how many."""
        with self.database.writing() as connection:
            gone = connection.execute(delete(NOTES).where(NOTES.c.until < today)).rowcount
        self.database.settle()
        return int(gone)

    # --- lists --------------------------------------------------------------------------------------------------------

    def enlist(self, *listed: Listed) -> None:
        """Put people on lists, with the keyed hashes of all their identities; again changes nothing.

        On return the lists are published. They are before the store says so: a crash leaves somebody listed too much.

        Raises:
            Misused: nothing of a person is left to be hashed; then nobody was listed.
        """
        with self.database.writing() as connection:
            for one in listed:
                lists.enlist(connection, one)
            self._publish(connection)

    def delist(self, *listed: Listed) -> None:
        """Take people off lists; their hashes go with the last list."""
        with self.database.writing() as connection:
            for one in listed:
                lists.delist(connection, one)
        self.database.settle()
        self.publish()

    def publish(self) -> Path:
        """Write the lists for `ombud.may_decide`, as the store has them; where."""
        with self.database.writing() as connection:
            return self._publish(connection)

    def lists(self) -> tuple[Listed, ...]:
        """Everybody on every list, the oldest entry first."""
        with self.database.reading() as connection:
            return lists.everybody(connection)

    def listed(self, identities: Iterable[Identity]) -> tuple[Listed, ...]:
        """The lists on which somebody with one of these identities is."""
        prints = [self.fingerprint(one) for one in identities]
        with self.database.reading() as connection:
            return lists.with_one_of(connection, prints)

    def erased_among(self, prints: Sequence[bytes]) -> Mapping[bytes, tuple[Listed, ...]]:
        """Of some keyed hashes, those of people who were erased → their entries on the list."""
        with self.database.reading() as connection:
            return lists.erased_among(connection, prints)

    def fingerprints(self) -> Mapping[str, frozenset[bytes]]:
        """Of everybody on a list: alias → keyed hashes of their identities."""
        found: dict[str, set[bytes]] = {}
        with self.database.reading() as connection:
            for alias, name, _ in lists.fingerprints(connection):
                found.setdefault(alias, set()).add(name)
        return {alias: frozenset(prints) for alias, prints in found.items()}

    # --- tables -------------------------------------------------------------------------------------------------------

    def remember(self, table: TableState, subjects: Iterable[str]) -> Membership:
        """Keep who is in a table. One that is kept already is not read again, unless it is live.

        Args:
            table: the table as it was read; subjects: the values of its subject column in comparable form, streamed.
        """
        with self.database.reading() as connection:
            kept = None if table.live else membership.known(connection, table)
            before = membership.seen_before(connection, table)
        if kept is not None:
            return kept
        if before is not None:
            with self.database.writing() as connection:
                return membership.known(connection, table) or membership.keep_as(connection, table, before)
        prints = membership.hashed(self.key, table.kind, subjects)  # outside of the transaction: it may take minutes
        with self.database.writing() as connection:
            return membership.keep(connection, table, prints)

    def memberships(self, identities: Iterable[Identity]) -> tuple[Membership, ...]:
        """The tables that somebody with one of these identities is in, the oldest first."""
        prints = [self.fingerprint(one) for one in identities]
        with self.database.reading() as connection:
            return membership.holding(connection, prints)

    def memberships_of(self, alias: str) -> tuple[Membership, ...]:
        """The same for an alias; after `forget`, by the hashes that lists keep."""
        with self.database.reading() as connection:
            return membership.holding(connection, aliases.fingerprints_of(connection, alias))

    def listed_in(self, kept: Membership) -> frozenset[str]:
        """The aliases of people on any list who are in a table."""
        with self.database.reading() as connection:
            return membership.listed_in(connection, kept)

    def people_in(self, kept: Iterable[Membership]) -> int:
        """How many different people are in some tables."""
        with self.database.reading() as connection:
            return membership.people_in(connection, [one.id for one in kept])

    def tables(self) -> tuple[Membership, ...]:
        """Every table that is kept, the oldest first."""
        with self.database.reading() as connection:
            return membership.everything(connection)

    def _publish(self, connection: Connection) -> Path:
        """Inside the only writer's transaction, so that of two writers the later one publishes what both did."""
        return publish(self.root, self.key, lists.to_publish(connection))
