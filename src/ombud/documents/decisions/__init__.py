"""Letters about one decision: why it came out as it did, and what the person can do. See `write.letter`."""

from ombud.documents.decisions.content import (
    FORMS,
    Ask,
    Change,
    Creditor,
    CreditReport,
    Explained,
    Form,
    Frame,
    Input,
    Right,
    Way,
)
from ombud.documents.decisions.write import letter, wording

__all__ = [
    "FORMS", "Ask", "Change", "CreditReport", "Creditor", "Explained", "Form", "Frame", "Input", "Right", "Way",
    "letter", "wording",
]  # fmt: skip
