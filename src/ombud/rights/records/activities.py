"""The record of processing, Art. 30, read from the map of data: one activity a purpose, and a hole for each silence."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Final

from ombud.documents.paper import Hole, Value
from ombud.documents.rights.records import Activity, Client, ControllerRecord, Party, ProcessorRecord
from ombud.errors import Misused
from ombud.law.vocabulary import EEA
from ombud.rights.map import taxonomy
from ombud.rights.map.model import Collection, DataMap, SourceSpec
from ombud.rights.records.declared import FILE, Declared, ForWhom
from ombud.rights.records.law import cite
from ombud.system.duration import Duration
from ombud.system.organisation import Organisation, Processor

ORGANISATION: Final = "organisation.yaml"
BASES: Final = {
    "consent": "a", "contract": "b", "legal-obligation": "c", "vital-interests": "d", "public-task": "e",
    "legitimate-interests": "f",
}  # fmt: skip
"""Lawful basis → its letter in Art. 6(1)."""


def controller_record(
    data_map: DataMap, organisation: Organisation | None, declared: Declared, day: date
) -> ControllerRecord:
    """The controller's record, Art. 30(1).

    Args:
        data_map: where the data are; organisation: its manifest, None if there is none.
        declared: what `records.yaml` adds; day: of the record.
    """
    return ControllerRecord(
        controller=party(organisation, declared),
        joint=declared.joint or Hole("the joint controllers, or none", f"{FILE}: controller.joint"),
        processors=_processors(organisation, declared),
        activities=tuple(_activities(data_map, declared)),
        day=day,
        laws=cite(day, "GDPR.30.1"),
    )


def processor_record(organisation: Organisation | None, declared: Declared, day: date) -> ProcessorRecord:
    """The processor's record, Art. 30(2).

    Raises:
        Misused: nobody said for whom the organisation processes.
    """
    if declared.processing_for is None:
        raise Misused(
            "nobody said for whom you process data", f"Add processing_for to {FILE}, or leave --processor out."
        )
    return ProcessorRecord(
        processor=party(organisation, declared),
        clients=tuple(_client(one, number) for number, one in enumerate(declared.processing_for)),
        day=day,
        laws=cite(day, "GDPR.30.2"),
    )


def party(organisation: Organisation | None, declared: Declared) -> Party:
    """Who answers for the processing, as far as the manifests say."""
    name: Value = organisation.name if organisation else Hole("the name of the organisation", f"{ORGANISATION}: name")
    return Party(
        name=name,
        contact=_contact(organisation),
        representative=_representative(organisation, declared),
        officer=_officer(organisation),
    )


def _representative(organisation: Organisation | None, declared: Declared) -> Value:
    """Only who is not established in the Union needs one (Art. 27)."""
    if declared.representative:
        return declared.representative
    inside = sorted(_country(place) for place in (organisation.establishment if organisation else ()) if _inside(place))
    if inside:
        return f"None needed: established in {', '.join(inside)}"
    return Hole("the representative in the Union, or none", f"{FILE}: controller.representative")


def _contact(organisation: Organisation | None) -> Value:
    if organisation is None or organisation.contact is None:
        return Hole("how the organisation is reached", f"{ORGANISATION}: contact")
    return (*organisation.contact.address, organisation.contact.write_to)


def _officer(organisation: Organisation | None) -> Value:
    """The function that is the data protection officer, and how it is reached."""
    functions = organisation.people.get("dpo", ()) if organisation else ()
    reached = organisation.contact.officer if organisation and organisation.contact else None
    hole = Hole("how the data protection officer is reached, or none", f"{ORGANISATION}: contact.officer")
    return (*functions, reached or hole)


def _processors(organisation: Organisation | None, declared: Declared) -> Value:
    if organisation is None or organisation.processors is None:
        return Hole("who processes for the organisation, or an empty list", f"{ORGANISATION}: processors")
    told = tuple(value for one in organisation.processors for value in _processor(one, declared))
    return told or "None"


def _processor(one: Processor, declared: Declared) -> Iterator[str | Hole]:
    where = f" ({', '.join(one.regions)})" if one.regions else ""
    yield f"{one.name}{where}{f': {one.does}' if one.does else ''}"
    if not one.regions:
        yield Hole(f"where {one.name} processes", f"{ORGANISATION}: processors.regions")
    yield from _safeguards(one.regions, declared)


# --- activities -------------------------------------------------------------------------------------------------------


def _activities(data_map: DataMap, declared: Declared) -> Iterator[Activity]:
    """One activity for each purpose in the map, and one for each collection without any."""
    personal = [one for one in data_map.collections if one.personal]
    for purpose in dict.fromkeys(purpose for one in personal for purpose in one.purposes):
        yield _activity(purpose, [one for one in personal if purpose in one.purposes], data_map, declared)
    for one in personal:
        if not one.purposes:
            yield _activity(_hole(data_map, one, "the purpose", "purposes"), [one], data_map, declared)


def _activity(purpose: Value, places: Sequence[Collection], data_map: DataMap, declared: Declared) -> Activity:
    sources = [data_map.source(name) for name in dict.fromkeys(one.source for one in places)]
    return Activity(
        purpose=purpose,
        places=tuple(one.address for one in places),
        systems=tuple(dict.fromkeys(said for one in places for said in _systems(one))),
        basis=_unique(_bases(data_map, one) for one in places),
        subjects=_unique(_subjects(one, declared) for one in places),
        categories=_unique(_categories(data_map, one) for one in places),
        recipients=_recipients(places),
        transfers=_unique(_transfers(data_map, one, declared) for one in sources) or "None",
        retention=tuple(_retention(data_map, one) for one in places),
        security=tuple(_security(data_map, one) for one in sources),
    )


def _systems(one: Collection) -> Iterator[str]:
    if one.logic:
        yield f"{one.logic} decides with them"
    yield from (f"{system} learns from them" for system in one.training_of)


def _bases(data_map: DataMap, one: Collection) -> Iterator[str | Hole]:
    for basis in one.lawful_basis:
        letter = f", Art. 6(1)({BASES[basis]})" if basis in BASES else ""
        yield f"{basis.replace('-', ' ')}{letter}"
    if not one.lawful_basis:
        yield _hole(data_map, one, "the lawful basis", "lawful_basis")


def _subjects(one: Collection, declared: Declared) -> tuple[str | Hole, ...]:
    found = declared.people.get(one.address) or declared.people.get(one.source)
    return found or (Hole(f"who the people in {one.address} are", f"{FILE}: people.{one.address}"),)


def _categories(data_map: DataMap, one: Collection) -> Iterator[str | Hole]:
    if not one.columns:
        yield _hole(data_map, one, "its columns with personal data", "columns")
    for column in one.columns.values():
        if column.category:
            yield taxonomy.words(column.category, data_map.categories)
        else:
            yield _hole(data_map, one, f"the category of {column.name}", f"columns.{column.name}.category")


def _recipients(places: Sequence[Collection]) -> Value:
    return _unique(one.recipients for one in places) or "None declared"


def _transfers(data_map: DataMap, source: SourceSpec, declared: Declared) -> Iterator[str | Hole]:
    if source.region is None:
        yield Hole(f"where {source.name} lies", f"{data_map.path.name}: sources.{source.name}.region")
    elif not _inside(source.region):
        yield f"{source.name} lies in {source.region}"
        yield from _safeguards((source.region,), declared)


def _safeguards(regions: Iterable[str], declared: Declared) -> Iterator[str | Hole]:
    """What makes each transfer out of the EEA lawful, or a hole."""
    for country in dict.fromkeys(_country(region) for region in regions if not _inside(region)):
        safeguard = declared.transfers.get(country)
        yield (
            f"{country}: {safeguard}" if safeguard
            else Hole(f"the safeguard for transfers to {country}", f"{FILE}: transfers.{country}")
        )  # fmt: skip


def _retention(data_map: DataMap, one: Collection) -> str | Hole:
    if not one.retention:
        return _hole(data_map, one, "how long rows are kept", "retention")
    backups = data_map.source(one.source).backups
    also = f"; in backups up to {in_words(backups)} longer" if backups else ""
    kept = f"; kept on the ground {one.exemption.ground}" if one.exemption else ""
    return f"{one.address}: {in_words(one.retention)}{also}{kept}"


def in_words(length: str) -> str:
    """ "10y" is "10 years"; what is no length of time is already words."""
    try:
        return Duration.parse(length).words
    except Misused:
        return length


def _security(data_map: DataMap, source: SourceSpec) -> str | Hole:
    if not source.security:
        return Hole(f"how {source.name} is kept safe", f"{data_map.path.name}: sources.{source.name}.security")
    return f"{source.name}: {source.security}"


def _client(one: ForWhom, number: int) -> Client:
    def hole(add: str, key: str) -> Hole:
        return Hole(f"{add} for {one.name}", f"{FILE}: processing_for.{number}.{key}")

    return Client(
        controller=one.name,
        contact=one.contact or hole("the contact", "contact"),
        categories=one.categories or hole("what is done", "categories"),
        transfers=one.transfers or hole("the transfers, or none,", "transfers"),
        security=one.security or hole("the security", "security"),
    )


def _hole(data_map: DataMap, one: Collection, called: str, key: str) -> Hole:
    return Hole(f"{called} of {one.address}", f"{key_in(data_map, one)}.{key}")


def key_in(data_map: DataMap, one: Collection) -> str:
    """The file and the key at which a collection is written in the map."""
    return f"{data_map.path.name}: sources.{one.source}.collections.{one.name}"


def _unique(values: Iterable[Iterable[str | Hole]]) -> tuple[str | Hole, ...]:
    return tuple(dict.fromkeys(one for several in values for one in several))


def _country(place: str) -> str:
    return place.partition("-")[0]


def _inside(place: str) -> bool:
    """Whether a place lies in the European Economic Area."""
    return _country(place) in EEA or place in ("EU", "EEA")
