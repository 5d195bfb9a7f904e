"""Records computed from the map of data, the organisation's manifest, and the ledger: nothing is typed in twice.

`document(record, format)` writes any of them as html, pdf, docx, xlsx or json.
"""

from ombud.rights.records.activities import controller_record, processor_record
from ombud.rights.records.consent import consent_record
from ombud.rights.records.declared import Declared, load_declared
from ombud.rights.records.figures import request_log, yearly_figures
from ombud.rights.records.own import own_record
from ombud.rights.records.requests import requests_in
from ombud.rights.records.write import FORMATS, document

__all__ = [
    "FORMATS", "Declared", "consent_record", "controller_record", "document", "load_declared", "own_record",
    "processor_record", "request_log", "requests_in", "yearly_figures",
]  # fmt: skip
