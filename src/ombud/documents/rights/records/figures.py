"""Figures of a year: received, complied with, denied, and how many days it took (11 CCR § 7102)."""

from collections.abc import Iterator, Mapping
from datetime import date
from fractions import Fraction

from attrs import field, frozen

from ombud.documents.paper import Column, Note, Paper, Part, Say, Table
from ombud.documents.rights.records.cited import Cited, cited
from ombud.documents.rights.records.log import RIGHT_WORDS
from ombud.documents.words import counted


@frozen(kw_only=True)
class TypeFigures:
    """The figures of one kind of request.

    Attributes:
        right: the kind; received: in the year.
        whole, part, denied, withdrawn, still_open: of those received; they add up to it.
        grounds: ground of denial → how often it was named.
        answered: how many have a day of answer; median, mean: days from receipt to answer, exact; None without any.
    """

    right: str
    received: int
    whole: int = 0
    part: int = 0
    denied: int = 0
    withdrawn: int = 0
    still_open: int = 0
    grounds: Mapping[str, int] = field(factory=dict)
    answered: int = 0
    median: Fraction | None = None
    mean: Fraction | None = None


@frozen(kw_only=True)
class Figures:
    """The figures of a calendar year."""

    organisation: str
    year: int
    day: date
    types: tuple[TypeFigures, ...]
    laws: tuple[Cited, ...]
    problems: tuple[str, ...] = ()


def figures_paper(figures: Figures) -> Paper:
    """The figures of a year."""
    return Paper(
        title=f"Requests in {figures.year}", kicker=f"{figures.organisation} · {figures.day.isoformat()}",
        day=figures.day, author=figures.organisation, parts=tuple(_parts(figures)), wide=True,
        foot=f"{figures.organisation} · figures of requests received in {figures.year}",
    )  # fmt: skip


def _parts(figures: Figures) -> Iterator[Part]:
    received = sum(one.received for one in figures.types)
    still = sum(one.still_open for one in figures.types)
    yield Say(f"{counted(received, 'request')} received from {figures.year}-01-01 to {figures.year}-12-31.", "lead")
    if figures.problems:
        yield Note("Not everything could be read", figures.problems, "hole")
    if still:
        yield Note(f"{counted(still, 'request')} still open on {figures.day.isoformat()}",
                   ("The figures change when they are answered.",), "hole")  # fmt: skip
    heads = ("Received", "Complied in whole", "In part", "Denied", "Withdrawn", "Open", "Median days", "Mean days")
    yield Table(
        f"Requests received in {figures.year}, by kind",
        (Column("Kind", weight=3), *(Column(head, "number") for head in heads)),
        tuple(_row(one) for one in figures.types), "No request was received in this year.", "Figures",
    )  # fmt: skip
    grounds = tuple(
        (RIGHT_WORDS.get(one.right, one.right), ground, f"{times}")
        for one in figures.types for ground, times in sorted(one.grounds.items())
    )  # fmt: skip
    yield Table("Grounds of denials, wholly or in part",
                (Column("Kind", weight=2), Column("Ground", weight=4), Column("Times", "number")), grounds,
                "Nothing was denied.", "Denials")  # fmt: skip
    yield Say(
        "Days are calendar days from receipt to the answer, of those requests that are answered. A request that was "
        "withdrawn is not counted as answered. A ground that several answers name is counted for each of them.",
        "quiet",
    )
    yield cited(figures.laws)


def _row(one: TypeFigures) -> tuple[str, ...]:
    counts = (one.received, one.whole, one.part, one.denied, one.withdrawn, one.still_open)
    return (RIGHT_WORDS.get(one.right, one.right), *(str(n) for n in counts), _days(one.median), _days(one.mean))


def _days(value: Fraction | None) -> str:
    """Days to one decimal; a dash where nothing was answered."""
    return "–" if value is None else f"{float(value):.1f}".removesuffix(".0")
