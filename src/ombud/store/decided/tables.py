"""The tables of decisions: who was decided about, in which batch it was put on record, what came of it, what is held.

A row's content and salt are personal data and can be deleted; its commitment stays, so that the rows beside it can
still be proved. Times are microseconds since 1970, UTC.
"""

from typing import Final

from sqlalchemy import BigInteger, Column, Date, Index, LargeBinary, String, Table, Text

from ombud.store.schema import METADATA

DECISIONS: Final = Table(
    "decisions",
    METADATA,
    Column("system", String(64), primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("id", String(200)),
    Column("at", BigInteger),
    Column("received_at", BigInteger, nullable=False),
    Column("person", LargeBinary(16), index=True),
    Column("content", LargeBinary),
    Column("salt", LargeBinary(16)),
    Column("commitment", LargeBinary(32), nullable=False),
    Column("removal", BigInteger),
    Index("ix_decisions_id", "system", "id", unique=True),
    Index("ix_decisions_at", "system", "at"),
)
"""One row a decision. `number` counts from 1 in each system without a gap, so that a missing row shows. `person` is the
keyed hash of whom it is about, by which all decisions about somebody are found. `removal` is set once id, time, person,
content and salt are gone; the commitment stays."""

BATCHES: Final = Table(
    "decision_batches",
    METADATA,
    Column("system", String(64), primary_key=True),
    Column("first", BigInteger, primary_key=True, autoincrement=False),
    Column("last", BigInteger, nullable=False),
    Column("root", String(64), nullable=False),
    Column("entry", BigInteger),
)
"""Rows `first` to `last` of a system, under one root that the log holds; entry: its place there, None until it is."""

REMOVALS: Final = Table(
    "decision_removals",
    METADATA,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("system", String(64), nullable=False),
    Column("what", String(20), nullable=False),
    Column("count", BigInteger, nullable=False),
    Column("root", String(64), nullable=False),
    Column("ground", String(200), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("entry", BigInteger),
)
"""Rows of which only the commitment is left: how many, why, under one root that the log holds."""

LABELS: Final = Table(
    "decision_labels",
    METADATA,
    Column("system", String(64), primary_key=True),
    Column("id", String(200), primary_key=True),
    Column("received_at", BigInteger, primary_key=True, autoincrement=False),
    Column("label", String(200), nullable=False),
    Column("at", BigInteger),
    Index("ix_decision_labels_received_at", "system", "received_at"),
)
"""What came of a decision. The newest by `received_at` counts; one whose decision is not here waits for it."""

HOLDS: Final = Table(
    "decision_holds",
    METADATA,
    Column("number", String(16), primary_key=True),
    Column("system", String(64)),
    Column("alias", String(32)),
    Column("commitment", String(64)),
    Column("ground", Text, nullable=False),
    Column("since", Date, nullable=False),
    Column("until", Date),
    Column("ended", Date),
)
"""Legal holds: while one is in force, nothing that it covers is deleted. A system, a person, or one decision."""

SPOOLED: Final = Table(
    "decision_spools",
    METADATA,
    Column("name", String(80), primary_key=True),
    Column("offset", BigInteger, nullable=False),
)
"""How far a spool file has been taken in; gone with the file."""

ANCHORED: Final = Table(
    "decision_anchored",
    METADATA,
    Column("anchor", BigInteger, primary_key=True, autoincrement=False),
    Column("place", BigInteger, primary_key=True, autoincrement=False),
    Column("mark", LargeBinary(16), index=True),
    Column("salt", LargeBinary(16)),
    Column("commitment", LargeBinary(32), nullable=False),
)
"""Commitments to rows of a table that stays where it is. `mark` is a keyed hash of the decision's number."""

ANCHORS: Final = Table(
    "decision_anchors",
    METADATA,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("system", String(64), nullable=False, index=True),
    Column("start", BigInteger, nullable=False),
    Column("end", BigInteger, nullable=False),
    Column("count", BigInteger, nullable=False),
    Column("root", String(64), nullable=False),
    Column("entry", BigInteger),
)
"""Stretches of time of a table that stays where it is, each under one root that the log holds."""
