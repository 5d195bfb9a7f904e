"""What a check may ask for: a closed union of needs.

The kind of a need says what monitoring may do with it. The first five are answered with counts (`Cube`), taken by the
engine in one pass and kept as evidence, so that their numbers can be recomputed without the data; the others are not.
"""

from enum import StrEnum

from attrs import frozen


class Role(StrEnum):
    """What a column means, as the manifest declares it."""

    SUBJECT = "subject"
    TIME = "time"
    DECISION = "decision"
    SCORE = "score"
    LABEL = "label"
    FOLD = "fold"
    ID = "id"
    HUMAN = "human"
    HUMAN_CHANGED = "human_changed"
    HUMAN_SECONDS = "human_seconds"
    PROTECTED = "protected"
    CONDITION_ON = "condition_on"
    QUASI_IDENTIFIER = "quasi_identifiers"
    SPECIAL = "special"
    FEATURE = "features"


@frozen
class Counts:
    """People by group and outcome. Additive: the only kind accumulated over windows.

    Answer: one `Cube` a protected set (each protected column, then their combination), and the check is called once for
    each. Axes are the *meanings*, in this order: "group", then "decision" / "label" (levels "favourable",
    "unfavourable", missing) for each role in `of`, then "stratum" where `given` is set. `Cube.name` is the protected
    set ("race", "race × sex"); levels of a combination are joined by " × ". Groups too small to publish are gone.
    """

    by: Role = Role.PROTECTED
    of: tuple[Role, ...] = (Role.DECISION,)
    given: Role | None = None


@frozen
class Binned:
    """Each column of a role, in bins, by a second thing. Additive once the bins are fixed.

    Answer: a tuple of cubes, one a column (`Cube.name` is the column). Numeric columns: axes (`against`, "bin"), bins
    are quantiles of the training table ("01: up to 3", "02: 3 to 7"; the names sort as the bins do). All others: axes
    (`against`, "value"), its most frequent values, the rest together as "(other values)". Missing is its own level.
    `against` is "table" (levels "training", "evaluation", "decisions", as far as they are declared and differ) to
    compare tables, or "group" to compare the levels of one protected column: then one cube a column and protected
    column, named "feature | protected". Columns of times are left out.
    """

    column: Role = Role.FEATURE
    against: str = "table"
    bins: int = 10


@frozen
class Profile:
    """Counts of what is in each column, all rows: axes ("table", "column", "what").

    `what` holds "rows", "missing" (null), "not finite" (NaN and infinite), "distinct" (about how many different
    values), "kind text" and the like, "declared personal" (1 if a role says that it is about the person), "new level"
    and "out of range" (rows whose value the training table does not have), "day 2026-11-23" (rows by day, for the last
    60 days of a column of times) and, with `patterns`, one counter a pattern of personal data ("e-mail", "IBAN", ...:
    rows whose value matches *and* passes the checksum; see `tables/personal.py`).
    """

    patterns: bool = False


@frozen
class Classes:
    """Equivalence classes of quasi-identifiers, reduced a second time in the engine.

    Answer: a tuple of cubes that count classes, not people. First axes ("size", "missing"): people in the class, and
    whether a quasi-identifier is missing ("yes", "no"); named "people" where a subject column is declared (one with
    many rows counts once), else "rows". Then for each sensitive column (`Cube.name`): axes ("size", "distinct"), number
    of distinct sensitive values; ("entropy",) in nats, rounded down to a thousandth; ("distance",) total variation from
    the whole table, rounded up; and for numbers of few values ("ordered distance",).
    """

    by: Role = Role.QUASI_IDENTIFIER
    sensitive: Role = Role.SPECIAL


@frozen
class Overlap:
    """Identical rows (over features and label) within and between the training and evaluation tables, or folds.

    Answer: one `Cube`, axes ("what",): "training rows", "duplicates in training" (rows that repeat an earlier one),
    "folds" (rows with a twin in another fold, where a fold column is declared), "evaluation rows" and "shared"
    (evaluation rows that the training table holds too; absent where both are one table, cut by a fold column).
    `Cube.name` is "within folds" where a fold column was used.
    """


@frozen
class Rows:
    """A bounded random sample of rows, the same for the same seed; its error has to enter the interval.

    Answer: a `tables.take.Sample`. With `roles`, only columns of these roles; else all.
    """

    n: int = 5_000
    seed: int = 20_261_123
    roles: tuple[Role, ...] = ()


@frozen
class Model:
    """The model itself, opened only from a format that runs no code."""


@frozen
class Artifact:
    """The model file as bytes: format, size, digest, findings of the scan. Never loaded for this."""


@frozen
class Records:
    """What the log already holds of this system: the digest of the last release, and the like."""

    kind: str


@frozen
class People:
    """Who of the lists (erased, objected, opted out, ...) the model learned from, and has no decision about it.

    Answer: a `tables.people.ListedPeople`: counts, and nobody's name. It comes from the store's lists and from who was
    in the training table whenever this model was checked, so nobody can repeat it from a bundle.
    """


Need = Counts | Binned | Profile | Classes | Overlap | Rows | Model | Artifact | Records | People
COUNTED = (Counts, Binned, Profile, Classes, Overlap)
