import os
from pathlib import Path

import pytest
from rich.cells import cell_len

from ombud.documents.render import render
from report_factory import HOSTILE, hostile_report, small_report

GOLDEN = Path(__file__).parents[2] / "golden" / "report.txt"


def test_the_report_reads_as_it_did() -> None:
    said = render(small_report(), "text", colour=False, width=80)
    if os.environ.get("GOLDEN") == "write":
        GOLDEN.write_text(said, encoding="utf-8")
    assert said == GOLDEN.read_text(encoding="utf-8"), "changed on purpose? GOLDEN=write pytest tests/unit/documents"


@pytest.mark.parametrize("width", [60, 80, 100])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    lines = render(hostile_report(), "text", colour=False, width=width).splitlines()
    assert max(cell_len(line) for line in lines) <= width


def test_without_a_terminal_there_are_no_colours() -> None:
    assert "\x1b" not in render(small_report(), "text", colour=False)


def test_with_a_terminal_there_are() -> None:
    assert "\x1b[" in render(small_report(), "text", colour=True, width=80)


def test_terminal_sequences_in_names_reach_no_terminal() -> None:
    assert "\x1b" not in render(hostile_report(), "text", colour=False)


def test_markup_in_names_is_not_obeyed() -> None:
    assert "[bold red]x[/]" in render(hostile_report(), "text", colour=False, width=400)


def test_numbers_keep_their_signs() -> None:
    lines = render(small_report(), "text", colour=False, width=80).splitlines()
    assert not any(line.strip().startswith(("% ", "= ", "< ")) for line in lines)


def test_right_to_left_names_are_isolated() -> None:
    assert f"\u2068{HOSTILE[6]}\u2069" in render(hostile_report(), "text", colour=False, width=400)
