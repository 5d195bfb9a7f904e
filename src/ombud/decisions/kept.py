"""A decision as it is kept, and what is said when decisions come in."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from attrs import field, frozen

from ombud.decisions.decision import Decision
from ombud.decisions.plain import decode
from ombud.store.decided import Conflict, KeptRow, moment
from ombud.store.workspace import Workspace


@frozen
class Kept:
    """A decision that is kept.

    Attributes:
        decision: as it was recorded.
        alias: of the person, if they have one (see `intake.enrol`).
        row: as the store has it; None where the decision stays in a table of yours.
        commitment: what the log knows it by, 64 hexadecimal digits.
    """

    decision: Decision
    alias: str | None
    commitment: str
    row: KeptRow | None = field(default=None, repr=False)

    @property
    def received_at(self) -> datetime | None:
        """When it came in; None where the decision stays in a table of yours."""
        return None if self.row is None else moment(self.row.received_at)

    def proof(self, workspace: Workspace) -> dict[str, Any]:
        """What shows to anybody that this decision is on record, unchanged. It holds the decision itself.

        Raises:
            NotFound: the log does not hold it yet.
        """
        from ombud.decisions.proof import proof_of

        return proof_of(workspace, self)


@frozen(kw_only=True)
class Receipt:
    """What became of decisions that came in.

    Attributes:
        new: how many were kept; same: how many were here already, with equal content.
        differ: those that were here with another content, by commitments; nothing was overwritten.
        erased: how many were made about people before they were erased here; these were not taken in.
        ahead: how many claim to have been made more than five minutes after they came in; they were kept.
        batches: how many batches were put into the log with them.
    """

    new: int = 0
    same: int = 0
    differ: tuple[Conflict, ...] = ()
    erased: int = 0
    ahead: int = 0
    batches: int = 0

    def __add__(self, other: "Receipt") -> "Receipt":
        return Receipt(
            new=self.new + other.new, same=self.same + other.same, differ=self.differ + other.differ,
            erased=self.erased + other.erased, ahead=self.ahead + other.ahead, batches=self.batches + other.batches,
        )  # fmt: skip

    def to_json(self) -> dict[str, Any]:
        """A plain form."""
        differ = [{"kept": one.kept.hex(), "came": one.came.hex()} for one in self.differ]
        return {"new": self.new, "same": self.same, "differ": differ, "erased": self.erased, "ahead": self.ahead,
                "batches": self.batches}  # fmt: skip


def kept(workspace: Workspace, rows: Iterator[KeptRow] | Sequence[KeptRow]) -> Iterator[Kept]:
    """Rows with the decisions in them, in their order; of removed ones nothing is left to be shown."""
    whole = (row for row in rows if row.content is not None)
    while part := list(islice(whole, 1_000)):
        known = workspace.decided.aliases_of(part)
        yield from (_kept(row, known.get(row.person) if row.person else None) for row in part)


def _kept(row: KeptRow, alias: str | None) -> Kept:
    assert row.content is not None
    return Kept(decode(row.content, f"decision {row.number}"), alias, row.commitment.hex(), row)
