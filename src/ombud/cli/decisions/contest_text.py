"""Contests in words for people: how long there is left, by which law, and where each stands."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from ombud.cases import Case
from ombud.cli.cases_text import steps_lines, steps_plain
from ombud.cli.rights.requests_text import printable
from ombud.decisions.contest import Stands
from ombud.decisions.contest_guards import becomes, review_of, reviewer_of
from ombud.decisions.contest_law import contest_laws
from ombud.decisions.contest_reviewers import Reviewer

_LONG = ("duties", "law_pack", "documents", "decided_by", "staff", "appointed")
_APPLIES = {"yes": "applies", "no": "does not apply, by what is declared", "not-yet": "not in force yet"}


def listed(found: Sequence[Stands]) -> str:
    """Contests with their clocks, one below the other."""
    return "\n".join(line for one in found for line in _lines(one)) if found else "no contest is open"


def shown(found: Stands, authority: Reviewer | None, notes: Mapping[str, str] | None) -> str:
    """One contest: where it stands, under which laws, who reviews it by what authority, its steps."""
    case = found.case
    duties = (f"  {_duty(row)}" for row in case.opened["duties"])
    named = [f"  {_authority(case, authority)}"] if reviewer_of(case) else []
    return "\n".join((*_lines(found), *duties, *named, *steps_lines(case, _LONG), *_private(notes)))


def steps_json(case: Case, authority: Reviewer | None) -> dict[str, Any]:
    """Steps, whose authority they rest on, and what does not count, for programs."""
    return {**steps_plain(case), "authority": authority.to_json() if authority else None}


def _lines(one: Stands) -> Iterator[str]:
    case, due = one.case, one.due
    flag = "LATE  " if one.late else ""
    first = f"{_left(one)}  " if due and not one.answered_at and not case.ended else ""
    yield f"{flag}{first}{case.id}  {case.opened['system']}: {case.state}{_outcome(case)}"
    when = f"; answer by {due['due']} ({contest_laws()[str(due['law'])].cite})" if due else "; law data holds no day"
    who = f"; given to {reviewer_of(case)}" if reviewer_of(case) else "; given to nobody"
    yield f"  received {str(case.opened['received_at'])[:10]}{when}{who}"


def _outcome(case: Case) -> str:
    review = review_of(case)
    if review is None:
        return ""
    new = becomes(case)
    return f"; {review.details['outcome']}" + (f", now {new[:16]}" if new else "")


def _left(one: Stands) -> str:
    assert one.due is not None, "asked only of contests with a day"
    rest: timedelta = datetime.fromisoformat(str(one.due["end"])) - one.at
    return f"{rest.days} d left" if rest > timedelta() else f"{(-rest).days} d late"


def _duty(row: Mapping[str, Any]) -> str:
    law = contest_laws()[str(row["law"])]
    head = f"{law.cite} ({law.certainty}, {law.certainty_words}): "
    if row["applies"] in ("no", "not-yet"):
        return f"{head}{_APPLIES[row['applies']]}"
    when = f"by {row['due']}, {row['timezone']}; {row['rule']}" if row.get("due") else str(row.get("rule", ""))
    asks = ", ".join(row.get("missing") or ())
    doubt = f"; may not apply: not declared: {asks}" if row["applies"] == "cannot-tell" else ""
    return f"{head}{when}{doubt}"


def _authority(case: Case, authority: Reviewer | None) -> str:
    if authority is None:
        return f"{reviewer_of(case)}: no authority is shown; nobody named them before they were given the case"
    trained = "training on record" if authority.training else "no training on record"
    return (f"{authority.name}: named by {authority.by} on {authority.since:%Y-%m-%d} (entry {authority.index}), "
            f"may change the decision; {trained}")  # fmt: skip


def _private(notes: Mapping[str, str] | None) -> Iterator[str]:
    for name, value in sorted((notes or {}).items()):
        yield from (f"  private, {name}: {line}" for line in printable(value).splitlines() or [""])
