"""What measured numbers are called, and how each kind of number is written."""

import re
from fractions import Fraction
from typing import Final, Literal

from attrs import frozen

from ombud.documents import words
from ombud.statistics.measurement import Measurement, Number, Scale

Kind = Literal["share", "ratio", "points", "plain"]

DECIDED: Final = "were decided favourably"
CHANCE: Final = (0.5, "chance")


@frozen
class Measure:
    """A name from the published list, for readers.

    Attributes:
        called: the name in words.
        kind: how its numbers are written: a percentage, a ratio, percentage points, or as they are.
        among: which people of a group it counts ("and whose label is favourable"); "" for all.
        happened: what is said of the share of them; "" where it is no rate of people.
        n_of: what n counts.
        worse: which end of several such numbers tells most; "" where the whole tells most.
        leads: it speaks for a check that has no limit.
        nothing: the value that means that there is nothing to be told, with its name; None where there is none.
    """

    called: str
    kind: Kind
    among: str = ""
    happened: str = ""
    nothing: tuple[float, str] | None = None
    n_of: str = "people"
    worse: Literal["", "low", "high"] = ""
    leads: bool = False

    def write(self, value: Number, limit: Number | None = None) -> str:
        """A number of this kind; with a limit, precise enough not to seem on its other side."""
        writers = {"share": words.share, "ratio": words.ratio, "points": words.points, "plain": words.plain}
        digits = {"share": 1, "ratio": 3, "points": 1, "plain": 3}[self.kind]
        writer = writers[self.kind]
        if limit is None or self.kind == "plain":
            return writer(value, digits)
        return words.faithful(writer, value, limit, digits, 1 if self.kind == "ratio" else 100)

    def spread(self, low: Number, high: Number, limit: Number | None = None) -> str:
        """An interval, its unit said once: "66.5 to 78.8 %"."""
        first, last = self.write(low, limit), self.write(high, limit)
        unit = {"share": " %", "points": " points"}.get(self.kind, "")
        return f"{first.removesuffix(unit) if unit else first} to {last}"

    def write_limit(self, limit: Fraction) -> str:
        """A limit, exact."""
        if self.kind == "ratio":
            return str(limit) if limit.denominator <= 12 else re.sub(r"^(−?)0\.", r"\1.", words.exact(limit))
        if self.kind == "plain":
            return words.exact(limit)
        shown = words.exact(limit * 100)
        return f"{shown} %" if self.kind == "share" else f"{shown} points"


_FAVOURED = ("whose label is favourable", DECIDED)
_UNFAVOURED = ("whose label is unfavourable", DECIDED)
_DECIDED = ("who were decided favourably", "have a favourable label")


def _rate_and_gaps(name: str, called: str, among: str, happened: str) -> dict[str, Measure]:
    return {
        name: Measure(called, "share", among, happened, worse="low"),
        f"{name}_ratio": Measure(f"ratio of {called}s", "ratio", among, happened),
        f"{name}_difference": Measure(f"difference of {called}s", "points", among, happened),
    }


