"""What windows are compared with: bins, counts and reference groups, fixed once from the tables of the release."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from attrs import evolve, field, frozen

from ombud.errors import OmbudError
from ombud.evidence.canonical import digest
from ombud.monitor.counted import PEOPLE, SCORE, Counted, from_plain, to_plain
from ombud.monitor.cuts import Cut, can_be_cut, cut
from ombud.monitor.outcome import Outcomes
from ombud.monitor.source import Source
from ombud.monitor.take import Questions, count, people_columns
from ombud.statistics.cube import Cube
from ombud.statistics.groups import choose_reference, rates
from ombud.store.windows import Windows
from ombud.system.manifest import System
from ombud.tables.bins import Numeric
from ombud.tables.needs import Role
from ombud.tables.open import open_table
from ombud.tables.table import Snapshot, Table

VERSION: Final = 2
"""Version of the questions: another one counts every window anew."""

FEATURE_BINS: Final = 10
SCORE_BINS: Final = 50
_DRIFT: Final = ("training", "evaluation")
_OUTCOMES: Final = ("evaluation", "training")


@frozen(kw_only=True)
class Baseline:
    """What windows are compared with.

    Attributes:
        questions: what is asked of every window.
        features: counts of the features in the table that the model learned from; empty where there is none.
        outcomes: counts by score and outcome in the table on which it was evaluated; empty where there is none.
        references: protected column → the group that others are compared with in every window.
        table: what the features are compared with ("training"); snapshot: in which state it was.
        outcomes_of: which table the outcomes are of ("evaluation", "training").
        key: digest of everything that this follows from.
    """

    questions: Questions
    features: Counted = field(factory=dict)
    outcomes: Counted = field(factory=dict)
    references: Mapping[str, str] = field(factory=dict)
    table: str = ""
    snapshot: Snapshot | None = None
    outcomes_of: str = ""
    key: str = ""

    def to_plain(self) -> dict[str, Any]:
        """The form in which the store keeps it."""
        asked = self.questions
        return {
            "people": list(asked.people), "features": [one.to_plain() for one in asked.features],
            "score": asked.score.to_plain() if asked.score else None, "decision": asked.decision,
            "label": asked.label, "human_changed": asked.human_changed, "counts": to_plain(self.features),
            "outcomes": to_plain(self.outcomes), "references": dict(self.references), "table": self.table,
            "snapshot": self.snapshot.to_json() if self.snapshot else None, "outcomes_of": self.outcomes_of,
        }  # fmt: skip

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any], key: str) -> "Baseline":
        """Read what `to_plain` wrote."""
        questions = Questions(
            people=tuple(plain["people"]), features=tuple(map(Cut.from_plain, plain["features"])),
            score=Cut.from_plain(plain["score"]) if plain["score"] else None, decision=plain["decision"],
            label=plain["label"], human_changed=plain["human_changed"],
        )  # fmt: skip
        return cls(
            questions=questions, features=from_plain(plain["counts"]), outcomes=from_plain(plain["outcomes"]),
            references=plain["references"], table=plain["table"],
            snapshot=Snapshot(**plain["snapshot"]) if plain["snapshot"] else None,
            outcomes_of=plain["outcomes_of"], key=key,
        )  # fmt: skip


def baseline_of(system: System, source: Source, windows: Windows, also: str = "") -> Baseline:
    """The baseline of a system: the one that is kept, as long as nothing changed that it follows from.

    Args:
        also: what else windows follow from, such as the challenger.
    """
    tables = dict(_opened(system))
    key = _key(system, source, tables, also)
    kept = windows.baseline(system.name, key)
    if kept is None:
        kept = windows.keep_baseline(system.name, key, _made(system, source, tables).to_plain())
    for table in tables.values():
        table.close()
    return Baseline.from_plain(kept, key)


def _opened(system: System) -> Iterable[tuple[str, Table]]:
    """The tables of the release that can be read; what cannot be compared is seen in what is missing."""
    for what in _DRIFT:
        if what in system.data:
            try:
                yield what, open_table(system.data[what].address(), system.path.parent)
            except OmbudError:
                continue


def _key(system: System, source: Source, tables: Mapping[str, Table], also: str) -> str:
    """Of addresses, columns, and sizes and times of files: whatever makes other bins or other reference groups."""
    stamps = {
        what: [table.address, table.rows(), [[f.stat().st_size, f.stat().st_mtime_ns % 2**52] for f in table.files]]
        for what, table in tables.items()
    }
    roles = {str(role): list(names) for role, names in source.columns.by_role.items()}
    declared = source.columns
    return digest([
        VERSION, stamps, roles, source.length, dict(source.table.types), system.evidence.minimum_group,
        [declared.favourable, declared.label_favourable, *declared.unfavourable, *declared.label_unfavourable],
        {name: dict(groups) for name, groups in system.reference_groups.items()}, also,
    ])  # fmt: skip


def _made(system: System, source: Source, tables: Mapping[str, Table]) -> Baseline:
    what = next((what for what in _DRIFT if what in tables), "")
    reference, minimum = tables.get(what), system.evidence.minimum_group
    there = [source.table] if reference is None else [reference, source.table]
    columns = source.columns
    features = tuple(
        cut(name, reference, source.table, FEATURE_BINS, minimum)
        for name in columns.of(Role.FEATURE)
        if can_be_cut(name, *there)
    )
    outcomes_of = next((one for one in _OUTCOMES if one in tables), "")
    by_outcome = tables.get(outcomes_of)
    questions = Questions(
        people=people_columns(columns), features=features, score=_score(source, by_outcome),
        decision=_only(source, Role.DECISION), label=_only(source, Role.LABEL),
        human_changed=_only(source, Role.HUMAN_CHANGED),
    )  # fmt: skip
    outcomes = {} if by_outcome is None else count(by_outcome, _that_it_has(system, questions, by_outcome))
    return Baseline(
        questions=questions, table=what, outcomes=outcomes, outcomes_of=outcomes_of,
        features={} if reference is None else count(reference, Questions(people=(), features=features)),
        references=_references(system, source, outcomes),
        snapshot=reference.snapshot() if reference is not None else None,
    )  # fmt: skip


def _only(source: Source, role: Role) -> str | None:
    return next(iter(source.columns.of(role)), None)


def _score(source: Source, reference: Table | None) -> Cut | None:
    """Fifty bins of equal width for scores in [0, 1], so that chances can be read off; else quantiles."""
    name = _only(source, Role.SCORE)
    if name is None or not can_be_cut(name, source.table):
        return None
    there = reference if reference is not None and can_be_cut(name, reference) else None
    found = cut(name, there, source.table, SCORE_BINS, 1)
    if not isinstance(found.bins, Numeric):
        return None
    if there is None or (found.low is not None and found.high is not None and found.low >= 0 and found.high <= 1):
        return evolve(found, bins=Numeric(tuple(i / SCORE_BINS for i in range(1, SCORE_BINS))), low=0.0, high=1.0)
    return found


def _that_it_has(system: System, questions: Questions, table: Table) -> Questions:
    """The questions of outcomes that a table of the release can answer; it may have labels that decisions lack."""
    label = questions.label or next(iter(system.columns.of(Role.LABEL)), None)

    def there(name: str | None) -> str | None:
        return name if name in table.columns else None

    score = questions.score if questions.score and questions.score.column in table.columns else None
    return evolve(
        questions, features=(), people=tuple(filter(there, questions.people)), score=score,
        decision=there(questions.decision), label=there(label), human_changed=None,
    )  # fmt: skip


def _references(system: System, source: Source, outcomes: Counted) -> dict[str, str]:
    """The group that others are compared with: the one that policy names, else the best one of the evaluation."""
    people, decision = outcomes.get(PEOPLE), _only(source, Role.DECISION)
    named = system.references("fairness.impact_ratio")
    found = dict(named)
    for column in source.columns.of(Role.PROTECTED):
        if column in named or people is None or decision not in people.axes or column not in people.axes:
            continue
        chosen = choose_reference(column, rates(by_group(people, column, decision, Outcomes.of(source.columns))))
        found |= {column: chosen.name} if chosen.name else {}
    return found


def by_group(people: Cube, column: str, decision: str, outcomes: Outcomes) -> Cube:
    """People by one protected column and what the decision means, as the checks of fairness see them."""
    coarse = people.over(column, decision)
    cells = [((group, outcomes.decision(found)), n) for (group, found), n in coarse.cells.items()]
    summed: dict[tuple[str | None, ...], int] = {}
    for cell, n in cells:
        summed[cell] = summed.get(cell, 0) + n
    return Cube(("group", "decision"), summed, column)


__all__ = ["SCORE", "Baseline", "baseline_of", "by_group"]
