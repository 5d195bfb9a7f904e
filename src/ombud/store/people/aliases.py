"""Aliases and the identities behind them: the one link between the log and a person, and it can be deleted."""

import secrets
from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, delete, insert, select

from ombud.errors import Misused
from ombud.store.identity import Identity
from ombud.store.people.key import fingerprint_of
from ombud.store.schema import ALIASES, FINGERPRINTS, LISTED


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
    if connection.execute(select(LISTED.c.alias).where(LISTED.c.alias == alias).limit(1)).scalar() is not None:
        keep_fingerprints(connection, alias)


def identities_of(connection: Connection, alias: str) -> tuple[Identity, ...]:
    """The identities behind an alias, sorted; none after `forget`."""
    rows = connection.execute(select(ALIASES.c.kind, ALIASES.c.value).where(ALIASES.c.alias == alias))
    return tuple(sorted(Identity(row.kind, row.value) for row in rows))


def keep_fingerprints(connection: Connection, alias: str) -> None:
    """Keep the keyed hashes of a person's identities with the lists that they are on."""
    here = set(connection.execute(select(FINGERPRINTS.c.fingerprint).where(FINGERPRINTS.c.alias == alias)).scalars())
    of_alias = connection.execute(select(ALIASES.c.fingerprint).where(ALIASES.c.alias == alias)).scalars()
    new = [{"alias": alias, "fingerprint": one} for one in of_alias if one not in here]
    if new:
        connection.execute(insert(FINGERPRINTS), new)


def forget(connection: Connection, alias: str) -> None:
    """Delete the link: whoever reads the log afterwards cannot say who the alias was."""
    connection.execute(delete(ALIASES).where(ALIASES.c.alias == alias))
