"""What Prometheus and Grafana are given: parsed by Prometheus' own parser, bounded, and of nobody."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from prometheus_client.parser import text_string_to_metric_families
from typer.testing import CliRunner

from monitored import MANIFEST, Monitored, people
from ombud.cli.monitor import app
from ombud.errors import Misused, Unreadable
from ombud.monitor import metrics
from ombud.monitor.dashboard import PANELS, dashboard
from ombud.monitor.metrics import METRICS, exposition, samples, samples_or_down
from ombud.monitor.series import read

runner = CliRunner()


@pytest.fixture
def bank(tmp_path: Path) -> Monitored:
    return Monitored(tmp_path)


def told(bank: Monitored) -> dict[tuple[str, ...], float]:
    """Metric and labels → value, as Prometheus reads them."""
    text = exposition(bank.workspace, bank.system)
    return {
        (one.name, *one.labels.values()): one.value
        for family in text_string_to_metric_families(text)
        for one in family.samples
    }


def named(found: dict[tuple[str, ...], float], name: str) -> dict[tuple[str, ...], float]:
    return {labels: value for (metric, *labels), value in found.items() if metric == name for labels in [tuple(labels)]}


def test_before_the_first_run_only_what_is_certain_is_told(bank: Monitored) -> None:
    found = told(bank)
    assert found["ombud_monitor_windows", "loans"] == 0 and found["ombud_monitor_alarms_open", "loans"] == 0
    assert not named(found, "ombud_monitor_value") and not named(found, "ombud_monitor_last_window_end_seconds")


def test_the_newest_figures_are_told_with_their_intervals_and_age(bank: Monitored) -> None:
    bank.arrive(people(900, 0, 3))
    bank.watch(3.5)
    text, point = (
        exposition(bank.workspace, bank.system),
        read(bank.workspace, "loans")["selection_rate[race=black]"][-1],
    )
    labels = '{column="race",group="black",kind="selection_rate",system="loans"}'
    assert f"ombud_monitor_value{labels} {point.value}" in text and f"ombud_monitor_low{labels} {point.low}" in text
    found = told(bank)
    assert found["ombud_monitor_decisions", "loans"] == 900 and found["ombud_monitor_windows", "loans"] == 3
    assert found["ombud_monitor_last_window_end_seconds", "loans"] == point.end.timestamp()
    assert any(name == "ombud_monitor_limit" and value == 0.8 for (name, *_), value in found.items())


def test_an_alarm_is_told_until_its_incident_is_closed(bank: Monitored) -> None:
    bank.arrive(people(1_500, 0, 30))
    bank.arrive(people(1_500, 30, 30, seed=2, black=0.1))
    done = bank.watch(61)
    found = told(bank)
    assert found["ombud_monitor_alarms_open", "loans"] == len(done.alarms) > 0
    assert sum(named(found, "ombud_monitor_alarm").values()) == len(done.alarms)


def test_every_metric_is_described_and_has_the_labels_it_says(bank: Monitored) -> None:
    bank.arrive(people(900, 0, 3))
    bank.watch(3.5)
    for name, labels, _ in samples(bank.workspace, bank.system):
        assert name in METRICS and len(labels) == len(METRICS[name][1])
    pairs = [(name, labels) for name, labels, _ in samples(bank.workspace, bank.system)]
    assert len(pairs) == len(set(pairs))  # Prometheus refuses a sample that comes twice


def test_no_metric_names_a_person_or_a_group_of_few(bank: Monitored) -> None:
    few = [row | {"race": "sikh", "id": f"secret-{n}"} for n, row in enumerate(people(4, 0, 1, seed=8))]
    bank.arrive([*people(300, 0, 1), *few])
    bank.watch(1.5)
    text = exposition(bank.workspace, bank.system)
    assert "sikh" not in text and "secret" not in text and "white" in text


def test_a_column_of_many_values_is_no_flood(bank: Monitored, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "MOST_SERIES", 5)
    bank.arrive(people(300, 0, 1))
    bank.watch(1.5)
    found = told(bank)
    assert len(named(found, "ombud_monitor_value")) == 5 and found["ombud_monitor_series_left_out", "loans"] > 5


def test_names_of_any_letters_are_escaped(tmp_path: Path) -> None:
    bank = Monitored(tmp_path, declared=False)
    bank.arrive([row | {"race": 'a"b\\c\nd' if row["race"] == "black" else "white"} for row in people(300, 0, 1)])
    bank.watch(1.5)
    groups = {labels[1] for labels in named(told(bank), "ombud_monitor_value")}
    assert any('a"b\\c\nd' in labels for labels in named(told(bank), "ombud_monitor_value")), groups


def test_a_scrape_of_a_store_that_is_away_says_down_and_nothing_else(
    bank: Monitored, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any) -> Any:
        raise Unreadable("the store", "it is away")

    monkeypatch.setattr(metrics, "samples", away)
    assert samples_or_down(bank.workspace, bank.system) == (("ombud_monitor_up", ("loans",), 0.0),)


# --- verbs ------------------------------------------------------------------------------------------------------------


def test_a_file_is_written_whole_and_over_the_old_one(bank: Monitored) -> None:
    path = bank.root / "ombud.prom"
    path.write_text("old" * 100_000, encoding="utf-8")
    result = runner.invoke(app, ["metrics", str(bank.root / "ombud.yaml"), "--out", str(path)], catch_exceptions=False)
    assert result.exit_code == 0 and result.stdout == ""
    assert list(text_string_to_metric_families(path.read_text(encoding="utf-8")))
    assert path.stat().st_mode & 0o444 == 0o444 and not list(bank.root.glob(".ombud.prom*"))


def test_printing_and_serving_at_once_is_refused(bank: Monitored) -> None:
    words = ["metrics", str(bank.root / "ombud.yaml"), "--out", "a.prom", "--serve", "0"]
    with pytest.raises(Misused, match="written or served"):
        runner.invoke(app, words, catch_exceptions=False)


def test_a_scrape_over_http_is_answered_on_this_machine_alone_and_sees_new_windows(bank: Monitored) -> None:
    words = [
        sys.executable,
        "-m",
        "ombud.cli.main",
        "monitor",
        "metrics",
        str(bank.root / "ombud.yaml"),
        "--serve",
        "0",
    ]
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True) as server:
        try:
            assert server.stderr is not None
            address = server.stderr.readline().strip()
            assert address.startswith("http://127.0.0.1:") and address.endswith("/metrics")
            assert 'ombud_monitor_windows{system="loans"} 0.0' in urlopen(address, timeout=30).read().decode()
            bank.arrive(people(300, 0, 1))
            bank.watch(1.5)
            assert 'ombud_monitor_windows{system="loans"} 1.0' in urlopen(address, timeout=30).read().decode()
        finally:
            server.terminate()


# --- Grafana ----------------------------------------------------------------------------------------------------------


def test_every_query_of_the_dashboard_names_metrics_and_labels_that_exist() -> None:
    made = json.loads(dashboard())
    asked = [target["expr"] for panel in made["panels"] for target in panel["targets"]]
    asked += [one["query"]["query"] for one in made["templating"]["list"] if one["type"] == "query"]
    assert len(asked) > len(PANELS)
    for expr in asked:
        names = re.findall(r"ombud_[a-z_]+", expr)
        assert names and all(name in METRICS for name in names), expr
        for name, labels in re.findall(r"(ombud_[a-z_]+)\{([^}]*)\}", expr):
            assert set(re.findall(r"(\w+)=~?\"", labels)) <= set(METRICS[name][1]), expr
    for panel in made["panels"]:
        legends = " ".join(target["legendFormat"] for target in panel["targets"])
        used = {label for target in panel["targets"] for name in re.findall(r"ombud_[a-z_]+", target["expr"])
                for label in METRICS[name][1]}  # fmt: skip
        assert set(re.findall(r"\{\{(\w+)\}\}", legends)) <= used


def test_the_kinds_that_the_dashboard_asks_for_are_kinds_that_windows_have(bank: Monitored) -> None:
    bank.arrive(people(900, 0, 3))
    bank.watch(3.5)
    kinds = {labels[2] for labels in named(told(bank), "ombud_monitor_value")} | {"gap_hours", "cbpe_accuracy", "auc"}
    for expr in re.findall(r'kind=~?\\"([^"\\]+)\\"', dashboard()):
        assert all(any(re.fullmatch(one, kind) for kind in kinds) for one in expr.split("|")), expr


def test_panels_lie_beside_and_below_each_other_and_never_over() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in json.loads(dashboard())["panels"]:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert at["x"] + at["w"] <= 24 and not cells & taken
        taken |= cells


def test_what_was_injected_is_a_metric(tmp_path: Path) -> None:
    marked = MANIFEST.replace("{wait: 1h}", "{wait: 1h, injected: {since: 2026-09-01, what: for show}}")
    assert told(Monitored(tmp_path, manifest=marked, declared=False))["ombud_monitor_injected", "loans"] == 1
