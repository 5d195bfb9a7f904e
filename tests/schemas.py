"""Random databases with people in them, and what must be true after one of them was erased.

A database is drawn from a seed: two to eight tables with single, composite, natural or no keys; foreign keys to any
table, themselves included, that may be empty or not, with every ON DELETE rule; some tables unknown to the map, some
references known only to it; rows that belong to two people. Each row carries a tracer, `rid`, by which it is found
again whatever happened to its key, and a planted text of its own.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import define, field, frozen
from sqlalchemy import (
    CheckConstraint,
    Connection,
    Engine,
    ForeignKeyConstraint,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    insert,
    select,
    text,
)
from sqlalchemy import Column as SqlColumn

from ombud.rights.map.model import Collection, Column, Exemption, Reference, SourceSpec
from ombud.rights.sources.source import Match, Outcome, Selection, State
from ombud.rights.sources.sql import open_source

PEOPLE = 3
HOSTILE = ('say "hi"', "50%", "a b", "x]y", "order", "semi;colon", "back\\slash", "ü", "p(q)", "c:d", "it's")


@frozen
class Key:
    """A foreign key or a reference of the map."""

    columns: tuple[str, ...]
    parent: str
    parent_columns: tuple[str, ...]
    nullable: bool
    on_delete: str
    real: bool
    mapped: bool
    binding: str


@define
class Plan:
    """A table before it is made."""

    name: str
    key: tuple[str, ...]
    types: dict[str, Any]
    nullable: set[str]
    unique: set[str]
    identities: dict[str, str]
    mapped: bool
    on_erase: str
    checks: list[str] = field(factory=list)
    references: list[Key] = field(factory=list)
    rows: list[dict[str, Any]] = field(factory=list)


@define
class World:
    """A database, its map, and one person in it."""

    seed: int
    plans: dict[str, Plan]
    email: str
    found: dict[str, set[int]] = field(factory=dict)

    # --- making it --------------------------------------------------------------------------------------------------

    def metadata(self, dialect: str) -> MetaData:
        metadata = MetaData()
        for plan in self.plans.values():
            columns = [
                SqlColumn(name, kind, nullable=name in plan.nullable, unique=name in plan.unique, autoincrement=False)
                for name, kind in plan.types.items()
            ]
            keys = [PrimaryKeyConstraint(*plan.key)] if plan.key else []
            foreign = [
                ForeignKeyConstraint(
                    one.columns, [metadata_column(self.plans[one.parent], name) for name in one.parent_columns],
                    name=f"fk_{list(self.plans).index(plan.name)}_{number}", ondelete=one.on_delete or None,
                    use_alter=dialect != "sqlite",
                )
                for number, one in enumerate(plan.references)
                if one.real
            ]  # fmt: skip
            # MariaDB takes no rule about a column that ON DELETE SET NULL may empty
            rules = (
                plan.checks if dialect in ("sqlite", "postgresql") else [r for r in plan.checks if "amount" not in r]
            )
            checks = [CheckConstraint(text(rule)) for rule in rules]
            Table(plan.name, metadata, *columns, *keys, *foreign, *checks, quote=True)
        return metadata

    def create(self, engine: Engine) -> None:
        metadata = self.metadata(engine.dialect.name)
        with engine.begin() as connection:
            unchecked(connection)
            metadata.create_all(connection)
            for plan in self.plans.values():
                if plan.rows:
                    connection.execute(insert(metadata.tables[plan.name]), plan.rows)

    # --- the map ----------------------------------------------------------------------------------------------------

    def spec(self, address: str) -> SourceSpec:
        return SourceSpec(
            name="core", kind="sql", address=address, collections=tuple(self.collections()), backups="35d",
            options={"today": "2026-11-25", "vacuum": "no"},
        )  # fmt: skip

    def collections(self) -> Iterator[Collection]:
        for plan in self.plans.values():
            if plan.mapped:
                yield Collection(
                    source="core", name=plan.name, table=plan.name, key=plan.key, identities=plan.identities,
                    columns={name: Column(name=name, category="user") for name in ("note", *plan.identities)},
                    references=tuple(self.references(plan)), on_erase=plan.on_erase,
                    exemption=Exemption(ground="legal-obligation") if plan.on_erase == "keep" else None,
                )  # fmt: skip

    def references(self, plan: Plan) -> Iterator[Reference]:
        for one in plan.references:
            if one.mapped and self.plans[one.parent].mapped:
                yield Reference(
                    columns=one.columns, to=f"core.{one.parent}", to_columns=one.parent_columns, binding=one.binding
                )

    # --- the person, by brute force -----------------------------------------------------------------------------------

    def selection(self) -> Selection:
        """The person's rows by identity and by what belongs to them, again and again until nothing is added."""
        mapped = {plan.name: plan for plan in self.plans.values() if plan.mapped}
        found: dict[str, set[int]] = {name: set() for name in mapped}
        matches: dict[str, dict[tuple[tuple[str, ...], str], set[tuple[Any, ...]]]] = {name: {} for name in mapped}
        for name, plan in mapped.items():
            for column in plan.identities:
                matches[name][(column,), "email"] = {(self.email,)}
                found[name] |= {row["rid"] for row in plan.rows if row[column] == self.email}
        while True:
            before = sum(map(len, found.values()))
            for name, plan in mapped.items():
                for one in plan.references:
                    if one.mapped and one.binding == "belongs" and one.parent in mapped:
                        values = {
                            tuple(row[c] for c in one.parent_columns)
                            for row in self.plans[one.parent].rows
                            if row["rid"] in found[one.parent]
                        }
                        values = {value for value in values if None not in value}
                        if values:
                            matches[name].setdefault((one.columns, "text"), set()).update(values)
                        found[name] |= {row["rid"] for row in plan.rows if tuple(row[c] for c in one.columns) in values}
            if sum(map(len, found.values())) == before:
                break
        self.found = found
        return {
            f"core.{name}": tuple(Match(columns, frozenset(values), form) for (columns, form), values in mine.items())
            for name, mine in matches.items()
            if mine
        }


