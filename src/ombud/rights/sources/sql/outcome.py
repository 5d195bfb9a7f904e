"""What is said of each collection afterwards: what was found, what was done, what is left, and why."""

from collections.abc import Iterator, Mapping

from attrs import frozen

from ombud.rights.sources.source import Outcome, State
from ombud.rights.sources.sql.act import Act
from ombud.rights.sources.sql.person import UNNAMED
from ombud.rights.sources.sql.row import Fate, Row
from ombud.rights.sources.sql.structure import Table
from ombud.rights.sources.sql.verify import Seen

OTHERS = "rights-of-others"
"""Ground on which a row is kept that belongs to another person as well."""


@frozen(eq=False)
class Done:
    """A transaction that was carried out.

    Attributes:
        act: with its plan.
        direct: collections deleted by a condition alone → rows.
        tables: address → table. triggers: addresses of those with triggers.
    """

    act: Act
    direct: Mapping[str, int]
    tables: Mapping[str, Table]
    triggers: frozenset[str]

    @property
    def found(self) -> bool:
        """Whether anything of the person was there."""
        return any(self.direct.values()) or any(True for _ in self.act.plan.person.all)

    def rows(self, address: str) -> list[Row]:
        """The person's rows of a collection."""
        return [row for row in self.act.plan.person.all if address in row.collections]


def outcome(done: Done, address: str, seen: Seen, remains: tuple[str, ...]) -> Outcome:
    """What became of one collection."""
    rows = done.rows(address)
    deleted, masked = _count(rows, Fate.DELETE), _count(rows, Fate.MASK)
    kept = _count(rows, Fate.KEEP) + _count(rows, Fate.SHARE)
    erased = done.direct.get(address, 0) + deleted
    found = erased + masked + kept
    remain = [row for row in rows if done.act.taking.left.get(row)]
    held = [row for row in rows if done.act.taking.held.get(row)]
    name = done.tables[address].name[1]
    triggers = (f"what triggers of {name} wrote elsewhere",) if address in done.triggers else ()
    return Outcome(
        collection=address,
        state=_state(found, kept + len(held), bool(remain) or seen.unexplained > 0),
        found=found, erased=erased, masked=masked, kept=kept, left=max(seen.left, len(remain)),
        ground=_ground(rows),
        because=" ".join(_because(done, rows, remain, held, seen, address)),
        not_covered=(*remains, *triggers) if erased or masked else (),
    )  # fmt: skip


def _count(rows: list[Row], fate: Fate) -> int:
    return sum(row.copies for row in rows if row.fate is fate)


def _state(found: int, kept: int, wrong: bool) -> State:
    if wrong:
        return State.FAILED
    if kept:
        return State.KEPT
    return State.ERASED if found else State.NOTHING


def _ground(rows: list[Row]) -> str | None:
    kept = next((row.why for row in rows if row.fate is Fate.KEEP and row.why != UNNAMED), None)
    return kept or (OTHERS if any(row.fate is Fate.SHARE for row in rows) else None)


def _because(
    done: Done, rows: list[Row], remain: list[Row], held: list[Row], seen: Seen, address: str
) -> Iterator[str]:
    for fate, words in ((Fate.MASK, "stay without the person in them"), (Fate.SHARE, "stay"), (Fate.KEEP, "are kept")):
        few = [row for row in rows if row.fate is fate]
        if few:
            whys = sorted({row.why for row in few} - {""})
            yield _sentence(f"{_count(few, fate)} rows {words}", whys)
    if remain:
        columns = sorted({name for row in remain for name in done.act.taking.left[row]})
        yield f"The database did not let these columns be emptied: {', '.join(columns)}."
    if held:
        yield "A key stays, because rows that are kept point at it."
    if seen.unexplained:
        yield f"A new search finds {seen.unexplained} rows that should not be there; run it again."
    pointers = _pointers(done, address)
    if pointers:
        yield f"Pointers to them were taken out of other rows: {pointers}."
    if done.act.plan.dangling:
        yield f"{done.act.plan.dangling} pointers that only the map knows could not be taken out."


def _sentence(start: str, whys: list[str]) -> str:
    return f"{start}: {'; '.join(whys)}." if whys else f"{start}."


def _pointers(done: Done, address: str) -> str:
    """Tables of whose rows, not the person's, a pointer was taken out, with their number."""
    counts: dict[str, int] = {}
    for row, edges in done.act.plan.edges.items():
        if row.fate is Fate.OTHER and any(edge.parent == done.tables[address].name for edge in edges):
            counts[row.table[1]] = counts.get(row.table[1], 0) + row.copies
    return ", ".join(f"{number} of {name}" for name, number in sorted(counts.items()))
