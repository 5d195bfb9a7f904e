"""The record of processing activities, Art. 30 GDPR: of a controller, (1), and of a processor, (2)."""

from collections.abc import Iterator
from datetime import date
from typing import Final

from attrs import frozen

from ombud.documents.paper import Column, Facts, Heading, Hole, Note, Paper, Part, Say, Table, Value, said
from ombud.documents.rights.records.cited import Cited, cited
from ombud.documents.words import counted


@frozen(kw_only=True)
class Party:
    """Who answers for the processing: name, contact, representative and data protection officer, or holes."""

    name: Value
    contact: Value
    representative: Value
    officer: Value


@frozen(kw_only=True)
class Activity:
    """One purpose, and all that serves it.

    Attributes:
        purpose: what for, Art. 30(1)(b); places: collections that serve it; systems: of machine learning.
        basis: of Art. 6 (not asked for by Art. 30, and wanted by everybody who reads the record).
        subjects, categories: of people and of data, (c); recipients: (d); transfers: to third countries, (e).
        retention: when data go, (f); security: how they are kept safe, (g).
    """

    purpose: Value
    places: tuple[str, ...]
    systems: tuple[str, ...] = ()
    basis: Value
    subjects: Value
    categories: Value
    recipients: Value
    transfers: Value
    retention: Value
    security: Value


@frozen(kw_only=True)
class ControllerRecord:
    """The record of a controller."""

    controller: Party
    joint: Value
    processors: Value
    activities: tuple[Activity, ...]
    day: date
    laws: tuple[Cited, ...]


@frozen(kw_only=True)
class Client:
    """For whom a processor works: the controller, its contact, and what is done for it, Art. 30(2)(a) to (d)."""

    controller: Value
    contact: Value
    categories: Value
    transfers: Value
    security: Value


@frozen(kw_only=True)
class ProcessorRecord:
    """The record of a processor."""

    processor: Party
    clients: tuple[Client, ...]
    day: date
    laws: tuple[Cited, ...]


ACTIVITY_ROWS: Final = (
    ("Legal basis", "basis"),
    ("People concerned", "subjects"),
    ("Categories of data", "categories"),
    ("Recipients", "recipients"),
    ("Transfers to third countries", "transfers"),
    ("Erased after", "retention"),
    ("Security", "security"),
)
CLIENT_ROWS: Final = (
    ("Contact", "contact"),
    ("What is done for it", "categories"),
    ("Transfers to third countries", "transfers"),
    ("Security", "security"),
)
PARTY_ROWS: Final = (
    ("Name", "name"),
    ("Contact", "contact"),
    ("Representative", "representative"),
    ("Data protection officer", "officer"),
)


def controller_paper(record: ControllerRecord) -> Paper:
    """The controller's record."""
    name = _name(record.controller.name)
    return Paper(
        title="Record of processing activities", kicker=f"{name} · controller · {record.day.isoformat()}",
        day=record.day, author=name, foot=f"{name} · record of processing activities of {record.day.isoformat()}",
        parts=tuple(_controller_parts(record)), sheets=tuple(_controller_sheets(record)),
    )  # fmt: skip


def processor_paper(record: ProcessorRecord) -> Paper:
    """The processor's record."""
    name = _name(record.processor.name)
    return Paper(
        title="Record of processing on behalf of others", kicker=f"{name} · processor · {record.day.isoformat()}",
        day=record.day, author=name, foot=f"{name} · record of a processor of {record.day.isoformat()}",
        parts=tuple(_processor_parts(record)), sheets=tuple(_processor_sheets(record)),
    )  # fmt: skip


def _controller_parts(record: ControllerRecord) -> Iterator[Part]:
    yield Say(
        f"{counted(len(record.activities), 'activity', 'activities')}, read from the map of data and from what the "
        "organisation declares.", "lead",
    )  # fmt: skip
    yield from _holes(_all(record))
    yield Heading("Controller")
    yield Facts(_controller(record), "Controller")
    for activity in record.activities:
        yield Heading(_name(activity.purpose))
        yield Facts(tuple(_activity(activity)), "Processing activity")
    yield cited(record.laws)


