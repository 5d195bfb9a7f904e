"""Every text of a paper made fit for a format, before anything is written: nothing hides in it, nothing is endless."""

from collections.abc import Callable

from attrs import evolve

from ombud.documents import words
from ombud.documents.paper import (
    LINE,
    Facts,
    Hole,
    Letterhead,
    Note,
    Paper,
    Part,
    Picture,
    Points,
    Table,
    Value,
    bounded,
)  # fmt: skip

Fit = Callable[[str], str]


def cleaned(paper: Paper, fit: Fit) -> Paper:
    """The same paper with every text made fit for a format."""
    return evolve(
        paper, title=fit(bounded(paper.title, LINE)), kicker=fit(bounded(paper.kicker, LINE)), author=fit(paper.author),
        foot=fit(bounded(paper.foot, LINE)), parts=tuple(_fit_part(part, fit) for part in paper.parts),
        sheets=tuple(_fit_table(table, fit) for table in paper.sheets),
        letterhead=_fit_head(paper.letterhead, fit) if paper.letterhead else None,
    )  # fmt: skip


def readable(text: str) -> str:
    """A text as pages and PDFs show it: inert, and cut where nobody reads on."""
    return bounded(inert(text))


def inert(text: str) -> str:
    """A text in which nothing hides: controls, marks of direction and halves of pairs are written out."""
    return words.clean(text.replace("\r\n", "\n").replace("\t", "    "))


def _fit_value(value: Value, fit: Fit) -> Value:
    if isinstance(value, tuple):
        return tuple(_fit_one(one, fit) for one in value)
    return _fit_one(value, fit)


def _fit_one(value: str | Hole, fit: Fit) -> str | Hole:
    return Hole(fit(value.add), fit(value.where)) if isinstance(value, Hole) else fit(value)


def _fit_table(table: Table, fit: Fit) -> Table:
    return Table(
        fit(table.caption),
        tuple(evolve(column, name=fit(column.name)) for column in table.columns),
        tuple(tuple(_fit_value(value, fit) for value in row) for row in table.rows),
        fit(table.empty),
        fit(table.name),
    )


def _fit_head(head: Letterhead, fit: Fit) -> Letterhead:
    return Letterhead(
        tuple(fit(line) for line in head.sender),
        tuple(fit(line) for line in head.recipient),
        tuple((fit(term), fit(text)) for term, text in head.subject),
    )


def _fit_part(part: Part, fit: Fit) -> Part:
    match part:
        case Table():
            return _fit_table(part, fit)
        case Facts():
            return Facts(tuple((fit(term), _fit_value(value, fit)) for term, value in part.rows), fit(part.caption))
        case Points():
            return Points(tuple(_fit_value(value, fit) for value in part.items), part.numbered)
        case Picture():
            return Picture(part.svg, fit(part.alternative), fit(part.caption))
        case Note():
            return Note(fit(part.title), tuple(fit(line) for line in part.lines), part.tone)
        case _:
            return evolve(part, text=fit(part.text))
