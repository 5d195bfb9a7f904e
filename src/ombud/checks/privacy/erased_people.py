"""privacy.erased_people: does the model still know somebody who was erased, objects, or opted out?"""

from collections.abc import Iterator
from typing import Final

from ombud.checks.check import check
from ombud.statistics.measurement import Measurement
from ombud.tables.needs import People
from ombud.tables.people import ListedPeople

_LIVE: Final = "a live table can change between two checks; who was in it meanwhile is not known"
_CHOICES: Final = {
    "exclude": "left out from the next version", "retrain": "retrained by a day", "unlearn": "unlearned exactly",
    "suppress": "suppressed", "keep": "kept on a ground",
}  # fmt: skip


@check(
    "privacy.erased_people",
    asks="Did the model learn from anybody who was erased, objects or opted out, without a recorded decision about it?",
    needs=People(),
    remedy="See who it is about with ombud rights models, decide for each case, or train again without them.",
)
def erased_people(found: ListedPeople) -> Iterator[Measurement]:
    """Count listed people whom the model learned from, and for whom nobody decided what is to become of it.

    Args:
        found: counts of people in the training table, in every state in which it was seen with this model.

    Yields:
        `people_without_decision`, an exact count of people, each once; n is everybody the model learned from. By list
        in its counts, where somebody may be on several. A decision counts for the model it names, for what was asked
        before it, and to its last day. Evaluation tables and tables of decisions are only told of. A table that names
        nobody says nothing, and is unknown.

    Source: GDPR Arts. 17(1), 18, 21(1) and 7(3); Cal. Civ. Code § 1798.105, by number only.
    """
    if not found.people:
        yield Measurement(name="people_without_decision", value=None, unknown="the training table names nobody")
        return
    decided = {_CHOICES.get(choice, choice): people for choice, people in found.decided.items()}
    yield Measurement(
        name="people_without_decision", value=found.undecided, n=found.people,
        counts={"on a list": found.listed, **found.by_list, **decided},
        method="people on a list that stops training, among those in the training table whenever this model was "
               "checked, less those with a valid decision; exact",
        notes=tuple(_notes(found)),
    )  # fmt: skip


def _notes(found: ListedPeople) -> Iterator[str]:
    for table, people in sorted(found.elsewhere.items()):
        yield f"listed people in the {table} table: {people}"
    if found.nameless:
        yield f"{found.nameless} rows of the training table name nobody, so nobody can tell whose they are"
    if found.live:
        yield _LIVE
