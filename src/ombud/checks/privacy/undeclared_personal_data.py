"""privacy.undeclared_personal_data: is there personal data in columns that nobody declared to hold any?"""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from attrs import frozen

from ombud.checks.check import check
from ombud.statistics.cube import Cube
from ombud.statistics.measurement import Measurement
from ombud.tables.needs import Profile
from ombud.tables.patterns import CHECKED, PATTERNS

NAME, COLUMNS = "undeclared_personal_data", "undeclared_personal_data_columns"

_BY_CHANCE: Final = 0.001
"""A column whose values pass a checksum no more often than random ones, at this significance, is no find."""

_HINTS: Final[Mapping[str, str]] = {
    "a name": "first_name firstname given_name forename last_name lastname surname family_name full_name fullname "
    "maiden_name customer_name applicant_name person_name patient_name vorname nachname familienname geburtsname "
    "prenom nombre apellido",
    "an e-mail address": "email e_mail mail_address email_address",
    "a telephone number": "phone telephone mobile cell_phone phone_number mobile_number telefon handy telefono",
    "an address": "address street street_address home_address postal_address strasse anschrift wohnort adresse "
    "direccion",
    "a date of birth": "birthday birthdate birth_date date_of_birth dob geburtsdatum geburtstag",
    "an official number": "ssn social_security national_id passport passport_number tax_id steuer_id nino "
    "driving_licence drivers_license license_number",
    "an account or card number": "iban card_number credit_card account_number kontonummer pan",
    "an internet address or device": "ip ip_address ipaddress mac_address device_id imei",
}
_HINT_OF: Final = {word: what for what, words in _HINTS.items() for word in words.split()}
_LONGEST: Final = 3


@frozen
class _Column:
    """A column of one table: its counters."""

    table: str
    name: str
    counters: Mapping[str, int]

    def count(self, what: str) -> int:
        return self.counters.get(what, 0)


@check(
    "privacy.undeclared_personal_data",
    asks="Is there personal data in columns that nobody declared to hold any?",
    needs=Profile(patterns=True),
    remedy="Remove the named columns, or declare what they hold (columns.subject, quasi_identifiers, special).",
)
def undeclared_personal_data(profile: Cube) -> Iterator[Measurement]:
    """Count values that look like personal data, in columns without a role that says so.

    Args:
        profile: counters of each column of each table, all rows, with patterns.

    Yields:
        `undeclared_personal_data` for each column with a find: rows found *at least* (exact count of rows that match
        and pass the checksum; for a column whose name alone says it, the rows that are not missing). Then, once, the
        same over all columns, and `undeclared_personal_data_columns`, how many columns it is; both are 0 if nothing was
        found. Numbers that pass a checksum no more often than random ones would are no find.

    Source: checksums of ISO 13616 (IBAN), ISO/IEC 7812-1 (cards), ISO 7064 (German tax number).
    """
    columns = _columns(profile)
    if not any(column.count("rows") for column in columns):
        yield Measurement(name=NAME, value=None, unknown="the tables hold no rows")
        return
    finds = [find for column in columns if (find := _find(column)) is not None]
    yield from finds
    yield _total(NAME, sum(int(find.value or 0) for find in finds), "rows", columns)
    named = {find.group for find in finds}
    yield _total(COLUMNS, len({group.rpartition(" (")[0] for group in named if group}), "columns", columns)


def _columns(profile: Cube) -> list[_Column]:
    found: dict[tuple[str, str], dict[str, int]] = {}
    for (table, column, what), n in profile.cells.items():
        found.setdefault((str(table), str(column)), {})[str(what)] = n
    return [_Column(table, name, counters) for (table, name), counters in sorted(found.items())]


def _find(column: _Column) -> Measurement | None:
    if column.count("declared personal"):
        return None
    by_pattern = {pattern.name: column.count(pattern.name) for pattern in PATTERNS if column.count(pattern.name)}
    real = {name: n for name, n in by_pattern.items() if not _chance(column, name)}
    hint = _hint(column)
    there = column.count("rows") - column.count("missing")
    rows = max([*real.values(), there if hint else 0], default=0)
    if not rows:
        return None
    notes = [f"looks like {name}: {n} rows" for name, n in sorted(real.items())]
    notes += [f"its name says that it is {hint}"] if hint else []
    return Measurement(
        name=NAME, value=rows, group=f"{column.name} ({column.table})", n=column.count("rows"), counts=by_pattern,
        method="found at least: patterns with checksums over all rows, and the column's name", notes=tuple(notes),
    )  # fmt: skip


def _chance(column: _Column, name: str) -> bool:
    """Whether so many different values would pass the checksum if they were random numbers of that shape."""
    chance = next((pattern.chance for pattern in CHECKED if pattern.name == name), 0.0)
    passing, shaped = column.count(f"{name}, different"), column.count(f"{name}-shaped, different")
    if not chance or not shaped:
        return False
    from scipy.special import bdtrc

    return passing < shaped and (passing == 0 or float(bdtrc(passing - 1, shaped, chance)) > _BY_CHANCE)


def _hint(column: _Column) -> str | None:
    """What a column's name says, by its words: `customerPhone` and `phone_1` do, `phonetic_score` does not."""
    if column.count("kind boolean") or column.count("distinct") <= 2:
        return None
    spaced = re.sub(r"(?<=[a-zäöüß0-9])(?=[A-Z])", "_", column.name)
    words = [word for word in re.split(r"[\W_]+", spaced.lower()) if word and not word.isdigit()]
    runs = ("_".join(words[i : i + n]) for n in range(_LONGEST, 0, -1) for i in range(len(words) - n + 1))
    return next((_HINT_OF[run] for run in runs if run in _HINT_OF), None)


def _total(name: str, value: int, unit: str, columns: list[_Column]) -> Measurement:
    searched = sum(column.count("kind text") + column.count("kind integer") for column in columns)
    return Measurement(
        name=name, value=value, n=searched,
        method=f"{unit}, found at least; n is the number of columns of text and whole numbers that were searched",
        notes=("Free text, pictures and encoded values are not understood: nothing found is not nothing there.",),
    )  # fmt: skip
