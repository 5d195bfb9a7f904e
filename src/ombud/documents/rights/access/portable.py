"""The copy for machines: JSON, CSV and a schema that explains both.

Two scopes: everything that may be shown (a copy under Art. 15), or what the person may take along (Art. 20: provided
and observed, nothing inferred). Neither holds what is about somebody else or never sent raw.
"""

import csv
import json
from collections.abc import Iterator, Mapping
from io import StringIO
from typing import Any, Final, Literal

from ombud.documents.rights.access.copy import Copy, Field, Held
from ombud.documents.rights.access.values import as_cell, as_json

Scope = Literal["everything", "portable"]

DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"


def portable_files(copy: Copy, scope: Scope) -> Iterator[tuple[str, bytes]]:
    """The files for machines: name (without personal data) and content, one after the other.

    Args:
        copy: what is held; scope: "everything" that may be shown, or only what is "portable".
    """
    yield "data.json", _json(data(copy, scope))
    yield "schema.json", _json(schema(copy, scope))
    for number, (held, fields) in enumerate(_given(copy, scope), start=1):
        yield f"{number:02d}-{_plain(held.address)}.csv", _csv(held, fields)


def data(copy: Copy, scope: Scope) -> dict[str, Any]:
    """All rows as JSON."""
    return {
        "case": copy.case, "controller": copy.organisation, "made_on": copy.day.isoformat(), "scope": scope,
        "complete": not any(held.problem or held.by_hand for held in copy.held),
        "not_read": [held.address for held in copy.held if held.problem or held.by_hand],
        "collections": {
            held.address: [{one.name: as_json(held.value(row, one)) for one in fields} for row in held.rows]
            for held, fields in _given(copy, scope)
        },
    }  # fmt: skip


def schema(copy: Copy, scope: Scope) -> dict[str, Any]:
    """A JSON Schema of `data`, with what each field means, where it comes from and what it is used for."""
    collections = {held.address: _collection(held, fields) for held, fields in _given(copy, scope)}
    text = {"type": "string"}
    return {
        "$schema": DRAFT, "title": "A person's data", "type": "object",
        "description": "In CSV files a text that a spreadsheet could take for a formula has an apostrophe before it. "
        "Bytes are Base64, decimals and dates are text (ISO 8601), nothing is null.",
        "properties": {
            "case": text, "controller": text, "made_on": {"type": "string", "format": "date"},
            "scope": {"enum": ["everything", "portable"]}, "complete": {"type": "boolean"},
            "not_read": {"type": "array", "items": text},
            "collections": {"type": "object", "properties": collections, "required": list(collections),
                            "additionalProperties": False},
        },
        "required": ["case", "controller", "made_on", "scope", "complete", "not_read", "collections"],
    }  # fmt: skip


def _collection(held: Held, fields: tuple[Field, ...]) -> dict[str, Any]:
    return {
        "type": "array", "title": held.title, "purposes": list(held.purposes), "lawful_basis": list(held.lawful_basis),
        "source": held.origin, "retention": held.retention,
        "items": {"type": "object", "properties": {one.name: _field(one) for one in fields},
                  "required": [one.name for one in fields], "additionalProperties": False},
    }  # fmt: skip


def _field(one: Field) -> Mapping[str, Any]:
    hidden = {"const_if_held": one.hidden} if one.hidden else {}
    return {"title": one.called or one.name, "category": one.category, "origin": one.origin, **hidden}


def _given(copy: Copy, scope: Scope) -> Iterator[tuple[Held, tuple[Field, ...]]]:
    """The places with something in them, each with the fields that are given in this scope."""
    for held in copy.held:
        fields = tuple(one for one in held.fields if scope == "everything" or one.portable)
        if held.rows and fields:
            yield held, fields


def _csv(held: Held, fields: tuple[Field, ...]) -> bytes:
    out = StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([as_cell(one.name) for one in fields])
    writer.writerows([as_cell(held.value(row, one)) for one in fields] for row in held.rows)
    return out.getvalue().encode("utf-8-sig")


def _json(content: Any) -> bytes:
    return json.dumps(content, ensure_ascii=False, indent=1).encode("utf-8", "replace")


def _plain(address: str) -> str:
    """An address as a name that every file system takes."""
    kept = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in address)
    return kept.strip("-")[:60] or "collection"
