"""What a record of processing needs of each collection (GDPR Art. 30), and what erasure does: told or not told."""

from collections.abc import Iterator

from ombud.rights.map.finding import Finding
from ombud.rights.map.model import Collection, DataMap


def duties(map: DataMap) -> Iterator[Finding]:
    """Holes for the record of processing, and remarks on sources."""
    for collection in map.collections:
        if collection.personal:
            yield from _contents(collection)
            yield from _record(collection)
            yield from _erasing(collection)
    for source in map.sources:
        if any(one.personal for one in source.collections):
            if source.backups is None:
                says = "nobody said how long copies of erased data live on in backups"
                yield Finding(rule="backups", where=source.name, says=says, add="backups: 35d", hole=False)
            if not source.security:
                says = "nobody said how it is protected (Art. 30(1)(g))"
                yield Finding(rule="security", where=source.name, says=says, add="security: WORDS", hole=False)


def _contents(collection: Collection) -> Iterator[Finding]:
    if not collection.columns:
        says = "no column with personal data is named"
        add = "columns: {COLUMN: CATEGORY}, or personal: no"
        yield Finding(rule="columns", where=collection.address, says=says, add=add)
    bare = [column.name for column in collection.columns.values() if column.category is None]
    if bare:
        says = f"no category is said of {', '.join(bare)}"
        add = f"columns: {{{', '.join(f'{name}: CATEGORY' for name in bare)}}}"
        yield Finding(rule="category", where=collection.address, says=says, add=add)


def _record(collection: Collection) -> Iterator[Finding]:
    if not collection.purposes:
        says = "nobody said what the data is for (Art. 30(1)(b))"
        yield Finding(rule="purposes", where=collection.address, says=says, add="purposes: [PURPOSE]")
    if not collection.lawful_basis:
        says = "nobody said on what lawful basis it is held (Art. 6)"
        yield Finding(rule="lawful_basis", where=collection.address, says=says, add="lawful_basis: [contract]")
    if collection.retention is None:
        says = "nobody said how long it is kept (Art. 30(1)(f))"
        yield Finding(rule="retention", where=collection.address, says=says, add="retention: 10y")


def _erasing(collection: Collection) -> Iterator[Finding]:
    if collection.on_erase == "keep" and collection.exemption is None:
        says = "it is kept when somebody asks for erasure, and no ground is given"
        add = "exemption: {ground: legal-obligation, cite: PROVISION}"
        yield Finding(rule="exemption", where=collection.address, says=says, add=add)
