"""Guesses what the columns of a table mean, from their names and contents. A guess is written down to be corrected."""

import re
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Final

from attrs import field, frozen

from ombud.system.look import FEW, ColumnLook, TableLook
from ombud.system.words import words
from ombud.tables.engines.engine import Kind
from ombud.tables.needs import Role

_SUBJECT: Final = words(
    "applicant customer client person patient employee user member borrower subject candidate citizen claimant "
    "student tenant account"
)
_DECISION: Final = words(
    "decision decided decide approved approval granted hired accepted rejected denied declined refused selected "
    "prediction predicted pred yhat admitted shortlisted"
)
_LABEL: Final = words(
    "label y target truth actual outcome repaid default defaulted approve approve_label reoffended recid churned ytrue"
)
_SCORE: Final = words("score scores prob proba probability likelihood p pd propensity")
_FOLD: Final = words("fold folds cvfold cv")
_PROTECTED: Final = words(
    "race ethnicity ethnic sex gender age agegroup ageband religion nationality citizenship disability disabled "
    "marital married orientation black hispanic hispan white asian male female pregnant veteran color colour origin "
    "indigenous latino latina old"
)
_SPECIAL: Final = words(
    "race ethnicity ethnic black hispanic hispan white asian latino latina indigenous religion disability disabled "
    "orientation health diagnosis union political biometric genetic pregnant"
)
_QUASI: Final = words(
    "zip zip3 zip5 zipcode postcode postal birth dob birthday birthdate birthyear yob age sex gender city county "
    "occupation job employer profession municipality"
)
_GOOD: Final = words("1 1.0 true yes y t approved approve accept accepted granted grant hired hire good repaid paid")
_BAD_NAMES: Final = words("rejected denied declined refused reject deny default defaulted reoffended recid churned")
_WHEN: Final = frozenset(words("decided decision scored created application"))
_ABOUT: Final = frozenset(words("by id at date time reason code name"))
_SAID_OUTRIGHT: Final = frozenset(words("decision decided"))
_NAUGHT: Final = words("0 0.0 false no n f")


def _frozen_roles(found: Mapping[Role, tuple[str, ...]]) -> Mapping[Role, tuple[str, ...]]:
    return MappingProxyType(dict(found))


@frozen(kw_only=True)
class Guess:
    """What the columns may mean.

    Attributes:
        by_role: columns by role, in the table's order.
        favourable, label_favourable: the value that is good for the person; None where it cannot be guessed.
        decision_values, label_values: what there is to choose from.
        remarks: column → what a reader should know of the guess.
    """

    by_role: Mapping[Role, tuple[str, ...]] = field(converter=_frozen_roles)
    favourable: str | None = None
    label_favourable: str | None = None
    decision_values: tuple[str, ...] = ()
    label_values: tuple[str, ...] = ()
    remarks: Mapping[str, str] = field(factory=dict)

    def one(self, role: Role) -> str | None:
        """The only column with a role."""
        return next(iter(self.by_role.get(role, ())), None)


def guess(table: TableLook) -> Guess:
    """Guess from names and contents; whatever is unsure is left out."""
    found: dict[Role, str] = {}
    for role, likely in _ALONE.items():
        rest = [column for column in table.columns if column.name not in found.values()]
        best = max(rest, key=lambda column: likely(column), default=None)
        if best is not None and likely(best) > 0:
            found[role] = best.name
    rest = [column for column in table.columns if column.name not in found.values()]
    protected = [column for column in rest if _speaks_of(column, _PROTECTED) and 2 <= column.distinct <= FEW]
    many = [column for column in rest if _speaks_of(column, _PROTECTED) and column.distinct > FEW]
    by_role: dict[Role, tuple[str, ...]] = {role: (name,) for role, name in found.items()}
    by_role[Role.PROTECTED] = _names(protected)
    by_role[Role.QUASI_IDENTIFIER] = _names(column for column in rest if _speaks_of(column, _QUASI))
    by_role[Role.SPECIAL] = _names(column for column in rest if _speaks_of(column, _SPECIAL))
    looks = {column.name: column for column in table.columns}
    decision, label = looks.get(found.get(Role.DECISION, "")), looks.get(found.get(Role.LABEL, ""))
    return Guess(
        by_role={role: names for role, names in by_role.items() if names},
        favourable=_favourable(decision),
        label_favourable=_favourable(label),
        decision_values=decision.values if decision else (),
        label_values=label.values if label else (),
        remarks={column.name: f"has {column.distinct} values; make bands of it to compare groups" for column in many},
    )