def metadata_column(plan: Plan, name: str) -> str:
    # Table(...) objects are found by name, and a name with a dot would be read as a schema
    return f"{plan.name}.{name}"


def unchecked(connection: Connection) -> None:
    """Let rows be written in any order; whether they fit together is the generator's business."""
    match connection.dialect.name:
        case "sqlite":
            connection.execute(text("PRAGMA foreign_keys=OFF"))
        case "postgresql":
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        case _:
            connection.execute(text("SET SESSION foreign_key_checks = 0"))


def wipe(engine: Engine) -> None:
    """Empty a server's database."""
    name = engine.url.database
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
        else:
            unchecked(connection)
            connection.execute(text("DROP DATABASE IF EXISTS other"))
            connection.execute(text(f"DROP DATABASE {name}"))
            connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()


def draw(seed: int) -> World:
    """The database of a seed."""
    chance = random.Random(seed)
    names = [f"t{number}" for number in range(chance.randint(2, 8))]
    if chance.random() < 0.3:
        names[chance.randrange(len(names))] = chance.choice(HOSTILE)
    world = World(seed, {name: _table(chance, name, index) for index, name in enumerate(names)}, f"p0.{seed}@x.org")
    for plan in world.plans.values():
        _point(chance, world, plan)
    tracer = iter(range(1, 100_000))
    for plan in world.plans.values():
        for number in range(chance.randint(1, 7)):
            plan.rows.append(_row(chance, world, plan, next(tracer), number))
    for plan in world.plans.values():
        _aim(chance, world, plan)
        if plan.key:
            _distinct(plan)
    return world


