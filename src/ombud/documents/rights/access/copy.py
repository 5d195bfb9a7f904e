"""What is held on a person, as the caller found it, and the one place that decides what of it may be shown."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final, Literal

from attrs import field, frozen

from ombud.documents.rights.letters.letter import Remedy

SOMEBODY_ELSE: Final = "[about somebody else]"
NOT_SHOWN: Final = "[held, not shown]"

NEVER_RAW: Final = frozenset(
    "password passwords credentials security_question biometric biometrics government_id ssn account_number "
    "bank_account credit_card national_identification_number drivers_license_number passport_number".split()
)
"""Segments of a category that is never sent raw, whatever the map says of the column (11 CCR § 7024(d))."""


@frozen(kw_only=True)
class Field:
    """A column of what is held.

    Attributes:
        name: in its table; called: in words ("e-mail address"); "" says the name.
        category: key of the taxonomy, None where nobody said.
        origin: provided by the person, observed of them, or inferred about them; None: nobody said.
        secret: held, never shown; third_party: about somebody else, never shown.
    """

    name: str
    called: str = ""
    category: str | None = None
    origin: Literal["provided", "observed", "inferred"] | None = None
    secret: bool = False
    third_party: bool = False

    @property
    def hidden(self) -> str | None:
        """What stands in the place of each value; None where the value itself may be shown."""
        if self.third_party:
            return SOMEBODY_ELSE
        segments = frozenset((self.category or "").split("."))
        return NOT_SHOWN if self.secret or segments & NEVER_RAW else None

    @property
    def portable(self) -> bool:
        """Whether the person may take it along: provided or observed, and shown at all (GDPR Art. 20)."""
        return self.origin != "inferred" and self.hidden is None


@frozen(kw_only=True)
class Held:
    """What one place holds on the person.

    Attributes:
        address: of the collection ("core.customers"); called: in words; "" says the address.
        fields: its personal columns, in order.
        rows: the person's, column → value; personal data.
        problem: why it could not be read, a sentence without personal data; "" where it was.
        by_hand: entries that people found where no program reads, and that are in no file.
        purposes, recipients, lawful_basis: as declared; origin: where the data come from, in words.
        retention: how long rows stay, in words; None where nobody said.
        transfers: countries outside, with the safeguard, in words.
        other_columns: columns of the table that hold no personal data by the map, and so are not here.
    """

    address: str
    called: str = ""
    fields: tuple[Field, ...] = ()
    rows: Sequence[Mapping[str, Any]] = field(default=(), repr=False)
    problem: str = ""
    by_hand: int = 0
    purposes: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    lawful_basis: tuple[str, ...] = ()
    origin: str = ""
    retention: str | None = None
    transfers: tuple[str, ...] = ()
    other_columns: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """What the person reads as its name."""
        name = self.called or self.address
        return name[:1].upper() + name[1:] if self.called else name

    def value(self, row: Mapping[str, Any], one: Field) -> Any:
        """A value as it may be given away: the value, a word in its place, or None where nothing is held."""
        held = row.get(one.name)
        return held if held is None or one.hidden is None else one.hidden


@frozen(kw_only=True)
class Logic:
    """How an automated system decides (GDPR Art. 15(1)(h); 11 CCR § 7222).

    Attributes:
        system: its name; purpose: what it decides on.
        features: what it looks at; threshold: the rule from number to decision, in words.
        factors: what mattered most for this person, in approved wording; none: nobody approved any.
        outcome: what it decided about the person; consequences: what follows for them.
        human: what people do before or after it decides.
    """

    system: str
    purpose: str
    features: tuple[str, ...] = ()
    threshold: str = ""
    factors: tuple[str, ...] = field(default=(), repr=False)
    outcome: str = field(default="", repr=False)
    consequences: str = ""
    human: str = ""


@frozen(kw_only=True)
class Copy:
    """All that is held on a person.

    Attributes:
        organisation, address, contact, officer: who holds it and how they are reached.
        case: number of the matter; day: of the copy.
        held: place by place, also those with nothing in them or that could not be read.
        logics: the automated systems that decided about the person, or would.
        remedies: where to complain.
        rights: the keys of the rights the person has, to be told of.
        limits: what was not looked at, sentences.
    """

    organisation: str
    address: tuple[str, ...] = ()
    contact: str
    officer: str = ""
    case: str
    day: date
    held: tuple[Held, ...]
    logics: tuple[Logic, ...] = ()
    remedies: tuple[Remedy, ...] = ()
    rights: tuple[str, ...] = ("rectification", "erasure", "restriction", "objection", "portability")
    limits: tuple[str, ...] = ()
