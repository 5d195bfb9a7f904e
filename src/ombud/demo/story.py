"""The story of the demo, in sentences. Every number in them was computed in this run."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Final

import numpy as np
from attrs import frozen

from ombud.checks.fairness.impact_ratio import impact_ratio
from ombud.demo.data import Applications
from ombud.demo.train import Trained
from ombud.demo.workspace import THRESHOLD
from ombud.documents.report import Alternatives, TradeOff
from ombud.documents.sentence import sentence_of
from ombud.evidence.entry import Entry
from ombud.explain.attribution import principal
from ombud.explain.explained import Explained, explain
from ombud.release.alternatives import Alternative, Scored, decisions, equal_rates, one_threshold
from ombud.statistics.measurement import Measurement
from ombud.status.finding import Finding, State
from ombud.status.rule import Judgement, Outcome, Rule, judge
from ombud.status.status import Picture
from ombud.system.manifest import System
from ombud.system.models import open_model
from ombud.tables.answers import Data, Taken
from ombud.tables.needs import Rows
from ombud.tables.open import open_table
from ombud.tables.take import take

BAND: Final = 0.01
"""Loss of agreement that the demo bank accepts in its search: one percentage point."""

WORST_OFF: Final = "black"


def raw_rates(people: Applications) -> Iterator[str]:
    """What the banks of 1990 did, by race."""
    race = np.array(people.protected["race"])
    for group in ("black", "hispanic", "white"):
        chosen = people.approved[race == group]
        yield f"{group:<9} {chosen.mean():.3f} approved, of {len(chosen):,} applications"


def scored(people: Applications, trained: Trained) -> Scored:
    """The cross-fitted scores with race, label and fold, for the search of an alternative."""
    return Scored(trained.score, people.approved, np.array(people.protected["race"]), trained.fold)


@frozen
class Searched:
    """The search, judged: the alternative, its verdict under the policy, and which threshold would pass the rule.

    Attributes:
        alternative: what was searched; judged: its impact ratio for the group that is worst off, under the rule.
        passing: the highest threshold at which every group passes, on all rows; None if no threshold does.
        agreement_at_passing: share of decisions at that threshold that equal the label.
    """

    alternative: Alternative
    judged: Judgement
    passing: float | None
    agreement_at_passing: float | None
    by_group: dict[str, float]


def search(people: Scored, rule: Rule) -> Searched:
    """Search one threshold for all, judge it on rows that it was not chosen on, and see what would pass."""
    found = one_threshold(people, THRESHOLD, BAND, "race")
    passing = next((t for t in reversed(found.front) if _all_pass(people, t.threshold, rule)), None)
    return Searched(
        alternative=found,
        judged=judge(_ratio_of(list(impact_ratio(found.cube)), WORST_OFF), rule),
        passing=passing.threshold if passing else None,
        agreement_at_passing=passing.agreement if passing else None,
        by_group=equal_rates(people, THRESHOLD),
    )


def _all_pass(people: Scored, threshold: float, rule: Rule) -> bool:
    measured = impact_ratio(decisions(people, threshold, "race"))
    judged = [judge(one, rule) for one in measured if rule.concerns("fairness.impact_ratio", one)]
    return all(one.outcome is Outcome.PASS for one in judged)


def _ratio_of(measured: Sequence[Measurement], group: str) -> Measurement:
    return next(one for one in measured if one.name == "impact_ratio" and one.group == group)


def judgement_of(finding: Finding | None, name: str, protected: str, group: str) -> Judgement:
    """One judged number of a finding."""
    assert finding is not None
    return next(
        j
        for j in finding.judgements
        if (j.measurement.name, j.measurement.protected, j.measurement.group) == (name, protected, group)
    )


def judgements_by(finding: Finding | None, name: str, protected: str) -> tuple[Judgement, ...]:
    """All judged numbers of a name, for one protected column."""
    found = finding.judgements if finding else ()
    named = (j for j in found if (j.measurement.name, j.measurement.protected) == (name, protected))
    return tuple(j for j in named if j.measurement.is_assessed)


ABOUT_THE_LABEL: Final = (
    "The label is what people at banks decided in 1990, not who repaid. Agreement with it is agreement with those "
    "people; no claim of business need follows from it, and error rates by group are shown under that warning.",
)


def tell_left_out(entries: Sequence[Entry]) -> Iterator[str]:
    """How many people are in no published count, and why."""
    left_out = max((e.statement.predicate.get("left_out", 0) for e in entries), default=0)
    if left_out:
        yield (
            f"{left_out} people are in no count from here on: whether they are married is not known, and a group of "
            "fewer than 10 could be recognised."
        )


def explained(system: System) -> Explained:
    """The shipped model's reasons on the declared table, all rows."""
    assert system.model is not None
    table = open_table(system.data["evaluation"].address(), system.path.parent)
    data = Data(tables={"evaluation": table}, columns=system.columns_for(table.columns))
    taken = take([Rows()], data)[Rows()]
    assert isinstance(taken, Taken)
    return explain(open_model(system.model.artifact), taken.calls[0])


