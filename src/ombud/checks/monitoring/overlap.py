"""monitoring.overlap: was the model judged on rows it had learnt by heart?"""

from collections.abc import Iterator
from fractions import Fraction

from ombud.checks.check import check
from ombud.statistics.cube import Cube
from ombud.statistics.measurement import Measurement
from ombud.tables.needs import Overlap

_CHANCE = "with few and coarse features, different people can have identical rows"


@check(
    "monitoring.overlap",
    asks="Was the model judged on rows that it had learnt from?",
    needs=Overlap(),
    remedy="Take shared rows out of the evaluation table (or keep them in one fold), and measure everything again.",
)
def overlap(rows: Cube) -> Iterator[Measurement]:
    """Measure how many rows occur twice: in both tables, in two folds, or within the training table.

    Args:
        rows: counts of rows that are identical in all features and the label (see `Overlap`).

    Yields:
        `overlap_share`: of the evaluation rows, those that the training table holds too; with folds (and one table)
        `fold_overlap_share`: of all rows, those with a twin in another fold; then `duplicate_share`: of the training
        rows, those that repeat an earlier one. Exact shares of rows, without an interval.
    """
    training, evaluation = rows.count(what="training rows"), rows.count(what="evaluation rows")
    folds = rows.name == "within folds"
    if not training:
        yield Measurement(name="overlap_share", value=None, unknown="the training table holds no rows")
        return
    if not folds and not evaluation:
        yield Measurement(name="overlap_share", value=None, unknown="the evaluation table holds no rows")
    if evaluation:
        yield _share("overlap_share", rows.count(what="shared"), evaluation, "evaluation rows that training holds too")
    if folds:
        yield _share("fold_overlap_share", rows.count(what="folds"), training, "rows with a twin in another fold")
    repeated = rows.count(what="duplicates in training")
    yield _share("duplicate_share", repeated, training, "training rows that repeat an earlier one")


def _share(name: str, count: int, of: int, words: str) -> Measurement:
    return Measurement(
        name=name, value=Fraction(count, of), n=of, counts={"rows": count, "of": of},
        method=f"{words}: equal in all features and the label, by 64-bit hash; exact but for chance collisions",
        notes=(_CHANCE,) if count else (),
    )  # fmt: skip
