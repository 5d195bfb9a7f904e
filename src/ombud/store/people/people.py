"""People as the store knows them: behind aliases, in notes of cases, on lists, in tables."""

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path

from attrs import field, frozen
from sqlalchemy import ColumnElement, RowMapping, delete, insert, select

from ombud.store.database import Database
from ombud.store.identity import Identity
from ombud.store.people import aliases, membership
from ombud.store.people.key import fingerprint_of
from ombud.store.people.listed import Listed
from ombud.store.people.membership import Membership, TableState
from ombud.store.people.published import publish
from ombud.store.schema import ALIASES, FINGERPRINTS, LISTED, NOTES


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
        self._publish()

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

    def enlist(self, listed: Listed) -> None:
        """Put a person on a list, with the keyed hashes of all their identities; again changes nothing."""
        row = {
            "alias": listed.alias, "list": listed.list, "system": listed.system or "", "law": listed.law,
            "since": listed.since, "until": listed.until, "matter": listed.case,
        }  # fmt: skip
        with self.database.writing() as connection:
            connection.execute(delete(LISTED).where(*_same_row(listed)))
            connection.execute(insert(LISTED), [row])
            aliases.keep_fingerprints(connection, listed.alias)
        self._publish()

    def delist(self, listed: Listed) -> None:
        """Take a person off a list; their hashes go with the last list."""
        with self.database.writing() as connection:
            connection.execute(delete(LISTED).where(*_same_row(listed)))
            left = select(LISTED.c.alias).where(LISTED.c.alias == listed.alias)
            if connection.execute(left.limit(1)).scalar() is None:
                connection.execute(delete(FINGERPRINTS).where(FINGERPRINTS.c.alias == listed.alias))
        self.database.settle()
        self._publish()

    def lists(self) -> tuple[Listed, ...]:
        """Everybody on every list."""
        with self.database.reading() as connection:
            rows = connection.execute(select(LISTED).order_by(LISTED.c.since, LISTED.c.alias, LISTED.c.list)).mappings()
            return tuple(_listed(row) for row in rows)

    def listed(self, identities: Iterable[Identity]) -> tuple[Listed, ...]:
        """The lists on which somebody with one of these identities is."""
        prints = [self.fingerprint(one) for one in identities]
        with self.database.reading() as connection:
            whose = select(FINGERPRINTS.c.alias).where(FINGERPRINTS.c.fingerprint.in_(prints))
            asked = select(LISTED).where(LISTED.c.alias.in_(whose)).order_by(LISTED.c.since)
            rows = connection.execute(asked).mappings()
            return tuple(_listed(row) for row in rows)

    def fingerprints(self) -> Mapping[str, frozenset[bytes]]:
        """Of everybody on a list: alias → keyed hashes of their identities."""
        found: dict[str, set[bytes]] = {}
        with self.database.reading() as connection:
            for row in connection.execute(select(FINGERPRINTS)):
                found.setdefault(row.alias, set()).add(bytes(row.fingerprint))
        return {alias: frozenset(prints) for alias, prints in found.items()}

    # --- tables -------------------------------------------------------------------------------------------------------

    def remember(self, table: TableState, subjects: Iterable[str]) -> int:
        """Keep who is in a table; how many people. A table that is kept already is not kept twice.

        Args:
            table: the table as it was read; subjects: the values of its subject column in comparable form.
        """
        with self.database.writing() as connection:
            return membership.remember(connection, self.key, table, subjects)

    def memberships(self, identities: Iterable[Identity]) -> tuple[Membership, ...]:
        """The tables that somebody with one of these identities is in, the oldest first."""
        prints = [self.fingerprint(one) for one in identities]
        return self._holding(prints)

    def memberships_of_listed(self, alias: str) -> tuple[Membership, ...]:
        """The same for a person on a list, by the hashes that the list keeps: also after `forget`."""
        with self.database.reading() as connection:
            kept = connection.execute(select(FINGERPRINTS.c.fingerprint).where(FINGERPRINTS.c.alias == alias)).scalars()
            plain = connection.execute(select(ALIASES.c.fingerprint).where(ALIASES.c.alias == alias)).scalars()
            prints = sorted({bytes(one) for one in (*kept, *plain)})
        return self._holding(prints)

    def listed_in(self, tables: Iterable[TableState]) -> Mapping[str, frozenset[str]]:
        """Of everybody on a list, who is in one of these tables: alias → digests of the tables."""
        wanted = {(t.system, t.role, t.digest, t.release, t.model) for t in tables}
        by_alias = self.fingerprints()
        found: dict[str, set[str]] = {}
        with self.database.reading() as connection:
            numbers = {
                number: alias
                for alias, prints in by_alias.items()
                for number in membership.numbers_of(connection, sorted(prints))
            }
            for id, one in membership.snapshots(connection).items():
                table = one.table
                if (table.system, table.role, table.digest, table.release, table.model) in wanted:
                    for number in membership.among(connection, id, numbers):
                        found.setdefault(numbers[number], set()).add(table.digest)
        return {alias: frozenset(digests) for alias, digests in found.items()}

    def tables(self) -> tuple[Membership, ...]:
        """Every table that is kept, the oldest first."""
        with self.database.reading() as connection:
            return tuple(membership.snapshots(connection).values())

    def _holding(self, prints: list[bytes]) -> tuple[Membership, ...]:
        with self.database.reading() as connection:
            ids = {
                id
                for number in membership.numbers_of(connection, prints)
                for id in membership.holding(connection, number)
            }
            return tuple(membership.snapshots(connection, ids).values()) if ids else ()

    def _publish(self) -> None:
        publish(self.root, self.key, self.lists(), self.fingerprints())


def _same_row(listed: Listed) -> tuple[ColumnElement[bool], ...]:
    return (
        LISTED.c.alias == listed.alias, LISTED.c.list == listed.list,
        LISTED.c.system == (listed.system or ""), LISTED.c.matter == listed.case,
    )  # fmt: skip


def _listed(get: RowMapping) -> Listed:
    return Listed(
        alias=get["alias"], list=get["list"], system=get["system"] or None, law=get["law"], since=get["since"],
        until=get["until"], case=get["matter"],
    )  # fmt: skip
