"""An incident as it comes in: what happened to which system, since when somebody knew; and the table of all."""

from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, Protocol

from attrs import field, frozen

from ombud.cases import read_machine
from ombud.errors import Misused
from ombud.incidents.duties import RISKS
from ombud.incidents.incident_guards import GUARDS

INCIDENTS: Final = read_machine(Path(str(files("ombud.incidents") / "incident.yaml")), GUARDS)
"""The table of incidents: what may follow what."""

SEVERITIES: Final = ("not-assessed", "minor", "major", "serious")
CATEGORIES: Final[tuple[str, ...]] = tuple(sorted(INCIDENTS.fields["categories"].codes))
NOTES: Final[tuple[str, ...]] = tuple(sorted(INCIDENTS.fields["what"].codes))
"""What people can write about an incident; each is a private note of that name."""

"""Characters of a private note."""


class Alarm(Protocol):
    """What an alarm says, as far as an incident wants to know it.

    Attributes:
        system, series: what it is about; since: when the change is thought to have begun.
        window: the stretch in which it was seen: anything with `start` and `end`, or a text.
        effect: how large it is.
    """

    @property
    def system(self) -> str: ...
    @property
    def series(self) -> str: ...
    @property
    def since(self) -> Any: ...
    @property
    def window(self) -> Any: ...
    @property
    def effect(self) -> Any: ...


def _listed(words: tuple[str, ...], what: str) -> Any:
    def check(_instance: object, _attribute: object, value: str) -> None:
        if value not in words:
            raise Misused(f"that is no {what}", f"One of: {', '.join(words)}.")

    return check


def _categories(_instance: object, _attribute: object, value: tuple[str, ...]) -> None:
    if not value or set(value) - set(CATEGORIES):
        raise Misused("an incident has one or several of the known categories", f"They are: {', '.join(CATEGORIES)}.")


@frozen(kw_only=True)
class Assessed:
    """What somebody thinks of an incident.

    Attributes:
        severity: serious is what Art. 3(49) of the EU AI Act calls so, where it is about that Act.
        categories: what kind of incident it is; they start the duties.
        risk: to people, for duties that turn on it.
    """

    categories: tuple[str, ...] = field(validator=_categories)
    severity: str = field(default="not-assessed", validator=_listed(SEVERITIES, "severity"))
    risk: str = field(default="unknown", validator=_listed(RISKS, "risk"))


@frozen(kw_only=True)
class Report:
    """An incident that a person reports.

    Attributes:
        system: whose; assessed: what is thought of it by now.
        aware: when somebody of the organisation knew: the start of its clocks; None: now.
        series: the monitored series it is about, where there is one.
        nature: what happened, in words; a private note.
        drill: an exercise; it starts no clock of law and is never notified.
    """

    system: str
    assessed: Assessed
    aware: datetime | None = None
    series: str | None = None
    nature: str = field(default="", repr=False)
    drill: bool = False
