"""What a letter is made from. The caller fills it; nothing here is looked up, and nothing is said that is not in it."""

from datetime import date
from typing import Final, Literal, get_args

from attrs import field, frozen

from ombud.errors import Misused

Right = Literal[
    "access", "portability", "erasure", "rectification", "restriction", "objection", "opt-out-sale",
    "opt-out-decisions", "limit-sensitive", "withdraw-consent",
]  # fmt: skip
"""What people ask for."""

RIGHTS: Final[tuple[str, ...]] = get_args(Right)

COPIED: Final = ("access", "portability")
"""Rights that are answered with files. What only people can read is in none of them."""

Became = Literal["done", "nothing", "kept", "failed"]
"""What became of the data in one place: done and checked again; nothing was there; kept on a ground; did not work."""

Choice = Literal["exclude", "retrain", "unlearn", "suppress", "keep"]
"""What was decided about a model that learned from the person's data."""


def _some(_instance: object, attribute: object, value: tuple[object, ...]) -> None:
    if not value:
        name = getattr(attribute, "name", "it")
        raise Misused(f"a letter of this kind cannot leave out {name}", "Give at least one.")


def _right(_instance: object, _attribute: object, value: str) -> None:
    if value not in RIGHTS:
        raise Misused("that is no right that people can ask for", f"One of: {', '.join(RIGHTS)}")


@frozen(kw_only=True)
class Frame:
    """What every letter has.

    Attributes:
        organisation: who writes; address: its lines; contact: where the person can write back.
        officer: how the data protection officer is reached; "" where there is none.
        person: how the person is addressed; person_address: lines of the envelope.
        case: the number of the matter ("R-7F3A2C").
        day: of the letter; received: of the request.
        right: what was asked for.
    """

    organisation: str
    address: tuple[str, ...] = ()
    contact: str
    officer: str = ""
    person: str = field(default="", repr=False)
    person_address: tuple[str, ...] = field(default=(), repr=False)
    case: str
    day: date
    received: date
    right: Right = field(validator=_right)


@frozen(kw_only=True)
class Remedy:
    """Where the person can complain.

    Attributes:
        authority: its name; address: how it is reached; cite: the provision that gives the right to complain.
        court: the words on going to court ("You can also go to court."); "" where law gives no such way.
    """

    authority: str
    address: str = ""
    cite: str = ""
    court: str = ""


@frozen(kw_only=True)
class Ground:
    """Why something is refused or kept.

    Attributes:
        words: the ground in plain language, a sentence; cite: the provision.
        reasons: why it holds in this case, sentences.
        until: to that day; None: no day is known.
    """

    words: str
    cite: str
    reasons: tuple[str, ...] = ()
    until: date | None = None


@frozen(kw_only=True)
class Told:
    """What became of the data in one place.

    Attributes:
        place: the place in words that the person understands ("your customer account").
        became: one of four.
        ground: why it is kept; needed where it is.
        because: why it did not work; without personal data.
        copies: where copies live on, each with its day if that is known ("backups, until 2027-01-05").
        masked: rows stay, but no longer say who they are about.
        by_hand: people did it and say so; no program looked, before or afterwards.
    """

    place: str
    became: Became
    ground: Ground | None = None
    because: str = ""
    copies: tuple[str, ...] = ()
    masked: bool = False
    by_hand: bool = False

    def __attrs_post_init__(self) -> None:
        if self.became == "kept" and self.ground is None:
            raise Misused(
                "a letter cannot say that data are kept without the ground", "Give the ground with its citation."
            )


@frozen(kw_only=True)
class Decided:
    """What was decided about a model that learned from the person's data.

    Attributes:
        model: what it is called, in words ("the model that scores loan applications").
        choice: one of five; by: when it will have been done; done: whether it was, and was checked.
        because: the reason, a sentence.
    """

    model: str
    choice: Choice
    by: date | None = None
    done: bool = False
    because: str = ""


@frozen(kw_only=True)
class Attachment:
    """A file that goes with the letter; what: in words; until: when the kept copy of it is deleted."""

    what: str
    until: date | None = None


@frozen(kw_only=True)
class Acknowledgement:
    """We have your request. due: the day by which it is answered; identity_wanted: a second letter asks for proof."""

    frame: Frame
    due: date
    identity_wanted: bool = False
    agent: bool = False


@frozen(kw_only=True)
class IdentityWanted:
    """We do not know that it is you.

    Attributes:
        wanted: what would prove it; because: why there is a doubt.
        until: by when it should come; None where law sets no day.
        due: the day of the answer; paused: whether that day waits for the proof.
    """

    frame: Frame
    wanted: tuple[str, ...] = field(validator=_some)
    because: str
    until: date | None = None
    due: date
    paused: bool


@frozen(kw_only=True)
class Extension:
    """It takes longer. was, due: the day of the answer before and now; reasons: why; cite: what allows it."""

    frame: Frame
    was: date
    due: date
    reasons: tuple[str, ...] = field(validator=_some)
    cite: str = ""
    remedies: tuple[Remedy, ...] = ()

    def __attrs_post_init__(self) -> None:
        if self.due <= self.was:
            raise Misused("an extension must end later than what it extends", "Give the new day of the answer.")


@frozen(kw_only=True)
class Answer:
    """What was done.

    Attributes:
        outcomes: place by place; models: model by model.
        recipients: who else was told, and who could not be.
        attachments: files with it; passphrase: how the person gets the passphrase, a sentence.
        limits: what was not looked at, sentences.
        remedies: where to complain; needed as soon as anything is kept or failed.
    """

    frame: Frame
    outcomes: tuple[Told, ...] = ()
    models: tuple[Decided, ...] = ()
    recipients: tuple[str, ...] = ()
    recipients_failed: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    passphrase: str = ""
    limits: tuple[str, ...] = ()
    remedies: tuple[Remedy, ...] = ()

    def __attrs_post_init__(self) -> None:
        if any(told.became in ("kept", "failed") for told in self.outcomes) and not self.remedies:
            raise Misused("data were kept or not reached, and the letter names no place to complain", "Add a remedy.")

    @property
    def verdict(self) -> Literal["done", "nothing", "partly", "kept", "failed"]:
        """What the letter as a whole may claim: never more than its weakest place."""
        found = {told.became for told in self.outcomes}
        if "failed" in found:
            return "failed"
        if "kept" in found:
            return "partly" if "done" in found else "kept"
        if self.frame.right in COPIED and any(told.by_hand and told.became == "done" for told in self.outcomes):
            return "partly"
        return "nothing" if found == {"nothing"} else "done"


@frozen(kw_only=True)
class Refusal:
    """We do not do it: on which grounds, and where to complain."""

    frame: Frame
    grounds: tuple[Ground, ...] = field(validator=_some)
    remedies: tuple[Remedy, ...] = field(validator=_some)


Letter = Acknowledgement | IdentityWanted | Extension | Answer | Refusal
