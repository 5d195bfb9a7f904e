"""A table of what may follow what, read from a file with its mistakes told by line."""

from pathlib import Path
from typing import Any

import pytest

from ombud.cases import Case, Machine, read_machine
from ombud.errors import Invalid

TABLE = """\
matter: contest
letter: C
listed_by: ombud matters
shown_by: ombud matters show
begins: {event: opened, state: open}
ended: [closed]
fields: {on: day, size: count}
events:
  opened: {must: [on]}
  looked: {may: [size]}
  closed: {must: [size]}
table:
  - {from: [open], on: looked}
  - {from: [open], on: closed, to: closed, if: [small]}
"""


def small(_case: Case, details: Any) -> str | None:
    return None if details["size"] < 10 else "it is too large"


def machine(folder: Path, text: str = TABLE) -> Machine:
    (folder / "table.yaml").write_text(text)
    return read_machine(folder / "table.yaml", {"small": small})


def test_the_table_says_what_may_follow(tmp_path: Path) -> None:
    read = machine(tmp_path)
    assert read.states == ("open", "closed")
    assert read.next_events("open") == ("looked", "closed") and read.next_events("closed") == ()
    case = Case(id="C-000000", machine=read, state="open")
    assert read.why_not(case, "looked", {}) is None
    assert read.why_not(case, "closed", {"size": 9}) is None
    assert read.why_not(case, "closed", {"size": 10}) == "it is too large"
    assert read.why_not(case, "closed", {}) == "'closed' lacks size"
    assert "is not a count" in str(read.why_not(case, "closed", {"size": "9"}))
    assert "cannot follow" in str(read.why_not(case, "opened", {"on": "2026-11-23"}))


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("if: [small]", "if: [smal]", 15),
        ("on: looked}", "on: lookd}", 14),
        ("must: [size]", "must: [sizes]", 12),
        ("size: count", "size: counts", 8),
        ("  - {from: [open], on: looked}\n", "  - {from: [open], on: looked}\n  - {from: [open], on: looked}\n", 15),
        ("begins: {event: opened, ", "begins: {event: open, ", 5),
    ],
)
def test_a_mistake_in_the_table_is_told_with_its_line(tmp_path: Path, old: str, new: str, line: int) -> None:
    assert old in TABLE
    with pytest.raises(Invalid) as refused:
        machine(tmp_path, TABLE.replace(old, new))
    assert refused.value.line in (line, line - 1)
