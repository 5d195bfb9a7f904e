"""Windows of monitoring: which counts were taken of which period, and how far reading has come."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the tables of windows."""
    op.create_table(
        "windows",
        sa.Column("system", sa.String(64), primary_key=True),
        sa.Column("start", sa.String(27), primary_key=True),
        sa.Column("end", sa.String(27), primary_key=True),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("late", sa.BigInteger(), nullable=False),
        sa.Column("fingerprint", sa.String(80), nullable=False),
        sa.Column("questions", sa.String(64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("signed", sa.Integer(), nullable=False),
        sa.Column("taken_at", sa.String(27), nullable=False),
        sa.Column("counts", sa.LargeBinary(), nullable=False),
        sa.Column("points", sa.LargeBinary(), nullable=False),
    )
    op.create_table(
        "baselines",
        sa.Column("system", sa.String(64), primary_key=True),
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("content", sa.LargeBinary(), nullable=False),
    )
