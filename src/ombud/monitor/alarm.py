"""What an alarm is, and what the fold of a series came to."""

from datetime import datetime

from attrs import frozen

from ombud.monitor.windows import Window


@frozen(kw_only=True)
class Alarm:
    """One alarm: what changed, since about when, and how sure that is.

    Attributes:
        system, series: what it is about; about: which bins, where it is a distribution.
        since: beginning of the window since which the change has most likely lasted.
        window: the window that raised it.
        value: the figure over all windows since then, with `low` and `high`, an interval that is right for all looks
            together, if the figure has not moved since; n: people in these windows. None if they are too few to show.
        was: the reference's figure; None where the alarm is about a limit.
        way: "above" or "below".
        bound: up to where it would have been no change: the reference's own bound and the effect beyond it, or the
            limit itself.
        effect: the smallest change that was worth an alarm; limit: whether the bound is a limit of law or policy.
        rate: chance of any false alarm in the whole life; share: what this series may spend of it.
        estimate: whether it rests on estimates, such as accuracy before there are labels.
        life: which life of the system; the release's digest, where there is one.
        digest: of its statement in the log; "" before it is there.
    """

    system: str = ""
    series: str
    about: str = ""
    since: datetime
    window: Window
    value: float | None
    low: float | None
    high: float | None
    n: int
    was: float | None
    way: str
    bound: float
    effect: float
    limit: bool
    rate: float
    share: float
    estimate: bool = False
    life: str = ""
    digest: str = ""


@frozen(kw_only=True)
class Alarmed:
    """What the fold of one series came to.

    Attributes:
        series: its name; share: the chance of a false alarm that it may spend.
        windows: how many were looked at.
        nearness: after each of them, the logarithm of the evidence divided by what an alarm needs: 1 is an alarm
            (shape: n_windows).
        learned: windows at the beginning from which it was learned what is usual; 0 where there was a reference.
        alarm: the first alarm; None if there is none.
        unwatched: why nothing could be watched; None if it was.
    """

    series: str
    share: float = 0.0
    windows: int = 0
    nearness: tuple[float, ...] = ()
    learned: int = 0
    alarm: Alarm | None = None
    unwatched: str | None = None
