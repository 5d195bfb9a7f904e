"""A monitoring report as page, paper, words and JSON: what is in it, what is left out, and what is marked."""

import json
import re
from datetime import timedelta

import pytest
from attrs import evolve

from ombud.documents.monitoring.chapters import numbers, parts
from ombud.documents.monitoring.facts import Spot, without_small_groups
from ombud.documents.monitoring.names import name_of
from ombud.documents.monitoring.page import html
from ombud.documents.monitoring.plain import machine, text
from ombud.documents.monitoring.printed import paper
from ombud.documents.paper import Paper, Picture, Table
from ombud.errors import Misused
from watched import START, watched


@pytest.fixture(scope="module")
def page() -> str:
    return html(watched())


@pytest.fixture(scope="module")
def printed() -> Paper:
    return paper(watched())


def test_chapters_are_read_in_the_order_of_what_matters_to_people(page: str) -> None:
    heads = re.findall(r'<h2 id="[\w-]+"[^>]*>([^<]+)</h2>', page)
    assert heads == [
        "2 alarms are open", "Groups compared", "Selection rates by group", "Drift of the data", "Quality of the data",
        "Performance", "What people change", "Gaps in the record", "What happened", "How it is watched",
    ]  # fmt: skip


def test_every_figure_of_a_drawing_is_in_the_table_beside_it() -> None:
    report = watched()
    rates = next(f for part in parts(report) for f in part.figures if f.title == "Selection rate by race")
    table = numbers(rates)
    drawn = {spot.start for panel in rates.panels for spot in panel.all}
    assert len(table.rows) == len(drawn) and table.heads[0] == "window from"
    newest = report.series["selection_rate[race=white]"][-1]
    assert f"n {newest.n:,}" in table.rows[0][1]


def test_estimates_are_marked_wherever_they_are(page: str, printed: Paper) -> None:
    assert "dotted line: estimated, before labels are there" in page and ", estimated</td>" in page
    accuracy = next(part for part in printed.parts if isinstance(part, Table) and part.caption.startswith("Accuracy"))
    assert accuracy.rows[0][2].endswith("estimated")  # type: ignore[union-attr]


def test_what_was_injected_is_marked_at_the_head_in_the_drawings_and_in_words(page: str, printed: Paper) -> None:
    assert "<b>Injected.</b> From" in page and ">injected</text>" in page
    assert "INJECTED From 2026-03-23 on" in text(watched())
    assert any(getattr(part, "title", "") == "Injected" for part in printed.parts)


def test_a_group_of_few_people_has_gaps_and_the_report_says_how_many() -> None:
    shown = without_small_groups(watched())
    small = [spot for spot in shown.series["selection_rate[race=other]"] if spot.value is None]
    assert small and all(spot.n == 0 for spot in small)
    assert any(one.endswith("people are left out, and shown as gaps.") for one in shown.unknown)


def test_a_group_that_is_always_too_small_is_not_named_anywhere() -> None:
    few = tuple(Spot(start=START, end=START + timedelta(days=7), value=0.5, n=3) for _ in range(1))
    report = watched()
    report = evolve(report, series={**report.series, "selection_rate[race=sikh]": few})
    for written in (html(report), text(report), machine(report), str(paper(report))):
        assert "sikh" not in written


def test_limits_say_whose_they_are(page: str) -> None:
    assert "at least .800, set by policy (declaration 5f0c5f0c), number borrowed from 29 CFR 1607.4(D)" in page


def test_a_printed_report_draws_a_few_series_a_picture_and_lists_the_newest_windows(printed: Paper) -> None:
    pictures = [part for part in printed.parts if isinstance(part, Picture)]
    assert all(picture.alternative and "var(" not in picture.svg for picture in pictures)
    tables = [part for part in printed.parts if isinstance(part, Table) and "of 102 windows" in part.caption]
    assert tables and all(len(table.rows) == 26 for table in tables)


def test_json_holds_every_window_of_every_series() -> None:
    report = watched()
    said = json.loads(machine(report))
    assert set(said["series"]) == set(report.series)
    assert len(said["series"]["psi[income]"]) == len(report.series["psi[income]"])
    assert said["alarms"][0]["series"] == "impact_ratio[race=black]" and said["false_alarm_rate"] == 0.01


def test_names_from_data_stay_text() -> None:
    evil = "selection_rate[race=</svg><script>alert(1)</script>]"
    spots = watched().series["selection_rate[race=black]"]
    made = html(watched(series={evil: spots}, alarms=(), limits={}))
    assert "<script" not in made and "&lt;script&gt;" in made


@pytest.mark.parametrize("series", ["", "[", "psi[", "selection_rate[race=a=b]", "selection_rate[]", "x" * 500])
def test_any_name_of_a_series_can_be_shown(series: str) -> None:
    assert name_of(series).called and name_of(series).short


def test_windows_out_of_order_are_refused() -> None:
    spots = watched().series["gap_hours"]
    with pytest.raises(Misused, match="not in the order of time"):
        watched(series={"gap_hours": spots[::-1]})


def test_nothing_monitored_makes_a_page_that_says_so() -> None:
    empty = watched(series={}, alarms=(), changes=(), demonstration="", unknown=("Nothing was monitored yet.",))
    assert "Nothing seen yet" in html(empty) and "Nothing was monitored yet." in str(paper(empty))
