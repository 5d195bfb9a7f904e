"""Requests in words for people; nothing that names the person unless it was asked for."""

from collections.abc import Iterator, Mapping

from ombud.law.requests import book
from ombud.rights.due import Due
from ombud.rights.receive import Received
from ombud.rights.request_clocks import RequestClock


def received_text(received: Received, due: Due) -> str:
    """What came of a receipt."""
    opened = received.case.opened
    head = f"{received.case.id}: {opened['right']}, under {_laws(opened['laws'])}"
    return "\n".join((head, *(f"  {_clock(one, due)}" for one in due.clocks if one.counts),
                      *(f"  note: {one}" for one in received.remarks)))  # fmt: skip


def due_text(open_requests: tuple[Due, ...]) -> str:
    """The open requests, the most urgent first."""
    if not open_requests:
        return "no request is open"
    return "\n".join(line for one in open_requests for line in _due(one))


def show_text(due: Due, private: Mapping[str, str] | None) -> str:
    """One request: where it stands, its clocks and its steps."""
    return "\n".join((*_due(due), *_steps(due), *_ignored(due), *_private(private)))


def _due(one: Due) -> Iterator[str]:
    opened, first = one.case.opened, one.next
    flag = "OVERDUE  " if one.overdue else ""
    when = f"{first.day}  " if first else ""
    yield f"{flag}{when}{one.case.id}  {opened['right']}, {one.case.state}, under {_laws(opened['laws'])}"
    yield from (f"  {_clock(clock, one)}" for clock in one.clocks if clock.counts)
    if opened.get("repeats"):
        yield f"  asked for before: {', '.join(opened['repeats'])}"
    if one.beside:
        yield f"  open beside it: {', '.join(one.beside)}"


def _clock(clock: RequestClock, due: Due) -> str:
    head = f"{clock.law} {clock.what}: "
    if clock.problem:
        return f"{head}cannot be counted: {clock.problem}"
    if clock.result is None or clock.result.target is None:
        return f"{head}no number in law data ({clock.duty.cite}, {clock.certainty_words})"
    if clock.settled:
        return f"{head}done{', late' if clock.result.late(due.at) else ''}"
    said = f"by {clock.result.legal}" if clock.result.legal else f"stands still; before that {clock.result.target}"
    target = clock.result.target
    cautious = f", better {target}" if clock.result.legal and target != clock.result.legal else ""
    longer = f"; to {clock.prolonged_to} if told by {clock.prolong_by}" if clock.prolong_by else ""
    late = "  OVERDUE" if clock.overdue(due.at) else ""
    cite = clock.result.rule.requirement or clock.duty.cite
    return f"{head}{said}{cautious}{longer} ({cite}, {clock.certainty_words}){late}"


def _steps(due: Due) -> Iterator[str]:
    yield "steps:"
    for step in due.case.steps:
        said = ", ".join(f"{name}: {_short(value)}" for name, value in step.details.items() if name not in _LONG)
        yield f"  {step.at:%Y-%m-%d %H:%M} UTC  {step.event}  by {step.holder}{f'  ({said})' if said else ''}"


_LONG = ("zones", "law_data", "map", "evidence", "documents")


def _short(value: object) -> str:
    if isinstance(value, list | tuple):
        return "; ".join(_short(one) for one in value) or "none"
    if isinstance(value, Mapping):
        return " ".join(_short(one) for one in value.values() if one not in (None, "", [], ()))
    return str(value)


def _ignored(due: Due) -> Iterator[str]:
    for one in due.case.ignored:
        yield f"  does not count: entry {one.index}, {one.event}: {one.because}"


def _private(private: Mapping[str, str] | None) -> Iterator[str]:
    if private is None:
        return
    yield "private:"
    for name, value in sorted(private.items()):
        yield from (f"  {name}: {line}" for line in printable(value).splitlines() or [""])


def printable(text: str) -> str:
    """Text of unknown origin without what a terminal would obey: escape sequences, backspaces, turned direction."""
    return "".join(letter if letter.isprintable() or letter == "\n" else "�" for letter in text)


def _laws(keys: object) -> str:
    names = [book().laws[str(key)].title for key in keys] if isinstance(keys, list | tuple) else []
    return " and ".join(names)
