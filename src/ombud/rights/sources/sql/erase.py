"""One person erased from one database: a transaction, and a verification of its own after it."""

import secrets
from collections.abc import Iterator, Mapping

from attrs import define, field
from sqlalchemy import Connection, Engine, delete, text

from ombud.rights.map.model import SourceSpec
from ombud.rights.sources.source import Outcome, Progress, Selection
from ombud.rights.sources.sql.act import Act
from ombud.rights.sources.sql.after import clean, today
from ombud.rights.sources.sql.compare import questions
from ombud.rights.sources.sql.connect import patiently, reading, writing
from ombud.rights.sources.sql.errors import BROKEN, VIEW, SourceFailed
from ombud.rights.sources.sql.moves import Taking
from ombud.rights.sources.sql.neutral import Tokens
from ombud.rights.sources.sql.order import parents_first
from ombud.rights.sources.sql.outcome import Done, outcome
from ombud.rights.sources.sql.person import Person, simple
from ombud.rights.sources.sql.plan import Plan
from ombud.rights.sources.sql.refusal import Refusal, Refused, refusing
from ombud.rights.sources.sql.structure import Structure, Table
from ombud.rights.sources.sql.verify import Check, Seen

_LESSONS = 200
"""How often another way is looked for before it is given up."""


@define(eq=False)
class Erasure:
    """One person, one database.

    Attributes:
        engine, spec: the database and how the map describes it.
        where: its name, for errors.
        selection: the person's rows by the map.
        progress: told how many rows were deleted.
        tokens: random bytes, for what replaces a key that may not be empty.
    """

    engine: Engine
    spec: SourceSpec
    where: str
    selection: Selection
    progress: Progress | None = None
    tokens: Tokens = secrets.token_bytes
    _last: Done | None = None
    _told: int = 0
    _total: int = field(default=0)

    def run(self) -> tuple[Outcome, ...]:
        """Erase, verify, clean.

        Raises:
            SourceFailed: nothing was changed.
        """
        done = patiently(self.where, self._transaction)
        seen = patiently(self.where, lambda: self._verified(done))
        remains = patiently(self.where, lambda: clean(self.engine, self.spec, done.tables.values()))
        return tuple(outcome(done, address, seen[address], remains) for address in self._addresses())

    def _addresses(self) -> list[str]:
        return [one.address for one in self.spec.collections if one.address in self.selection]

    def _transaction(self) -> Done:
        with writing(self.engine) as connection:
            done = self._learning(connection)
            lost, self._last = self._last, done
        # a connection that broke while committing leaves open whether it did; finding nothing now says that it did
        self._last = lost if lost is not None and not done.found else done
        return self._last

    def _learning(self, connection: Connection) -> Done:
        """Try, and try another way when the database refuses one; what was tried is taken back before."""
        refused: set[Refusal] = set()
        for _ in range(_LESSONS):
            savepoint = connection.begin_nested()
            try:
                done = self._attempt(connection, frozenset(refused))
            except Refused as lesson:
                savepoint.rollback()
                if refused.issuperset(lesson.refusals):
                    break
                refused.update(lesson.refusals)
            else:
                savepoint.commit()
                return done
        raise SourceFailed(self.where, "the database refuses every way to erase these rows", BROKEN[1])

    def _attempt(self, connection: Connection, refused: frozenset[Refusal]) -> Done:
        self._told = 0
        structure = Structure(connection, self.spec)
        tables = {address: self._allowed(structure, address) for address in self._addresses()}
        self._wait_with_constraints(connection)
        person = Person(structure, self.selection, today(self.spec))
        alone = [address for address in tables if self._simple(structure, address, refused)]
        self._gather(connection, person, {one: table for one, table in tables.items() if one not in alone})
        person.decide()
        for address in [one for one in alone if not person.alone_in(person.collection(one))]:
            alone.remove(address)
            person.gather(connection, address)
        direct = {address: self._directly(connection, structure, address) for address in alone}
        plan = Plan(person, refused)
        plan.settle(connection)
        taking = Taking(plan, self.tokens)
        taking.work_out(connection)
        self._total = sum(row.going for row in person.all) + self._told
        act = Act(connection, plan, taking, self._tell)
        act.run()
        if connection.dialect.name == "postgresql":
            with refusing():
                connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
        triggers = frozenset(address for address, table in tables.items() if table.triggers)
        return Done(act, direct, tables, triggers)

    def _gather(self, connection: Connection, person: Person, tables: Mapping[str, Table]) -> None:
        """Lock rows before those that point at them: from then on nobody can add one that does.

        Tables that point at each other are read again until nothing new has come in between.
        """
        for names in parents_first(person.structure, [table.name for table in tables.values()]):
            before = -1
            while before < (now := sum(len(person.rows.get(name, ())) for name in names)):
                before = now
                for address in (one for one, table in tables.items() if table.name in names):
                    person.gather(connection, address)

    def _allowed(self, structure: Structure, address: str) -> Table:
        """A table that can be changed and taken back.

        Raises:
            SourceFailed: it is a view, or of an engine without transactions, or a column of the map is not in it.
        """
        collection = next(one for one in self.spec.collections if one.address == address)
        table = structure.of(collection)
        for name in (
            *collection.identities,
            *collection.columns,
            *(n for m in self.selection[address] for n in m.columns),
        ):
            table.column(name)
        if table.view and collection.on_erase != "keep":
            raise SourceFailed(address, *VIEW)
        if not table.lasting:
            raise SourceFailed(address, "its storage engine has no transactions", "Convert the table to InnoDB.")
        return table

    def _wait_with_constraints(self, connection: Connection) -> None:
        """Look at constraints at the end, where the database can."""
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        elif connection.dialect.name == "postgresql":
            connection.execute(text("SET CONSTRAINTS ALL DEFERRED"))

    def _simple(self, structure: Structure, address: str, refused: frozenset[Refusal]) -> bool:
        collection = next(one for one in self.spec.collections if one.address == address)
        if Refusal("delete", structure.of(collection).name) in refused:
            return False
        return simple(structure, collection, self.selection[address])

    def _directly(self, connection: Connection, structure: Structure, address: str) -> int:
        """Delete by the condition alone, without reading the rows."""
        collection = next(one for one in self.spec.collections if one.address == address)
        table = structure.of(collection)
        count = 0
        for question in questions(table, collection, self.selection[address]):
            with refusing(Refusal("delete", table.name)):
                count += connection.execute(delete(table.clause).where(question.where)).rowcount
            self._tell(table.name[1], count)
        return count

    def _tell(self, name: str, rows: int) -> None:
        self._told += rows
        if self.progress:
            self.progress(f"erasing from {self.spec.name}, {name}", self._told, max(self._total, self._told))

    def _verified(self, done: Done) -> Mapping[str, Seen]:
        with reading(self.engine) as connection:
            check = Check(Structure(connection, self.spec), done.act)
            return {address: check.of(connection, address, self.selection[address]) for address in self._addresses()}


def failed(spec: SourceSpec, selection: Selection, problem: str) -> Iterator[Outcome]:
    """The outcomes of an erasure that changed nothing."""
    from ombud.rights.sources.source import State

    for collection in spec.collections:
        if collection.address in selection:
            because = f"nothing was changed in this source: {problem}"
            yield Outcome(collection=collection.address, state=State.FAILED, because=because)
