"""On any small world the search finds what a closure over all rows finds that is written down quite differently."""

import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from attrs import evolve, frozen
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mapped import opened
from ombud.rights.map.model import Collection, Column, DataMap, Reference, SourceSpec
from ombud.rights.map.reach import routes
from ombud.rights.sources.matching import canonical, fitting, ready
from ombud.rights.walk import Found, find
from ombud.store.identity import Identity, form_of

KINDS = {"customer_id": "user.unique_id", "email": "user.contact.email", "account": "user.financial.bank_account"}
NAMES = ("a", "b", "c", "d")

Row = dict[str, Any]
Tables = dict[str, list[Row]]
Known = tuple[str, str]


@frozen
class World:
    """A map with rows."""

    map: DataMap
    tables: Tables

    def rows(self) -> Iterator[tuple[str, Row]]:
        """All rows with the name of their collection."""
        for name, rows in self.tables.items():
            for row in rows:
                yield name, row


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Up to four collections over two sources, with references of one or two columns, to others and to themselves."""
    names = NAMES[: draw(st.integers(1, 4))]
    sources = {name: draw(st.sampled_from(["one", "two"])) for name in names}
    collections = [_collection(draw, name, sources) for name in names]
    specs = tuple(
        SourceSpec(
            name=source, kind="jsonl", address=".", collections=tuple(c for c in collections if c.source == source)
        )
        for source in ("one", "two")
    )
    small = st.sampled_from([None, 1, 2, 3])
    said = st.sampled_from([None, "v1", "v2", "v3", "V2"])
    tables = {}
    for one in collections:
        count = draw(st.integers(0, 5))
        tables[one.name] = [
            {"n": n, **{c: draw(small) for c in ("k", "l", "r", "s")}, **{c: draw(said) for c in one.identities}}
            for n in range(1, count + 1)
        ]
    return World(DataMap(path=Path("m.yaml"), identities=KINDS, sources=specs), tables)


def _collection(draw: st.DrawFn, name: str, sources: dict[str, str]) -> Collection:
    held = draw(st.lists(st.sampled_from(sorted(KINDS)), max_size=2))
    identities = {f"i{place}": kind for place, kind in enumerate(held)}
    return Collection(
        source=sources[name],
        name=name,
        table=name,
        key=("n",),
        identities=identities,
        columns={column: Column(name=column) for column in identities},
        references=tuple(_reference(draw, sources) for _ in range(draw(st.integers(0, 2)))),
        personal=draw(st.sampled_from([True, True, True, False])),
    )


def _reference(draw: st.DrawFn, sources: dict[str, str]) -> Reference:
    to = draw(st.sampled_from(sorted(sources)))
    here, there = draw(st.sampled_from([(("r",), ("n",)), (("r", "s"), ("k", "l")), (("s",), ("k",))]))
    return Reference(
        columns=here,
        to=f"{sources[to]}.{to}",
        to_columns=there,
        binding=draw(st.sampled_from(["belongs", "belongs", "mentions"])),
    )


# --- the closure, over all rows at once -----------------------------------------------------------------------------


@frozen
class Closure:
    """What a search must come to."""

    held: set[tuple[str, int]]
    known: set[Known]
    pending: set[Known]


def closure(world: World, given_: set[Known]) -> Closure:
    """Believe the surest thing there is to believe, tell the rows anew, and so on until nothing is left to believe."""
    known = set(given_)
    while True:
        best, doubt = labels(world, known)
        sure, unsure = believable(world, known, best, doubt)
        if sure:
            known |= sure
            continue
        more = next(iter(single(world.map, known, unsure)), None)
        if more is None:
            return Closure(set(best), known, {key for key, _ in unsure})
        known.add(more)


def said(world: World, name: str, row: Row) -> set[Known]:
    (collection,) = (one for one in world.map.collections if one.name == name)
    return {
        (kind, str(canonical(row[column], form_of(kind))))
        for column, kind in collection.identities.items()
        if row[column] is not None
    }


def labels(world: World, known: set[Known]) -> tuple[dict[tuple[str, int], int], dict[tuple[str, int], int]]:
    """Rank by which each row is held, and by which each is in doubt: relaxed over all pairs of rows."""
    rank = world.map.rank
    best: dict[tuple[str, int], int] = {}
    rising: dict[tuple[str, int], int] = {}
    doubt: dict[tuple[str, int], int] = {}

    def arrive(name: str, row: Row, at: int, rises: bool) -> bool:
        place, ids = (name, row["n"]), said(world, name, row)
        own = {kind for kind, value in ids if (kind, value) in known}
        foreign = 1 not in map(rank, own) and any(kind not in own and rank(kind) <= at for kind, _ in ids)
        targets = [doubt] if foreign else [best, rising] if rises else [best]
        changed = [one for one in targets if at < one.get(place, 99)]
        for one in changed:
            one[place] = at
        return bool(changed)

    for name, row in world.rows():
        for kind, _ in said(world, name, row) & known:
            arrive(name, row, rank(kind), True)
    while any(_hop(world, pair, arrive, best, rising) for pair in pairs(world)):
        pass
    return best, {place: at for place, at in doubt.items() if place not in best}


def pairs(world: World) -> list[tuple[str, Row, str, Row]]:
    """Every row that belongs to another, with it."""
    found = []
    for child in world.map.collections:
        for reference in (one for one in child.references if one.binding == "belongs"):
            parent = reference.to.partition(".")[2]
            for row in world.tables[child.name]:
                for other in world.tables[parent]:
                    here = [canonical(row[one]) for one in reference.columns]
                    if None not in here and here == [canonical(other[one]) for one in reference.to_columns]:
                        found.append((child.name, row, parent, other))
    return found


def _hop(world: World, pair: tuple[str, Row, str, Row], arrive: Any, best: Any, rising: Any) -> bool:
    child, row, parent, other = pair
    down = (parent, other["n"]) in best and arrive(child, row, best[parent, other["n"]], False)
    up = (child, row["n"]) in rising and arrive(parent, other, rising[child, row["n"]], True)
    return bool(down or up)


def believable(
    world: World, known: set[Known], best: dict[tuple[str, int], int], doubt: dict[tuple[str, int], int]
) -> tuple[set[Known], set[tuple[Known, int]]]:
    """What is surely the person's, and what may be (with the rank of the row that says it)."""
    sure, unsure = set(), set()
    for name, row in world.rows():
        place = (name, row["n"])
        for key in said(world, name, row) - known:
            rank = world.map.rank(key[0])
            if place in best and rank > best[place]:
                sure.add(key)
            elif place in best or (place in doubt and rank <= doubt[place]):
                unsure.add((key, best.get(place, doubt.get(place, 99))))
    return sure, unsure


