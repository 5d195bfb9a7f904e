"""Windows of monitoring: which counts were taken of which period, and how far reading has come."""

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the tables of windows."""
