"""Shared by tests of alarms: the census as a system that was watched, window by window."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache, partial

import numpy as np

from census import census
from ombud.monitor.points import SeriesPoint

FEATURES = ("SCHL", "MAR", "RELP", "DIS", "ESP", "CIT", "MIG", "MIL", "ANC", "NATIVITY", "DEAR", "DEYE", "DREM")
RACES = {"1": "white", "2": "black", "6": "asian", "8": "other", "9": "several"}
SEXES = {"1": "men", "2": "women"}
FIRST_YEAR, YEARS = 2015, (2016, 2017, 2018)
BINS = 10

Series = dict[str, list[SeriesPoint]]


def reference() -> Mapping[str, SeriesPoint]:
    """2015: what nothing has changed in yet."""
    rows = census()["year"] == FIRST_YEAR
    at = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC)
    return {point.series: point for point in points(rows, at, at + timedelta(days=365))}


def series(windows_a_year: int, seed: int = 20_261_126) -> Series:
    """2016 to 2018, each year in so many windows.

    The data know the year and nothing finer. Within some years all people in institutions come last, which is an order
    of the survey and not of time: so a year's people are shuffled.
    """
    found: Series = {}
    year = census()["year"]
    rng = np.random.default_rng(seed)
    for number in YEARS:
        people = rng.permutation(np.flatnonzero(year == number))
        for at, rows in enumerate(np.array_split(people, windows_a_year)):
            start = datetime(number, 1, 1, tzinfo=UTC) + timedelta(days=365 * at / windows_a_year)
            for point in points(rows, start, start + timedelta(days=365 / windows_a_year)):
                found.setdefault(point.series, []).append(point)
    return found


def points(rows: np.ndarray, start: datetime, end: datetime) -> Iterator[SeriesPoint]:
    """The points of some people: decisions are the model's, at a half."""
    data = {name: column[rows] for name, column in census().items()}
    chosen, n = data["prediction"] == 1, len(data["year"])

    def point(name: str, counts: dict[str, int], n: int) -> SeriesPoint:
        return SeriesPoint(series=name, start=start, end=end, n=n, counts=counts)

    yield point("selection_rate", {"selected": int(chosen.sum()), "total": n}, n)
    right = int((data["prediction"] == data["employed"]).sum())
    yield point("accuracy", {"selected": right, "total": n}, n)
    for column, names, best in (("RAC1P", RACES, "white"), ("SEX", SEXES, "men")):
        of = {}
        for code, name in names.items():
            group = data[column].astype(str) == code
            of[name] = {"selected": int(chosen[group].sum()), "total": int(group.sum())}
        for name, counts in of.items():
            yield point(f"selection_rate[{column}={name}]", counts, counts["total"])
            if name != best:
                beside = {f"reference_{key}": count for key, count in of[best].items()}
                yield point(f"impact_ratio[{column}={name}]", counts | beside, counts["total"])
    for name in (*FEATURES, "AGEP", "predicted_probability"):
        yield point(f"psi[{name}]", _bins(name, data[name]), n)


def _bins(name: str, values: np.ndarray) -> dict[str, int]:
    """Counts now and in 2015, by value or by tenths of 2015."""
    was, bin_of = _binned(name)
    now = np.bincount(bin_of(values), minlength=len(was) + 1)[: len(was)]
    return {f"before {i:02d}": int(n) for i, n in enumerate(was)} | {f"now {i:02d}": int(n) for i, n in enumerate(now)}


@cache
def _binned(name: str) -> tuple[np.ndarray, Callable[[np.ndarray], np.ndarray]]:
    """The counts of 2015, and what tells the bin of a value; one that 2015 did not have is in none."""
    data = census()
    before = data[name][data["year"] == FIRST_YEAR]
    if before.dtype.kind == "f":
        ends = np.unique(np.quantile(before, np.arange(1, BINS) / BINS))
        return np.bincount(np.searchsorted(ends, before), minlength=len(ends) + 1), partial(np.searchsorted, ends)
    levels, was = np.unique(before.astype(str), return_counts=True)
    place = {level: at for at, level in enumerate(levels)}
    return was, lambda values: np.array([place.get(str(one), len(levels)) for one in values.tolist()])
