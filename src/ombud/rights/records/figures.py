"""The log of a period and the figures of a year, computed from the requests in the ledger."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from statistics import mean, median

from ombud.documents.rights.records import Figures, LoggedRequest, RequestLog, TypeFigures
from ombud.rights.records.law import cite

MONTHS = 24
"""How far back the log goes: so long it must be kept at least (11 CCR § 7101)."""


def request_log(
    organisation: str, requests: Sequence[LoggedRequest], today: date, problems: tuple[str, ...] = (),
    since: date | None = None,
) -> RequestLog:  # fmt: skip
    """The log of the last 24 months, or since a day; what was open before that is in it too."""
    first = since or months_before(today, MONTHS)
    inside = tuple(one for one in requests if first <= one.received <= today or _still_open(one, first))
    return RequestLog(organisation=organisation, since=first, until=today, requests=inside, problems=problems,
                      laws=cite(today, "CCR.7101", "GDPR.5.2"))  # fmt: skip


def yearly_figures(
    organisation: str, requests: Sequence[LoggedRequest], year: int, today: date, problems: tuple[str, ...] = ()
) -> Figures:
    """The figures of the requests received in a calendar year, as they stand today."""
    inside = [one for one in requests if one.received.year == year and one.received <= today]
    kinds = sorted({one.right for one in inside})
    types = tuple(figures_of(kind, [one for one in inside if one.right == kind]) for kind in kinds)
    return Figures(organisation=organisation, year=year, day=today, types=types, problems=problems,
                   laws=cite(today, "CCR.7102"))  # fmt: skip


def figures_of(right: str, requests: Sequence[LoggedRequest]) -> TypeFigures:
    """Counts and days of the requests of one kind."""
    became = Counter(one.response for one in requests)
    days = [Fraction(one.days) for one in requests if one.days is not None and one.response != "withdrawn"]
    return TypeFigures(
        right=right, received=len(requests), whole=became["complied"], part=became["complied in part"],
        denied=became["denied"], withdrawn=became["withdrawn"], still_open=became["open"],
        grounds=dict(Counter(ground for one in requests for ground in one.denial)), answered=len(days),
        median=Fraction(median(days)) if days else None, mean=Fraction(mean(days)) if days else None,
    )  # fmt: skip


def months_before(day: date, months: int) -> date:
    """The same day so many months earlier, or the last day of that month."""
    index = day.year * 12 + day.month - 1 - months
    for last in range(day.day, 27, -1):
        try:
            return date(index // 12, index % 12 + 1, last)
        except ValueError:
            continue
    return date(index // 12, index % 12 + 1, day.day)


def _still_open(one: LoggedRequest, first: date) -> bool:
    return one.received < first and (one.responded is None or one.responded >= first)
