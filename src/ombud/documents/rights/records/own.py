"""Ombud's own entry: what it keeps about people itself, why, and for how long."""

from collections.abc import Iterator
from datetime import date

from attrs import frozen

from ombud.documents.paper import Column, Facts, Heading, Paper, Part, Say, Table, Value
from ombud.documents.rights.records.cited import Cited, cited
from ombud.documents.rights.records.ropa import PARTY_ROWS, Party


@frozen(kw_only=True)
class Stored:
    """One kind of thing that Ombud keeps.

    Attributes:
        what: it is; where: it lies; about: what of a person is in it.
        why: purpose; ground: the provision, with how sure we are of it; retention: when it goes, and what deletes it.
        now: how many there are on this day, where that can be counted.
    """

    what: str
    where: str
    about: str
    why: str
    ground: str
    retention: str
    now: Value = "not counted"


@frozen(kw_only=True)
class OwnRecord:
    """Ombud as a processing activity."""

    controller: Party
    day: date
    stored: tuple[Stored, ...]
    security: Value
    recipients: Value
    laws: tuple[Cited, ...]


def own_paper(record: OwnRecord) -> Paper:
    """Ombud's own entry for the record of processing."""
    return Paper(
        title="Ombud as a processing activity", kicker=f"What Ombud itself keeps · {record.day.isoformat()}",
        day=record.day, author="Ombud", parts=tuple(_parts(record)), sheets=tuple(_sheets(record)),
        foot=f"What Ombud itself keeps about people · {record.day.isoformat()}",
    )  # fmt: skip


def _parts(record: OwnRecord) -> Iterator[Part]:
    yield Say("Answering people takes keeping something about them. This is all that Ombud keeps.", "lead")
    yield Facts(
        (
            *((term, getattr(record.controller, field)) for term, field in PARTY_ROWS),
            ("Purpose", "Answer requests under data protection law, prove the answers, and keep them true afterwards."),
            (
                "People concerned",
                "Those who ask, and those named in an identity column of a table that was checked.",
            ),
            ("Recipients", record.recipients),
            ("Transfers to third countries", "None by Ombud: it makes no network call that nobody asked for."),
            ("Security", record.security),
        ),
        "The activity",
    )
    yield Heading("What it keeps")
    for one in record.stored:
        yield Heading(one.what, 3)
        yield Facts(
            (("What of a person", one.about), ("Why", one.why), ("Ground", one.ground), ("Where", one.where),
             ("How long", one.retention), ("There today", one.now)), one.what,
        )  # fmt: skip
    yield cited(record.laws)


def _sheets(record: OwnRecord) -> Iterator[Table]:
    columns = tuple(Column(head, weight=3) for head in
                    ("What", "What of a person", "Why", "Ground", "Where", "How long", "There today"))  # fmt: skip
    rows = tuple((one.what, one.about, one.why, one.ground, one.where, one.retention, one.now) for one in record.stored)
    yield Table("What Ombud keeps", columns, rows, name="Kept")
