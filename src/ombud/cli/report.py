"""From what release and status know to what documents show."""

import os
from pathlib import Path

from attrs import evolve

from ombud import __version__
from ombud.checks import all_checks
from ombud.cli.workbench import Workbench
from ombud.documents.report import Alternatives, GateLine, Report
from ombud.law.model import Requirement
from ombud.release.gate import GateReport, Item
from ombud.status.finding import Finding
from ombud.status.rule import Outcome
from ombud.status.status import Picture

NOT_LOOKED_AT = (
    "single decisions over time: recording, replay, contest and human review",
    "requests of people: access, erasure, objection, and the models trained on them",
    "attacks on the model: membership inference, extraction, evasion, poisoning",
    "what lies outside the declared tables and the model file: pipelines, hosts, access rights, contracts",
)
"""What no check of this version asks."""

HUMAN_LABEL = (
    "The label is a past human decision, not an outcome. Error rates and agreement below compare the model with the "
    "people who decided then, right or wrong; they say nothing of who would have repaid, and no claim of business need "
    "follows from them."
)
BEYOND_LIMITS = (
    "A number without a limit is shown as measured. Neither law nor official guidance sets one for it here, and Ombud "
    "does not invent one."
)


def report_of(
    picture: Picture,
    gate: GateReport,
    bench: Workbench,
    broken: tuple[tuple[str, str], ...] = (),
    alternatives: Alternatives | None = None,
    role: str = "ml",
) -> Report:
    """Gather what a report shows of the system on the bench."""
    system, workspace = bench.system, bench.workspace
    remarks = [HUMAN_LABEL] if system.label_is == "past-human-decision" else []
    remarks += [f"The check {name} could not be used: {why}." for name, why in broken]
    return Report(
        system=system.name,
        purpose=system.purpose or "",
        notice=bench.organisation.name if bench.organisation else "",
        as_of=picture.as_of.isoformat(timespec="seconds").replace("+00:00", "Z"),
        known_at=picture.known_at.isoformat(),
        release=picture.release,
        verdict=str(gate.verdict),
        headline=gate.headline(role),
        gate=tuple(_line(item) for item in gate.items),
        findings=tuple(_with_remedy(finding) for finding in picture.findings),
        requirements=picture.requirements,
        frameworks={row.framework: row.framework_title for row in _rows(bench, picture)},
        texts={row.id: row.text for row in _rows(bench, picture)},
        manifest=_relative(system.path),
        verify=_how_to_verify(workspace.ledger.root_key),
        facts={fact: tuple(sorted(values)) for fact, values in sorted(picture.facts.items())},
        declared_by=picture.declared_by,
        remarks=(*remarks, BEYOND_LIMITS),
        not_looked_at=NOT_LOOKED_AT,
        alternatives=alternatives,
        log={"size": workspace.ledger.size, "root": workspace.ledger.root().hex()},
        pack=bench.pack.digest,
        software=f"ombud {__version__}",
    )


def _with_remedy(finding: Finding) -> Finding:
    """What usually mends it, as the check says; only where something needs mending."""
    if finding.outcome not in (Outcome.FAIL, Outcome.UNKNOWN):
        return finding
    remedies = {check.name: check.remedy for check in all_checks()[0]}
    return evolve(finding, remedy=remedies.get(finding.check, ""))


def _rows(bench: Workbench, picture: Picture) -> tuple[Requirement, ...]:
    return bench.pack.view(picture.as_of.date(), picture.known_at).requirements


def _relative(path: Path) -> str:
    """The manifest as seen from the current folder, so that it can be found in the repository."""
    return os.path.relpath(path).replace(os.sep, "/")


def _how_to_verify(root_key: str) -> tuple[str, ...]:
    return (
        "ombud ledger export evidence.zip",
        f"ombud verify evidence.zip --root {root_key} --recompute",
    )


def _line(item: Item) -> GateLine:
    return GateLine(
        kind=item.kind, name=item.name, verdict=str(item.verdict), because=item.because, owner=item.owner,
        waived=item.waived, blocks=item.blocks,
    )  # fmt: skip
