"""Steps that people do where no program reaches: open until somebody with a key says in the log that they are done."""

import re
from pathlib import Path
from typing import ClassVar, Final, Literal

from attrs import define, field, frozen

from ombud import __version__
from ombud.errors import Misused, OmbudError
from ombud.evidence.entry import Entry
from ombud.evidence.statement import Statement, Subject
from ombud.rights.map.model import Collection, SourceSpec
from ombud.store.settings import FOLDER
from ombud.store.workspace import Workspace

Verb = Literal["find", "erase", "change"]
Said = Literal["done", "nothing found", "kept"]

VERBS: Final = ("find", "erase", "change")
SAID: Final = ("done", "nothing found", "kept")
MOST_ROWS: Final = 1_000_000_000
OUTBOX: Final = "outbox"
_GROUND: Final = re.compile(r"[a-z][a-z0-9.-]{0,62}")


@define
class Waiting(OmbudError):
    """A place cannot be asked by a program; somebody has to look."""

    exit_code: ClassVar[int] = 3
    who: str
    what: str
    next_step: str = "When it is done, say so in the log with the holder's key; then run the command again."

    def __str__(self) -> str:
        return f"waits for {self.who}: {self.what}"


@frozen
class Step:
    """What somebody said about a step.

    Attributes:
        says: "done", "nothing found" or "kept".
        rows: how many records it was about.
        ground: of what was kept.
        key: id of the key that signed it; when: the day it came into the log.
    """

    says: Said
    rows: int
    ground: str | None
    key: str
    when: str

    @property
    def because(self) -> str:
        """For an outcome: said by whom and when, and that nobody can ask again."""
        return f"attested by key {self.key[:16]} on {self.when}; it cannot be asked again by a program"


@frozen(eq=False)
class Steps:
    """The steps of one case.

    Attributes:
        workspace: whose log they are said in.
        case: the request.
    """

    workspace: Workspace = field(repr=False)
    case: str

    def step(self, collection: str, verb: Verb) -> Step | None:
        """The last thing that a believed entry says about a step; None while it is open."""
        item = item_of(self.case, collection, verb)
        said = [
            one
            for one in self.workspace.ledger.log().trusted("attestation")
            if one.statement.predicate.get("item") == item and one.withdrawn_from is None
        ]
        return _read(said[-1]) if said else None


def attest_step(
    workspace: Workspace, case: str, source: SourceSpec, collection: Collection, verb: Verb, says: Said, holder: str, *,
    rows: int = 0, ground: str | None = None,
) -> Entry:  # fmt: skip
    """Say in the log that a manual step was done.

    While a step is open, its outcome is "failed" with "waits for …", and a case with a failed place cannot be closed;
    after this, acting on the case again gives the outcome that was attested, and the case can go on.

    Args:
        workspace: whose log.
        case: the request.
        source, collection: where; verb: what was to be done there.
        says: "done", "nothing found", or "kept" with a ground.
        holder: whose key signs; it must be allowed to sign attestations.
        rows: how many records it was about.

    Raises:
        Misused: the source is not one of manual steps, or what is said makes no sense.
        Refused, NotFound: the holder may not sign, or their key is not here.
    """
    if source.kind not in ("manual", "mail") or collection not in source.collections:
        raise Misused(
            "steps are attested for collections of sources of kind manual or mail",
            "A program reaches this place: run find or fulfil again.",
        )
    if verb not in VERBS:
        raise Misused("that is no step", f"One of: {', '.join(VERBS)}.")
    if rows > MOST_ROWS:
        raise Misused("nobody has that many records on paper", f"Give at most {MOST_ROWS:,}.")
    if says not in SAID or rows < 0 or (rows > 0) != (says != "nothing found"):
        raise Misused("say done or kept with the number of records, or nothing found", "For example: done, 1 record.")
    if (says == "kept") != (ground is not None) or (ground is not None and not _GROUND.fullmatch(ground)):
        raise Misused("what is kept is kept on a ground, and nothing else has one", "For example: legal-obligation.")
    predicate = {
        "item": item_of(case, collection.address, verb), "says": says, "rows": rows, "ground": ground,
        "organisation": True, "observed_at": workspace.now(), "software": {"ombud": __version__},
    }  # fmt: skip
    signed = workspace.sign(Statement((Subject(case),), "attestation", predicate), holder)
    entry = workspace.ledger.append([signed])[0]
    letter_of(workspace, case, collection, verb).unlink(missing_ok=True)
    return entry


def letter_of(workspace: Workspace, case: str, collection: Collection, verb: Verb) -> Path:
    """The file of a message that somebody sends by hand; it is personal data, and goes when the step is done."""
    return workspace.root / FOLDER / OUTBOX / f"{case}.{collection.address}.{verb}.eml"


def item_of(case: str, collection: str, verb: Verb) -> str:
    """How the log calls a step."""
    return f"step:{case}:{collection}:{verb}"


def _read(entry: Entry) -> Step:
    told = entry.statement.predicate
    signer = entry.signer.key_id if entry.signer else entry.envelope.key_id
    says = told.get("says")
    rows = told.get("rows")
    if says not in SAID or not isinstance(rows, int):
        raise Waiting("whoever attested", "what was attested about a step is none of: " + ", ".join(SAID))
    return Step(says, rows, told.get("ground"), signer, entry.received_at[:10])
