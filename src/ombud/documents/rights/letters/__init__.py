"""Letters to the person: what happened, what did not, and what they can do. See `write.letter`."""

from ombud.documents.rights.letters.letter import (
    Acknowledgement,
    Answer,
    Attachment,
    Decided,
    Extension,
    Frame,
    Ground,
    IdentityWanted,
    Letter,
    Refusal,
    Remedy,
    Told,
)
from ombud.documents.rights.letters.wording import Wording, load_wording
from ombud.documents.rights.letters.write import letter

__all__ = [
    "Acknowledgement", "Answer", "Attachment", "Decided", "Extension", "Frame", "Ground", "IdentityWanted", "Letter",
    "Refusal", "Remedy", "Told", "Wording", "letter", "load_wording",
]  # fmt: skip
