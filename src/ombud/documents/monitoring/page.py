"""The monitoring report as one HTML file: no script, nothing fetched, every text from data escaped and inert."""

import re
from functools import cache
from importlib.resources import files
from typing import Any, Final

from attrs import frozen
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from ombud.documents import words
from ombud.documents.monitoring.chapters import Figure, Numbers, Panel, cell, limit_said, numbers, parts
from ombud.documents.monitoring.facts import ReportInput, without_small_groups
from ombud.documents.monitoring.headline import by_weight, headline, sureness, what_is_off
from ombud.documents.monitoring.panels import NARROW, WIDE, over_time
from ombud.documents.page import POLICY
from ombud.documents.svg import drawing

_DATE: Final = re.compile(r"(\b\d{4}-\d\d-\d\d\b)")
_WIDEST_TABLE: Final = 6
"""A table of more columns than this is set in small letters."""


@frozen
class Drawn:
    """A figure with its two drawings and its numbers."""

    figure: Figure
    wide: Markup
    narrow: Markup
    numbers: Numbers

    @property
    def many(self) -> bool:
        """Whether the table has many columns."""
        return len(self.numbers.heads) > _WIDEST_TABLE


def html(report: ReportInput) -> str:
    """The report as one self-contained HTML file; groups of too few people are left out first."""
    shown = without_small_groups(report)
    return (
        _environment()
        .get_template("monitoring.html")
        .render(
            report=shown,
            policy=POLICY,
            style=Markup(_style()),  # noqa: S704  (files of ours, no data)
            headline=headline(shown),
            sureness=sureness(shown),
            alarms=by_weight(shown.alarms),
            parts=parts(shown),
            drawn={figure.id: _drawn(figure) for part in parts(shown) for figure in part.figures},
        )
    )


def _drawn(figure: Figure) -> Drawn:
    wide, narrow = (
        drawing(over_time(figure, page), f"{figure.id}-{kind[0]}", figure.title, figure.alternative, kind)
        for page, kind in ((WIDE, "wide"), (NARROW, "narrow"))
    )
    return Drawn(figure, wide, narrow, numbers(figure))


def _style() -> str:
    own = (files("ombud.documents.monitoring") / "templates" / "monitoring.css").read_text(encoding="utf-8")
    return (files("ombud.documents") / "templates" / "report.css").read_text(encoding="utf-8") + own


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("ombud.documents.monitoring"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, finalize=_fit,
    )  # fmt: skip
    environment.filters.update({
        "named": words.name, "counted": words.counted, "off": what_is_off, "flow": _flowing, "latest": _latest,
        "limit": limit_said,
    })  # fmt: skip
    return environment


def _flowing(text: str) -> Markup:
    """A sentence in which no date is broken; only for text, never for an attribute."""
    pieces = _DATE.split(str(_fit(text)))
    date = Markup('<span class="date">{}</span>')
    return Markup("").join(date.format(one) if at % 2 else one for at, one in enumerate(pieces))


def _latest(panel: Panel) -> str:
    return cell(panel.name.like, panel.latest)


def _fit(value: Any) -> Any:
    """What is put into the page, last: markup of ours as it is, every text cleaned and its numbers kept together."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return words.tied(words.clean(value))
    return value
