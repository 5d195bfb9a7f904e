"""The map of data as objects: sources, their collections, columns and references."""

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from attrs import field, frozen

from ombud.rights.map import taxonomy

Origin = Literal["provided", "observed", "inferred"]
"""Where a value comes from: the person said it, it was seen of them, or it was computed about them."""

OnErase = Literal["delete", "mask", "keep"]
Binding = Literal["belongs", "mentions"]
"""What a reference means: the row belongs to the row it points at, or only mentions it."""


def _frozen_map(values: Mapping[str, Any]) -> Mapping[str, Any]:
    return MappingProxyType(dict(values))


@frozen(kw_only=True)
class Column:
    """A column with personal data.

    Attributes:
        name: in its table.
        category: key of the taxonomy, for example "user.contact.email"; None where nobody said.
        origin: who it comes from; decides whether it is portable (GDPR Art. 20: not what was inferred). None: nobody
            said, and that is what the person is told.
        secret: never disclosed raw (passwords, account numbers: 11 CCR § 7024); told only that it is held.
        third_party: it is about somebody else and is redacted in a copy.
        mask: the value written where a row is kept but the person is taken out of it; None: null, or a token.
    """

    name: str
    category: str | None = None
    origin: Origin | None = None
    secret: bool = False
    third_party: bool = False
    mask: str | None = None


@frozen(kw_only=True)
class Reference:
    """From columns of a collection to those of another.

    Attributes:
        columns: here, in order; to: address of the collection there ("core.customers"); to_columns: there, in order.
        binding: "belongs": the row is the other's (an order of a customer). "mentions": it only points there
            (the manager of an employee), so it is not the person's, and the pointer is taken out when they are erased.
        nullable: whether the columns may be emptied; None where it is not known.
        said: whether a person said what it means; False where it follows from a database's foreign key alone.
    """

    columns: tuple[str, ...]
    to: str
    to_columns: tuple[str, ...]
    binding: Binding = "belongs"
    nullable: bool | None = None
    said: bool = True


@frozen(kw_only=True)
class Exemption:
    """Why a collection is kept, wholly or for a time, although the person asked for erasure.

    Attributes:
        ground: key of the ground in law data (for example "legal-obligation"); cite: the provision that asks for it.
        until: to that day; None: as long as the retention runs.
        hold: a legal hold: it beats every right until somebody lifts it.
    """

    ground: str
    cite: str = ""
    until: date | None = None
    hold: bool = False


@frozen(kw_only=True)
class Collection:
    """A table, a set of files of one shape, or what a service holds.

    Attributes:
        source: name of its source; name: its own; `address` is both.
        table: how the source calls it: "public.customers", "people/*.parquet", "/v1/people".
        key: columns that tell its rows apart; empty where there are none.
        identities: column → kind of identity that it holds.
        columns: those with personal data, by name; identity columns are among them.
        references: to other collections of the map.
        personal: whether it holds personal data at all; one without is only a step between others.
        purposes, recipients, lawful_basis: for Art. 15 and Art. 30.
        origin: where the data comes from, in words ("the person", "credit bureau").
        retention: how long rows are kept, in words of the manifest ("10y"); None where nobody said.
        on_erase: what erasure means here; exemption: why it is kept, if it is.
        versions: how a file collection keeps old states ("none", "delta").
        logic: system whose automated decisions are in it; None for none.
        training_of: systems that take training rows from here.
    """

    source: str
    name: str
    table: str
    key: tuple[str, ...] = ()
    identities: Mapping[str, str] = field(factory=dict, converter=_frozen_map)
    columns: Mapping[str, Column] = field(factory=dict, converter=_frozen_map)
    references: tuple[Reference, ...] = ()
    personal: bool = True
    purposes: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    lawful_basis: tuple[str, ...] = ()
    origin: str = ""
    retention: str | None = None
    on_erase: OnErase = "delete"
    exemption: Exemption | None = None
    logic: str | None = None
    training_of: tuple[str, ...] = ()

    @property
    def address(self) -> str:
        """Source and name, as references and outcomes write it."""
        return f"{self.source}.{self.name}"


@frozen(kw_only=True)
class SourceSpec:
    """A place with data.

    Attributes:
        name: as outcomes call it.
        kind: sql, parquet, csv, jsonl, delta, mlflow, http, mail or manual.
        address: URL or path; may name ${env:…}, never holds a secret.
        collections: what is in it, in the order of the map.
        backups: how long copies of erased data can live on in backups ("35d"); None: nobody said.
        owner: the function that does the manual steps.
        region: where it lies (ISO 3166), for transfers.
        security: how it is protected, in words, for Art. 30(1)(g).
        options: what else the kind takes.
    """

    name: str
    kind: str
    address: str
    collections: tuple[Collection, ...] = ()
    backups: str | None = None
    owner: str = ""
    region: str | None = None
    security: str = ""
    options: Mapping[str, str] = field(factory=dict, converter=_frozen_map)


@frozen(kw_only=True)
class DataMap:
    """Where people are.

    Attributes:
        path: the file it was read from; relative addresses start in its folder.
        identities: kinds that a request may come with → category of the taxonomy.
        sources: in the order of the file.
        digest: SHA-256 of the file's bytes.
        one_person: kind → whether the map says that each value is one person's alone; others go by their category.
        categories: categories of the map's own → what they are.
        unread: source → why its database's keys and references could not be read; a search counts it as away.
    """

    path: Path
    identities: Mapping[str, str] = field(converter=_frozen_map)
    sources: tuple[SourceSpec, ...]
    digest: str = ""
    one_person: Mapping[str, bool] = field(factory=dict, converter=_frozen_map)
    categories: Mapping[str, str] = field(factory=dict, converter=_frozen_map)
    unread: Mapping[str, str] = field(factory=dict, converter=_frozen_map)

    @property
    def collections(self) -> tuple[Collection, ...]:
        """All collections, in the order of the file."""
        return tuple(one for source in self.sources for one in source.collections)

    def collection(self, address: str) -> Collection:
        """The collection with an address ("core.customers"); KeyError if there is none."""
        return {one.address: one for one in self.collections}[address]

    def source(self, name: str) -> SourceSpec:
        """The source with a name; KeyError if there is none."""
        return {one.name: one for one in self.sources}[name]

    def rank(self, kind: str) -> int:
        """How surely a value of a kind tells one person from others (1: surely): as the map says, or by category."""
        said = self.one_person.get(kind)
        if said is not None:
            return 1 if said else taxonomy.least()
        return taxonomy.rank(self.identities.get(kind, ""))

    def references_to(self, address: str) -> Iterable[tuple[Collection, Reference]]:
        """Who points at a collection."""
        for collection in self.collections:
            for reference in collection.references:
                if reference.to == address:
                    yield collection, reference
