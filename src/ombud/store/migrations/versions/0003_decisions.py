"""Decisions: what was decided about whom, beside the log, each row deletable."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the tables of decisions."""
    _decisions()
    _removals_and_holds()
    _labels_and_spools()
    _anchors()


def _decisions() -> None:
    op.create_table(
        "decisions",
        sa.Column("system", sa.String(64), primary_key=True),
        sa.Column("number", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("id", sa.String(200)),
        sa.Column("at", sa.BigInteger()),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("person", sa.LargeBinary(16)),
        sa.Column("content", sa.LargeBinary()),
        sa.Column("salt", sa.LargeBinary(16)),
        sa.Column("commitment", sa.LargeBinary(32), nullable=False),
        sa.Column("removal", sa.BigInteger()),
    )
    op.create_index("ix_decisions_id", "decisions", ["system", "id"], unique=True)
    op.create_index("ix_decisions_at", "decisions", ["system", "at"])
    op.create_index("ix_decisions_person", "decisions", ["person"])
    op.create_table(
        "decision_batches",
        sa.Column("system", sa.String(64), primary_key=True),
        sa.Column("first", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.String(64), nullable=False),
        sa.Column("entry", sa.BigInteger()),
    )


def _removals_and_holds() -> None:
    op.create_table(
        "decision_removals",
        sa.Column("number", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("system", sa.String(64), nullable=False),
        sa.Column("what", sa.String(20), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.String(64), nullable=False),
        sa.Column("ground", sa.String(200), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("entry", sa.BigInteger()),
    )
    op.create_table(
        "decision_holds",
        sa.Column("number", sa.String(16), primary_key=True),
        sa.Column("system", sa.String(64)),
        sa.Column("alias", sa.String(32)),
        sa.Column("commitment", sa.String(64)),
        sa.Column("ground", sa.Text(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date()),
        sa.Column("ended", sa.Date()),
    )


def _labels_and_spools() -> None:
    op.create_table(
        "decision_labels",
        sa.Column("system", sa.String(64), primary_key=True),
        sa.Column("id", sa.String(200), primary_key=True),
        sa.Column("received_at", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("label", sa.String(200), nullable=False),
        sa.Column("at", sa.BigInteger()),
    )
    op.create_index("ix_decision_labels_received_at", "decision_labels", ["system", "received_at"])
    op.create_table(
        "decision_spools",
        sa.Column("name", sa.String(80), primary_key=True),
        sa.Column("offset", sa.BigInteger(), nullable=False),
    )


def _anchors() -> None:
    op.create_table(
        "decision_anchors",
        sa.Column("number", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("system", sa.String(64), nullable=False),
        sa.Column("start", sa.BigInteger(), nullable=False),
        sa.Column("end", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.String(64), nullable=False),
        sa.Column("entry", sa.BigInteger()),
    )
    op.create_index("ix_decision_anchors_system", "decision_anchors", ["system"])
    op.create_table(
        "decision_anchored",
        sa.Column("anchor", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("place", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("mark", sa.LargeBinary(16)),
        sa.Column("salt", sa.LargeBinary(16)),
        sa.Column("commitment", sa.LargeBinary(32), nullable=False),
    )
    op.create_index("ix_decision_anchored_mark", "decision_anchored", ["mark"])
