"""The law a record follows, and how sure our reading of it is; shown in every internal document."""

from collections.abc import Sequence

from attrs import frozen

from ombud.documents.paper import Part, Say
from ombud.documents.words import listed


@frozen
class Cited:
    """A provision: how it is cited, and in words how sure our reading is ("not yet read, unchecked")."""

    cite: str
    certainty: str


def cited(laws: Sequence[Cited]) -> Part:
    """The provisions as the last, quiet sentence of a record."""
    named = listed([f"{law.cite} ({law.certainty})" for law in laws])
    return Say(f"Made to follow {named}. Our reading of the law is no legal advice.", "quiet")
