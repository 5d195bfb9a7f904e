"""Labels: what came of decisions, each with the moment it came in, since most come late."""

from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import Connection, insert, select

from ombud.store.decided.by_id import rows_by_id
from ombud.store.decided.rows import Label
from ombud.store.decided.tables import DECISIONS, LABELS


def keep(connection: Connection, system: str, labels: Sequence[Label]) -> tuple[int, int]:
    """Keep labels that say something new: how many, and how many are for decisions that are not here (yet).

    A label that says again what the newest one of its decision says is not kept twice.
    """
    wanted = list({label.id: label for label in labels}.values())
    ids = [label.id for label in wanted]
    newest, known = newest_of(connection, system, ids), _known(connection, system, ids)
    new = [label for label in wanted if _says(newest.get(label.id)) != (label.label, label.at)]
    if new:
        connection.execute(insert(LABELS), [_row(system, label, newest.get(label.id)) for label in new])
    return len(new), sum(label.id not in known for label in wanted)


def newest_of(connection: Connection, system: str, ids: Sequence[str]) -> Mapping[str, Label]:
    """Id → the newest label of a decision."""
    rows = rows_by_id(connection, LABELS, tuple(LABELS.c), system, ids)
    labels = sorted(
        (Label(row.id, row.label, row.at, row.received_at) for row in rows), key=lambda one: one.received_at
    )
    return {label.id: label for label in labels}


def since(connection: Connection, system: str, received_at: int = 0) -> Iterator[Label]:
    """Labels that came in after a moment, in that order."""
    asked = select(LABELS).where(LABELS.c.system == system, LABELS.c.received_at > received_at)
    for row in connection.execute(asked.order_by(LABELS.c.received_at, LABELS.c.id)):
        yield Label(row.id, row.label, row.at, row.received_at)


def waiting(connection: Connection, system: str) -> int:
    """How many labels wait for a decision that is not here."""
    here = select(DECISIONS.c.id).where(DECISIONS.c.system == system, DECISIONS.c.id == LABELS.c.id)
    asked = select(LABELS.c.id).where(LABELS.c.system == system, ~here.exists()).distinct()
    return len(connection.execute(asked).all())


def _says(label: Label | None) -> tuple[str, int | None] | None:
    return None if label is None else (label.label, label.at)


def _row(system: str, label: Label, before: Label | None) -> dict[str, object]:
    """Always after the one before, so that the newest is the one that came last also by a clock that ran back."""
    received_at = label.received_at if before is None else max(label.received_at, before.received_at + 1)
    return {"system": system, "id": label.id, "received_at": received_at, "label": label.label, "at": label.at}


def _known(connection: Connection, system: str, ids: Sequence[str]) -> set[str]:
    return {row.id for row in rows_by_id(connection, DECISIONS, (DECISIONS.c.id,), system, ids)}
