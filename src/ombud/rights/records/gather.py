"""What records are made from, opened once: the map, the manifests beside it, and the ledger of the workspace."""

from collections.abc import Mapping
from datetime import date
from functools import cached_property
from pathlib import Path

from attrs import define

from ombud.documents.rights.records import (
    Consents,
    ControllerRecord,
    Figures,
    LoggedRequest,
    OwnRecord,
    ProcessorRecord,
    RequestLog,
)
from ombud.rights import export
from ombud.rights.map.model import DataMap
from ombud.rights.map.read import load_map
from ombud.rights.records.activities import controller_record, processor_record
from ombud.rights.records.consent import consent_record
from ombud.rights.records.declared import FILE, Declared, load_declared
from ombud.rights.records.figures import request_log, yearly_figures
from ombud.rights.records.own import own_record
from ombud.rights.records.requests import requests_in
from ombud.store.workspace import Workspace, open_workspace
from ombud.system.organisation import Organisation, load_organisation


@define(slots=False)
class Desk:
    """Where records are written; each thing is opened when it is first needed.

    Attributes:
        map_path: the map of data; organisation.yaml and records.yaml are looked for beside it.
        workspace: whose ledger it reads, and whose clock says which day it is.
    """

    map_path: Path
    workspace: Workspace

    @property
    def today(self) -> date:
        """The day, by the workspace's clock."""
        return self.workspace.context.clock.now().date()

    @cached_property
    def data_map(self) -> DataMap:
        """The map of data."""
        return load_map(self.map_path)

    @cached_property
    def organisation(self) -> Organisation | None:
        """The organisation's manifest, if there is one beside the map."""
        beside = self.map_path.parent / "organisation.yaml"
        return load_organisation(beside) if beside.exists() else None

    @cached_property
    def declared(self) -> Declared:
        """What records.yaml adds."""
        return load_declared(self.map_path.parent / FILE)

    @cached_property
    def requests(self) -> tuple[tuple[LoggedRequest, ...], tuple[str, ...]]:
        """The requests in the ledger, and what could not be read as one."""
        return requests_in(self.workspace.ledger.log().trusted("case"))

    @property
    def name(self) -> str:
        """The organisation's name, as the head of a record."""
        return self.organisation.name if self.organisation else "An organisation without a manifest"

    def controller(self) -> ControllerRecord:
        """Art. 30(1)."""
        return controller_record(self.data_map, self.organisation, self.declared, self.today)

    def processor(self) -> ProcessorRecord:
        """Art. 30(2)."""
        return processor_record(self.organisation, self.declared, self.today)

    def log(self, since: date | None = None) -> RequestLog:
        """11 CCR § 7101."""
        requests, problems = self.requests
        return request_log(self.name, requests, self.today, problems, since)

    def figures(self, year: int | None = None) -> Figures:
        """11 CCR § 7102; by default of last year."""
        requests, problems = self.requests
        return yearly_figures(self.name, requests, year or self.today.year - 1, self.today, problems)

    def consents(self) -> Consents:
        """Art. 7."""
        requests, problems = self.requests
        listed = _listed(self.workspace)
        return consent_record(self.name, self.data_map, self.declared, requests, self.today, listed, problems)

    def own(self) -> OwnRecord:
        """Ombud itself."""
        return own_record(self.organisation, self.declared, self.today, self.counted())

    def counted(self) -> Mapping[str, int]:
        """How many of each kind of thing Ombud keeps today, where it can be counted."""
        lists = len(self.workspace.people.lists())
        return {"exports": len(export.packages(self.workspace)), "ledger": self.workspace.ledger.size, "lists": lists}


def desk(map_path: Path) -> Desk:
    """A desk over a map and the workspace above the folder it lies in.

    Raises:
        NotFound: there is no workspace.
    """
    return Desk(map_path, open_workspace(map_path.resolve().parent))


def _listed(workspace: Workspace) -> tuple[tuple[str, date, str], ...]:
    """Case, day and system of each consent on the list of those taken back."""
    entries = [one for one in workspace.people.lists() if one.list == "consent-withdrawn"]
    return tuple((one.case, one.since, one.system or "all systems") for one in entries)
