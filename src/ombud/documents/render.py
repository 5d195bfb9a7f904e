"""A report in the form that was asked for."""

import json
import math
import re
import sys
from typing import Any, Final

from ombud.documents.report import Report
from ombud.errors import Misused

FORMATS: Final = ("text", "json", "html", "sarif", "junit")


def render(report: Report, format: str, *, colour: bool | None = None, width: int | None = None) -> str:
    """Write a report.

    Args:
        report: what it is about.
        format: text, json, html, sarif or junit.
        colour: whether text may carry terminal colours; None: if stdout is a terminal. False where it goes to a file.
        width: columns of text; None: those of the terminal, at most 100, or 80.

    Raises:
        Misused: another format.
    """
    # each format is imported only when asked for: charts take a second to load
    if format == "text":
        from ombud.documents.text import text

        return text(report, colour=sys.stdout.isatty() if colour is None else colour, width=width)
    if format == "json":
        return as_json(report.to_json())
    if format == "html":
        from ombud.documents.page import page

        return page(report)
    if format == "sarif":
        from ombud.documents.sarif import sarif

        return as_json(sarif(report))
    if format == "junit":
        from ombud.documents.junit import check_suite

        return check_suite(report)
    raise Misused(f"there is no format {format!r}", f"Ask for one of: {', '.join(FORMATS)}.")


def as_json(data: Any) -> str:
    """JSON that every parser reads: a number that is not finite is null, a lone surrogate the replacement character."""
    written = json.dumps(_finite(data), indent=2, ensure_ascii=False, allow_nan=False)
    return re.sub("[\ud800-\udfff]", "\ufffd", written) + "\n"


def _finite(data: Any) -> Any:
    if isinstance(data, float):
        return data if math.isfinite(data) else None
    if isinstance(data, dict):
        return {key: _finite(value) for key, value in data.items()}
    return [_finite(one) for one in data] if isinstance(data, list | tuple) else data
