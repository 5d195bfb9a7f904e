"""What a check gave, as a signed statement carries it: numbers, counts, tables, and a copy of the verdict."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from attrs import frozen

from ombud import __version__
from ombud.evidence.canonical import digest
from ombud.evidence.entry import Entry
from ombud.evidence.statement import Statement, Subject
from ombud.release.composite import Composite
from ombud.release.measure import Ran
from ombud.status.rule import Judgement
from ombud.status.select import attempt_key
from ombud.system.manifest import System


@frozen(kw_only=True)
class Run:
    """What all statements of one run have in common.

    Attributes:
        system, release: what was measured; law_pack: digest of the law it is judged by.
        now: when, by the workspace's clock; earlier: trusted measurements from before, to count attempts.
    """

    system: System
    release: Composite
    law_pack: str
    now: str
    earlier: Sequence[Entry]


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


def statement_of(ran: Ran, judged: Sequence[Judgement], run: Run) -> Statement:
    """The statement of one check's measurements."""
    said = _common(ran.check.name, run) | {
        "asks": ran.check.asks,
        "check_digest": ran.check.digest,
        "parameters": dict(ran.parameters),
        "inputs": _inputs(ran),
        "measurements": [measurement.to_json() for measurement in ran.measurements],
        "judgement": [told(one) for one in judged if one.rule is not None],
        "left_out": ran.left_out,
        "unmet": ran.unmet,
        "recomputable": ran.check.recomputable and ran.unmet is None,
    }
    said["attempt"] = 1 + sum(attempt_key(entry.statement.predicate) == attempt_key(said) for entry in run.earlier)
    return Statement(subjects=_subjects(ran, run), kind="measurement", predicate=said)


def unusable(name: str, why: str, judged: Sequence[Judgement], run: Run) -> Statement:
    """The statement of a plug-in that could not be used: planned, and not measured."""
    said = _common(name, run) | {
        "asks": "", "check_digest": None, "parameters": {}, "inputs": [], "measurements": [],
        "judgement": [told(one) for one in judged if one.rule is not None],
        "left_out": 0, "unmet": why, "recomputable": False, "attempt": 1,
    }  # fmt: skip
    return Statement(subjects=(_manifest(run),), kind="measurement", predicate=said)


def _common(check: str, run: Run) -> dict[str, Any]:
    return {
        "system": run.system.name,
        "check": check,
        "release": run.release.digest,
        "law_pack": run.law_pack,
        "about": None,
        "observed_at": run.now,
        "software": {"ombud": __version__},
    }


def _inputs(ran: Ran) -> list[dict[str, Any]]:
    cubes = [
        {"need": need, "call": call, "many": many, "name": cube.name, "cube": digest(cube.to_json())}
        for need, call, many, cube in ran.cubes
    ]
    return [*cubes, *({"need": "table", "table": snapshot.to_json()} for snapshot in ran.tables)]


def _subjects(ran: Ran, run: Run) -> tuple[Subject, ...]:
    tables = tuple(Subject(one.name, one.digest) for one in ran.tables if one.digest)
    model = run.system.model
    return (*tables, *([Subject(Path(model.artifact).name, run.release.model)] if model else ())) or (_manifest(run),)


def _manifest(run: Run) -> Subject:
    return Subject("manifest", run.system.digest)
