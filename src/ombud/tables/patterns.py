"""What personal data looks like: patterns for the engine, checksums for what the engine found.

A pattern uses classes and counts only, so that DuckDB, PostgreSQL and Spark read it alike: no `\\b` (PostgreSQL takes
it for a backspace and silently finds nothing), no look-around.
"""

import re
from collections import Counter
from collections.abc import Callable
from typing import Final

from attrs import field, frozen

_EDGE: Final = "0-9A-Za-z"


@frozen
class Pattern:
    """One kind of personal data.

    Attributes:
        name: what it is, as the cube and the report call it.
        core: the regular expression of the value.
        check: the checksum, given the value without spaces and hyphens; None where there is none.
        chance: how often a random value of this shape passes the checksum.
        before: letters that may not stand directly before it.
        after: what may follow it.
        whole: whether integers may be such values.
    """

    name: str
    core: str
    check: Callable[[str], bool] | None = None
    chance: float = 0.0
    before: str = _EDGE
    after: str = f"(?:$|[^{_EDGE}])"
    whole: bool = False
    _compiled: re.Pattern[str] = field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "_compiled", re.compile(self.expression))

    @property
    def expression(self) -> str:
        """The value where nothing stands beside it that belongs to a longer word or number."""
        return f"(?:^|[^{self.before}])({self.core}){self.after}"

    @property
    def shaped(self) -> str:
        """Name of the counter of values that look like it, whether or not the checksum holds."""
        return f"{self.name}-shaped"

    def found_in(self, text: str) -> bool | None:
        """Whether a text holds such a value that passes; None if it holds none of this shape."""
        values = [match[1] for match in self._compiled.finditer(text)]
        if not values:
            return None
        return any(self.check is None or self.check(re.sub("[ -]", "", value)) for value in values)


# --- checksums --------------------------------------------------------------------------------------------------------

_IBAN_LENGTHS: Final = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BR": 29, "BY": 28,
    "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "DO": 28, "EE": 20, "EG": 29, "ES": 24, "FI": 18,
    "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28, "HR": 21, "HU": 28, "IE": 22,
    "IL": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28, "LI": 21, "LT": 20, "LU": 20, "LV": 21,
    "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MT": 31, "NL": 18, "NO": 15, "PK": 24, "PL": 28, "PS": 29, "PT": 25,
    "QA": 29, "RO": 24, "RS": 22, "SA": 24, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "TN": 24, "TR": 26, "UA": 29,
    "XK": 20,
}  # fmt: skip
_DOUBLED: Final = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


def iban(value: str) -> bool:
    """Whether an IBAN has its country's length and remainder 1 modulo 97 (ISO 13616, ISO 7064)."""
    upper = value.upper()
    if _IBAN_LENGTHS.get(upper[:2]) != len(upper):
        return False
    return int("".join(str(int(letter, 36)) for letter in upper[4:] + upper[:4])) % 97 == 1


def card(value: str) -> bool:
    """Whether a card number has a known start and length, and Luhn's check digit (ISO/IEC 7812-1)."""
    return _issued(value) and luhn(value)


def luhn(digits: str) -> bool:
    """Whether the digits have Luhn's check digit."""
    total = sum(map(int, digits[-1::-2])) + sum(_DOUBLED[int(digit)] for digit in digits[-2::-2])
    return total % 10 == 0


def _issued(digits: str) -> bool:
    two = int(digits[:2])
    if digits[0] == "4":
        return len(digits) in (13, 16, 19)
    if two in (34, 37):
        return len(digits) == 15
    if two in (30, 36, 38, 39):
        return 14 <= len(digits) <= 19
    return len(digits) == 16 if 51 <= two <= 55 or 22 <= two <= 27 else digits[0] == "6" and 16 <= len(digits) <= 19


def german_tax_number(digits: str) -> bool:
    """Whether eleven digits are an Identifikationsnummer: one digit occurs twice or thrice, ISO 7064 MOD 11,10."""
    repeats = sorted(n for n in Counter(digits[:10]).values() if n > 1)
    if len(digits) != 11 or repeats not in ([2], [3]):
        return False
    product = 10
    for digit in digits[:10]:
        total = (int(digit) + product) % 10 or 10
        product = total * 2 % 11
    return (11 - product) % 10 == int(digits[10])


# --- patterns ---------------------------------------------------------------------------------------------------------

_OCTET: Final = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_SSN_AREA: Final = "(?:00[1-9]|0[1-9][0-9]|[1-578][0-9][0-9]|6[0-57-9][0-9]|66[0-57-9])"
_SSN_GROUP: Final = "(?:0[1-9]|[1-9][0-9])"
_SSN_SERIAL: Final = "(?:000[1-9]|00[1-9][0-9]|0[1-9][0-9][0-9]|[1-9][0-9][0-9][0-9])"
_INTERNATIONAL: Final = "[+][1-9](?:[ ./()-]?[ ()]?[0-9]){6,14}"
_AMERICAN: Final = "(?:[(][2-9][0-9][0-9][)] ?|[2-9][0-9][0-9][ .-])[2-9][0-9][0-9][ .-][0-9]{4}"
_NATIONAL: Final = "0[1-9][0-9]{1,4} ?[/-] ?[0-9](?: ?[0-9]){3,9}"

EMAIL: Final = Pattern(
    "e-mail", r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z][A-Za-z]+", before="A-Za-z0-9._%+-"
)
DIGITS: Final = (
    Pattern("phone", f"(?:{_INTERNATIONAL}|{_AMERICAN}|{_NATIONAL})", before=f"{_EDGE}+"),
    Pattern("US SSN", f"{_SSN_AREA}[ -]{_SSN_GROUP}[ -]{_SSN_SERIAL}", before=f"{_EDGE}-"),
    Pattern("UK NINO", "[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[A-D]"),
    Pattern("IPv4", rf"{_OCTET}(?:\.{_OCTET}){{3}}", before=f"{_EDGE}.", after=f"(?:$|[^{_EDGE}.]|[.](?:$|[^0-9]))"),
)
CHECKED: Final = (
    Pattern("IBAN", "[A-Za-z]{2}[0-9]{2}(?: ?[A-Za-z0-9]{4}){2,7}(?: ?[A-Za-z0-9]{1,3})?", iban, 1 / 97),
    Pattern("card", "[2-6](?:[ -]?[0-9]){12,18}", card, 0.1, whole=True),
    Pattern("German tax number", "[1-9](?: ?[0-9]){10}", german_tax_number, 0.01, whole=True),
)
"""Those whose checksum tells them from other numbers; the engine finds the shape, Python checks different values."""

PATTERNS: Final = (EMAIL, *DIGITS, *CHECKED)
