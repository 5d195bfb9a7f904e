"""Proposes a map from a database: tables that are about people, what identifies them there, and what hangs on whom.

Every guess is written as one. Values are looked at to recognise e-mail addresses, accounts and the like; not one of
them is written down.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from attrs import define, field, frozen

from ombud.rights.map.database import Database, Pointer, Seen, look_into
from ombud.rights.map.guess import by_name, by_values, of_people
from ombud.rights.map.model import SourceSpec
from ombud.rights.map.taxonomy import covers
from ombud.system.draft import listed, scalar
from ombud.system.secrets import guard_address

SAMPLE: Final = 200
"""Rows of a table that are looked at."""

_KINDS: Final = {
    "user.contact.email": "email",
    "user.contact.phone_number": "phone",
    "user.account.username": "username",
    "user.government_id.national_identification_number": "national_id",
}
"""Category of a column → the kind of identity that it holds."""


@frozen
class Guessed:
    """A table about people, with what is guessed of it.

    Attributes:
        name: of its collection. table: as it is. person: the word by which it is called, if it is called for people.
        categories: column → category. identities: column → kind.
    """

    name: str
    table: Seen
    person: str | None
    categories: Mapping[str, str]
    identities: Mapping[str, str]


@define
class _Draft:
    database: Database
    tables: dict[tuple[str, str], Guessed] = field(factory=dict)
    left: list[str] = field(factory=list)


def draft(url: str, base: Path, name: str = "core") -> str:
    """The text of a map for a database.

    Args:
        url: its address, with secrets only as ${env:NAME}. base: the folder that SQLite's path starts from.
        name: of the source.

    Raises:
        Misused: the address holds a secret, is no database URL, or a package is missing.
        SourceFailed: it is away, or refuses.
    """
    guard_address(url)
    with look_into(SourceSpec(name=name, kind="sql", address=url), base) as database:
        found = _Draft(database)
        _choose(found)
        return "\n".join(_written(found, url, name)) + "\n"


# --- which tables are about people --------------------------------------------------------------------------------


def _choose(draft: _Draft) -> None:
    """Those that are called so or hold such columns, and all that points at them."""
    seen = {name: draft.database.seen(name) for name in draft.database.names()}
    chosen = {name: guess for name, table in seen.items() if (guess := _guess(draft.database, table))}
    while more := [n for n, t in seen.items() if n not in chosen and any(p.parent in chosen for p in t.pointers)]:
        chosen |= {name: {} for name in more}
    names: set[str] = set()
    for name in (one for one in seen if one in chosen):
        draft.tables[name] = _guessed(seen[name], chosen[name], names)
    draft.left = [table.written for name, table in seen.items() if name not in chosen]


def _guess(database: Database, table: Seen) -> dict[str, str] | None:
    """Column → category; None for a table that seems to be about nobody."""
    values = database.sample(table.name, SAMPLE)
    found: dict[str, str] = {}
    for column in table.columns:
        category = by_name(column, table.name[1]) or by_values(values.get(column, ()))
        if category and not any(column in one.columns for one in table.pointers):
            found[column] = category
    return found if found or of_people(table.name[1]) else None


def _points(table: Seen, column: str) -> bool:
    return column in table.key or any(column in one.columns for one in table.pointers)


def _guessed(table: Seen, categories: dict[str, str], names: set[str]) -> Guessed:
    person = of_people(table.name[1])
    identities = {
        column: kind
        for column, category in categories.items()
        for known, kind in _KINDS.items()
        if covers(known, category)
    }
    if person and len(table.key) == 1 and not any(one.columns == table.key for one in table.pointers):
        identities = {table.key[0]: f"{person}_id", **identities}
    name = _unique(re.sub(r"[^A-Za-z0-9_-]+", "_", table.written).strip("_-") or "table", names)
    return Guessed(name[:64], table, person, categories, identities)


def _unique(name: str, names: set[str]) -> str:
    found, count = name, 2
    while found in names:
        found, count = f"{name}_{count}", count + 1
    names.add(found)
    return found


# --- as text ------------------------------------------------------------------------------------------------------


def _written(draft: _Draft, url: str, name: str) -> Iterator[str]:
    kinds = {kind for one in draft.tables.values() for kind in one.identities.values()}
    yield "# Where people are. Proposed from a database: everything here is a guess until somebody has read it."
    yield "# Correct it, fill in what begins with #, then: ombud rights map check FILE. Keys: docs/reference/sources.md"
    yield ""
    yield (
        "identities:   # by what a person may ask; category of each kind"
        if kinds
        else "identities: {}   # none guessed"
    )
    categories = {kind: category for category, kind in _KINDS.items()}
    for kind in sorted(kinds):
        yield f"  {kind}: {categories.get(kind, 'user.unique_id')}"
    yield ""
    yield "sources:"
    yield f"  {scalar(name)}:"
    yield f"    sql: {_quoted(url)}"
    yield "    # backups: 35d                 # how long copies of erased data live on in backups"
    yield "    # region: DE                   # where it lies"
    yield "    # security: encrypted at rest  # how it is protected, in words"
    yield "    # purposes: [lending]          # these four may stand here for all collections, or at each"
    yield "    # lawful_basis: [contract]     # consent contract legal-obligation vital-interests public-task ..."
    yield "    # recipients: [credit bureau]"
    yield "    # retention: 10y"
    yield "    collections:" if draft.tables else "    collections: {}   # no table seems to be about people"
    for one in draft.tables.values():
        yield from _collection(draft, one)
    if draft.left:
        yield f"# Left out, for nothing in them looks personal: {', '.join(map(_shown, sorted(draft.left)))}"


def _collection(draft: _Draft, one: Guessed) -> Iterator[str]:
    yield f"      {scalar(one.name)}:"
    if one.table.written != one.name:
        yield f"        table: {scalar(one.table.written)}"
    if one.table.key:
        yield f"        key: {listed(one.table.key)}"
    else:
        yield "        # key: [COLUMN]              # the database has none: is a column unique?"
    if one.identities:
        yield "        identities:                # guessed"
        yield from (f"          {scalar(column)}: {kind}" for column, kind in one.identities.items())
    yield from _columns(one)
    yield from _references(draft, one)


def _columns(one: Guessed) -> Iterator[str]:
    said = {column: category for column, category in one.categories.items() if column not in one.identities}
    rest = [
        name for name in one.table.columns if not (name in said or name in one.identities or _points(one.table, name))
    ]
    if said:
        yield "        columns:                   # guessed"
        yield from (f"          {scalar(column)}: {category}" for column, category in said.items())
        yield from (f"          # {_shown(name)}: CATEGORY" for name in rest)
    elif rest:
        yield "        columns:                   # not guessed: write a category behind each, or take it away"
        yield from (f"          {scalar(name)}:" for name in rest)


def _references(draft: _Draft, one: Guessed) -> Iterator[str]:
    """A row belongs to one at most: rather to a table called for people, rather by a column that must be filled."""
    pointing = [pointer for pointer in one.table.pointers if pointer.parent in draft.tables]
    if not pointing:
        return
    owner = None if one.person and one.identities else _owner(draft, one, pointing)
    yield "        references:                # from foreign keys; `belongs to` or `mentions` is a guess"
    for columns, here in _by_columns(pointing).items():
        said = [_pointing(draft, pointer, "belongs to" if pointer is owner else "mentions") for pointer in here]
        if any(
            re.search(r"[,()]|^\s|\s$|\n", name) for pointer in here for name in (*columns, *pointer.parent_columns)
        ):
            yield f"          # {_shown(', '.join(columns))}: such names of columns cannot be written here"
        elif len(said) == 1:
            yield f"          {scalar(', '.join(columns))}: {said[0]}"
        else:
            yield f"          {scalar(', '.join(columns))}: [{', '.join(map(_quoted, said))}]"


def _owner(draft: _Draft, one: Guessed, pointing: Sequence[Pointer]) -> Pointer | None:
    """The foreign key by which a row is most likely somebody's."""

    def doubt(pointer: Pointer) -> tuple[bool, bool]:
        maybe_empty = not one.table.nullable.isdisjoint(pointer.columns)
        return draft.tables[pointer.parent].person is None, maybe_empty

    return min((pointer for pointer in pointing if pointer.parent != one.table.name), key=doubt, default=None)


def _by_columns(pointing: Sequence[Pointer]) -> dict[tuple[str, ...], list[Pointer]]:
    found: dict[tuple[str, ...], list[Pointer]] = {}
    for pointer in pointing:
        found.setdefault(pointer.columns, []).append(pointer)
    return found


def _pointing(draft: _Draft, pointer: Pointer, word: str) -> str:
    return f"{word} {draft.tables[pointer.parent].name} ({', '.join(pointer.parent_columns)})"


def _quoted(text: str) -> str:
    written = scalar(text)
    return written if written.startswith('"') else f'"{written}"'


def _shown(name: str) -> str:
    """A name in a comment, on one line whatever letters it has."""
    return name if name.isprintable() else ascii(name)
