"""The tables of the store. Nothing here names a person."""

from typing import Final

from sqlalchemy import BigInteger, Column, LargeBinary, MetaData, String, Table

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