def _table(chance: random.Random, name: str, index: int) -> Plan:
    style = chance.choice(["id", "id", "id", "composite", "natural", "none"]) if index else "id"
    types: dict[str, Any] = {"rid": Integer(), "note": String(40), "amount": Integer()}
    nullable, unique, identities, key = {"amount"}, set(), {}, ()
    if chance.random() < 0.6:
        nullable.add("note")
    if chance.random() < 0.3:
        unique.add("note")
    checks = [
        *(["length(note) > 5"] if chance.random() < 0.2 else []),
        *(["note NOT LIKE 'e%'"] if chance.random() < 0.1 else []),
    ]
    if style == "id":
        types["id"], key = Integer(), ("id",)
    elif style == "composite":
        types |= {"k1": Integer(), "k2": String(20)}
        key = ("k1", "k2")
    elif style == "natural":
        types["email"], key, identities = String(60), ("email",), {"email": "email"}
    if "email" not in types and (index == 0 or chance.random() < 0.25):
        types["email"], identities = String(60), {"email": "email"}
        if chance.random() < 0.5:
            nullable.add("email")
        if chance.random() < 0.3:
            types["other"] = String(60)
            nullable.add("other")
            identities["other"] = "email"
    on_erase = chance.choices(["delete", "mask", "keep"], [75, 15, 10])[0]
    return Plan(name, key, types, nullable, unique, identities, index == 0 or chance.random() < 0.75, on_erase, checks)


def _point(chance: random.Random, world: World, plan: Plan) -> None:
    """Let a table point at others, or at itself."""
    parents = [one for one in world.plans.values() if one.key]
    for number in range(chance.choices([0, 1, 2, 3], [10, 45, 30, 15])[0]):
        parent = chance.choice(parents)
        nullable = chance.random() < 0.5
        real = chance.random() < 0.85
        on_delete = chance.choice(["", "", "CASCADE", "RESTRICT", "NO ACTION", *(["SET NULL"] * 2 if nullable else [])])
        columns = tuple(f"r{number}_{name}" for name in parent.key)
        for column, name in zip(columns, parent.key, strict=True):
            plan.types[column] = parent.types[name]
            if nullable:
                plan.nullable.add(column)
        if nullable and chance.random() < 0.15:
            plan.checks.append(f"amount < 8 OR {columns[0]} IS NOT NULL")
        binding = "belongs" if chance.random() < 0.75 else "mentions"
        mapped = not real or chance.random() < 0.85
        plan.references.append(Key(columns, parent.name, parent.key, nullable, on_delete, real, mapped, binding))


def _row(chance: random.Random, world: World, plan: Plan, rid: int, number: int) -> dict[str, Any]:
    row: dict[str, Any] = dict.fromkeys(plan.types) | {
        "rid": rid, "note": f"planted-{world.seed}-{rid}", "amount": chance.randint(0, 9)
    }  # fmt: skip
    if "id" in row:
        row["id"] = 10 * rid
    if "k1" in row:
        row |= {"k1": chance.randint(1, 2), "k2": f"k{rid}"}
    if "email" in row:
        person = number % PEOPLE if plan.key == ("email",) else chance.randrange(PEOPLE)
        row["email"] = f"p{person}.{world.seed}@x.org"
        if "email" in plan.key and number >= PEOPLE:
            row["email"] = f"q{rid}.{world.seed}@x.org"
        elif "email" in plan.nullable and chance.random() < 0.2:
            row["email"] = None
    if "other" in row and chance.random() < 0.4:
        row["other"] = f"p{chance.randrange(PEOPLE)}.{world.seed}@x.org"
    return row


def _aim(chance: random.Random, world: World, plan: Plan) -> None:
    """Choose at which rows each row points."""
    for row in plan.rows:
        for one in plan.references:
            if not one.nullable or row["amount"] >= 8 or chance.random() < 0.8:
                target = chance.choice(world.plans[one.parent].rows)
                row |= dict(zip(one.columns, (target[name] for name in one.parent_columns), strict=True))


def _distinct(plan: Plan) -> None:
    keys = [tuple(row[name] for name in plan.key) for row in plan.rows]
    assert len(set(keys)) == len(keys)


# --- afterwards -------------------------------------------------------------------------------------------------------


def contents(engine: Engine, world: World) -> dict[str, dict[int, dict[str, Any]]]:
    """Every row of every table, by its tracer."""
    metadata = world.metadata(engine.dialect.name)
    with engine.connect() as connection:
        return {
            name: {row["rid"]: dict(row) for row in connection.execute(select(table)).mappings()}
            for name, table in metadata.tables.items()
        }


