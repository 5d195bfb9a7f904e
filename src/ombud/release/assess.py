"""Assess a system: declare what it is, measure what can be measured, sign and keep all of it.

The plan is declared before anything is measured, so that a check that was planned and has no evidence is seen, and so
that a limit stands before the result it judges.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from attrs import frozen

from ombud import __version__
from ombud.checks import all_checks
from ombud.checks.check import Check
from ombud.errors import OmbudError
from ombud.evidence.canonical import digest
from ombud.evidence.entry import Entry
from ombud.evidence.statement import Statement, Subject
from ombud.law import Pack
from ombud.release.composite import Composite, composite
from ombud.release.measure import Progress, Ran, answer, run
from ombud.status.rule import Judgement
from ombud.status.select import attempt_key, declared
from ombud.status.status import Picture, judgements_of, status
from ombud.store.workspace import Workspace
from ombud.system.facts import facts
from ombud.system.manifest import Organisation, System
from ombud.tables.answers import Data, Unmet
from ombud.tables.open import open_table


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
) -> Assessment:
    """Measure a system and append everything, declarations first.

    Args:
        workspace: where the log, the keys and the clock are.
        system, organisation: the manifests.
        pack: the law, whose digest every statement names.
        holder: whose key signs: the measurer.
        progress: called with what is being done, and how much of it.

    Raises:
        OmbudError: the manifest, a key or the log cannot be used. A table or model that cannot be read is not an
            error but an answer: what needs it is unknown, with the reason.
    """
    checks, broken = all_checks()
    release = composite(system)
    now = workspace.now()
    declaration = _declaration(system, organisation, release, [c.name for c in checks] + [n for n, _ in broken], now)
    entries = list(_append_if_changed(workspace, declaration, holder))
    ran = _run_all(workspace, checks, system, progress)
    judge_now = _judging(workspace, system.name, pack)
    earlier = workspace.ledger.log().trusted("measurement")
    statements = [_statement(one, judge_now(one), system, release, pack, workspace.now(), earlier) for one in ran]
    statements += [_broken(name, why, system, release, pack, workspace.now()) for name, why in broken]
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


# --- what is declared -------------------------------------------------------------------------------------------------


def _declaration(
    system: System, organisation: Organisation | None, release: Composite, checks: Sequence[str], now: str
) -> Statement:
    known = facts(system, organisation)
    content = {
        "what": "system",
        "system": system.name,
        "content": system.content,
        "organisation": organisation.content if organisation else None,
        "facts": {fact: sorted(values) for fact, values in sorted(known.items())},
        "policy": [limit.to_json() for limit in system.policy],
        "settings": system.settings(),
        "checks": list(checks),
        "release": release.digest,
        "parts": release.to_json(),
        "observed_at": now,
        "software": {"ombud": __version__},
    }
    return Statement(subjects=(Subject("manifest", system.digest),), kind="declaration", predicate=content)


def _append_if_changed(workspace: Workspace, declaration: Statement, holder: str) -> Sequence[Entry]:
    """Facts enter the log when they change, and only then."""
    said = dict(declaration.predicate)
    earlier = [
        entry
        for entry in workspace.ledger.log().trusted("declaration")
        if entry.statement.predicate.get("system") == said["system"]
    ]
    if earlier and _same(dict(earlier[-1].statement.predicate), said):
        return ()
    return workspace.ledger.append([workspace.sign(declaration, holder)])


def _same(held: dict[str, Any], new: dict[str, Any]) -> bool:
    return digest(held | {"observed_at": ""}) == digest(new | {"observed_at": ""})


# --- what is measured -------------------------------------------------------------------------------------------------


def _run_all(
    workspace: Workspace, checks: Sequence[Check], system: System, progress: Progress | None
) -> tuple[Ran, ...]:
    today = datetime.fromisoformat(workspace.now()).date()
    answers = answer(checks, _data(system), system, _records(workspace, system), progress)
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
    """The tables of a manifest, opened; the reason why not, where that fails."""
    if not system.data:
        return Unmet("the manifest names no table", "data.evaluation.table")
    try:
        tables = {name: open_table(spec.address(), system.path.parent) for name, spec in system.data.items()}
        richest = tables.get("evaluation") or tables.get("decisions") or tables["training"]
        columns = system.columns_for(richest.columns)
    except OmbudError as error:
        return Unmet(str(error), "")
    return Data(tables=tables, columns=columns, minimum_group=system.evidence.minimum_group)


def _records(workspace: Workspace, system: System) -> Mapping[str, Any]:
    log = workspace.ledger.log().trusted("release")
    releases = [one for entry in log if (one := entry.statement.predicate).get("system") == system.name]
    return {"released-artifact": releases[-1]["parts"].get("model")} if releases else {}


def _judging(workspace: Workspace, system: str, pack: Pack) -> Callable[[Ran], list[dict[str, Any]]]:
    """Judge what was just measured, for people to read beside it; status never reads this copy."""
    moment = datetime.fromisoformat(workspace.now())
    now = declared(workspace.ledger.log().trusted(), system, moment)
    assert now is not None, "the declaration is appended before anything is measured"
    applicability = pack.view(moment.date(), moment.date()).applicability(now.facts)

    def judged(ran: Ran) -> list[dict[str, Any]]:
        found = judgements_of(ran.check.name, ran.measurements, now.rules, applicability, now)
        return [told(one) for one in found if one.rule is not None]

    return judged


def told(judged: Judgement) -> dict[str, Any]:
    """A judgement as the copy for people carries it."""
    measured = judged.measurement
    return {
        "name": measured.name,
        "protected": measured.protected,
        "group": measured.group,
        "outcome": str(judged.outcome),
        "rule": judged.rule.to_json() if judged.rule else None,
    }


def _statement(
    ran: Ran,
    judged: list[dict[str, Any]],
    system: System,
    release: Composite,
    pack: Pack,
    now: str,
    earlier: Sequence[Entry],
) -> Statement:
    said: dict[str, Any] = {
        "system": system.name,
        "check": ran.check.name,
        "asks": ran.check.asks,
        "check_digest": ran.check.digest,
        "release": release.digest,
        "law_pack": pack.digest,
        "parameters": dict(ran.parameters),
        "about": [now, now],
        "observed_at": now,
        "inputs": _inputs(ran),
        "measurements": [measurement.to_json() for measurement in ran.measurements],
        "judgement": judged,
        "left_out": ran.left_out,
        "unmet": ran.unmet,
        "recomputable": ran.check.recomputable and ran.unmet is None,
        "software": {"ombud": __version__},
    }
    said["attempt"] = 1 + sum(attempt_key(entry.statement.predicate) == attempt_key(said) for entry in earlier)
    return Statement(subjects=_subjects(ran, system, release), kind="measurement", predicate=said)


def _inputs(ran: Ran) -> list[dict[str, Any]]:
    cubes = [
        {"need": need, "call": call, "many": many, "name": cube.name, "cube": digest(cube.to_json())}
        for need, call, many, cube in ran.cubes
    ]
    return [*cubes, *({"need": "table", "table": snapshot.to_json()} for snapshot in ran.tables)]


def _subjects(ran: Ran, system: System, release: Composite) -> tuple[Subject, ...]:
    tables = tuple(Subject(one.name, one.digest) for one in ran.tables if one.digest)
    model = (Subject(Path(system.model.artifact).name, release.model),) if system.model and release.model else ()
    return (*tables, *model) or (Subject("manifest", system.digest),)


def _broken(name: str, why: str, system: System, release: Composite, pack: Pack, now: str) -> Statement:
    said = {
        "system": system.name, "check": name, "asks": "", "check_digest": None, "release": release.digest,
        "law_pack": pack.digest, "parameters": {}, "about": [now, now], "observed_at": now, "inputs": [],
        "measurements": [], "left_out": 0, "unmet": why, "recomputable": False, "attempt": 1,
        "software": {"ombud": __version__},
    }  # fmt: skip
    return Statement(subjects=(Subject("manifest", system.digest),), kind="measurement", predicate=said)
