"""Assess a system: declare what it is, measure what can be measured, sign and keep all of it.

The plan is declared before anything is measured, so that a check that was planned and has no evidence is seen, and so
that a limit stands before the result it judges.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from attrs import frozen

from ombud.checks import all_checks
from ombud.checks.check import Check
from ombud.errors import OmbudError
from ombud.evidence.entry import Entry
from ombud.law import Pack
from ombud.release.composite import Composite, composite
from ombud.release.declare import declaration_of, declare
from ombud.release.measure import Progress, Ran, answer, run
from ombud.release.people import Decided, nobody, people_answer
from ombud.release.statements import Run, statement_of, unusable
from ombud.statistics.measurement import Measurement
from ombud.status.rule import Judgement
from ombud.status.select import declared
from ombud.status.status import Picture, judgements_of, status
from ombud.store.workspace import Workspace
from ombud.system.manifest import Organisation, System
from ombud.tables.answers import Data, Taken, Unmet
from ombud.tables.open import open_table

Judge = Callable[[str, Sequence[Measurement]], tuple[Judgement, ...]]
"""From the name of a check and what it measured to verdicts."""


@frozen(kw_only=True)
class Assessment:
    """What one run gave: where the system stands, the entries written, and what was not looked at.

    Attributes:
        picture: the status right after the run.
        release: the release that was assessed.
        entries: what was appended, declarations first.
        broken: plug-ins that could not be used, with the reason.
    """

    picture: Picture
    release: Composite
    entries: tuple[Entry, ...]
    broken: tuple[tuple[str, str], ...]


def assess(
    workspace: Workspace,
    system: System,
    organisation: Organisation | None,
    pack: Pack,
    holder: str,
    progress: Progress | None = None,
    decided: Decided = nobody,
) -> Assessment:
    """Measure a system and append everything, declarations first.

    Args:
        workspace: where the log, the keys and the clock are.
        system, organisation: the manifests.
        pack: the law, whose digest every statement names.
        holder: whose key signs: the measurer.
        progress: called with what is being done, and how much of it.
        decided: reads the decisions about models and people from the log; by default there are none.

    Raises:
        OmbudError: the manifest, a key or the log cannot be used. A table or model that cannot be read is not an
            error but an answer: what needs it is unknown, with the reason.
    """
    checks, broken = all_checks()
    data, release, now = _data(system), composite(system), workspace.now()
    planned = [check.name for check in checks] + [name for name, _ in broken]
    entries = [*declare(workspace, declaration_of(system, organisation, release, planned, now), holder)]
    people = people_answer(workspace, system, data, release, decided)
    ran = _run_all(workspace, checks, system, data, people, progress)
    judge_now = _judging(workspace, system.name, pack)
    earlier = workspace.ledger.log().trusted("measurement")
    this = Run(system=system, release=release, law_pack=pack.digest, now=workspace.now(), earlier=earlier)
    statements = [statement_of(one, judge_now(one.check.name, one.measurements), this) for one in ran]
    statements += [unusable(name, why, judge_now(name, ()), this) for name, why in broken]
    cubes = [cube for one in ran for *_, cube in one.cubes]
    entries += workspace.ledger.append([workspace.sign(s, holder) for s in statements], cubes)
    return Assessment(
        picture=picture_of(workspace, pack, system.name), release=release, entries=tuple(entries), broken=broken
    )


def picture_of(
    workspace: Workspace, pack: Pack, system: str, as_of: datetime | None = None, known_at: datetime | None = None
) -> Picture:
    """Where a system stands, from the log alone; by default now, by everything known now."""
    now = datetime.fromisoformat(workspace.now())
    log = workspace.ledger.log()
    known = known_at or now
    prefix = log.until(known_at) if known_at else log
    moment = as_of or now
    return status(prefix.trusted(), pack.view(moment.date(), known.date()), system, moment)


def _run_all(
    workspace: Workspace, checks: Sequence[Check], system: System, data: Data | Unmet, people: Taken | Unmet,
    progress: Progress | None,
) -> tuple[Ran, ...]:  # fmt: skip
    today = datetime.fromisoformat(workspace.now()).date()
    answers = answer(checks, data, system, _records(workspace, system), progress, people)
    ran = []
    for done, check in enumerate(checks):
        if progress:
            progress(check.name, done, len(checks))
        ran.append(run(check, answers, _parameters(system, check, today)))
    if progress:
        progress("measured", len(checks), len(checks))
    return tuple(ran)


def _parameters(system: System, check: Check, today: date) -> dict[str, Any]:
    """What manifest and policy set for a check, of what it takes."""
    known: dict[str, Any] = {
        "label_is": system.label_is,
        "today": today.isoformat(),
        "reasons": dict(system.reasons),
        "reference": dict(system.references(check.name)),
    }
    return {name: value for name, value in known.items() if value and name in check.parameters}


def _data(system: System) -> Data | Unmet:
    """The tables of a manifest, opened; the reason why not, where that fails.

    Raises:
        Invalid: the manifest names a column that is not there. That is a mistake to mend, not an answer.
    """
    if not system.data:
        return Unmet("the manifest names no table", "data.evaluation.table")
    try:
        tables = {name: open_table(spec.address(), system.path.parent) for name, spec in system.data.items()}
    except OmbudError as error:
        return Unmet(str(error), "")
    richest = tables.get("evaluation") or tables.get("decisions") or tables["training"]
    columns = system.columns_for(richest.columns)
    return Data(tables=tables, columns=columns, minimum_group=system.evidence.minimum_group)


def _records(workspace: Workspace, system: System) -> Mapping[str, Any]:
    log = workspace.ledger.log().trusted("release")
    releases = [one for entry in log if (one := entry.statement.predicate).get("system") == system.name]
    return {"released-artifact": releases[-1]["parts"].get("model")} if releases else {}


def _judging(workspace: Workspace, system: str, pack: Pack) -> Judge:
    """Judge what was just measured, for people to read beside it; status never reads this copy."""
    moment = datetime.fromisoformat(workspace.now())
    now = declared(workspace.ledger.log().trusted(), system, moment)
    assert now is not None, "the declaration is appended before anything is measured"
    applicability = pack.view(moment.date(), moment.date()).applicability(now.facts)

    return lambda check, taken: judgements_of(check, taken, now.rules, applicability, now)
