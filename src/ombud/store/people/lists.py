"""The lists in the store: rows of `listed`, and beside them keyed hashes that outlive the alias."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, RowMapping, delete, insert, select

from ombud.errors import Misused
from ombud.store.people import aliases
from ombud.store.people.listed import Listed
from ombud.store.schema import FINGERPRINTS, LISTED

_AT_ONCE: Final = 500


def enlist(connection: Connection, listed: Listed) -> None:
    """Put a person on a list, with the keyed hashes of all their identities.

    Raises:
        Misused: nothing of the person is left to be hashed, so that the list would find nobody.
    """
    if not aliases.keep_fingerprints(connection, listed.alias):
        raise Misused(
            "no identity of this person is known (any more), so nobody would be found by the list",
            "List a person before their identities are deleted.",
        )
    row = {
        "alias": listed.alias, "list": listed.list, "system": listed.system or "", "law": listed.law,
        "since": listed.since, "until": listed.until, "matter": listed.case,
    }  # fmt: skip
    connection.execute(delete(LISTED).where(*_same_row(listed)))
    connection.execute(insert(LISTED), [row])


def delist(connection: Connection, listed: Listed) -> None:
    """Take a person off a list; their hashes go with the last one."""
    connection.execute(delete(LISTED).where(*_same_row(listed)))
    left = select(LISTED.c.alias).where(LISTED.c.alias == listed.alias)
    if connection.execute(left.limit(1)).scalar() is None:
        connection.execute(delete(FINGERPRINTS).where(FINGERPRINTS.c.alias == listed.alias))


def everybody(connection: Connection) -> tuple[Listed, ...]:
    """Everybody on every list, the oldest entry first."""
    rows = connection.execute(select(LISTED).order_by(LISTED.c.since, LISTED.c.alias, LISTED.c.list)).mappings()
    return tuple(_listed(row) for row in rows)


def with_one_of(connection: Connection, prints: Sequence[bytes]) -> tuple[Listed, ...]:
    """The entries of whoever has one of these fingerprints."""
    whose = select(FINGERPRINTS.c.alias).where(FINGERPRINTS.c.fingerprint.in_(prints))
    rows = connection.execute(select(LISTED).where(LISTED.c.alias.in_(whose)).order_by(LISTED.c.since)).mappings()
    return tuple(_listed(row) for row in rows)


def erased_among(connection: Connection, prints: Sequence[bytes]) -> Mapping[bytes, tuple[Listed, ...]]:
    """Of some fingerprints, those of people who were erased → their entries."""
    aliases_of: dict[bytes, str] = {}
    for start in range(0, len(prints), _AT_ONCE):
        asked = select(FINGERPRINTS.c.fingerprint, FINGERPRINTS.c.alias).where(
            FINGERPRINTS.c.fingerprint.in_(prints[start : start + _AT_ONCE])
        )
        aliases_of |= {bytes(row.fingerprint): row.alias for row in connection.execute(asked)}
    if not aliases_of:
        return {}
    erased = [one for one in with_one_of(connection, list(aliases_of)) if one.list == "erased"]
    found = {name: tuple(one for one in erased if one.alias == alias) for name, alias in aliases_of.items()}
    return {name: entries for name, entries in found.items() if entries}


def fingerprints(connection: Connection) -> Iterator[tuple[str, bytes, str]]:
    """Of everybody on a list: alias, keyed hash, and kind of the identity that was hashed."""
    for row in connection.execute(select(FINGERPRINTS).order_by(FINGERPRINTS.c.alias, FINGERPRINTS.c.fingerprint)):
        yield row.alias, bytes(row.fingerprint), row.kind


def to_publish(connection: Connection) -> Iterator[tuple[Any, ...]]:
    """Whoever is on a list: keyed hash, list, system, first and last day, kind; one row an entry and identity."""
    asked = select(
        FINGERPRINTS.c.fingerprint, LISTED.c.list, LISTED.c.system, LISTED.c.since, LISTED.c.until, FINGERPRINTS.c.kind
    ).join(FINGERPRINTS, FINGERPRINTS.c.alias == LISTED.c.alias)
    return (tuple(row) for row in connection.execute(asked))


def _same_row(listed: Listed) -> tuple[ColumnElement[bool], ...]:
    return (
        LISTED.c.alias == listed.alias, LISTED.c.list == listed.list,
        LISTED.c.system == (listed.system or ""), LISTED.c.matter == listed.case, LISTED.c.law == listed.law,
    )  # fmt: skip


def _listed(row: RowMapping) -> Listed:
    return Listed(
        alias=row["alias"], list=row["list"], system=row["system"] or None, law=row["law"], since=row["since"],
        until=row["until"], case=row["matter"],
    )  # fmt: skip