def hold(world: World, before: Mapping[str, Any], after: Mapping[str, Any], outcomes: Sequence[Outcome]) -> None:
    """Everything that must be true after the person was erased.

    Raises:
        AssertionError: something is not.
    """
    said = {one.collection: one for one in outcomes}
    _no_pointer_dangles(world, after)
    _others_are_untouched(world, before, after)
    _what_is_shared_stays(world, before, after)
    _outcomes_are_true(world, before, after, said)
    _nothing_is_left(world, before, after, said)


def _no_pointer_dangles(world: World, after: Mapping[str, Any]) -> None:
    for plan in world.plans.values():
        for one in plan.references:
            if one.real:
                there = {tuple(row[c] for c in one.parent_columns) for row in after[one.parent].values()}
                for row in after[plan.name].values():
                    pointer = tuple(row[c] for c in one.columns)
                    assert None in pointer or pointer in there, f"{plan.name}: a pointer leads nowhere"


def _others_are_untouched(world: World, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    for plan in world.plans.values():
        mine = world.found.get(plan.name, set())
        for rid, row in before[plan.name].items():
            if rid in mine:
                continue
            now = after[plan.name].get(rid)
            assert now is not None, f"{plan.name}: another's row {rid} is gone"
            pointers = {
                c
                for one in plan.references
                if _at_the_person(world, before, one, row)
                for c in one.columns
            }  # fmt: skip
            changed = {name for name in row if row[name] != now[name]}
            assert changed <= pointers, f"{plan.name}: another's row {rid} was changed in {changed - pointers}"


def _at_the_person(world: World, before: Mapping[str, Any], one: Key, row: Mapping[str, Any]) -> bool:
    """Whether a row points at a row of the person, or at one that does and whose key had to follow."""
    pointer = tuple(row[c] for c in one.columns)
    for rid, target in before[one.parent].items():
        if tuple(target[c] for c in one.parent_columns) == pointer:
            return rid in world.found.get(one.parent, set()) or any(
                set(up.columns) & set(one.parent_columns) and _at_the_person(world, before, up, target)
                for up in world.plans[one.parent].references
            )
    return False


def _what_is_shared_stays(world: World, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    shared = shared_rows(world, before)
    for name, rids in shared.items():
        plan = world.plans[name]
        for rid in rids:
            row, now = before[name][rid], after[name].get(rid)
            assert now is not None, f"{name}: row {rid} is another person's as well, and is gone"
            theirs = {c for c in plan.identities if row[c] == world.email}
            pointers = {c for one in plan.references for c in one.columns if _at_the_person(world, before, one, row)}
            changed = {column for column in row if row[column] != now[column]}
            assert changed <= theirs | pointers, f"{name}: row {rid} is another person's as well, and was changed"


def shared_rows(world: World, before: Mapping[str, Any]) -> dict[str, set[int]]:
    """The person's rows that are another person's as well, by brute force."""
    mapped = {name for name, plan in world.plans.items() if plan.mapped}
    leading = {name for name in mapped if world.plans[name].identities}
    refs = {
        name: [r for r in world.plans[name].references if _belongs(world, r) and r.parent in mapped] for name in mapped
    }
    while more := {name for name in mapped - leading if any(r.parent in leading for r in refs[name])}:
        leading |= more
    shared: dict[str, set[int]] = {name: set() for name in mapped}
    open_ = {name: world.found[name] if world.plans[name].on_erase != "keep" else set() for name in mapped}
    while True:
        size = sum(map(len, shared.values()))
        for name in mapped:
            for rid in open_[name] - shared[name]:
                row = before[name][rid]
                held = [row[c] for c in world.plans[name].identities if row[c] is not None]
                strange = [value for value in held if value != world.email]
                alien = bool(strange) and (len(world.plans[name].identities) > 1 or len(strange) == len(held))
                if alien or any(_of_another(world, before, r, row, leading, shared) for r in refs[name]):
                    shared[name].add(rid)
        if sum(map(len, shared.values())) == size:
            return shared


def _belongs(world: World, one: Key) -> bool:
    return one.mapped and one.binding == "belongs"


def _of_another(
    world: World,
    before: Mapping[str, Any],
    one: Key,
    row: Mapping[str, Any],
    leading: set[str],
    shared: dict[str, set[int]],
) -> bool:
    pointer = tuple(row[c] for c in one.columns)
    if None in pointer:
        return False
    (target,) = [rid for rid, r in before[one.parent].items() if tuple(r[c] for c in one.parent_columns) == pointer]
    return target in shared[one.parent] or (one.parent in leading and target not in world.found[one.parent])


def _outcomes_are_true(
    world: World, before: Mapping[str, Any], after: Mapping[str, Any], said: Mapping[str, Outcome]
) -> None:
    for name, mine in world.found.items():
        outcome = said.get(f"core.{name}")
        if outcome is None:
            assert not mine, f"{name}: nothing is said of {len(mine)} rows"
            continue
        stayed = mine & set(after[name])
        assert outcome.state is not State.FAILED, f"{name}: {outcome}"
        assert outcome.found == len(mine), f"{name}: {outcome.found} found, of {len(mine)}"
        assert outcome.erased == len(mine) - len(stayed), f"{name}: {outcome.erased} said to be deleted"
        assert outcome.masked + outcome.kept == len(stayed), f"{name}: {outcome} but {len(stayed)} stayed"
        unmasked = {rid for rid in stayed if after[name][rid]["note"] == before[name][rid]["note"]}
        assert len(unmasked) == outcome.kept, f"{name}: {outcome} but {len(unmasked)} are as before"
        if world.plans[name].on_erase == "keep":
            for rid in mine:
                assert after[name][rid] == before[name][rid], f"{name}: a kept row was changed"
        if world.plans[name].on_erase == "delete":
            for rid in stayed - unmasked:
                assert _pointed_at(world, after, name, after[name][rid]), f"{name}: row {rid} need not have stayed"


def _pointed_at(world: World, after: Mapping[str, Any], name: str, row: Mapping[str, Any]) -> bool:
    return any(
        tuple(other[c] for c in one.columns) == tuple(row[c] for c in one.parent_columns)
        for plan in world.plans.values()
        for one in plan.references
        if one.real and one.parent == name
        for other in after[plan.name].values()
    )


def _nothing_is_left(
    world: World, before: Mapping[str, Any], after: Mapping[str, Any], said: Mapping[str, Outcome]
) -> None:
    planted = {before[name][rid]["note"] for name, mine in world.found.items() for rid in mine}
    kept = any(one.state is State.KEPT for one in said.values())
    for name, rows in after.items():
        outcome = said.get(f"core.{name}")
        explained = outcome is not None and outcome.state is State.KEPT
        for row in rows.values():
            texts = {value for value in row.values() if isinstance(value, str)}
            assert explained or not texts & planted, f"{name}: a text of the person is left"
            for column in (one for one, value in row.items() if value == world.email):
                told = _told(world, name, column, {name})
                assert explained or kept or not told, f"{name}: the person's e-mail address is left in {column}"


def _told(world: World, name: str, column: str, seen: set[str]) -> bool:
    """Whether anybody told where the address is: in an identity of a mapped table, or in a pointer to one."""
    plan = world.plans[name]
    if plan.mapped and column in plan.identities:
        return True
    return any(
        _told(world, one.parent, one.parent_columns[one.columns.index(column)], seen | {one.parent})
        for one in plan.references
        if column in one.columns and one.parent not in seen and (one.real or (one.mapped and plan.mapped))
    )


def sqlite_file(folder: Path, seed: int) -> Path:
    """Where the database of a seed is."""
    return folder / f"world-{seed}.db"


def erase_twice(world: World, engine: Engine, url: str) -> None:
    """Erase the person, check everything, and do it once more: nothing may be left to do."""
    selection = world.selection()
    before = contents(engine, world)
    source = open_source(world.spec(url), Path.cwd())
    try:
        outcomes = source.erase(selection)
        after = contents(engine, world)
        hold(world, before, after, outcomes)
        again = source.erase(selection)
        assert all(one.state is not State.FAILED and not one.erased for one in again), again
        assert {name: set(rows) for name, rows in contents(engine, world).items()} == {
            name: set(rows) for name, rows in after.items()
        }
    finally:
        source.close()
