"""Open cases and take steps: each is one signed statement, and of two at the same moment only one counts."""

from collections.abc import Mapping
from typing import Any, Final

from ombud import __version__
from ombud.cases.case import Case, fold
from ombud.cases.errors import Overtaken
from ombud.cases.fields import CASE_NUMBER
from ombud.cases.machine import Machine
from ombud.errors import Misused, NotFound
from ombud.evidence.log import Log
from ombud.evidence.statement import Statement, Subject
from ombud.store.workspace import Workspace

KIND: Final = "case"
_DIGITS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LOOK_ALIKE: Final = str.maketrans("OIL", "011")
_TRIES: Final = 20


def cases_of(log: Log, machine: Machine) -> tuple[Case, ...]:
    """The cases of a matter in a log, in the order in which they were opened."""
    return fold(machine, log.trusted(KIND))


def the_case(log: Log, machine: Machine, id: str) -> Case:
    """The case with a number.

    Raises:
        Misused: that is no number of a case; it is not repeated, since somebody may have typed a name.
        NotFound: there is none of that number.
    """
    number = case_number(id, machine)
    found = [entry for entry in log.trusted(KIND) if entry.statement.predicate.get("case") == number]
    for case in fold(machine, found):
        return case
    raise NotFound("case", number, f"See the open ones: {machine.listed_by}")


def case_number(written: str, machine: Machine) -> str:
    """The number of a case as it was typed: small letters, and O, I and L for 0, 1 and 1, are read for what is meant.

    Raises:
        Misused: it is none.
    """
    letter, _, digits = written[:40].strip().upper().partition("-")
    number = f"{letter}-{digits.translate(_LOOK_ALIKE)}"
    if letter != machine.letter or not CASE_NUMBER.fullmatch(number):
        raise Misused("that is no number of a case", f"It looks like {machine.letter}-7F3A2C; see: {machine.listed_by}")
    return number


def open_case(
    workspace: Workspace, machine: Machine, details: Mapping[str, Any], holder: str, *, alias: str | None = None,
    system: str | None = None, number: str | None = None,
) -> Case:  # fmt: skip
    """Open a case under a new random number, or under one that only one opener can have.

    Args:
        workspace: whose log, clock, keys and randomness.
        machine: the matter.
        details: what its first step says.
        holder: whose key signs.
        alias: the person it is about.
        system: the system it is about; None for the organisation.
        number: of the case, where two who open for the same reason must not both succeed; None: a random one.

    Raises:
        NotAllowed: the first step lacks something, or says too much.
        Overtaken: there is a case of that number already.
        Refused: the holder may not sign this.
    """
    event = machine.begins[0]
    if number is not None:
        return _append(workspace, Case(id=number, machine=machine, alias=alias), event, details, holder, system)
    for _ in range(_TRIES):
        empty = Case(id=_number(workspace, machine), machine=machine, alias=alias)
        if empty.id in _numbers(workspace.ledger.log()):
            continue
        try:
            return _append(workspace, empty, event, details, holder, system)
        except Overtaken:  # somebody else drew the same number in the same moment
            continue
    raise Misused(f"{_TRIES} random numbers were all taken", "Try again; tell us if it happens twice.")


def step(
    workspace: Workspace, machine: Machine, id: str, event: str, details: Mapping[str, Any], holder: str
) -> Case:  # fmt: skip
    """Take a step in a case; the case after it.

    Raises:
        NotFound: no such case.
        NotAllowed: the step may not follow; nothing was written.
        Overtaken: another step was taken at the same moment; this one does not count.
        Refused: the holder may not sign this.
    """
    case = the_case(workspace.ledger.log(), machine, id)
    return _append(workspace, case, event, details, holder, None)


def _append(
    workspace: Workspace, case: Case, event: str, details: Mapping[str, Any], holder: str, system: str | None
) -> Case:  # fmt: skip
    machine = case.machine
    said = {name: value for name, value in details.items() if value is not None}
    problem = case.why_not(event, said) or machine.too_much(event, said)
    if problem:
        raise case.refused(problem)
    entry = workspace.ledger.append([workspace.sign(_statement(workspace, case, event, said, system), holder)])[0]
    after = the_case(workspace.ledger.log(), machine, case.id)
    if entry.digest not in {taken.digest for taken in after.steps}:
        raise Overtaken(case.id, event)
    return after


def _statement(
    workspace: Workspace, case: Case, event: str, said: Mapping[str, Any], system: str | None
) -> Statement:  # fmt: skip
    scope = {"system": system} if system else {"organisation": True}
    predicate = {
        "case": case.id, "matter": case.machine.matter, "event": event, "alias": case.alias, "after": case.head,
        "details": said, "observed_at": workspace.now(), "software": {"ombud": __version__}, **scope,
    }  # fmt: skip
    return Statement((Subject(case.id),), KIND, predicate)


def _number(workspace: Workspace, machine: Machine) -> str:
    return f"{machine.letter}-{''.join(workspace.context.random.choices(_DIGITS, k=6))}"


def _numbers(log: Log) -> set[str]:
    return {str(entry.statement.predicate["case"]) for entry in log.trusted(KIND)}
