"""Which provisions a record follows, with how sure our reading of each is; taken from law data."""

from datetime import date

from ombud.documents.rights.records import Cited
from ombud.law.load import load_pack


def cite(day: date, *ids: str) -> tuple[Cited, ...]:
    """The provisions with these ids as they stand on a day; one that is not in force then is left out."""
    view = load_pack(()).view(day, day)
    rows = {row.id: row for row in view.requirements}
    return tuple(Cited(_named(one, rows[one].cite), rows[one].certainty_words) for one in ids if one in rows)


def _named(id: str, cite: str) -> str:
    """A citation with the name of its law: those of the GDPR are written "Art. 30(1)" in its own file."""
    return f"{id.partition('.')[0]} {cite}" if cite.startswith("Art.") else cite
