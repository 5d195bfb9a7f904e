"""The monitoring report as a paper, for PDF (and Word): the same words and drawings as the page, numbers at the end."""

import re
from collections.abc import Iterator
from typing import Final

from attrs import evolve

from ombud.documents import words
from ombud.documents.charts import FONT
from ombud.documents.monitoring.chapters import MOST_PANELS, Figure, cell, numbers, parts
from ombud.documents.monitoring.facts import Alarm, ReportInput, without_small_groups
from ombud.documents.monitoring.headline import by_weight, headline, sureness, what_is_off
from ombud.documents.monitoring.panels import Page, over_time
from ombud.documents.paper import Column, Facts, Heading, Note, Paper, Part, Picture, Points, Say, Table
from ombud.documents.svg import drawing
from ombud.documents.typeset import FONTS

PRINT: Final = Page(plot=560, height=92, longest=40, ticks=8, above=False)
MOST_ROWS: Final = 26
"""Windows of each drawing whose numbers a printed report lists; the page of the same report holds all of them."""

_TOGETHER: Final = 2
"""Panels of one picture."""

INKS: Final = {
    "ink": "#1d1c1a", "muted": "#5a5751", "line": "#cfc9be", "card": "#ffffff", "measured": "#1f4a75",
    "fail": "#8c1813",
}  # fmt: skip
"""Colours of the page's drawings on white paper."""

_COLOUR: Final = re.compile(r"var\(--([a-z]+)\)")


def paper(report: ReportInput) -> Paper:
    """The report as a paper; groups of too few people are left out first."""
    shown = without_small_groups(report)
    covered = f" · {shown.covered}" if shown.covered else ""
    figures = [figure for part in parts(shown) for figure in part.figures]
    return Paper(
        title=f"Monitoring of {words.name(shown.system)}", kicker=f"Monitoring report · {shown.as_of}{covered}",
        day=shown.as_of, author="Ombud", foot=f"Monitoring of {words.name(shown.system, 60)} · {shown.as_of}",
        parts=(*_now(shown), *_chapters(shown), *_happened(shown), *_settings(shown), *_numbers(figures)),
    )  # fmt: skip


def _now(report: ReportInput) -> Iterator[Part]:
    yield Heading("How it stands")
    if report.purpose:
        yield Say(report.purpose, "quiet")
    yield Say(headline(report), "lead")
    yield Say(sureness(report))
    if report.demonstration or any(change.kind == "injected" for change in report.changes):
        yield Note("Injected", (report.demonstration or "Data were changed for show.",))
    yield Heading("What changed", 3)
    yield _alarms(report)
    if report.held or report.compared:
        yield Heading("What stands", 3)
    if report.held:
        yield _held(report)
    if report.compared:
        yield Say(report.compared)
    yield Heading("What is not known", 3)
    yield Points(report.unknown or ("Nothing is known to be missing.",))
    if report.notes:
        yield Heading("What to know beside the figures", 3)
        yield Points(report.notes)


def _alarms(report: ReportInput) -> Table:
    heads = (
        Column("what", weight=4), Column("since about", "short"), Column("raised", "short"), Column("state", "short"),
        Column("incident", "short"),
    )  # fmt: skip
    rows = tuple(
        (f"{what_is_off(one)}.", f"{one.since.date()}", f"{one.raised.date()}", _state(one), one.incident or "–")
        for one in by_weight(report.alarms)
    )
    return Table("Alarms: open ones first, of them what happens to groups of people", heads, rows, "None was raised.")


def _state(alarm: Alarm) -> str:
    return "open" if alarm.open else "closed"


def _held(report: ReportInput) -> Table:
    heads = (Column("check", weight=4), Column("outcome", "short"), Column("period", weight=2))
    rows = tuple(((one.asks, one.said) if one.said else one.asks, one.outcome, one.period) for one in report.held)
    return Table("What monitoring answers, held against the limits of law and policy", heads, rows)


def _chapters(report: ReportInput) -> Iterator[Part]:
    for part in parts(report):
        yield Heading(part.title)
        for figure in part.figures:
            yield Heading(figure.title, 3)
            yield from _pictures(figure)
            if figure.unseen:
                more = "; ".join(f"{panel.name.short} {cell(panel.name.like, panel.latest)}" for panel in figure.unseen)
                yield Say(f"Not among the {MOST_PANELS} drawn, latest figure: {more}.", "quiet")
        if part.always_zero:
            yield Say(f"0 in every window: {'; '.join(part.always_zero)}.", "quiet")


def _pictures(figure: Figure) -> Iterator[Picture]:
    """The drawing in pieces of a few panels, so that no page is left half empty; the last one is explained."""
    pieces = [figure.panels[at : at + _TOGETHER] for at in range(0, len(figure.panels), _TOGETHER)]
    for number, panels in enumerate(pieces):
        piece = evolve(figure, panels=panels)
        spec = over_time(piece, PRINT, like=figure)
        svg = str(drawing(spec, f"{figure.id}-{number}", figure.title, figure.title, "print"))
        yield Picture(on_paper(svg), piece.alternative, figure.caption if panels is pieces[-1] else "")


def on_paper(svg: str) -> str:
    """A drawing of the page in the inks and the font of a printed one."""
    inked = _COLOUR.sub(lambda found: INKS[found[1]], svg)
    return inked.replace(FONT.replace("'", "&apos;"), FONTS[0]).replace(FONT, FONTS[0])


_SAID: Final = {"injected": "Injected, for demonstration: ", "revocation": "Revoked: ", "release": ""}


def _happened(report: ReportInput) -> Iterator[Part]:
    yield Heading("What happened")
    if report.changes:
        rows = tuple((f"{one.at.date()}", f"{_SAID[one.kind]}{one.what}") for one in report.changes)
        yield Facts(rows, "Changes to the system")
    heads = (Column("number", "short"), Column("state"), Column("opened", "short"), Column("next", weight=3))
    listed = tuple(
        (one.number, one.state, f"{one.opened.date()}", one.next_clock or "no clock with a date runs")
        for one in report.incidents
    )
    yield Table("Incidents", heads, listed, "None is on record.")


def _settings(report: ReportInput) -> Iterator[Part]:
    settings = report.settings
    rows = [("Window", f"one {settings.window}")]
    rows += [("Requirements are judged over", f"the last {settings.trailing}")] if settings.trailing else []
    rows += [("False alarms", sureness(report))]
    if settings.practical:
        rows.append(
            ("Smallest change that counts", "; ".join(f"{kind}: {n}" for kind, n in settings.practical.items()))
        )
    fewest = words.counted(settings.minimum, "person", "people")
    rows.append(("Small groups", f"Figures of fewer than {fewest} of a group are not shown."))
    yield Heading("How it is watched")
    yield Facts(tuple(rows), "How the system is watched")


def _numbers(figures: list[Figure]) -> Iterator[Part]:
    yield Heading("The numbers of the drawings")
    for figure in figures:
        found = numbers(figure)
        rows = found.rows[:MOST_ROWS]
        all_of = len(found.rows)
        cut = f", the latest {len(rows)} of {all_of} windows (the page and JSON hold all)" if len(rows) < all_of else ""
        columns = (Column(found.heads[0], "short"), *(Column(head) for head in found.heads[1:]))
        yield Table(f"{figure.title}, the latest window first{cut}", columns, rows)
