"""Decisions: what was decided about whom, beside the log, each row deletable."""

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the tables of decisions."""
