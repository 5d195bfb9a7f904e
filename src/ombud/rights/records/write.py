"""A record as bytes in one of five formats."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from ombud.documents.rights.records import Record, paper, plain
from ombud.documents.spreadsheet import xlsx
from ombud.documents.typeset import pdf
from ombud.documents.webpage import html
from ombud.documents.wordfile import docx
from ombud.errors import Misused

FORMATS: Final = ("html", "pdf", "docx", "xlsx", "json")


def document(record: Record, format: str, fonts: Sequence[Path] = ()) -> bytes:
    """A record as a file.

    Args:
        record: what to write; format: one of html, pdf, docx, xlsx, json; fonts: see `typeset.pdf`.

    Raises:
        Misused: another format, or the library for it is not installed.
    """
    if format == "json":
        return (json.dumps(plain(record), indent=2, ensure_ascii=False) + "\n").encode("utf-8", "replace")
    sheet = paper(record)
    match format:
        case "html":
            return html(sheet).encode("utf-8")
        case "pdf":
            return pdf(sheet, fonts)
        case "docx":
            return docx(sheet)
        case "xlsx":
            return xlsx(sheet)
    raise Misused(f"no record is written as {format!r}", f"Use one of: {', '.join(FORMATS)}.")
