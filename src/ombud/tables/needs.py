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

    Answer: a tuple of cubes, one a column (`Cube.name` is the column), axes (`against`, "bin"). Numeric columns: bins
    are quantiles of the training table; missing is its own level. `against` is "table" (levels "training",
    "evaluation") to compare tables, or "group" to compare the levels of one protected column — then one cube a column
    and protected column, named "feature | protected".
    """

    column: Role = Role.FEATURE
    against: str = "table"
    bins: int = 10


@frozen
class Profile:
    """Counts of what is in each column, all rows: axes ("table", "column", "what").

    `what` holds "rows", "missing", "distinct", "not finite", "new level", "out of range", "future" and, with `patterns`,
    one counter a pattern of personal data ("e-mail", "IBAN", ...: values that match *and* pass the checksum).
    """

    patterns: bool = False


@frozen
class Classes:
    """Equivalence classes of quasi-identifiers, reduced a second time in the engine.

    Answer: one `Cube` with axes ("size", "distinct") counting classes (not people): size of the class, and the number
    of distinct sensitive values in it; a second cube, named "t", is answered with `sensitive` for closeness.
    """

    by: Role = Role.QUASI_IDENTIFIER
    sensitive: Role = Role.SPECIAL


@frozen
class Overlap:
    """Identical rows (over features and label) within and between the training and evaluation tables, or folds.

    Answer: one `Cube`, axes ("what",): "training rows", "evaluation rows", "duplicates in training", "shared", "folds".
    """


@frozen
class Rows:
    """A bounded random sample of rows, the same for the same seed; its error has to enter the interval."""

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


Need = Counts | Binned | Profile | Classes | Overlap | Rows | Model | Artifact | Records
COUNTED = (Counts, Binned, Profile, Classes, Overlap)
