"""A measurement: one number with everything needed to judge it, and no law in it."""

from collections.abc import Mapping
from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType
from typing import Any

from attrs import field, frozen

from ombud.errors import Misused

Number = Fraction | float | int

NOT_ASSESSED = "not assessed"
"""How the reason begins where a group is too small: shown with its count, but it does not speak for the check."""


class Scale(StrEnum):
    """What a number says of two groups, and so which value of it means that they are equal."""

    RATIO = "ratio"  # equal at 1
    DIFFERENCE = "difference"  # equal at 0
    PLAIN = "plain"  # not a comparison: a rate, a count, a size


def _frozen_map(values: Mapping[str, Any]) -> Mapping[str, Any]:
    return MappingProxyType(dict(values))


@frozen(kw_only=True)
class Measurement:
    """One measured number.

    Attributes:
        name: what was measured, from the published list of names (`impact_ratio`, `psi`, ...).
        value: the number, exact (`Fraction`, `int`) where it comes from counts; None if it could not be measured.
        low, high: interval of the value at `level`; both None for an exact number that is not an estimate.
        level: confidence level of the interval, in (0, 1).
        p_value: p-value of *equality* that a verdict may hang on (after correction for many comparisons).
        p_raw: the p-value before correction.
        n: how many the number rests on (people, rows, columns: see `method`).
        detectable: smallest (or, for ratios, nearest to 1) true effect which this n would have told from equality
            with power 0.8 at alpha 0.05; same unit as `value`.
        scale: ratio, difference or plain number.
        method: how it was computed, in words with source.
        protected: the protected column or combination it is about ("race", "race × sex").
        group: the level it is about.
        reference: the level it is compared with.
        counts: the counts it was computed from, by name.
        unknown: why it could not be measured or may not be judged ("not assessed: 12 people, fewer than 30").
        notes: what a reader has to know beside the number.

    Raises:
        Misused: the interval is the wrong way round.
    """

    name: str
    value: Number | None
    low: float | None = None
    high: float | None = None
    level: float = 0.95
    p_value: float | None = None
    p_raw: float | None = None
    n: int = 0
    detectable: float | None = None
    scale: Scale = Scale.PLAIN
    method: str = ""
    protected: str | None = None
    group: str | None = None
    reference: str | None = None
    counts: Mapping[str, int] = field(factory=dict, converter=_frozen_map)
    unknown: str | None = None
    notes: tuple[str, ...] = ()

    def __attrs_post_init__(self) -> None:
        if self.low is not None and self.high is not None and self.low > self.high:
            raise Misused(f"{self.name}: an interval from {self.low} to {self.high}", "Give its lower end as `low`.")

    @property
    def is_estimate(self) -> bool:
        """Whether chance plays a part: a number with an interval, as against a plain count of facts."""
        return self.low is not None and self.high is not None

    @property
    def is_assessed(self) -> bool:
        """False for a group too small to say anything of; how many people that leaves out is measured apart."""
        return not (self.unknown or "").startswith(NOT_ASSESSED)

    def to_json(self) -> dict[str, Any]:
        """A plain form; `exact` carries a fraction as "19/25" beside its decimal value."""
        plain: dict[str, Any] = {
            "name": self.name, "protected": self.protected, "group": self.group, "reference": self.reference,
            "value": None if self.value is None else float(self.value),
            "exact": str(self.value) if isinstance(self.value, Fraction | int) else None,
            "low": self.low, "high": self.high, "level": self.level,
            "p_value": self.p_value, "p_raw": self.p_raw, "n": self.n, "detectable": self.detectable,
            "scale": str(self.scale), "method": self.method, "counts": dict(self.counts),
            "unknown": self.unknown, "notes": list(self.notes),
        }  # fmt: skip
        return plain

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Measurement":
        """Read what `to_json` wrote (fields it does not know are ignored, so that newer ones can be added)."""
        exact, value = data.get("exact"), data.get("value")
        if exact is not None:
            value = Fraction(exact)
        elif value is not None:
            value = float(value)  # canonical JSON writes 1.0 as 1
        return cls(
            name=data["name"], protected=data.get("protected"), group=data.get("group"),
            reference=data.get("reference"), value=value,
            low=data.get("low"), high=data.get("high"), level=data.get("level", 0.95),
            p_value=data.get("p_value"), p_raw=data.get("p_raw"), n=data.get("n", 0),
            detectable=data.get("detectable"), scale=Scale(data.get("scale", "plain")),
            method=data.get("method", ""), counts=data.get("counts", {}),
            unknown=data.get("unknown"), notes=tuple(data.get("notes", ())),
        )  # fmt: skip
