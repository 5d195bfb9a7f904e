"""A desk at which requests are carried out, over small files: for tests of what is done and of what is said of it."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from attrs import define, field, frozen

from asked import ANN, OFFICER, TODAY, office, proved
from ledgers import Clock
from ombud.rights.decide import Decision, Kept, review
from ombud.rights.desk import Desk, Open
from ombud.rights.map.live import complete
from ombud.rights.map.model import Collection, SourceSpec
from ombud.rights.map.read import load_map
from ombud.rights.receive import receive
from ombud.rights.request import Request
from ombud.rights.search import search
from ombud.rights.sources.source import Change, Match, Outcome, Progress, Selection
from ombud.store.identity import Identity
from ombud.system.organisation import load_organisation

BOB = Identity("email", "bob@example.org")

ORGANISATION = """\
name: A shop made for tests
establishment: [DE]
contact: {write_to: privacy@shop.example, address: 1 Test Street}
facts: {public_body: no}
"""

SOURCES = """\
identities: {email: user.contact.email, customer: user.unique_id}
sources:
  core:
    jsonl: core
    backups: 35d
    collections:
      people:
        table: people.jsonl
        identities: {email: email, id: customer}
        columns: {name: user.name, pin: {category: user.authorization.password, secret: true}}
        recipients: [parcel service]
      invoices:
        table: invoices.jsonl
        identities: {customer: customer}
        columns: {total: user.financial}
        recipients: [tax office]
  lake:
    csv: lake
    collections:
      visits:
        table: visits.csv
        identities: {email: email}
        columns: {page: user.behavior.browsing_history}
        recipients: [web analytics]
"""

ROWS: Mapping[str, list[dict[str, Any]]] = {
    "core/people.jsonl": [
        {"id": "C-1", "email": "ann@example.org", "name": "Ann Unique", "pin": "pin-of-ann", "note": "undeclared"},
        {"id": "C-2", "email": "bob@example.org", "name": "Bob Unique", "pin": "pin-of-bob", "note": "undeclared"},
    ],
    "core/invoices.jsonl": [{"customer": "C-1", "total": 40}, {"customer": "C-2", "total": 70}],
}
VISITS = "email,page\nann@example.org,/a\nbob@example.org,/b\nann@example.org,/c\n"


def fill(folder: Path) -> None:
    """Write all files anew, as a restored backup would."""
    for name in ("core", "lake"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for name, rows in ROWS.items():
        (folder / name).write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    (folder / "lake" / "visits.csv").write_text(VISITS, encoding="utf-8")


def desk_at(folder: Path, sources: str = SOURCES, at: datetime = TODAY) -> tuple[Desk, Clock]:
    """A desk over small files, and the clock by which it works."""
    fill(folder)
    (folder / "organisation.yaml").write_text(ORGANISATION, encoding="utf-8")
    workspace, clock = office(folder, at)
    return Desk(workspace, mapped(folder, sources), OFFICER, load_organisation(folder / "organisation.yaml")), clock


def mapped(folder: Path, sources: str) -> Any:
    """The map, read from a file beside the data."""
    (folder / "sources.yaml").write_text(sources, encoding="utf-8")
    return complete(load_map(folder / "sources.yaml"))


def ask(desk: Desk, right: str = "erasure", lives: str = "DE", **more: Any) -> str:
    """A request of Ann's that was proved; the number of its case."""
    given = {"identities": (ANN,), "name": "Ann Unique", "contact": "Ann Unique\n1 Street", **more}
    received = receive(desk.workspace, Request(right=right, lives=tuple(lives.split()), **given), OFFICER)
    return proved(desk.workspace, received.case).id


def granted(desk: Desk, right: str = "erasure", lives: str = "DE", keep: Sequence[Kept] = (), **more: Any) -> str:
    """The same, searched for and granted; partly, where something is kept."""
    number = ask(desk, right, lives, **more)
    search(desk, number)
    grant(desk, number, keep)
    return number


def grant(desk: Desk, number: str, keep: Sequence[Kept] = ()) -> None:
    """Grant a request under every law; partly under those by which something is kept."""
    laws = desk.case(number).opened["laws"]
    partly = {one.law or laws[0] for one in keep}
    decided = [Decision(law=law, decision="partly" if law in partly else "grant") for law in laws]
    review(desk.workspace, number, decided, keep, OFFICER, reasons="The law wants it." if keep else "")


def states(outcomes: Sequence[Outcome]) -> dict[str, str]:
    """Place → what became of it."""
    return {one.collection: str(one.state) for one in outcomes}


def left_in(folder: Path, word: str = "ann@example.org") -> list[str]:
    """The files in which a word stands."""
    files = [*(folder / "core").iterdir(), *(folder / "lake").iterdir()]
    return sorted(one.name for one in files if word in one.read_text(encoding="utf-8"))


@define
class Wrapped:
    """A source that does what another does, but for what a test says."""

    inner: Any
    erases: Callable[[Any, Selection], tuple[Outcome, ...]] | None = None
    calls: list[str] = field(factory=list)

    @property
    def spec(self) -> SourceSpec:
        return self.inner.spec  # type: ignore[no-any-return]

    def lookup(
        self, collection: Collection, matches: Sequence[Match], columns: Sequence[str] | None = None
    ) -> Iterator[dict[str, Any]]:
        return self.inner.lookup(collection, matches, columns)  # type: ignore[no-any-return]

    def count(self, collection: Collection, matches: Sequence[Match]) -> int:
        return self.inner.count(collection, matches)  # type: ignore[no-any-return]

    def queries(self, collection: Collection, matches: Sequence[Match]) -> tuple[str, ...]:
        return self.inner.queries(collection, matches)  # type: ignore[no-any-return]

    def erase(self, selection: Selection, progress: Progress | None = None) -> tuple[Outcome, ...]:
        if self.erases is not None:
            return self.erases(self.inner, selection)
        return self.inner.erase(selection, progress)  # type: ignore[no-any-return]

    def change(self, change: Change, matches: Sequence[Match]) -> Outcome:
        return self.inner.change(change, matches)  # type: ignore[no-any-return]

    def identities(self, collection: Collection, column: str) -> Iterator[str]:
        return self.inner.identities(collection, column)  # type: ignore[no-any-return]

    def close(self) -> None:
        self.inner.close()


@frozen(eq=False, kw_only=True)
class Rigged(Desk):
    """A desk some of whose sources erase as a test says; name → how."""

    erases: Mapping[str, Callable[[Any, Selection], tuple[Outcome, ...]]]

    def opener(self, case: Any) -> Open:
        usual = Desk.opener(self, case)
        return lambda spec, base: Wrapped(usual(spec, base), self.erases.get(spec.name))


def rigged(desk: Desk, **erases: Any) -> Rigged:
    """The desk, with sources that erase otherwise."""
    return Rigged(
        workspace=desk.workspace, data_map=desk.data_map, holder=desk.holder, organisation=desk.organisation,
        erases=erases,
    )  # fmt: skip
