"""Which provisions a letter follows, whether they bind, and how sure our reading of each is."""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Any, Final

from attrs import frozen

from ombud.documents.decisions import Form, Right
from ombud.documents.rights.letters import Remedy
from ombud.errors import NotFound
from ombud.law import Pack
from ombud.law.requests import book
from ombud.law.vocabulary import Facts
from ombud.system.organisation import Organisation

FOLLOWS: Final[Mapping[Form, tuple[str, ...]]] = {
    "adverse-action": ("REGB.9.a2", "REGB.9.b2", "FCRA.615a"),
    "gdpr-15-1-h": ("GDPR.15.1.h", "CJEU.C-203-22", "GDPR.22.3"),
    "ai-act-86": ("AIA.86", "GDPR.22.3"),
    "plain": ("GDPR.22.3",),
}
"""Form → the rows of law that it follows; the first is the one that it is named after."""

CONTEST: Final = "GDPR.22.3"
CREDIT_REPORT: Final = "FCRA.615a"
_CALLED: Final = {"GDPR": "GDPR", "AIA": "EU AI Act"}
"""What the law is called before a citation that does not name it itself."""


@frozen(kw_only=True)
class Provision:
    """A row of law, for one system on one day.

    Attributes:
        id, cite: as everywhere; cite names its law.
        applies: "yes", "no" or "cannot tell"; because: why; bites_from: from which day it binds, if it is to come.
        certainty: how far our reading may be trusted; said to whoever answers, never in the person's letter.
    """

    id: str
    cite: str
    applies: str
    because: str
    bites_from: date | None
    certainty: str

    def to_json(self) -> dict[str, Any]:
        """The provision as programs read it."""
        return {
            "id": self.id, "cite": self.cite, "applies": self.applies, "because": self.because,
            "bites_from": self.bites_from.isoformat() if self.bites_from else None, "certainty": self.certainty,
        }  # fmt: skip


def provisions(form: Form, pack: Pack, facts: Facts, day: date) -> tuple[Provision, ...]:
    """What a form follows, judged by the law on a day; a row that this law does not hold is left out."""
    view = pack.view(day, day)
    found = []
    for id in FOLLOWS[form]:
        try:
            row = view.requirement(id)
        except NotFound:
            continue
        told = view.applies(row, facts)
        later = told.bites_from if told.upcoming else None
        found.append(Provision(id=id, cite=_named(id, row.cite), applies=told.applies, because=told.because,
                               bites_from=later, certainty=row.certainty_words))  # fmt: skip
    return tuple(found)


def _named(id: str, cite: str) -> str:
    called = _CALLED.get(id.partition(".")[0])
    return f"{called} {cite}" if called and cite.startswith("Art.") else cite


def right(form: Form, laws: tuple[Provision, ...]) -> Right | None:
    """What entitles the person to the letter: claimed only where it binds on the day."""
    named = next((one for one in laws if one.id == FOLLOWS[form][0]), None)
    if form in ("plain", "adverse-action") or named is None:
        return None
    return Right(cite=named.cite, holds=named.applies == "yes", since=named.bites_from)


def contest(laws: tuple[Provision, ...]) -> str:
    """The provision that lets the person have somebody look at the decision; "" where none is known to bind."""
    return next((one.cite for one in laws if one.id == CONTEST and one.applies == "yes"), "")


def free_report_days(pack: Pack, day: date) -> int | None:
    """Within how many days a free consumer report can be asked for, by law data."""
    try:
        row = pack.view(day, day).requirement(CREDIT_REPORT)
    except NotFound:
        return None
    said = next((one.on(day) for one in row.values if one.name == "free_report_asked_within"), None)
    return int(said) if isinstance(said, Fraction) else None


def remedies(organisation: Organisation | None, laws: tuple[Provision, ...]) -> tuple[Remedy, ...]:
    """Where the person can complain, for letters that the GDPR asks for: whom the organisation names, else the law."""
    if not any(one.id.startswith("GDPR.") and one.applies == "yes" for one in laws):
        return ()
    said = book().laws["gdpr"].remedies
    authority, court = said.get("complaint-authority"), said.get("court")
    theirs = [one for one in (organisation.authorities if organisation else ()) if not one.laws or "gdpr" in one.laws]
    cite = f"GDPR {authority.cite}" if authority else ""
    court_words = f"You can also {court.text[0].lower()}{court.text[1:]}" if court else ""
    named = [(one.name, one.address or "") for one in theirs]
    if authority and not named:
        named = [(authority.text.removeprefix("Complain to ").rstrip("."), "")]
    return tuple(Remedy(authority=name, address=address, cite=cite, court=court_words) for name, address in named)
