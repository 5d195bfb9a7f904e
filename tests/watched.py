"""A system watched for two years, week by week, with a drift that was put in from a day on and is labelled so.

Everything is drawn from one seed; the figures are what real counts of such a population would give.
"""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np

from ombud.documents.monitoring.facts import Alarm, Change, Held, Incident, Limit, ReportInput, Settings, Spot
from ombud.statistics.drift import psi, psi_limit
from ombud.statistics.intervals import wilson

START = datetime(2024, 11, 18, tzinfo=UTC)
WEEKS = 104
INJECTED = START + timedelta(weeks=70)
RAISED = START + timedelta(weeks=76)
LABELS_UNTIL = START + timedelta(weeks=92)
EMPTY = (31, 32)
"""Weeks without any decision."""

GROUPS = {"white": (420, 0.62), "black": (130, 0.58), "hispanic": (85, 0.59), "other": (18, 0.6)}
"""Group → applicants a week, chance of approval."""

_BINS = np.array([0.1, 0.2, 0.3, 0.25, 0.15])
_MOVED = np.array([0.16, 0.26, 0.28, 0.2, 0.1])


def weeks() -> list[tuple[datetime, datetime]]:
    starts = [START + timedelta(weeks=week) for week in range(WEEKS + 1)]
    return list(pairwise(starts))


def watched(seed: int = 4, **more: Any) -> ReportInput:
    """The report of two years."""
    random = np.random.default_rng(seed)
    series: dict[str, list[Spot]] = {}
    for week, (start, end) in enumerate(weeks()):
        for name, spot in _window(random, week, start, end).items():
            series.setdefault(name, []).append(spot)
    facts: dict[str, Any] = {
        "system": "mortgage-approval",
        "purpose": "Decide on applications for a home mortgage",
        "as_of": date(2026, 11, 25),
        "series": series,
        "limits": {
            "impact_ratio": Limit(op=">=", value=Fraction(4, 5), origin="policy", source="declaration 5f0c5f0c",
                                  borrowed_from="29 CFR 1607.4(D), US hiring")
        },
        "alarms": (Alarm(series="impact_ratio[race=black]", since=INJECTED, raised=RAISED, value=0.69, low=0.61,
                         high=0.78, n=790, was=0.94, incident="INC-0001"),
                   Alarm(series="psi[income]", about="bins 1 to 2", since=INJECTED + timedelta(weeks=1), n=1_950,
                         raised=INJECTED + timedelta(weeks=4), value=0.42, low=0.38, high=0.46, was=0.30)),
        "incidents": (Incident(number="INC-0001", state="open", opened=RAISED,
                               next_clock="notify the market surveillance authority by 2026-05-19"),),
        "changes": (Change(at=START + timedelta(weeks=40), what="release 5f0c5f0c of model 2026.1"),
                    Change(at=INJECTED, what="income of black applicants lowered by a tenth", kind="injected")),
        "held": (Held(check="fairness.impact_ratio", asks="Is a group selected far less often than another?",
                      outcome="fail", period="2026-08-18 to 2026-11-15",
                      said="People of group “black” are selected .71 times as often as group “white”."),),
        "unknown": ("For 12 of 104 windows no labels have come yet: performance is estimated there.",),
        "settings": Settings(window="week", trailing="90 days", false_alarm_rate=0.01,
                             practical={"impact_ratio": 0.1, "psi": 0.1}),
        "notes": ("12 rows came a week late and were counted in their own window.",),
        "demonstration": "From 2026-03-23 on, incomes of black applicants were lowered by a tenth, to show an alarm.",
    }  # fmt: skip
    return ReportInput(**(facts | more))


def _window(random: Any, week: int, start: datetime, end: datetime) -> dict[str, Spot]:
    moved = start >= INJECTED
    about: dict[str, Any] = {"start": start, "end": end}
    if week in EMPTY:
        return {"gap_hours": Spot(**about, value=168.0)}
    found: dict[str, Spot] = {}
    counted = {}
    for group, (size, rate) in GROUPS.items():
        n = int(random.poisson(size))
        chance = rate - (0.16 if moved and group == "black" else 0)
        counted[group] = (int(random.binomial(n, chance)), n)
    best = counted["white"][0] / counted["white"][1]
    for group, (selected, n) in counted.items():
        low, high = wilson(selected, n) if n else (0.0, 1.0)
        share = selected / n if n else None
        found[f"selection_rate[race={group}]"] = Spot(**about, value=share, low=low, high=high, n=n)
        if group != "white" and share is not None:
            ratio = share / best
            found[f"impact_ratio[race={group}]"] = Spot(**about, value=ratio, low=low / best, high=high / best, n=n)
    found |= _drift(random, moved, about) | _quality(random, week, about) | _performance(random, start, about)
    overridden = int(random.binomial(650, 0.03))
    low, high = wilson(overridden, 650)
    found["override_rate"] = Spot(**about, value=overridden / 650, low=low, high=high, n=650)
    return found | {"gap_hours": Spot(**about, value=float(random.uniform(9, 15)))}


def _drift(random: Any, moved: bool, about: Any) -> dict[str, Spot]:
    reference = (_BINS * 60_000).astype(int)
    found = {}
    for column in ("income", "debt", "loan_amount", "years_employed", "dependants", "age", "property_value", "savings"):
        current = random.multinomial(650, _MOVED if moved and column == "income" else _BINS)
        value, unit = psi(reference, current), 1 / 60_000 + 1 / 650
        found[f"psi[{column}]"] = Spot(
            **about, value=value, low=max(0.0, value - 8 * unit), high=value + 9 * unit, n=650,
            chance=psi_limit(60_000, 650, 5),
        )  # fmt: skip
    return found


def _quality(random: Any, week: int, about: Any) -> dict[str, Spot]:
    found = {f"missing[{column}]": Spot(**about, value=0.0, n=650) for column in ("income", "age", "loan_amount")}
    found["missing[debt]"] = Spot(**about, value=random.binomial(650, 0.11 if 50 <= week < 53 else 0.012) / 650, n=650)
    return found


def _performance(random: Any, start: datetime, about: Any) -> dict[str, Spot]:
    guess = 0.81 + float(random.normal(0, 0.008))
    found = {"cbpe_accuracy": Spot(**about, value=guess, low=guess - 0.03, high=guess + 0.03, n=650, estimate=True)}
    if start < LABELS_UNTIL:
        seen = 0.80 + float(random.normal(0, 0.012)) - (0.03 if start >= INJECTED else 0)
        found["accuracy"] = Spot(**about, value=seen, low=seen - 0.028, high=seen + 0.028, n=640)
    return found
