"""How many people an incident concerns: those about whom the system decided in a period, by the recorded decisions."""

from datetime import datetime
from typing import ClassVar

from attrs import frozen

from ombud.decisions.intake import between
from ombud.store.workspace import Workspace


@frozen
class PeopleDecided:
    """Counts people by recorded decisions; one that names nobody counts as one person more, and the words say so."""

    workspace: Workspace
    words: ClassVar[str] = "people decided about, by the recorded decisions; a decision that names nobody counts as one"

    def __call__(self, system: str, since: datetime, until: datetime) -> int:
        """How many, from `since` on and before `until`."""
        people, nameless = set(), 0
        for one in between(self.workspace, system, since, until):
            subject = one.decision.subject
            if subject is None:
                nameless += 1
            else:
                people.add((subject.kind, subject.comparable))
        return len(people) + nameless
