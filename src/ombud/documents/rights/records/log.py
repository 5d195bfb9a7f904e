"""The log of requests (11 CCR § 7101): date, nature and manner, date and nature of the answer, ground of a denial."""

from collections.abc import Iterator
from datetime import date
from typing import Final, Literal

from attrs import frozen

from ombud.documents.paper import Column, Note, Paper, Part, Say, Table
from ombud.documents.rights.records.cited import Cited, cited
from ombud.documents.words import counted

Response = Literal["complied", "complied in part", "denied", "withdrawn", "open"]
RIGHT_WORDS: Final = {
    "access": "access (know)", "portability": "portability", "erasure": "erasure (delete)",
    "rectification": "rectification (correct)", "restriction": "restriction", "objection": "objection",
    "opt-out-sale": "opt out of sale or sharing", "opt-out-decisions": "opt out of automated decisions",
    "limit-sensitive": "limit sensitive data", "withdraw-consent": "withdrawal of consent",
}  # fmt: skip

LAW_WORDS: Final = {"gdpr": "GDPR", "uk-gdpr": "UK GDPR", "ccpa": "CCPA", "colorado": "Colorado"}


@frozen(kw_only=True)
class LoggedRequest:
    """One request, without the person.

    Attributes:
        case: its number; received: the day; right: its nature; channel: its manner ("web form", "letter").
        laws: under which; responded: the day of the answer, None while open.
        response: what the answer was; denial: the grounds, in words, where it was denied wholly or in part.
    """

    case: str
    received: date
    right: str
    channel: str
    laws: tuple[str, ...] = ()
    responded: date | None = None
    response: Response = "open"
    denial: tuple[str, ...] = ()

    @property
    def days(self) -> int | None:
        """Days from receipt to the answer; None while open."""
        return (self.responded - self.received).days if self.responded else None


@frozen(kw_only=True)
class RequestLog:
    """The requests of a period.

    Attributes:
        organisation: whose; since, until: the period, both days included; requests: by the day of receipt.
        problems: what in the ledger could not be read as a request, sentences without personal data.
    """

    organisation: str
    since: date
    until: date
    requests: tuple[LoggedRequest, ...]
    laws: tuple[Cited, ...]
    problems: tuple[str, ...] = ()


def log_paper(log: RequestLog) -> Paper:
    """The log of requests."""
    period = f"{log.since.isoformat()} to {log.until.isoformat()}"
    return Paper(
        title="Log of requests", kicker=f"{log.organisation} · {period}", day=log.until, author=log.organisation,
        parts=tuple(_parts(log)), foot=f"{log.organisation} · log of requests, {period}", wide=True,
    )  # fmt: skip


def _parts(log: RequestLog) -> Iterator[Part]:
    still = sum(1 for one in log.requests if one.response == "open")
    yield Say(
        f"{counted(len(log.requests), 'request')} received from {log.since.isoformat()} to {log.until.isoformat()}; "
        f"{still} still open. The people are not named here.", "lead",
    )  # fmt: skip
    if log.problems:
        yield Note("Not everything could be read", log.problems, "hole")
    columns = (
        Column("Reference", "short"), Column("Received", "short"), Column("Nature", weight=2),
        Column("Manner"), Column("Law"), Column("Answered", "short"), Column("Days", "number"), Column("Answer"),
        Column("Ground of denial", weight=3),
    )  # fmt: skip
    yield Table("Requests, the newest first", columns, tuple(_row(one) for one in log.requests),
                "No request was received in this period.", "Requests")  # fmt: skip
    yield cited(log.laws)


def _row(one: LoggedRequest) -> tuple[str, ...]:
    laws = ", ".join(LAW_WORDS.get(law, law) for law in one.laws)
    return (
        one.case, one.received.isoformat(), RIGHT_WORDS.get(one.right, one.right), one.channel, laws,
        one.responded.isoformat() if one.responded else "–", "–" if one.days is None else str(one.days), one.response,
        "; ".join(one.denial) or "–",
    )  # fmt: skip
