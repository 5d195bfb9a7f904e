"""One HTML file with everything in it: no script, nothing fetched, every text from data escaped and inert."""

from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, Final
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from ombud.documents import words
from ombud.documents.cards import anchors, card, headline, laws, not_applicable, slug
from ombud.documents.figures import Line, alternatives_figure, line
from ombud.documents.meaning import (
    OUTCOMES,
    STATES,
    VERDICTS,
    by_subject,
    evidence_wanted,
    facts_wanted,
    open_by_owner,
)
from ombud.documents.report import Report
from ombud.status.finding import State
from ombud.status.rule import Judgement

POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
"""What the page may load and run: nothing but its own style."""


def page(report: Report) -> str:
    """The report as one self-contained HTML file."""
    style = (files("ombud.documents") / "templates" / "report.css").read_text(encoding="utf-8")
    # the style is a file of ours without any data in it
    return _environment().get_template("report.html").render(_view(report), style=Markup(style))  # noqa: S704


def _view(report: Report) -> dict[str, Any]:
    cards = [card(report, finding, number) for number, finding in enumerate(report.findings, start=1)]
    found = {outcome: [one for one in cards if one.outcome == outcome] for outcome in map(str, OUTCOMES)}
    return {
        "report": report,
        "policy": POLICY,
        "verdict": VERDICTS.get(report.verdict, report.verdict),
        "headline": headline(report.headline),
        "blocking": [one for one in report.gate if one.blocks],
        "waived": [one for one in report.gate if one.waived],
        "standing": [one for one in report.gate if not one.blocks and not one.waived],
        "cards": cards,
        "anchors": anchors([row.id for row in report.requirements]),
        "found": found,
        "outcomes": [str(outcome) for outcome in OUTCOMES],
        "subjects": by_subject(report),
        "states": [str(state) for state in STATES],
        "laws": laws(report),
        "facts_wanted": facts_wanted(report),
        "evidence_wanted": evidence_wanted(report),
        "owners": open_by_owner(report.requirements),
        "reasons": not_applicable(report.requirements),
        "upcoming": [row for row in report.requirements if row.state is State.UPCOMING],
        "trade_off": alternatives_figure(report.alternatives) if report.alternatives else None,
        "unread": sum(1 for row in report.requirements if not row.certainty.startswith("read by")),
    }


def link(address: str) -> str:
    """An address if it is a web page, else "": law folders of users hold addresses too."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    return address if parts.scheme in ("https", "http") and parts.netloc else ""


def _lines(judgements: Sequence[Judgement]) -> list[Line]:
    return [line(judgement) for judgement in judgements]


def _methods(numbers: Sequence[Line]) -> list[tuple[str, str]]:
    """How each was computed, and what to know beside it, once each."""
    said = [(one.called, text) for one in numbers for text in (one.method, *one.notes) if text]
    repeated = Counter(text for _, text in dict.fromkeys(said))
    return list(dict.fromkeys((called if repeated[text] == 1 else "", text) for called, text in said))


def _limits(numbers: Sequence[Line]) -> list[tuple[str, str, str]]:
    return list(dict.fromkeys((one.limit, one.called, one.source) for one in numbers if one.limit))


FILTERS: Final[dict[str, Callable[..., Any]]] = {
    "owner": words.owner,
    "subject": words.subject,
    "slug": slug,
    "named": words.name,
    "link": link,
    "lines": _lines,
    "limits": _limits,
    "once": words.once,
    "instant": words.instant,
    "methods": _methods,
    "share": words.share,
    "ratio": words.ratio,
    "counted": words.counted,
}


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("ombud.documents"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, finalize=_fit,
    )  # fmt: skip
    environment.filters.update(FILTERS)
    return environment


def _fit(value: Any) -> Any:
    """What is put into the page, last: markup of ours as it is, every text cleaned and its numbers kept together."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return words.tied(words.clean(value))
    return value