def single(map: DataMap, known: set[Known], unsure: set[tuple[Known, int]]) -> Iterator[Known]:
    """The only value of its kind, of the surest rows that say one; the surest kind first."""
    for kind in sorted({key[0] for key, _ in unsure}, key=lambda one: (map.rank(one), one)):
        ranks = {at for key, at in unsure if key[0] == kind}
        values = {key for key, at in unsure if key[0] == kind and at == min(ranks)}
        if len(values) == 1 and kind not in {one for one, _ in known}:
            yield values.pop()


# --- what must hold -------------------------------------------------------------------------------------------------

GIVEN = st.lists(
    st.tuples(st.sampled_from(sorted(KINDS)), st.sampled_from(["v1", "v2", "v3"])), min_size=1, max_size=2, unique=True
)


def selected(world: World, found: Found) -> set[tuple[str, int]]:
    """Rows that the selection finds, by asking all rows."""
    rows = set()
    for collection in world.map.collections:
        fits = fitting(ready(found.selection.get(collection.address, ())))
        rows |= {(collection.name, row["n"]) for row in world.tables[collection.name] if fits(row)}
    return rows


def check(world: World, given_: list[Known], found: Found) -> None:
    right = closure(world, {(kind, Identity(kind, value).comparable) for kind, value in given_})
    personal = {one.name for one in world.map.collections if one.personal}
    assert selected(world, found) == {place for place in right.held if place[0] in personal}
    assert {(one.kind, one.comparable) for one in found.identities} == right.known
    assert {(one.kind, one.comparable) for each in found.ambiguities for one in each.identities} == right.pending
    for one in world.map.collections:
        assert found.counts.get(one.address, 0) == sum(place[0] == one.name for place in right.held) * one.personal


@settings(max_examples=300, deadline=None)
@given(worlds(), GIVEN)
def test_the_search_finds_the_closure(world: World, given_: list[Known]) -> None:
    who = [Identity(kind, value) for kind, value in given_]
    check(world, given_, find(world.map, who, opened=opened(world.map, **world.tables)))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(worlds(), GIVEN)
def test_so_it_does_in_real_databases(world: World, given_: list[Known]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for source in ("one", "two"):
            _database(Path(folder) / f"{source}.db", world, source)
        specs = tuple(evolve(one, kind="sql", address=f"sqlite:///{one.name}.db") for one in world.map.sources)
        map_ = evolve(world.map, sources=specs)
        check(world, given_, find(map_, [Identity(kind, value) for kind, value in given_], base=Path(folder)))


def _database(path: Path, world: World, source: str) -> None:
    with sqlite3.connect(path) as database:
        for one in world.map.source(source).collections:
            columns = ["k", "l", "r", "s", *one.identities]
            database.execute(f"CREATE TABLE {one.name} (n INTEGER PRIMARY KEY, {', '.join(columns)})")
            for row in world.tables[one.name]:
                marks = ", ".join("?" * (len(columns) + 1))
                database.execute(f"INSERT INTO {one.name} VALUES ({marks})", [row["n"], *(row[c] for c in columns)])
    database.close()


@settings(max_examples=150, deadline=None)
@given(worlds(), GIVEN)
def test_no_search_takes_a_way_that_the_proof_does_not_know(world: World, given_: list[Known]) -> None:
    who = [Identity(kind, value) for kind, value in given_]
    found = find(world.map, who, opened=opened(world.map, **world.tables))
    reach = routes(world.map, *(kind for kind, _ in given_))
    assert set(found.selection) <= set(reach.collections)
    assert {one.kind for one in found.identities} <= set(reach.kinds)


@settings(max_examples=100, deadline=None)
@given(worlds(), GIVEN)
def test_searched_again_by_all_that_was_found_nothing_is_lost(world: World, given_: list[Known]) -> None:
    who = [Identity(kind, value) for kind, value in given_]
    found = find(world.map, who, opened=opened(world.map, **world.tables))
    again = find(world.map, found.identities, opened=opened(world.map, **world.tables))
    assert selected(world, found) <= selected(world, again)