def _processor_parts(record: ProcessorRecord) -> Iterator[Part]:
    yield Say(f"Processing for {counted(len(record.clients), 'controller')}.", "lead")
    yield from _holes(_all(record))
    yield Heading("Processor")
    yield Facts(_party(record.processor), "Processor")
    for client in record.clients:
        yield Heading(_name(client.controller))
        yield Facts(tuple((term, getattr(client, field)) for term, field in CLIENT_ROWS), "Controller")
    yield cited(record.laws)


def _controller(record: ControllerRecord) -> tuple[tuple[str, Value], ...]:
    return (
        *_party(record.controller),
        ("Joint controllers", record.joint),
        ("Processors", record.processors),
    )


def _party(party: Party) -> tuple[tuple[str, Value], ...]:
    return tuple((term, getattr(party, field)) for term, field in PARTY_ROWS)


def _activity(activity: Activity) -> Iterator[tuple[str, Value]]:
    if isinstance(activity.purpose, Hole):
        yield "Purpose", activity.purpose
    yield from ((term, getattr(activity, field)) for term, field in ACTIVITY_ROWS)
    if activity.systems:
        yield "Machine learning", activity.systems
    yield "Where", activity.places


def _name(value: Value) -> str:
    """A value as a heading or a name; a hole is short there and told in full below."""
    first = said(value)[0] if said(value) else ""
    return f"[{first.add}: missing]" if isinstance(first, Hole) else first


def _all(record: ControllerRecord | ProcessorRecord) -> list[Value]:
    if isinstance(record, ControllerRecord):
        rows = [[v for _, v in _activity(one)] for one in record.activities]
        return [*(value for _, value in _controller(record)), *(v for row in rows for v in row)]
    clients = [getattr(one, field) for one in record.clients for _, field in CLIENT_ROWS]
    return [*(value for _, value in _party(record.processor)), *(one.controller for one in record.clients), *clients]


def _holes(values: list[Value]) -> Iterator[Part]:
    """How many fields are missing, and in which files they are added; or that none is."""
    holes = list(dict.fromkeys(one for value in values for one in said(value) if isinstance(one, Hole)))
    if not holes:
        yield Note("Nothing is missing", ("Every field that the article asks for is filled. Read whether it is true.",))
        return
    files = sorted({hole.where.partition(":")[0] for hole in holes})
    yield Note(
        f"{counted(len(holes), 'field')} missing",
        (f"They are marked where they belong, and can be added in {', '.join(files)}.",), "hole",
    )  # fmt: skip


# --- for a spreadsheet: a row an activity -----------------------------------------------------------------------------


def _controller_sheets(record: ControllerRecord) -> Iterator[Table]:
    yield _party_sheet("Controller", _controller(record))
    heads = ("Purpose", *(term for term, _ in ACTIVITY_ROWS), "Machine learning", "Where")
    rows = tuple(
        (one.purpose, *(getattr(one, field) for _, field in ACTIVITY_ROWS), one.systems or "–", one.places)
        for one in record.activities
    )
    columns = tuple(Column(head, weight=2) for head in heads)
    yield Table("Processing activities", columns, rows, "None in the map.", "Activities")


def _processor_sheets(record: ProcessorRecord) -> Iterator[Table]:
    yield _party_sheet("Processor", _party(record.processor))
    heads = ("Controller", *(term for term, _ in CLIENT_ROWS))
    rows = tuple((one.controller, *(getattr(one, field) for _, field in CLIENT_ROWS)) for one in record.clients)
    yield Table("Processing for controllers", tuple(Column(head, weight=2) for head in heads), rows, "None.", "Clients")


def _party_sheet(name: str, rows: tuple[tuple[str, Value], ...]) -> Table:
    return Table(name, (Column("What", weight=2), Column("Who", weight=4)), rows, name=name)
