"""monitoring.data_quality: is the data complete, finite, and of the kind that the model learnt from?"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Final

from attrs import frozen

from ombud.checks.check import check
from ombud.errors import Misused
from ombud.statistics.cube import Cube
from ombud.statistics.measurement import Measurement
from ombud.tables.needs import Profile

_SHARES: Final = {
    "share_missing": ("missing", "rows without a value"),
    "share_not_finite": ("not finite", "rows with NaN or an infinite number"),
    "share_new_level": ("new level", "rows with a value that the training table does not have"),
    "share_out_of_range": ("out of range", "rows with a number outside the training table's range"),
}
_AGAINST_TRAINING: Final = ("new level", "out of range")
_DAY: Final = "day "


@frozen
class _Column:
    """A column of one table: its counters."""

    table: str
    name: str
    counters: Mapping[str, int]

    @property
    def rows(self) -> int:
        return self.counters.get("rows", 0)

    @property
    def days(self) -> dict[str, int]:
        """Rows by day, of the last days that occur."""
        return {what.removeprefix(_DAY): n for what, n in self.counters.items() if what.startswith(_DAY)}


@check(
    "monitoring.data_quality",
    asks="Is the data complete, finite, and of the kind that the model learnt from?",
    needs=Profile(),
    remedy="Find where the named columns come from; a new value or a gap is usually a change upstream.",
)
def data_quality(profile: Cube, *, today: str | None = None) -> Iterator[Measurement]:
    """Measure, column by column, what is missing, not finite, new, out of range, or dated in the future.

    Args:
        profile: counters of each column of each table, all rows.
        today: ISO date; without it, dates in the future are not looked for.

    Yields:
        `share_missing`, `share_not_finite`, `share_new_level`, `share_out_of_range` (exact shares of rows) and
        `rows_in_future` (a count), for each column where it is not 0; where it is 0 in all columns of a table, one
        measurement says so. All rows were counted: there is no interval.

    Raises:
        Misused: `today` is not an ISO date.
    """
    tables: dict[str, list[_Column]] = {}
    for column in _columns(profile):
        tables.setdefault(column.table, []).append(column)
    for table, columns in tables.items():
        if not any(column.rows for column in columns):
            yield Measurement(name="share_missing", value=None, group=table, unknown=f"the {table} table holds no rows")
            continue
        for name in _SHARES:
            yield from _shares(name, table, columns, compared="training" in tables)
        if today is not None:
            yield from _future(table, columns, _day(today))


def _columns(profile: Cube) -> list[_Column]:
    found: dict[tuple[str, str], dict[str, int]] = {}
    for (table, column, what), n in profile.cells.items():
        found.setdefault((str(table), str(column)), {})[str(what)] = n
    return [_Column(table, name, counters) for (table, name), counters in sorted(found.items())]


def _shares(name: str, table: str, columns: Sequence[_Column], *, compared: bool) -> Iterator[Measurement]:
    counter, words = _SHARES[name]
    if counter in _AGAINST_TRAINING and (table == "training" or not compared):
        return
    some = [column for column in columns if column.counters.get(counter)]
    for column in some:
        count = column.counters[counter]
        yield Measurement(
            name=name, value=Fraction(count, column.rows), group=f"{column.name} ({table})", n=column.rows,
            counts={counter: count, "rows": column.rows}, method=f"{words}, of all rows; exact",
        )  # fmt: skip
    if not some:
        yield Measurement(
            name=name, value=Fraction(0), group=f"all columns ({table})", n=columns[0].rows,
            method=f"{words}, of all rows; exact", notes=(f"0 in each of {len(columns)} columns",),
        )  # fmt: skip


def _future(table: str, columns: Sequence[_Column], today: str) -> Iterator[Measurement]:
    for column in columns:
        if not column.days:
            continue
        later = {day: n for day, n in column.days.items() if day > today}
        all_later = len(later) == len(column.days)
        yield Measurement(
            name="rows_in_future", value=sum(later.values()), group=f"{column.name} ({table})", n=column.rows,
            counts={"rows": column.rows}, method=f"rows dated after {today}; exact",
            notes=("at least: only the last days that occur were counted",) if all_later else (),
        )  # fmt: skip


def _day(today: str) -> str:
    try:
        return date.fromisoformat(today).isoformat()
    except ValueError:
        raise Misused("today is not a date", "Write it as 2026-11-23.") from None
