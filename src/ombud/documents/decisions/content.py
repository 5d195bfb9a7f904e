"""What a letter about one decision is made from. The caller fills it; nothing here is looked up or worked out."""

from datetime import date
from typing import Final, Literal, get_args

from attrs import field, frozen

from ombud.documents.paper import Hole
from ombud.documents.rights.letters.letter import Remedy
from ombud.errors import Misused

Form = Literal["adverse-action", "gdpr-15-1-h", "ai-act-86", "plain"]
"""Kinds of letters: notice to an applicant for credit, two explanations that law gives a right to, and a plain one."""

FORMS: Final[tuple[str, ...]] = get_args(Form)

Said = str | Hole
"""Something that the organisation says, or that it has yet to say."""


@frozen(kw_only=True)
class Frame:
    """What every letter has.

    Attributes:
        organisation: who writes; address: its lines; contact: where the person can write back; officer: how the data
            protection officer is reached. Each is "" where nobody said.
        person: how the person is addressed; person_address: lines of the envelope.
        number: of the decision, as the organisation calls it; day: of the letter.
    """

    organisation: str = ""
    address: tuple[str, ...] = ()
    contact: str = ""
    officer: str = ""
    person: str = field(default="", repr=False)
    person_address: tuple[str, ...] = field(default=(), repr=False)
    number: str
    day: date


@frozen(kw_only=True)
class Change:
    """One value that would have had to be another; what: in words; before, after: as they are written."""

    what: str
    before: str = field(repr=False)
    after: str = field(repr=False)


@frozen
class Way:
    """Changes that together would have led to another outcome; tried with the model itself."""

    changes: tuple[Change, ...]


Ask = Literal["found", "none", "not found", "not asked"]
"""What became of the search for another outcome: ways were found, it was proved that there are none, it found none
without proving that, or nobody searched."""


@frozen(kw_only=True)
class Input:
    """One thing that the score was made from; what: in words; value: as it is written."""

    what: str
    value: str = field(repr=False)


@frozen(kw_only=True)
class Right:
    """What entitles the person to this letter.

    Attributes:
        cite: the provision, with the name of its law ("GDPR Art. 15(1)(h)").
        holds: whether it binds on the day of the letter; else the letter claims no right.
        since: from when it will, where that is known.
    """

    cite: str
    holds: bool
    since: date | None = None


@frozen(kw_only=True)
class CreditReport:
    """What is told of a score from a consumer report; key_factors: at most four, and inquiries if they are one."""

    agency: Said
    agency_address: Said
    score: Said = field(repr=False)
    score_range: Said
    score_date: Said
    key_factors: tuple[Said, ...] = ()


@frozen(kw_only=True)
class Creditor:
    """What a notice to an applicant for credit has to say beside the reasons.

    Attributes:
        name, address: of the creditor; equal_credit: the notice of equal credit opportunity, in the regulation's words;
        agency: who supervises that, with its address.
        report: None where no consumer report was used; a hole where nobody said.
        free_report_days: within how many days a free report can be asked for; None where law data do not say.
    """

    name: Said
    address: Said
    equal_credit: Said
    agency: Said
    report: CreditReport | Hole | None = None
    free_report_days: int | None = None


@frozen(kw_only=True)
class Explained:
    """An explanation of one decision, in the form of one letter.

    Attributes:
        frame, form: see there; decided: the day of the decision; favourable: whether it was in the person's favour.
        purpose: what the decision was about, in the organisation's words.
        mode: "automated", "assisted", or "" where nobody said; person_saw: what a person of the staff had in front of
            them; None where no person is on record.
        score, threshold: as they are written; higher: whether a high score is good for the person.
        reasons: sentences that a person approved, the weightiest first; compared: with how many approved people.
        inputs: what the score was made from.
        ask, ways: what would have led to another outcome; within: how many changes at once the answer is about.
        right: what entitles to this letter; None where nothing in particular does.
        significance, consequences, role: what only the organisation can say.
        contest: whether law gives the person a right that somebody looks at the decision, with its citation, else "".
        remedies: where to complain; creditor: for a notice to an applicant for credit.
    """

    frame: Frame
    form: Form
    decided: date
    favourable: bool
    purpose: str = ""
    mode: Literal["automated", "assisted", ""] = ""
    person_saw: tuple[str, ...] | None = None
    score: str = field(repr=False)
    threshold: str
    higher: bool = True
    reasons: tuple[str, ...] = field(default=(), repr=False)
    compared: int = 0
    inputs: tuple[Input, ...] = field(default=(), repr=False)
    ask: Ask = "not asked"
    ways: tuple[Way, ...] = field(default=(), repr=False)
    within: int | None = None
    right: Right | None = None
    significance: Said = ""
    consequences: Said = ""
    role: Said = ""
    contest: str = ""
    remedies: tuple[Remedy, ...] = ()
    creditor: Creditor | None = None

    def __attrs_post_init__(self) -> None:
        if self.form not in FORMS:
            raise Misused("there is no letter of that form", f"One of: {', '.join(FORMS)}")
        if not self.favourable and not self.reasons:
            raise Misused("a refusal cannot be explained without a reason", "Hand the case to a person.")
        if self.form == "adverse-action" and (self.favourable or self.creditor is None):
            raise Misused("an adverse action notice is for a refusal by a creditor", "Choose another form of letter.")
        if (self.ask == "found") != bool(self.ways):
            raise Misused(
                "a letter cannot say that changes were found without them", "Give the changes that were found."
            )
