"""What rests on consent, and who took it back (GDPR Art. 7)."""

from collections.abc import Iterator
from datetime import date

from attrs import frozen

from ombud.documents.paper import Column, Paper, Part, Say, Table, Value
from ombud.documents.rights.records.cited import Cited, cited
from ombud.documents.words import counted


@frozen(kw_only=True)
class OnConsent:
    """A collection that rests on consent: for what, and where the consents are kept (a hole where nobody said)."""

    place: str
    purposes: Value
    proof: Value


@frozen(kw_only=True)
class Withdrawal:
    """A consent taken back: since when, in which case, for which system, and what became of it."""

    case: str
    since: date
    system: str
    state: str


@frozen(kw_only=True)
class Consents:
    """Consent in an organisation on a day."""

    organisation: str
    day: date
    resting: tuple[OnConsent, ...]
    withdrawals: tuple[Withdrawal, ...]
    laws: tuple[Cited, ...]
    problems: tuple[str, ...] = ()


def consents_paper(consents: Consents) -> Paper:
    """Consent and its withdrawal."""
    return Paper(
        title="Consent and its withdrawal", kicker=f"{consents.organisation} · {consents.day.isoformat()}",
        day=consents.day, author=consents.organisation, parts=tuple(_parts(consents)),
        foot=f"{consents.organisation} · consent and its withdrawal, {consents.day.isoformat()}",
    )  # fmt: skip


def _parts(consents: Consents) -> Iterator[Part]:
    places = counted(len(consents.resting), "collection rests", "collections rest")
    yield Say(f"{places} on consent. It was taken back {counted(len(consents.withdrawals), 'time')}.", "lead")
    yield Table(
        "What rests on consent", (Column("Where", weight=2), Column("What for", weight=3), Column("Proof", weight=4)),
        tuple((one.place, one.purposes, one.proof) for one in consents.resting),
        "Nothing in the map of data names consent as its lawful basis.", "On consent",
    )  # fmt: skip
    yield Table(
        "Consents taken back, the newest first",
        (Column("Reference", "short"), Column("Since", "short"), Column("System", weight=2), Column("State", weight=3)),
        tuple((one.case, one.since.isoformat(), one.system, one.state) for one in consents.withdrawals),
        "Nobody has taken back a consent.", "Withdrawals",
    )  # fmt: skip
    yield cited(consents.laws)
