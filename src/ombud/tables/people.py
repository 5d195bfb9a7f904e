"""Who is in a table, and how many of them are on a list."""

# ruff: noqa: S608 (names and values enter SQL only through Engine.quote and Engine.string)

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from attrs import field, frozen

from ombud.store.identity import comparable
from ombud.store.people.written import as_text
from ombud.tables.engines.engine import Kind
from ombud.tables.table import Table


def _frozen_map(counts: Mapping[str, int]) -> Mapping[str, int]:
    return MappingProxyType(dict(counts))


@frozen(kw_only=True)
class ListedPeople:
    """How many people of the lists a model learned from. Answer to the need `People`; holds nobody's name.

    Attributes:
        people: in the training table, whenever this model was checked.
        nameless: rows of the training table without a subject: nobody can tell whose they are.
        listed: of these people, those on a list that stops training, each once.
        undecided: of the listed, those without a valid decision about this model, each once.
        by_list: list → the undecided on it; somebody on two lists is in both.
        decided: choice ("exclude", "retrain", ...) → the listed for whom it was chosen and is valid.
        elsewhere: what another table is for ("evaluation") → people on such a list who are in it.
        live: nothing pins the training table's content.
    """

    people: int
    nameless: int = 0
    listed: int = 0
    undecided: int = 0
    by_list: Mapping[str, int] = field(factory=dict, converter=_frozen_map)
    decided: Mapping[str, int] = field(factory=dict, converter=_frozen_map)
    elsewhere: Mapping[str, int] = field(factory=dict, converter=_frozen_map)
    live: bool = False


def subjects(table: Table, column: str, kind: str) -> Iterator[str]:
    """Whoever is in a table, in the form in which identities of a kind are compared; streamed, some perhaps twice.

    Raises:
        Unreadable: the table cannot be read; its values are not repeated.
    """
    name = table.engine.quote(column)
    for batch in table.engine.batches(f"SELECT DISTINCT {name} FROM {table.relation} WHERE {name} IS NOT NULL"):
        for (value,) in batch:
            text = as_text(value)
            if text is not None:
                yield comparable(kind, text)


def nameless(table: Table, column: str) -> int:
    """How many rows of a table are nobody's: their subject is null, not a number, or blank."""
    engine, name, kind = table.engine, table.engine.quote(column), table.columns[column]
    missing = engine.missing(name, kind)
    blank = f" OR trim({name}) = ''" if kind is Kind.TEXT and "CHAR" in table.types[column].upper() else ""
    return int(engine.ask(f"SELECT count(*) FROM {table.relation} WHERE {missing}{blank}")[0][0])
