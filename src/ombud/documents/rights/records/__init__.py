"""Records for the authority and for oneself: Art. 30, the log of requests, yearly figures, consents, Ombud's own entry.

Each is a typed record with `paper(record)` for reading and `plain(record)` for JSON.
"""

from ombud.documents.rights.records.consents import Consents, OnConsent, Withdrawal
from ombud.documents.rights.records.figures import Figures, TypeFigures
from ombud.documents.rights.records.log import LoggedRequest, RequestLog
from ombud.documents.rights.records.own import OwnRecord, Stored
from ombud.documents.rights.records.ropa import Activity, Client, ControllerRecord, Party, ProcessorRecord
from ombud.documents.rights.records.show import Cited, Record, paper, plain

__all__ = [
    "Activity", "Cited", "Client", "Consents", "ControllerRecord", "Figures", "LoggedRequest", "OnConsent", "OwnRecord",
    "Party", "ProcessorRecord", "Record", "RequestLog", "Stored", "TypeFigures", "Withdrawal", "paper", "plain",
]  # fmt: skip
