"""Ombud's own entry for the record of processing: what it keeps about people itself, counted where it can be."""

from collections.abc import Mapping
from datetime import date
from importlib.resources import files

import yaml

from ombud.documents.paper import Hole
from ombud.documents.rights.records import OwnRecord, Stored
from ombud.rights.records.activities import party
from ombud.rights.records.declared import FILE, Declared
from ombud.rights.records.law import cite
from ombud.system.organisation import Organisation


def own_record(
    organisation: Organisation | None, declared: Declared, day: date, counted: Mapping[str, int]
) -> OwnRecord:
    """Ombud as a processing activity.

    Args:
        counted: kind of thing ("aliases", "exports") → how many there are today; what is absent was not counted.
    """
    written = yaml.safe_load((files("ombud.rights.records") / "own.yaml").read_text(encoding="utf-8"))
    stored = [
        Stored(now=str(counted[one["key"]]) if one["key"] in counted else "not counted",
               **{name: text for name, text in one.items() if name != "key"})
        for one in written
    ]  # fmt: skip
    return OwnRecord(
        controller=party(organisation, declared), day=day, stored=tuple(stored),
        security=_security(declared), recipients="None by Ombud itself.",
        laws=cite(day, "GDPR.30.1", "GDPR.5.2", "CCR.7101"),
    )  # fmt: skip


def _security(declared: Declared) -> tuple[str | Hole, ...]:
    disk = Hole("how the disk of the store is encrypted", f"{FILE}: controller.store_security")
    return (
        "Keyed fingerprints in place of identities wherever they suffice; the key lies apart from the store.",
        "A signed, append-only ledger without identities; packages encrypted with AES-256.",
        "SQLite overwrites what it deletes (secure_delete).",
        *(declared.store_security or (disk,)),
    )
