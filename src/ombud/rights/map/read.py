"""Reads `sources.yaml` into the map of data: each mistake with its line, its key and the nearest right word."""

from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Final

from ombud.errors import NotFound
from ombud.rights.map.model import Collection, Column, DataMap, Exemption, Reference, SourceSpec
from ombud.rights.map.pointing import read_reference
from ombud.rights.map.schema import KINDS, CollectionFile, ColumnFile, MapFile, SourceFile
from ombud.rights.map.taxonomy import NEVER_RAW_CITE, closest, known, never_raw
from ombud.system.border import understand
from ombud.system.secrets import Rules, names_secret, references, refuse_secrets
from ombud.system.words import nearest, quoted
from ombud.system.yaml_lines import Key, Written, read_yaml

FREE: Final = ("columns", "identities", "references", "options")
"""Keys of a source under which names are those of columns or options, and `token` may be one."""

RULES: Final = Rules(
    opened=lambda key: key[0] == "sources" and (key[2:] in {(one,) for one in KINDS} or key[2:3] == ("options",)),
    where="a source's address and its options",
    free=lambda key: key[0] == "identities" or any(part in FREE for part in key[2:-1]),
)


def load_map(path: str | Path) -> DataMap:
    """Read a map of data.

    Raises:
        NotFound: there is no such file.
        Invalid: the first mistake, with file, line, key and the nearest right one; a secret is never repeated.
    """
    path = Path(path)
    if not path.exists():
        raise NotFound("map of data", str(path), "Propose one from a database: ombud rights map draft URL")
    written = read_yaml(path)
    return read_map(written, sha256(path.read_bytes()).hexdigest())


def read_map(written: Written, digest: str = "") -> DataMap:
    """Understand a map that was read already; raises as `load_map`."""
    refuse_secrets(written, RULES)
    file = understand(MapFile, written)
    sources = tuple(_source(written, file, name) for name in file.sources)
    return DataMap(
        path=written.path,
        identities=dict(_kinds(written, file)),
        sources=sources,
        digest=digest,
        one_person={kind: one.one_person for kind, one in file.identities.items() if one.one_person is not None},
        categories=file.categories,
    )


def _kinds(written: Written, file: MapFile) -> Iterator[tuple[str, str]]:
    for kind, one in file.identities.items():
        _check_category(written, file, ("identities", kind), one.category)
        yield kind, one.category


def _source(written: Written, file: MapFile, name: str) -> SourceSpec:
    said = file.sources[name]
    kind = said.kinds[0]
    _check_options(written, name, said)
    return SourceSpec(
        name=name,
        kind=kind,
        address=str(getattr(said, kind)),
        collections=tuple(_collection(written, file, name, one) for one in said.collections),
        backups=str(said.backups) if said.backups else None,
        owner=said.owner or "",
        region=said.region,
        security=said.security or "",
        options=said.options,
    )


def _check_options(written: Written, name: str, said: SourceFile) -> None:
    for option, value in said.options.items():
        if names_secret(option) and value != "".join(f"${{env:{one}}}" for one in references(value)):
            raise written.invalid(("sources", name, "options", option), "secrets do not belong in a map", "${env:NAME}")


def _collection(written: Written, file: MapFile, source: str, name: str) -> Collection:
    around, said = file.sources[source], file.sources[source].collections[name]
    at: Key = ("sources", source, "collections", name)
    exempt = said.exemption
    return Collection(
        source=source,
        name=name,
        table=said.table or name,
        key=tuple(said.key),
        identities=_identities(written, file, at, said),
        columns=_columns(written, file, at, said),
        references=tuple(_references(written, file, source, at, said)),
        personal=said.personal is not False,
        purposes=tuple(said.purposes or around.purposes),
        recipients=tuple(said.recipients or around.recipients),
        lawful_basis=tuple(said.lawful_basis or around.lawful_basis),
        origin=said.origin or around.origin or "",
        retention=str(said.retention or around.retention or "") or None,
        on_erase=said.on_erase or "delete",
        exemption=Exemption(
            ground=exempt.ground, cite=exempt.cite or "", until=exempt.until, hold=bool(exempt.hold)
        ) if exempt else None,
        logic=said.logic,
        training_of=tuple(said.training_of),
    )  # fmt: skip


def _identities(written: Written, file: MapFile, at: Key, said: CollectionFile) -> Mapping[str, str]:
    for column, kind in said.identities.items():
        if kind not in file.identities:
            problem = f"{quoted(kind)} is not among the `identities` at the top of the map"
            raise written.invalid((*at, "identities", column), problem, nearest(kind, file.identities))
        described = said.columns.get(column)
        if described and described.third_party:
            problem = "is about somebody else, so it does not identify the person of its row"
            raise written.invalid((*at, "identities", column), problem)
    return said.identities


def _columns(written: Written, file: MapFile, at: Key, said: CollectionFile) -> dict[str, Column]:
    names = dict.fromkeys((*said.identities, *said.columns))
    return {name: _column(written, file, at, said, name) for name in names}


def _column(written: Written, file: MapFile, at: Key, said: CollectionFile, name: str) -> Column:
    here = said.columns.get(name) or ColumnFile()
    kind = said.identities.get(name)
    category = here.category or (file.identities[kind].category if kind else None)
    if category:
        _check_category(written, file, (*at, "columns", name), category)
    if never_raw(category) and here.secret is False:
        problem = f"data of this category is never shown raw ({NEVER_RAW_CITE}); take the line away"
        raise written.invalid((*at, "columns", name, "secret"), problem)
    return Column(
        name=name,
        category=category,
        origin=here.origin,
        secret=bool(here.secret) or never_raw(category),
        third_party=bool(here.third_party),
        mask=here.mask,
    )


def _check_category(written: Written, file: MapFile, at: Key, category: str) -> None:
    if not known(category, file.categories):
        problem = (
            f"{quoted(category)} is no category of the taxonomy; one of your own is declared under `categories` at the "
            f"top of the map"
        )
        raise written.invalid(at, problem, closest(category, file.categories))


def _references(written: Written, file: MapFile, source: str, at: Key, said: CollectionFile) -> Iterator[Reference]:
    for columns, targets in said.references.items():
        for target in targets:
            yield read_reference(written, file, source, (*at, "references", columns), target)