MEASURES: Final[dict[str, Measure]] = {
    "impact_ratio": Measure("impact ratio", "ratio", "", DECIDED),
    "impact_ratio_to_best": Measure("impact ratio to the best group", "ratio", "", DECIDED),
    **_rate_and_gaps("selection_rate", "selection rate", "", DECIDED),
    **_rate_and_gaps("true_positive_rate", "true positive rate", *_FAVOURED),
    **_rate_and_gaps("false_positive_rate", "false positive rate", *_UNFAVOURED),
    **_rate_and_gaps("positive_predictive_value", "positive predictive value", *_DECIDED),
    "assessed_share": Measure("share of people in groups that could be compared", "share"),
    "mantel_haenszel_odds_ratio": Measure("odds ratio among like cases (Mantel–Haenszel)", "ratio", leads=True),
    "crude_odds_ratio": Measure("odds ratio of the totals", "ratio"),
    "odds_ratio_homogeneity": Measure("statistic of equal odds ratios (Breslow–Day)", "plain"),
    "auc": Measure("AUC", "ratio", nothing=CHANCE),
    "proxy_auc": Measure(
        "AUC of telling the trait from the strongest single feature", "ratio", nothing=CHANCE, worse="high"
    ),
    "predictability_auc": Measure(
        "AUC of telling the trait from all other features", "ratio", nothing=CHANCE, worse="high", leads=True
    ),
    "calibration_error": Measure("calibration error", "plain", worse="high"),
    "undeclared_personal_data": Measure(
        "rows with personal data in undeclared columns, found at least", "plain", n_of="columns searched", leads=True
    ),
    "undeclared_personal_data_columns": Measure(
        "undeclared columns with personal data, found at least", "plain", n_of="columns searched"
    ),
    "k_anonymity": Measure("people in the smallest class (k-anonymity)", "plain", leads=True),
    "sample_uniqueness": Measure("people alone in their class", "share"),
    "prosecutor_risk": Measure("highest chance to find a known person (prosecutor risk)", "share"),
    "journalist_risk": Measure("highest chance to find anybody, at most (journalist risk)", "share"),
    "marketer_risk": Measure("mean chance to find a person (marketer risk)", "share"),
    "l_diversity": Measure("fewest different values in a class (l-diversity)", "plain", n_of="classes"),
    "entropy_l_diversity": Measure(
        "effective number of values in a class (entropy l-diversity)", "plain", n_of="classes"
    ),
    "t_closeness": Measure("largest distance of a class from the whole (t-closeness)", "plain", n_of="classes"),
    "psi": Measure("population stability index (PSI)", "plain", worse="high", leads=True),
    "ks": Measure("largest gap of cumulated shares (KS)", "plain", worse="high"),
    "cramers_v": Measure("strength of association (Cramér’s V)", "plain", worse="high"),
    "special_features": Measure("protected or special columns among the features", "plain", n_of="features"),
    "protected_features": Measure("protected columns among the model’s inputs", "plain", n_of="inputs"),
    "protected_reason_share": Measure(
        "refusals with a protected trait or strong proxy among their reasons", "share", n_of="refusals", leads=True
    ),
    "reason_coverage": Measure("refusals with at least one reason", "share", n_of="refusals", worse="low"),
    "reason_additivity": Measure("refusals whose reasons add up to the score", "share", n_of="refusals", worse="low"),
    "reason_stability": Measure("refusals whose reasons hold still", "share", n_of="refusals", worse="low"),
    "reason_wording": Measure(
        "refusals whose reasons all have approved wording", "share", n_of="refusals", worse="low"
    ),
    "share_missing": Measure("values missing", "share", n_of="rows", worse="high", leads=True),
    "share_not_finite": Measure("numbers that are not finite", "share", n_of="rows", worse="high"),
    "share_new_level": Measure("values that the training table does not have", "share", n_of="rows", worse="high"),
    "share_out_of_range": Measure("numbers outside the range of training", "share", n_of="rows", worse="high"),
    "rows_in_future": Measure("rows dated in the future", "plain", n_of="rows", worse="high"),
    "duplicate_share": Measure("rows that repeat an earlier one", "share", n_of="rows", worse="high"),
    "fold_overlap_share": Measure("rows with a twin in another fold", "share", n_of="rows", leads=True),
    "overlap_share": Measure("rows that the training table holds too", "share", n_of="rows", leads=True),
    "unsafe_findings": Measure("findings that could run code on loading", "plain"),
    "people_without_decision": Measure("people on a list, without a decision about the model", "plain", n_of="people"),
    "changed_artifacts": Measure("files that are not the released ones", "plain"),
}
"""Names in use. Any other name, of a plug-in, is read as it is spelt and written by its scale."""


def measure_of(measurement: Measurement) -> Measure:
    """How to speak of a measurement."""
    known = MEASURES.get(measurement.name)
    return known or Measure(words.name(measurement.name.replace("_", " ")), _kind(measurement))


def _kind(measurement: Measurement) -> Kind:
    if measurement.scale is Scale.RATIO:
        return "ratio"
    if measurement.scale is Scale.DIFFERENCE:
        return "points"
    return "share" if measurement.name.endswith(("_rate", "_share")) else "plain"


def about(measurement: Measurement) -> str:
    """Whom a number is about: `race “black”`, "by race" for all its groups; "" where that needs no word."""
    if measurement.protected and measurement.group:
        return f"{words.name(measurement.protected)} {words.quoted(measurement.group)}"
    if measurement.group:
        return words.quoted(measurement.group)
    return f"by {words.name(measurement.protected)}" if measurement.protected else ""