REACHES: Final = (
    "REGB.9.b2",
    "REGB.6.effects",
    "FCRA.615a",
    "GDPR.22.1",
    "GDPR.22.3",
    "GDPR.15.1.h",
    "EUEQ",
    "FHA.805",
)
"""Rows that the story names: what still reaches a race-blind model whose impact differs."""


def tell_law(picture: Picture) -> Iterator[str]:
    """Which law reaches this system now, which will, and that none sets the number."""
    yield "No law that Ombud ships sets 4/5 for credit: the limit is the bank's own, borrowed from US hiring."
    for id in REACHES:
        row = picture.requirement(id)
        if row is not None and row.state is not State.NOT_APPLICABLE:
            yield f"{row.id:<13} {row.title}: {row.state} ({row.cite}; {row.certainty})"
    duty = picture.requirement("AIA.9")
    if duty is not None:
        yield f"{duty.id:<13} {duty.title}: {duty.state}. {duty.because}"


def tell_search(searched: Searched) -> tuple[str, ...]:
    """What came of the search."""
    found = searched.alternative
    low, high = min(found.chosen), max(found.chosen)
    thresholds = f"{low:.2f}" if low == high else f"{low:.2f} to {high:.2f}"
    told = [
        f"One lower threshold for all, {thresholds}, chosen for each fold on the other folds among those that lose at "
        f"most {BAND:.0%} of agreement, and judged on the added counts of all folds:",
        sentence_of(searched.judged),
        f"Agreement with the decisions of 1990 falls from {found.before:.1%} to {found.agreement:.1%}.",
    ]
    if searched.passing is not None and searched.agreement_at_passing is not None:
        told.append(
            f"By the rule, {searched.passing:.2f} is the highest threshold at which every race passes; agreement would "
            f"be {searched.agreement_at_passing:.1%}. It was found on the rows it is judged on: a hint, no evidence."
        )
    groups = ", ".join(f"{group} {threshold:.2f}" for group, threshold in sorted(searched.by_group.items()))
    told.append(
        f"A threshold of its own for each group ({groups}) would equalise the rates. It is not recommended: under ECOA "
        "that is to treat people differently because of their race."
    )
    return tuple(told)


def alternatives_of(searched: Searched, rule: Rule) -> Alternatives:
    """The search as a report shows it."""
    found = searched.alternative
    return Alternatives(
        protected="race",
        limit=float(rule.value),
        tried=tuple(TradeOff(threshold=t.threshold, agreement=t.agreement, ratio=t.ratio) for t in found.front),
        present=THRESHOLD,
        chosen=found.chosen,
        told=tell_search(searched),
    )


def tell_reasons(explained: Explained) -> str:
    """Which feature speaks most in refusals."""
    top = principal(explained.points[explained.refused])
    first = np.array(explained.names)[top[:, 0]]
    names, counts = np.unique(first, return_counts=True)
    most = int(counts.argmax())
    share = Fraction(int(counts[most]), len(first))
    judged_by_hand = ": whether the credit history meets the guidelines is the lender's own judgement"
    why = judged_by_hand if names[most] == "gdlin" else ""
    return f"Of {len(first):,} refusals, {float(share):.0%} have {str(names[most])!r} as their first reason{why}."


def tell_predictable(finding: Finding | None) -> Iterator[str]:
    """How well race can be told from the features, although it is none of them."""
    for judgement in finding.judgements if finding else ():
        m = judgement.measurement
        if m.name == "predictability_auc" and m.protected == "race" and m.value is not None and m.low is not None:
            yield (
                f"race = {m.group}: told from the features with an AUC of {float(m.value):.2f} "
                f"({m.level:.0%} interval {m.low:.2f} to {m.high:.2f}, n = {m.n:,}); .50 would be chance"
            )
