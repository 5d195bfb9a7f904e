"""What a person is known by: a kind ("email", "customer_id") and a value, in the one form in which two are compared."""

import re
import unicodedata
from typing import Final

from attrs import field, frozen

from ombud.errors import Misused

_KIND: Final = re.compile(r"[a-z][a-z0-9_.]{0,62}")
_LONGEST: Final = 1_000


def form_of(kind: str) -> str:
    """How values of a kind are compared, told by its last word: "email", "phone", or "text" (to the letter).

    `email` and `work_email` are e-mail addresses, `phone` and `home.phone` telephone numbers; all others are text.
    """
    last = re.split(r"[._]", kind)[-1]
    return last if last in ("email", "phone") else "text"


def comparable(kind: str, value: str) -> str:
    """A value in the form in which two of its kind are compared.

    Text: Unicode NFC without blanks around it. E-mail: NFKC, without case. Telephone: digits; "00" is "+".
    """
    if form_of(kind) == "email":
        return unicodedata.normalize("NFKC", value).strip().casefold()
    plain = unicodedata.normalize("NFC", value).strip()
    if form_of(kind) == "phone":
        digits = re.sub(r"\D", "", unicodedata.normalize("NFKC", plain))
        abroad = plain.startswith("+") or digits.startswith("00")
        return f"+{digits.removeprefix('00')}" if abroad else digits
    return plain


def _kind(kind: str) -> str:
    if not _KIND.fullmatch(kind):
        raise Misused("that is no kind of identity", "Name it in small letters, for example email or customer_id.")
    return kind


def _value(value: str) -> str:
    if not value.strip() or len(value) > _LONGEST or "\0" in value:
        raise Misused(
            "an identity is empty or far too long", "Write it as KIND=VALUE, for example email=a@example.org."
        )
    return value.strip()


@frozen(order=True)
class Identity:
    """One thing a person is known by.

    Attributes:
        kind: what it is, as the map of data names it.
        value: as it was given; personal data, never shown in an error, a log line or the ledger.
    """

    kind: str = field(converter=_kind)
    value: str = field(converter=_value, repr=False)

    @property
    def form(self) -> str:
        """How it is compared: "text", "email" or "phone"."""
        return form_of(self.kind)

    @property
    def comparable(self) -> str:
        """The value in the form in which it is compared."""
        return comparable(self.kind, self.value)

    @classmethod
    def parse(cls, written: str) -> "Identity":
        """Read KIND=VALUE.

        Raises:
            Misused: it is not of that form; the value is not repeated.
        """
        kind, mark, value = written.partition("=")
        if not mark:
            raise Misused("an identity is written KIND=VALUE", "For example: --identity email=a@example.org")
        return cls(kind.strip(), value)
