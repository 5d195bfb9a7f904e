"""Private notes of a case: what people wrote, kept beside the log and never in it."""

from typing import Final

from ombud.errors import Misused

LONGEST_NOTE: Final = 100_000
"""Characters of a note."""


def note_fits(text: str) -> str:
    """A private note, if it is not far too long.

    Raises:
        Misused: it is, or holds a zero byte.
    """
    if len(text) > LONGEST_NOTE or "\0" in text:
        raise Misused(
            f"a note has more than {LONGEST_NOTE} characters, or holds a zero byte",
            "Keep what is longer in your own files, and note where it is.",
        )
    return text
