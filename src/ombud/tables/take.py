"""Answer what checks need from tables: equal needs once, and one scan for as many of them as possible."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from attrs import evolve

from ombud.errors import OmbudError
from ombud.tables.answers import CannotMeasure, Data, Sample, Taken, Unmet
from ombud.tables.binned import answer_binned
from ombud.tables.classes import answer_classes
from ombud.tables.counts import answer_counts
from ombud.tables.needs import Binned, Classes, Counts, Need, Overlap, Profile, Rows
from ombud.tables.overlap import answer_overlap
from ombud.tables.profile import answer_profile
from ombud.tables.sample import answer_rows
from ombud.tables.table import NoSuchColumn, Snapshot

Progress = Callable[[str, int, int], None]
"""Called with what is being counted, how many needs are answered, and how many there are."""

_SAYS: Final = {
    Counts: "people by group", Binned: "distributions", Profile: "columns", Classes: "equivalence classes",
    Overlap: "identical rows", Rows: "sample of rows",
}  # fmt: skip
_TOGETHER: Final = (Counts, Binned, Profile)
"""Kinds of needs that share their scans."""


def take(needs: Iterable[Need], data: Data, progress: Progress | None = None) -> Mapping[Need, Taken | Unmet]:
    """Answer needs from the tables of a system.

    Args:
        needs: what checks ask for; equal ones are answered once. Needs that no table can answer (the model, its
            bytes, records of the log) are not in the result.
        data: the tables and what their columns mean.
        progress: told before each step.

    Returns:
        For each need its answer, or why there is none.

    Raises:
        NoSuchColumn: a declared column is in none of the tables; nothing was counted.
    """
    data.refuse_unknown_columns()
    wanted = [need for need in dict.fromkeys(needs) if isinstance(need, tuple(_SAYS))]
    answers: dict[Need, Taken | Unmet] = {}
    for kind in _SAYS:
        of_kind = [need for need in wanted if isinstance(need, kind)]
        steps = [of_kind] if kind in _TOGETHER else [[need] for need in of_kind]
        for step in filter(None, steps):
            if progress:
                progress(_SAYS[kind], len(answers), len(wanted))
            answers |= _step(step, data)
    return {need: _told_apart(answers[need], data) for need in wanted}


def _told_apart(answer: Taken | Unmet, data: Data) -> Taken | Unmet:
    """Tables that share a file name are called by their addresses."""
    if isinstance(answer, Unmet):
        return answer
    addresses = {
        table.name: {t.address for t in data.tables.values() if t.name == table.name} for table in answer.tables
    }
    tables = [evolve(one, name=one.address) if len(addresses[one.name]) > 1 else one for one in answer.tables]
    return evolve(answer, tables=tuple(tables))


def _step(needs: list[Need], data: Data) -> Mapping[Need, Taken | Unmet]:
    """Answer needs of one kind. A table that breaks on the way is a reason, not an end: other needs go on."""
    try:
        answers = _answered(needs, data)
        for table in data.tables.values():
            table.refuse_change()
        return answers
    except NoSuchColumn:
        raise
    except CannotMeasure as reason:
        return dict.fromkeys(needs, reason.unmet)
    except OmbudError as error:
        return dict.fromkeys(needs, Unmet(str(error), ""))


def _answered(needs: list[Need], data: Data) -> Mapping[Need, Taken | Unmet]:
    need = needs[0]
    if isinstance(need, Counts):
        return dict(answer_counts([one for one in needs if isinstance(one, Counts)], data).items())
    if isinstance(need, Binned):
        return dict(answer_binned([one for one in needs if isinstance(one, Binned)], data).items())
    if isinstance(need, Profile):
        return dict(answer_profile([one for one in needs if isinstance(one, Profile)], data).items())
    if isinstance(need, Classes):
        return {need: answer_classes(need, data)}
    if isinstance(need, Overlap):
        return {need: answer_overlap(data)}
    assert isinstance(need, Rows)
    return {need: answer_rows(need, data)}


__all__ = ["Data", "Sample", "Snapshot", "Taken", "Unmet", "take"]
