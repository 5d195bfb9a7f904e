"""Decisions beside the log: rows, batches, removals, labels and holds. See `decided.Decided`."""

from ombud.store.decided.decided import Decided
from ombud.store.decided.holds import Hold
from ombud.store.decided.rows import (
    Batch,
    Conflict,
    KeptRow,
    Label,
    New,
    Removal,
    TakenIn,
    micros,
    moment,
)

__all__ = ["Batch", "Conflict", "Decided", "Hold", "KeptRow", "Label", "New", "Removal", "TakenIn", "micros", "moment"]
