"""A record as a paper, and as plain JSON in which what is missing is marked."""

from datetime import date
from fractions import Fraction
from typing import Any

from attrs import asdict

from ombud.documents.paper import Hole, Paper
from ombud.documents.rights.records.cited import Cited
from ombud.documents.rights.records.consents import Consents, consents_paper
from ombud.documents.rights.records.figures import Figures, figures_paper
from ombud.documents.rights.records.log import RequestLog, log_paper
from ombud.documents.rights.records.own import OwnRecord, own_paper
from ombud.documents.rights.records.ropa import ControllerRecord, ProcessorRecord, controller_paper, processor_paper

__all__ = ["Cited", "Record", "paper", "plain"]

Record = ControllerRecord | ProcessorRecord | RequestLog | Figures | Consents | OwnRecord


def paper(record: Record) -> Paper:
    """A record to read."""
    match record:
        case ControllerRecord():
            return controller_paper(record)
        case ProcessorRecord():
            return processor_paper(record)
        case RequestLog():
            return log_paper(record)
        case Figures():
            return figures_paper(record)
        case Consents():
            return consents_paper(record)
        case OwnRecord():
            return own_paper(record)


def plain(record: Record) -> dict[str, Any]:
    """A record as JSON: its fields by name; a hole is {"missing": what, "where": file and key}; shares are decimals."""
    holes = [{"missing": hole.add, "where": hole.where} for hole in paper(record).holes]
    return {"record": type(record).__name__, **asdict(record, value_serializer=_plain), "holes": holes}


def _plain(_instance: Any, _field: Any, value: Any) -> Any:
    if isinstance(value, Hole):
        return {"missing": value.add, "where": value.where}
    if isinstance(value, Fraction):
        return round(float(value), 3)
    return value.isoformat() if isinstance(value, date) else value
