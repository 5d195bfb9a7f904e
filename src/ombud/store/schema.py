"""The tables of the store: the ledger, in which nothing names a person, and what is kept about people beside it."""

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, Date, Integer, LargeBinary, MetaData, String, Table, Text

METADATA: Final = MetaData()

ENTRIES: Final = Table(
    "entries",
    METADATA,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", String(80), nullable=False, index=True),
    Column("digest", String(64), nullable=False, unique=True),
    Column("leaf", LargeBinary, nullable=False),
)
"""One row an entry: the bytes that the tree hashes. Kind and digest follow from them and are kept to be looked up."""

NODES: Final = Table(
    "nodes",
    METADATA,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary, nullable=False),
)
"""Hashes of complete subtrees, in stored order (see evidence/tree.py)."""

CUBES: Final = Table(
    "cubes",
    METADATA,
    Column("digest", String(64), primary_key=True),
    Column("content", LargeBinary, nullable=False),
)
"""Small tables of counts, as canonical JSON, by their digest."""

# --- people: personal data, each row deletable; none of it enters the log ---------------------------------------------

PEOPLE_KEY: Final = Table(
    "people_key",
    METADATA,
    Column("mark", LargeBinary(16), primary_key=True),
)
"""One row: a hash made with the key of people, by which another key is noticed. It does not give the key away."""

ALIASES: Final = Table(
    "aliases",
    METADATA,
    Column("fingerprint", LargeBinary(16), primary_key=True),
    Column("alias", String(32), nullable=False, index=True),
    Column("kind", String(64), nullable=False),
    Column("value", String(1000), nullable=False),
)
"""One row an identity: the deletable link between a person and the alias by which the log calls them."""

NOTES: Final = Table(
    "notes",
    METADATA,
    Column("matter", String(40), primary_key=True),
    Column("name", String(60), primary_key=True),
    Column("value", Text, nullable=False),
    Column("until", Date),
)
"""What a case needs of a person and the log must not hold: addresses, words, what was found. Deleted with the case."""

LISTED: Final = Table(
    "listed",
    METADATA,
    Column("alias", String(32), primary_key=True),
    Column("list", String(20), primary_key=True),
    Column("system", String(64), primary_key=True),
    Column("matter", String(40), primary_key=True),
    Column("law", String(20), primary_key=True),
    Column("since", Date, nullable=False),
    Column("until", Date),
)
"""Who was erased, objects or opted out; system "" means all of them."""

FINGERPRINTS: Final = Table(
    "fingerprints",
    METADATA,
    Column("alias", String(32), primary_key=True),
    Column("fingerprint", LargeBinary(16), primary_key=True, index=True),
    Column("kind", String(64), nullable=False),
)
"""Keyed hashes of the identities of whoever is listed. They outlive the alias, so that an erasure can be replayed."""

_Number = BigInteger().with_variant(Integer, "sqlite")

MEMBERS: Final = Table(
    "members",
    METADATA,
    Column("number", _Number, primary_key=True, autoincrement=False),
    Column("fingerprint", LargeBinary(16), nullable=False, unique=True),
)
"""Whoever was ever in a table that was checked: a keyed hash and a running number."""

SNAPSHOTS: Final = Table(
    "snapshots",
    METADATA,
    Column("id", _Number, primary_key=True, autoincrement=False),
    Column("system", String(64), nullable=False, index=True),
    Column("role", String(20), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("kind", String(64), nullable=False),
    Column("release", String(64), nullable=False),
    Column("model", String(64), nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("people", BigInteger, nullable=False),
    Column("taken_at", String(32), nullable=False),
    Column("live", Boolean, nullable=False),
    Column("bitmaps", _Number, nullable=False, index=True),
)
"""Tables as they were when they were checked, and with which release and model (its digest, "" for none).

Of a live table nothing pins the content. `bitmaps` is the id of the snapshot that holds who is in it: a table whose
content was seen before is not kept twice."""

MEMBERSHIP: Final = Table(
    "membership",
    METADATA,
    Column("chunk", Integer, primary_key=True, autoincrement=False),
    Column("snapshot", _Number, primary_key=True, autoincrement=False),
    Column("bitmap", LargeBinary, nullable=False),
)
"""Which people are in a snapshot: roaring bitmaps of their numbers, 65,536 to a chunk, so that one is found quickly."""
