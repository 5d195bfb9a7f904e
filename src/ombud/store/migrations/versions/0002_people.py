"""People beside the ledger: aliases, notes of cases, lists, and who was in which table."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables of people."""
    _aliases_and_notes()
    _lists()
    _membership()


def _aliases_and_notes() -> None:
    op.create_table("people_key", sa.Column("mark", sa.LargeBinary(16), primary_key=True))
    op.create_table(
        "aliases",
        sa.Column("fingerprint", sa.LargeBinary(16), primary_key=True),
        sa.Column("alias", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("value", sa.String(1000), nullable=False),
    )
    op.create_index("ix_aliases_alias", "aliases", ["alias"])
    op.create_table(
        "notes",
        sa.Column("matter", sa.String(40), primary_key=True),
        sa.Column("name", sa.String(60), primary_key=True),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("until", sa.Date()),
    )


def _lists() -> None:
    op.create_table(
        "listed",
        sa.Column("alias", sa.String(32), primary_key=True),
        sa.Column("list", sa.String(20), primary_key=True),
        sa.Column("system", sa.String(64), primary_key=True),
        sa.Column("matter", sa.String(40), primary_key=True),
        sa.Column("law", sa.String(20), primary_key=True),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date()),
    )
    op.create_table(
        "fingerprints",
        sa.Column("alias", sa.String(32), primary_key=True),
        sa.Column("fingerprint", sa.LargeBinary(16), primary_key=True),
        sa.Column("kind", sa.String(64), nullable=False),
    )
    op.create_index("ix_fingerprints_fingerprint", "fingerprints", ["fingerprint"])


def _membership() -> None:
    op.create_table(
        "members",
        sa.Column("number", _NUMBER, primary_key=True, autoincrement=False),
        sa.Column("fingerprint", sa.LargeBinary(16), nullable=False),
        sa.UniqueConstraint("fingerprint"),
    )
    op.create_table(
        "snapshots",
        sa.Column("id", _NUMBER, primary_key=True, autoincrement=False),
        sa.Column("system", sa.String(64), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("release", sa.String(64), nullable=False),
        sa.Column("model", sa.String(64), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("people", sa.BigInteger(), nullable=False),
        sa.Column("taken_at", sa.String(32), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.Column("bitmaps", _NUMBER, nullable=False),
    )
    op.create_index("ix_snapshots_system", "snapshots", ["system"])
    op.create_index("ix_snapshots_bitmaps", "snapshots", ["bitmaps"])
    op.create_table(
        "membership",
        sa.Column("chunk", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("snapshot", _NUMBER, primary_key=True, autoincrement=False),
        sa.Column("bitmap", sa.LargeBinary(), nullable=False),
    )