def tokens(name: str) -> frozenset[str]:
    """The words in a name: `applicantId`, `age_band` and `AGE BAND` come apart; the joined form is there as well."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    found = [part.casefold() for part in re.split(r"[^A-Za-z0-9]+", apart) if part]
    return frozenset((*found, "".join(found)))


def _speaks_of(column: ColumnLook, known: Iterable[str]) -> bool:
    return bool(tokens(column.name) & frozenset(known))


def _names(columns: Iterable[ColumnLook]) -> tuple[str, ...]:
    return tuple(column.name for column in columns)


def _subject(column: ColumnLook) -> float:
    said = tokens(column.name)
    identifies = "id" in said or "uuid" in said or any(part.endswith("id") and part[:-2] in _SUBJECT for part in said)
    if not identifies or column.kind in (Kind.BOOLEAN, Kind.NUMBER, Kind.TIME) or column.distinct <= FEW:
        return 0
    return 1 + bool(said & frozenset(_SUBJECT)) + column.distinct / max(column.rows, 1)


def _time(column: ColumnLook) -> float:
    said = tokens(column.name)
    if column.kind is not Kind.TIME or said & {"birth", "dob", "birthday", "birthdate"}:
        return 0
    return 1.0 + bool(said & {"date", "time", "timestamp", "at", "day"}) + bool(said & _WHEN)


def _two_valued(column: ColumnLook) -> bool:
    about = tokens(column.name) & _ABOUT  # `approved_by` holds people, not decisions
    return column.distinct == 2 and len(column.values) == 2 and not about


def _decision(column: ColumnLook) -> float:
    """`approved` beside `approve` is the decision, and `approve` the label; alone, `approve` is the decision."""
    said = tokens(column.name)
    if not _two_valued(column):
        return 0
    return (0.5 * ("approve" in said)) or bool(said & frozenset(_DECISION)) * (1.0 + bool(said & _SAID_OUTRIGHT))


def _label(column: ColumnLook) -> float:
    return float(bool(tokens(column.name) & frozenset(_LABEL)) and _two_valued(column))


def _score(column: ColumnLook) -> float:
    if column.kind is not Kind.NUMBER or column.low is None or column.high is None or column.distinct <= 2:
        return 0
    within = column.low >= 0 and column.high <= 1
    return float(within and bool(tokens(column.name) & frozenset(_SCORE)))


def _fold(column: ColumnLook) -> float:
    return float(bool(tokens(column.name) & frozenset(_FOLD)) and 2 <= column.distinct <= FEW)


_ALONE: Final[Mapping[Role, Callable[[ColumnLook], float]]] = {
    Role.SUBJECT: _subject,
    Role.TIME: _time,
    Role.DECISION: _decision,
    Role.SCORE: _score,
    Role.LABEL: _label,
    Role.FOLD: _fold,
}


def _favourable(column: ColumnLook | None) -> str | None:
    """The value that is good for the person, if the words leave no doubt: 0 of `denied`, 1 of `approved`."""
    if column is None:
        return None
    wanted = _NAUGHT if _speaks_of(column, _BAD_NAMES) else _GOOD
    fitting = [value for value in column.values if value.casefold() in wanted]
    return fitting[0] if len(fitting) == 1 else None
