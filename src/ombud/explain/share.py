"""A share of the decisions in a sample, as a measurement."""

from fractions import Fraction
from typing import Final

from ombud.statistics.intervals import wilson
from ombud.statistics.measurement import Measurement
from ombud.tables.answers import Sample

FEWEST: Final = 10
"""Shares of fewer people are not published (methods: fairness, one rate)."""


def share(name: str, having: int, people: int, sample: Sample, method: str, notes: tuple[str, ...] = ()) -> Measurement:
    """A share of people: exact where the whole table was read, with Wilson's interval where it was sampled."""
    if people < FEWEST:
        why = f"fewer than {FEWEST} people of the sample were refused" if people else "nobody in the sample was refused"
        return Measurement(name=name, value=None, unknown=why, method=method, notes=notes)
    counts = {"having": having, "people": people}
    if len(sample) >= sample.of:
        return Measurement(
            name=name, value=Fraction(having, people), n=people, counts=counts, notes=notes,
            method=f"{method}; all {sample.of} rows of the {sample.what} table",
        )  # fmt: skip
    low, high = wilson(having, people)
    return Measurement(
        name=name, value=Fraction(having, people), low=low, high=high, n=people, counts=counts, notes=notes,
        method=f"{method}; a sample of {len(sample)} of {sample.of} rows, Wilson's interval",
    )  # fmt: skip
