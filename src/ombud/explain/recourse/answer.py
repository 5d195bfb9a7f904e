"""What is asked, and what is answered: how far each feature can move, and the ways that were found and proved."""

from typing import Final, Literal

from attrs import field, frozen

from ombud.errors import Misused

DIRECTIONS: Final = ("any", "up", "down", "none")
Direction = Literal["any", "up", "down", "none"]
Proved = Literal["least", "none exists", "bounded"]


@frozen(kw_only=True)
class Can:
    """How far a person can change one feature. A feature that is not named cannot be changed.

    Attributes:
        feature: its name.
        direction: any, up, down, or none.
        low, high: the range it may end in, in the feature's unit; None: no bound.
        step: it moves in multiples of this from where it stands; None: freely.
        group: features with one group are the levels of one column, each 0 or 1; they change together, as one change.
        at_most: a feature that it may not exceed, as long as that one is known.
    """

    feature: str
    direction: str = "any"
    low: float | None = None
    high: float | None = None
    step: float | None = None
    group: str | None = None
    at_most: str | None = None

    def __attrs_post_init__(self) -> None:
        if self.direction not in DIRECTIONS:
            raise Misused(f"{self.feature} moves {self.direction!r}", f"Choose: {', '.join(DIRECTIONS)}.")
        if self.step is not None and self.step <= 0:
            raise Misused(f"{self.feature} moves in steps of {self.step:g}", "A step is larger than 0.")


@frozen(kw_only=True)
class Change:
    """One feature of an option: from what to what, in the feature's unit."""

    feature: str
    before: float = field(repr=False)
    after: float = field(repr=False)


@frozen(kw_only=True)
class Option:
    """One way to another outcome.

    Attributes:
        changes: what is different; the levels of one column count as one change (`count`).
        cost: how much is changed: the distance of each change in spreads of the population, added up.
        score_after: the model's own answer with these values.
    """

    changes: tuple[Change, ...]
    count: int
    cost: float
    score_after: float


@frozen(kw_only=True)
class Recourse:
    """What the search found, and what it proved.

    Attributes:
        found: ways, the cheapest first, none of them with another's features and more cost.
        proved: "least": nothing within the limits costs less than the first; "none exists": nothing changes the
            outcome; "bounded": nothing costs less than `bound`, and the first found costs what it says.
        within: up to how many changes at once that holds; None: any number.
        bound: a cost below which nothing can exist; None where nothing is known.
        notes: what the search left out.
    """

    found: tuple[Option, ...]
    proved: Proved
    within: int | None = None
    bound: float | None = None
    notes: tuple[str, ...] = ()

    @property
    def closed(self) -> bool:
        """Whether the question is answered: the least is known, or that there is none at all."""
        return self.proved == "least" or (self.proved == "none exists" and self.within is None)
