"""Series in the terminal: on one scale of time, gaps stay gaps, and plain letters where there are no others."""

from datetime import timedelta
from typing import Any

from attrs import evolve

from ombud.documents.monitoring.facts import Alarm, ReportInput, Spot
from ombud.documents.monitoring.terminal import ASCII, HEIGHT, lines, plot
from watched import START, watched


def report(**series: list[float | None]) -> ReportInput:
    spots: dict[str, Any] = {
        name: tuple(
            Spot(start=START + timedelta(days=at), end=START + timedelta(days=at + 1), value=value, n=50)
            for at, value in enumerate(values)
        )
        for name, values in series.items()
    }
    return watched(series=spots, alarms=(), limits={})


def course(text: str, series: str) -> str:
    return next(line for line in text.splitlines() if line.startswith(series)).split()[1]


def test_a_rising_series_rises_and_an_unknown_window_is_a_gap() -> None:
    drawn = lines(report(auc=[0.5, 0.6, None, 0.8, 0.9]), 100)
    assert course(drawn, "auc") == "▁▂·▇█" and drawn.endswith(".900")


def test_series_that_begin_later_stand_under_their_windows() -> None:
    drawn = lines(report(auc=[0.5, 0.6, 0.7, 0.8], accuracy=[None, None, 0.6, 0.7]), 100)
    assert course(drawn, "accuracy") == "··▁█" and len(course(drawn, "auc")) == 4


def test_a_share_is_drawn_from_zero_so_that_noise_stays_small() -> None:
    assert course(lines(report(override_rate=[0.10, 0.101, 0.1]), 100), "override_rate") == "███"


def test_plain_letters_are_plain() -> None:
    assert lines(watched(), 100, ASCII).isascii()
    whole = watched()
    alone = evolve(whole, series={"impact_ratio[race=black]": whole.series["impact_ratio[race=black]"]})
    assert plot(alone, "impact_ratio[race=black]", 100, ASCII).replace("“", "").replace("”", "").isascii()


def test_two_years_fit_the_width_of_the_terminal_and_alarms_are_flagged() -> None:
    drawn = lines(watched(), 100).splitlines()
    assert all(len(line) <= 112 for line in drawn)
    assert [line.split()[0] for line in drawn if line.endswith("ALARM")] == ["impact_ratio[race=black]", "psi[income]"]


def test_a_plot_has_its_limit_intervals_dates_and_alarm() -> None:
    drawn = plot(watched(), "impact_ratio[race=black]", 100).splitlines()
    assert drawn[0].startswith("impact ratio of “black” (race), latest") and len(drawn) == HEIGHT + 3
    body = "\n".join(drawn[1:-2])
    assert "●" in body and "│" in body and "─" in body
    assert drawn[-2].strip() == "▲ alarm 2026-05-04, since about 2026-03-23"
    assert "2024-11-18" in drawn[-1]


def test_an_estimate_is_an_open_point() -> None:
    spots = watched().series["cbpe_accuracy"]
    drawn = plot(watched(series={"cbpe_accuracy": spots}, alarms=()), "cbpe_accuracy", 80)
    assert "○" in drawn and "●" not in drawn and "(estimated)" in drawn


def test_the_alarm_points_at_the_window_that_raised_it() -> None:
    at = START + timedelta(days=3)
    one = Alarm(series="auc", since=START, raised=at)
    drawn = plot(evolve(report(auc=[0.5] * 6), alarms=(one,)), "auc", 80).splitlines()
    assert drawn[-2].index("▲") - 9 == 2  # the third day ends when the alarm is raised


def test_nothing_to_draw_is_said() -> None:
    assert lines(report(auc=[None, None]), 80) == "no figures yet"
