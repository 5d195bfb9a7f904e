"""Two years of decisions for the demo: its people drawn again and again, and from a labelled day on, a broken feed.

No such decisions were taken. They are the applications of 1990, drawn with replacement and dated anew, and decided by
the released model; the number of one whose inputs were changed by hand begins with INJECTED.
"""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import numpy as np
from attrs import frozen

from ombud.decisions import Recorder
from ombud.decisions.decision import Decision
from ombud.demo.data import Applications
from ombud.store.identity import Identity
from ombud.system.models import Model

SEED: Final = 2024
DAYS: Final = 728
A_DAY: Final = 36
SINCE: Final = 560
"""Day from which the feed is broken, counted from the first."""

FEED: Final = "gdlin"
HIT: Final = "black"
BROKEN: Final = 0.6
"""Share of the applicants of one group of whom the broken feed says that their credit history does not meet the
guidelines."""
INJECTED: Final = "INJECTED-"


@frozen(eq=False)
class History:
    """Decisions in order of time.

    Attributes:
        decisions: what a recorder takes; begun: the first day; broken: since when the feed is.
        injected: how many decisions had an input changed by hand.
    """

    decisions: tuple[Decision, ...]
    begun: datetime
    broken: datetime
    injected: int


def history(people: Applications, model: Model, recorder: Recorder, today: datetime) -> History:
    """Two years of weeks that end before today, decided by the model as the recorder describes it."""
    random = np.random.default_rng(SEED)
    begun = first_day(today)
    drawn = random.integers(len(people.applicants), size=DAYS * A_DAY)
    at = _moments(begun, random)
    race = np.array(people.protected["race"])[drawn]
    late = np.repeat(np.arange(DAYS) >= SINCE, A_DAY)
    injected = late & (race == HIT) & (random.random(len(drawn)) < BROKEN)
    features = {name: values[drawn] for name, values in people.features.items()}
    features[FEED] = np.where(injected, 0.0, features[FEED])
    score = model.predict(np.column_stack(list(features.values())))
    groups = {name: [said[row] for row in drawn] for name, said in people.protected.items()}
    decisions = tuple(
        recorder.decide(
            id=f"{INJECTED if injected[i] else ''}{i + 1:06d}",
            at=at[i],
            subject=Identity("applicant", f"P{i + 1:06d}"),
            inputs={name: _plain(values[i]) for name, values in features.items()},
            score=float(score[i]),
            protected={name: said[i] for name, said in groups.items()},
        )
        for i in range(len(drawn))
    )
    return History(decisions, begun, broken_day(today), int(injected.sum()))


def _plain(value: Any) -> float | None:
    """A value as a system would hold it: missing is None."""
    return None if np.isnan(value) else float(value)


def broken_day(today: datetime) -> datetime:
    """The day from which the feed is broken."""
    return first_day(today) + timedelta(days=SINCE)


def first_day(today: datetime) -> datetime:
    """The Monday on which two years begin that end with the last whole week."""
    midnight = today.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - timedelta(days=midnight.weekday() + DAYS)


def _moments(begun: datetime, random: np.random.Generator) -> list[datetime]:
    """A time within the working hours for each decision, in order."""
    seconds = np.repeat(np.arange(DAYS), A_DAY) * 86_400 + random.integers(8 * 3_600, 17 * 3_600, size=DAYS * A_DAY)
    return [begun + timedelta(seconds=int(one)) for one in np.sort(seconds)]
