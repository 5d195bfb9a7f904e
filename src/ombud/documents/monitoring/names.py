"""How series are called: "selection_rate[race=black]" is the selection rate of “black” (race)."""

import re
from collections.abc import Callable
from typing import Final, Literal

from attrs import frozen

from ombud.documents import words

_SERIES: Final = re.compile(r"(?P<kind>[A-Za-z][A-Za-z0-9_.]*)(?:\[(?P<about>.*)\])?", re.S)

Chapter = Literal["selection", "comparison", "drift", "quality", "performance", "people", "gaps", "other"]

CHAPTERS: Final[dict[Chapter, str]] = {
    "comparison": "Groups compared",
    "selection": "Selection rates by group",
    "drift": "Drift of the data",
    "quality": "Quality of the data",
    "performance": "Performance",
    "people": "What people change",
    "gaps": "Gaps in the record",
    "other": "Other series",
}
"""Chapters of a report in the order of reading, and their titles."""


@frozen
class Kind:
    """A kind of series.

    Attributes:
        called: in words. chapter: where it is shown. unit: how its figures are written.
        equal: the value that means "alike" or "nothing"; None where there is none.
        estimates: the kind that this one stands in for until labels are there.
    """

    called: str
    chapter: Chapter
    unit: Literal["share", "ratio", "points", "index", "plain", "hours"]
    equal: float | None = None
    estimates: str = ""


_SHARES: Final = {
    "selection_rate": "selection rate",
    "true_positive_rate": "rate of favourable decisions among those whose label is favourable",
    "false_positive_rate": "rate of favourable decisions among those whose label is unfavourable",
    "positive_predictive_value": "share of favourable decisions that the label confirms",
}

KINDS: Final[dict[str, Kind]] = {
    **{kind: Kind(called, "selection", "share") for kind, called in _SHARES.items()},
    **{f"{kind}_ratio": Kind(f"ratio of the {called}", "comparison", "ratio", 1.0) for kind, called in _SHARES.items()},
    **{
        f"{kind}_difference": Kind(f"difference of the {called}", "comparison", "points", 0.0)
        for kind, called in _SHARES.items()
    },
    "impact_ratio": Kind("impact ratio", "comparison", "ratio", 1.0),
    "psi": Kind("population stability index", "drift", "index", 0.0),
    "ks": Kind("largest gap between cumulated shares", "drift", "index", 0.0),
    "missing": Kind("share missing", "quality", "share"),
    "not_finite": Kind("share that is no number", "quality", "share"),
    "new_level": Kind("share with a value never seen before", "quality", "share"),
    "out_of_range": Kind("share out of range", "quality", "share"),
    "auc": Kind("area under the ROC curve", "performance", "ratio", 0.5),
    "accuracy": Kind("accuracy", "performance", "share"),
    "challenger_difference": Kind("accuracy of the challenger less the champion’s", "performance", "points", 0.0),
    "cbpe_auc": Kind("area under the ROC curve, estimated", "performance", "ratio", 0.5, "auc"),
    "cbpe_accuracy": Kind("accuracy, estimated", "performance", "share", None, "accuracy"),
    "override_rate": Kind("share of decisions that a person changed", "people", "share"),
    "gap_hours": Kind("hours without a decision, of those that usually have one", "gaps", "hours"),
    "rows": Kind("decisions", "gaps", "plain"),
}

_BY_GROUP: Final = ("selection", "comparison")


@frozen
class Name:
    """What a series is about.

    Attributes:
        series: its name as it is stored. kind: its first part ("impact_ratio"). like: how that kind is shown.
        column: the column ("race", "income"); "" where it is about everything.
        level: the group in it; "" where it is about the whole column.
    """

    series: str
    kind: str
    like: Kind
    column: str = ""
    level: str = ""

    @property
    def of_a_group(self) -> bool:
        """Whether its figures speak of a group of people."""
        return bool(self.level)

    @property
    def whom(self) -> str:
        """“black” (race), “income”, or "" for everything; made fit to be read."""
        if self.level:
            return f"{words.quoted(self.level, 40)} ({words.name(self.column, 30)})"
        return words.quoted(self.column, 40) if self.column else ""

    @property
    def called(self) -> str:
        """The whole name in words: impact ratio of “black” (race)."""
        return f"{self.like.called} of {self.whom}" if self.whom else self.like.called

    @property
    def short(self) -> str:
        """A name for a head of a table: black (race), income, area under the ROC curve."""
        if self.level:
            return f"{words.name(self.level, 28)} ({words.name(self.column, 18)})"
        return words.name(self.column, 28) if self.column else self.like.called


def name_of(series: str) -> Name:
    """Read the name of a series; one of a kind that nobody described is shown under "other series" as it is called."""
    found = _SERIES.fullmatch(series)
    kind = found["kind"] if found else series
    about = (found["about"] or "") if found else ""
    like = KINDS.get(kind) or Kind(
        words.name(kind.replace("_", " ").replace(".", " "), 60) or "a series without a name", "other", "plain"
    )
    column, is_level, level = about.partition("=")
    if is_level or like.chapter in _BY_GROUP:
        return Name(series, kind, like, column, level)
    return Name(series, kind, like, about)


# --- figures in words -------------------------------------------------------------------------------------------------

_WRITE: Final[dict[str, Callable[[float], str]]] = {
    "share": words.share,
    "ratio": words.ratio,
    "points": words.points,
    "index": lambda index: words.plain(index, 2),
    "plain": words.plain,
    "hours": lambda hours: f"{words.plain(hours)} h",
}


def written(kind: Kind, value: float | None) -> str:
    """A figure as it is read: 23.1 %, .731, 31 h; a dash where there is none."""
    return "–" if value is None else _WRITE[kind.unit](value)


def spread(kind: Kind, low: float | None, high: float | None) -> str:
    """An interval as it is read: "20.9 % to 25.4 %"; "" where there is none."""
    return "" if low is None or high is None else f"{written(kind, low)} to {written(kind, high)}"
