"""The notice to reviewers: written from the organisation's manifest, or put on record as given."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ombud.cli.decisions.contest_shared import ROLES, write_file
from ombud.cli.workbench import signer
from ombud.errors import Misused, NotFound
from ombud.store.workspace import Workspace


def write_notice(workspace: Workspace, system: str, output: Path, hasty: int) -> dict[str, Any]:
    """Write the notice; what the organisation's manifest does not say is a hole in it."""
    import hashlib

    from ombud.decisions.contest_letter import FORMATS, as_bytes
    from ombud.decisions.oversight import SMALLEST
    from ombud.documents.contests import ReviewerNotice, notice
    from ombud.documents.paper import Hole
    from ombud.system.organisation import load_organisation

    kind = output.suffix.removeprefix(".").lower()
    if kind not in FORMATS:
        raise Misused("a notice has no such format", f"One of: {', '.join(FORMATS)}.")
    beside = workspace.root / "organisation.yaml"
    who = load_organisation(beside) if beside.exists() else None
    contact = who.contact if who else None
    paper = notice(ReviewerNotice(
        organisation=who.name if who else Hole("who tells", "organisation.yaml: name"),
        contact=(contact.officer or contact.write_to) if contact else Hole("whom to ask", "organisation.yaml: contact"),
        system=system, day=workspace.context.clock.now().date(), hasty=hasty, smallest=SMALLEST,
    ))  # fmt: skip
    content = as_bytes(paper, kind)
    write_file(output, content)
    return {"file": str(output), "sha256": hashlib.sha256(content).hexdigest(), "missing": len(paper.holes)}


def give_notice(
    workspace: Workspace, system: str, names: Sequence[str], numbers: Sequence[str], documents: Sequence[Path],
    holder: str | None,
) -> dict[str, Any]:  # fmt: skip
    """Put on record that reviewers were given it: named ones, and whom records of decisions name by a number."""
    from ombud.cli.incidents.shared import digest_of
    from ombud.decisions.contest_reviewers import gave_notice, reviewers, staff_alias

    named = reviewers(workspace.ledger.log())
    aliases = [one.staff for one in named if one.name in names]
    if not set(names) <= {one.name for one in named}:
        raise NotFound("reviewer of that name", "the log", "Name them first: ombud decisions reviewer NAME")
    aliases += [staff_alias(workspace, one) for one in numbers]
    signs = signer(workspace, holder, ROLES[:4])
    entry = gave_notice(workspace, aliases, [digest_of(one) for one in documents], signs, system)
    return {"reviewers": len(set(aliases)), "system": system, "entry": entry.index}
