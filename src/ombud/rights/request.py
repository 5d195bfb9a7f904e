"""A request as it comes in: what is asked, by whom and how; and the table that every request follows."""

from collections.abc import Mapping
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, Literal, get_args

from attrs import field, frozen

from ombud.cases import read_machine
from ombud.cases.note import note_fits
from ombud.errors import Misused
from ombud.law.requests import RIGHTS
from ombud.law.vocabulary import Facts
from ombud.rights.request_guards import GUARDS
from ombud.store.identity import Identity

Channel = Literal["web", "mail", "phone", "letter", "in-person", "gpc", "agent"]
Agent = Literal["agent", "lawyer", "parent", "guardian", "heir", "other"]
Scope = Literal["categories", "pieces"]

CHANNELS: Final[tuple[str, ...]] = get_args(Channel)
AGENTS: Final[tuple[str, ...]] = get_args(Agent)
SCOPES: Final[tuple[str, ...]] = get_args(Scope)
SHOWN: Final = (
    "signed-permission", "power-of-attorney", "parental-responsibility", "court-order", "inheritance", "registration",
)  # fmt: skip
"""What can show that somebody may speak for the person."""


def _listed(words: tuple[str, ...], what: str) -> Any:
    def check(_instance: object, _attribute: object, value: str | None) -> None:
        if value is not None and value not in words:
            raise Misused(f"that is no {what}", f"One of: {', '.join(words)}.")

    return check


def _short(_instance: object, _attribute: object, value: str) -> None:
    note_fits(value)


@frozen(kw_only=True)
class Request:
    """What somebody asks for.

    Attributes:
        right: what is asked for: one of `law.requests.RIGHTS`.
        lives: places where the person lives ("DE", "US-CA"): they decide which laws apply.
        identities: what the person says they are known by.
        channel: how it came in.
        received: when; None: now.
        scope: for access, whether categories of data are asked for or the data itself; None: the data itself.
        agent: who asks for the person; None: the person. authority: whether that they may was shown already.
        minor, deceased: whether the person is a child, or has died.
        timezone, calendar: whose days and holidays count, for all laws; None: those of the place. calendar "none":
            weekends alone.
        facts: what the organisation declared of itself: which laws hold for it.
        name, contact, words: how the person is called, where the answer goes, and what they wrote; kept as private
            notes, never in the log.
    """

    right: str = field(validator=_listed(RIGHTS, "right that people can ask for"))
    lives: tuple[str, ...]
    identities: tuple[Identity, ...] = field(repr=False)
    channel: str = field(default="mail", validator=_listed(CHANNELS, "channel"))
    received: datetime | None = None
    scope: str | None = field(default=None, validator=_listed(SCOPES, "scope of an access"))
    agent: str | None = field(default=None, validator=_listed(AGENTS, "kind of agent"))
    authority: str | None = field(default=None, validator=_listed(SHOWN, "way to show authority"))
    minor: bool = False
    deceased: bool = False
    timezone: str | None = None
    calendar: str | None = None
    name: str = field(default="", repr=False, validator=_short)
    contact: str = field(default="", repr=False, validator=_short)
    words: str = field(default="", repr=False, validator=_short)
    facts: Facts = field(factory=dict, repr=False)

    @property
    def notes(self) -> Mapping[str, str]:
        """What is kept as private notes."""
        told = {"name": self.name, "contact": self.contact, "words": self.words}
        return {name: value for name, value in told.items() if value.strip()}


REQUESTS: Final = read_machine(Path(str(files("ombud.rights") / "request.yaml")), GUARDS)
"""The table of requests: what may follow what."""
