"""`ombud monitor`: what it prints, and with which code it ends."""

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from monitored import MANIFEST, Monitored, people
from ombud.cli.monitor import app, go_on
from ombud.errors import Misused, Unreadable
from ombud.monitor.watched import Watched

runner = CliRunner()


@pytest.fixture
def bank(tmp_path: Path) -> Monitored:
    made = Monitored(tmp_path)
    made.arrive(people(300, 0, 3))
    return made


def ran(*words: str) -> Any:
    return runner.invoke(app, list(words), catch_exceptions=False)


def test_a_run_tells_what_it_counted_and_ends_with_zero(bank: Monitored) -> None:
    result = ran("run", str(bank.root / "ombud.yaml"), "--until", "2026-09-04")
    assert result.exit_code == 0
    assert "loans: 3 windows counted, 2026-09-01 to 2026-09-03, 300 decisions" in result.stdout
    assert "2026-09-04 is not over: 0 decisions so far, not judged" in result.stdout
    assert "no new alarm" in result.stdout
    assert "no window is new or changed" in ran("run", str(bank.root / "ombud.yaml"), "--until", "2026-09-04").stdout


def test_json_holds_every_window_with_its_series(bank: Monitored) -> None:
    said = json.loads(ran("run", str(bank.root / "ombud.yaml"), "--until", "2026-09-04", "--format", "json").stdout)
    assert [one["rows"] > 0 for one in said["windows"]] == [True] * 3
    assert set(said["windows"][0]["series"]["selection_rate"]) == {"value", "low", "high", "n", "estimate"}


def test_status_shows_the_newest_figure_of_each_series(bank: Monitored) -> None:
    manifest = str(bank.root / "ombud.yaml")
    assert "nothing was monitored yet" in ran("status", manifest).stdout
    ran("run", manifest, "--until", "2026-09-04")
    assert "selection_rate[race=black]" in ran("status", manifest).stdout
    only = json.loads(ran("status", manifest, "--series", "psi", "--format", "json").stdout)
    assert set(only["series"]) == {"psi[income]", "psi[region]"}


@pytest.mark.parametrize(("name", "begins"), [("a.html", b"<!doctype html>"), ("a.pdf", b"%PDF"), ("a.json", b"{")])
def test_a_report_is_written_as_its_name_says(bank: Monitored, name: str, begins: bytes) -> None:
    manifest = str(bank.root / "ombud.yaml")
    ran("run", manifest, "--until", "2026-09-04")
    path = bank.root / name
    assert ran("report", manifest, "--out", str(path)).stdout == f"written: {path}\n"
    assert path.read_bytes().lstrip().startswith(begins)


def test_a_report_is_printed_in_words(bank: Monitored) -> None:
    said = ran("report", str(bank.root / "ombud.yaml")).stdout
    assert "loans: Nothing has been monitored yet." in said and "what is not known:" in said


def test_a_report_whose_form_nobody_said_is_refused(bank: Monitored) -> None:
    for words, why in ((("--out", "a.doc"), "does not say what to write"), (("--format", "pdf"), "not printed")):
        with pytest.raises(Misused, match=why):
            ran("report", str(bank.root / "ombud.yaml"), *words)


def test_series_are_drawn_and_one_alone_is_a_plot(bank: Monitored) -> None:
    manifest = str(bank.root / "ombud.yaml")
    assert ran("show", manifest).stdout == "no figures yet\n"
    ran("run", manifest, "--until", "2026-09-04")
    assert "selection_rate[race=black]" in ran("show", manifest).stdout
    plotted = ran("show", manifest, "--series", "impact_ratio", "--ascii").stdout
    assert "limit" not in plotted and "*" in plotted and "2026-09-01" in plotted
    only = json.loads(ran("show", manifest, "--series", "psi", "--format", "json").stdout)
    assert set(only["series"]) == {"psi[income]", "psi[region]"}


def test_decisions_that_cannot_be_read_end_with_three(bank: Monitored) -> None:
    (bank.root / "live" / "broken.parquet").write_bytes(b"PAR1")
    result = ran("run", str(bank.root / "ombud.yaml"), "--until", "2026-09-04")
    assert result.exit_code == 3 and "not a complete Parquet file" in result.stderr


def test_a_time_to_wait_that_is_none_is_refused(bank: Monitored) -> None:
    with pytest.raises(Misused, match="no time to wait"):
        ran("run", str(bank.root / "ombud.yaml"), "--watch", "--every", "often")


def test_watching_goes_on_after_a_look_that_failed(capsys: pytest.CaptureFixture[str]) -> None:
    looks: list[Any] = [Watched(system="a"), Unreadable("the table", "it is away"), Watched(system="b")]
    shown: list[str] = []
    waited: list[float] = []

    def look() -> Watched:
        one = looks.pop(0)
        if isinstance(one, Exception):
            raise one
        return one

    go_on(look, lambda done: shown.append(done.system), 60, waited.append, times=3)
    assert shown == ["a", "b"] and waited == [60, 60, 60]
    assert "it is away" in capsys.readouterr().err


def test_help_has_examples() -> None:
    for verb in ("run", "status", "report", "show", "metrics", "dashboard"):
        assert "Examples:" in ran(verb, "--help").stdout
    assert isinstance(app, typer.Typer) and "decisions: {table: live}" in MANIFEST
