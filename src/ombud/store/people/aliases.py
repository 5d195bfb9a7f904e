"""Aliases and the identities behind them: the one link between the log and a person, and it can be deleted."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from sqlalchemy import Connection, delete, insert, select

from ombud.errors import Misused
from ombud.store.identity import Identity
from ombud.store.people.key import fingerprint_of
from ombud.store.schema import ALIASES, FINGERPRINTS, LISTED

_AT_ONCE: Final = 500


def alias_of(connection: Connection, key: bytes, identities: Sequence[Identity]) -> str | None:
    """The alias behind which all these identities are; None if none is known.

    Raises:
        Misused: they belong to more than one person.
    """
    prints = [fingerprint_of(key, one) for one in identities]
    found = connection.execute(select(ALIASES.c.alias).where(ALIASES.c.fingerprint.in_(prints)).distinct()).scalars()
    aliases = sorted(set(found))
    if len(aliases) > 1:
        raise Misused(
            f"these identities belong to {len(aliases)} people in the store",
            "Find out who is asking; then make one request for each person.",
        )
    return aliases[0] if aliases else None


def aliases_of(connection: Connection, prints: Sequence[bytes]) -> Mapping[bytes, str]:
    """Keyed hash → alias, of those that have one."""
    found: dict[bytes, str] = {}
    for start in range(0, len(prints), _AT_ONCE):
        asked = select(ALIASES.c.fingerprint, ALIASES.c.alias).where(
            ALIASES.c.fingerprint.in_(prints[start : start + _AT_ONCE])
        )
        found |= {bytes(row.fingerprint): str(row.alias) for row in connection.execute(asked)}
    return found


def every_alias_of(connection: Connection, prints: Sequence[bytes]) -> Mapping[bytes, frozenset[str]]:
    """Keyed hash → its aliases, also those of forgotten people, whom only lists remember."""
    found = {name: {alias} for name, alias in aliases_of(connection, prints).items()}
    for start in range(0, len(prints), _AT_ONCE):
        asked = select(FINGERPRINTS.c.fingerprint, FINGERPRINTS.c.alias).where(
            FINGERPRINTS.c.fingerprint.in_(prints[start : start + _AT_ONCE])
        )
        for row in connection.execute(asked):
            found.setdefault(bytes(row.fingerprint), set()).add(str(row.alias))
    return {name: frozenset(one) for name, one in found.items()}


def enrol(connection: Connection, key: bytes, identities: Sequence[Identity]) -> str:
    """The alias of a person; a new, random one if none of the identities is known. See `People.enrol`."""
    if not identities:
        raise Misused("a person needs at least one identity", "Give one, like --identity email=a@example.org.")
    alias = alias_of(connection, key, identities) or secrets.token_hex(16)
    add(connection, key, alias, identities)
    return alias


def add(connection: Connection, key: bytes, alias: str, identities: Iterable[Identity]) -> None:
    """Put further identities behind an alias; those of a listed person are listed too."""
    given = {fingerprint_of(key, one): one for one in identities}
    rows = connection.execute(
        select(ALIASES.c.fingerprint, ALIASES.c.alias).where(ALIASES.c.fingerprint.in_(list(given)))
    )
    known = {bytes(row.fingerprint): str(row.alias) for row in rows}
    if any(other != alias for other in known.values()):
        raise Misused("an identity belongs to another person in the store", "Find out who is meant before going on.")
    new = [
        {"fingerprint": name, "alias": alias, "kind": one.kind, "value": one.value}
        for name, one in given.items()
        if name not in known
    ]
    if new:
        connection.execute(insert(ALIASES), new)
    if is_listed(connection, alias):
        keep_fingerprints(connection, alias)


def take_back(connection: Connection, key: bytes, alias: str, identities: Iterable[Identity]) -> None:
    """Take identities away from an alias that were put behind it by mistake; its last one stays."""
    prints = [fingerprint_of(key, one) for one in identities]
    theirs = set(connection.execute(select(ALIASES.c.fingerprint).where(ALIASES.c.alias == alias)).scalars())
    if prints and theirs <= set(prints):
        raise Misused("that would leave nothing that the person is known by", "Keep one identity of theirs.")
    for table in (ALIASES, FINGERPRINTS):
        connection.execute(delete(table).where(table.c.alias == alias, table.c.fingerprint.in_(prints)))


def is_listed(connection: Connection, alias: str) -> bool:
    """Whether a person is on any list."""
    return connection.execute(select(LISTED.c.alias).where(LISTED.c.alias == alias).limit(1)).scalar() is not None


def identities_of(connection: Connection, alias: str) -> tuple[Identity, ...]:
    """The identities behind an alias, sorted; none after `forget`."""
    rows = connection.execute(select(ALIASES.c.kind, ALIASES.c.value).where(ALIASES.c.alias == alias))
    return tuple(sorted(Identity(row.kind, row.value) for row in rows))


def keep_fingerprints(connection: Connection, alias: str) -> int:
    """Keep the keyed hashes of a person's identities with the lists that they are on; how many are kept now."""
    here = set(connection.execute(select(FINGERPRINTS.c.fingerprint).where(FINGERPRINTS.c.alias == alias)).scalars())
    of_alias = connection.execute(select(ALIASES.c.fingerprint, ALIASES.c.kind).where(ALIASES.c.alias == alias))
    new = [
        {"alias": alias, "fingerprint": row.fingerprint, "kind": row.kind}
        for row in of_alias
        if row.fingerprint not in here
    ]
    if new:
        connection.execute(insert(FINGERPRINTS), new)
    return len(here) + len(new)


def fingerprints_of(connection: Connection, alias: str) -> list[bytes]:
    """The keyed hashes of a person's identities, those that only lists keep among them; sorted."""
    kept = connection.execute(select(FINGERPRINTS.c.fingerprint).where(FINGERPRINTS.c.alias == alias)).scalars()
    plain = connection.execute(select(ALIASES.c.fingerprint).where(ALIASES.c.alias == alias)).scalars()
    return sorted({bytes(one) for one in (*kept, *plain)})


def forget(connection: Connection, alias: str) -> None:
    """Delete the link: whoever reads the log afterwards cannot say who the alias was."""
    connection.execute(delete(ALIASES).where(ALIASES.c.alias == alias))
