"""The law as the command line shows it: by what was published, through which instrument, and with law of one's own."""

from pathlib import Path
from typing import Any

import pytest

from doors import inside, obeyed, ombud

HIGH_RISK = ("AIA.9", "AIA.10.2", "AIA.11", "AIA.13", "AIA.14", "AIA.15.1", "AIA.26.1-2", "AIA.27.1")
"""Duties of provider and deployer that were to bind from 2 August 2026 and were put off a week before."""

EITHER_WAY = ("GDPR.22.1", "GDPR.15.1.h")

OWN_LAW = """\
framework: house-rules
title: A rule made for this test
cite: House rule 1
href: https://example.org/house
binding: law
in_pack_since: 2020-01-01
when: {{jurisdiction: [EU]}}
versions:
  - {{published: 2020-01-01, instrument: House rule 1, status: in_force, applies: [{{from: 2020-01-01}}]}}
requirements:
  HOUSE.RATE:
    title: Enough people are accepted
    text: The rate of acceptance has a floor in every group.
    cite: s. 1
    certainty: V
    owner: ml
    due: continuous
    shown_by: {{all_of: [{{check: fairness.selection_rates, strength: direct}}]}}
    limits:
      - {{check: fairness.selection_rates, measurement: selection_rate, op: ">=", value: "{floor}", origin: law,
         unit: "1", since: 2020-01-01}}
"""


@pytest.fixture
def manifest(demo: Path) -> Path:
    """The demo's system, which nobody has used yet and which its bank both provides and deploys."""
    return demo / "ombud.yaml"


def applies(manifest: Path, known_at: str) -> dict[str, Any]:
    words = ("law", "applies", manifest, "--as-of", "2026-08-03", "--known-at", known_at, "--format", "json")
    done = ombud(*words, at=manifest.parent)
    assert done.code == 0, done.err
    return {row["id"]: row for row in done.json["requirements"]}


def test_before_the_deferral_was_published_high_risk_duties_bound_from_august_2026(manifest: Path) -> None:
    before, after = applies(manifest, "2026-07-01"), applies(manifest, "2026-07-28")
    assert {id: before[id]["applies"] for id in HIGH_RISK} == dict.fromkeys(HIGH_RISK, "yes")
    assert {before[id]["bites_from"] for id in HIGH_RISK} == {"2026-08-02"}
    assert {id: after[id]["applies"] for id in HIGH_RISK} == dict.fromkeys(HIGH_RISK, "no")
    assert all("2027-12-02" in after[id]["because"] for id in HIGH_RISK)
    assert {view[id]["applies"] for id in EITHER_WAY for view in (before, after)} == {"yes"}
    assert {"id", "applies", "because", "upcoming", "bites_from", "missing_facts"} <= after["AIA.9"].keys()


def test_a_system_whose_first_use_is_not_declared_cannot_be_told_of_once_the_date_has_come(manifest: Path) -> None:
    said = manifest.read_text(encoding="utf-8").replace("in_use_since: 2026-11-01\n", "")
    manifest.write_text(said.replace("design_changed: null\n", ""), encoding="utf-8")
    words = ("law", "applies", manifest, "--as-of", "2028-01-01", "--format", "json")
    rows = {row["id"]: row for row in obeyed(*words, at=manifest.parent).json["requirements"]}
    assert rows["AIA.9"]["applies"] == "cannot tell" and "in_use_since" in rows["AIA.9"]["missing_facts"]


def test_the_difference_names_the_instrument(manifest: Path) -> None:
    words = ("law", "diff", "--from", "2026-07-01", "--to", "2026-07-28", "--as-of", "2026-08-03")
    done = ombud(*words, manifest, "--format", "json", at=manifest.parent)
    assert done.code == 0
    changed = {change["id"]: change for change in done.json["changes"]}
    assert set(HIGH_RISK) <= changed.keys()
    assert "Regulation (EU) 2026/1744" in str(changed["AIA.9"])
    assert "Regulation (EU) 2026/1744" in obeyed(*words, at=manifest.parent).out


def test_the_status_of_a_past_day_is_told_by_what_was_known_then(demo: Path) -> None:
    done = obeyed("status", "ombud-demo/ombud.yaml", "--as-of", "2020-01-01", "--format", "json", at=demo.parent)
    assert {row["state"] for row in done.json["status"]} == {"unknown"}
    assert {row["because"] for row in done.json["status"]} == {"nothing was declared of this system"}


def test_a_preview_lists_what_will_switch_on(demo: Path) -> None:
    manifest = demo / "ombud.yaml"
    manifest.write_text(
        manifest.read_text(encoding="utf-8").replace("design_changed: null", "design_changed: 2027-12-24"),
        encoding="utf-8",
    )
    inside("check", "--as", "ml-engineer", at=demo)
    words = ("status", "--format", "json", "--as-of")
    today = {row["id"]: row for row in obeyed("status", "--format", "json", at=demo).json["status"]}
    then = {row["id"]: row for row in obeyed(*words, "2028-01-01", at=demo).json["status"]}
    assert today["AIA.9"]["state"] in ("upcoming", "not applicable")
    assert then["AIA.9"]["state"] in ("unknown", "partly shown", "stale")


# --- law of one's own -------------------------------------------------------------------------------------------------


def own_law(folder: Path, floor: str) -> Path:
    """A folder with one law: a floor under every group's rate of acceptance."""
    law = folder / f"law-{floor.replace('/', '-')}"
    law.mkdir()
    (law / "house-rules.yaml").write_text(OWN_LAW.format(floor=floor), encoding="utf-8")
    return law


def state(folder: Path, law: Path) -> str:
    rows = obeyed("status", "--law", law, "--format", "json", at=folder).json["status"]
    return next(row["state"] for row in rows if row["id"] == "HOUSE.RATE")


def test_new_law_judges_an_old_measurement_without_a_new_run(passing: Path, tmp_path: Path) -> None:
    before = obeyed("ledger", "verify", "--format", "json", at=passing).json["size"]
    rows = obeyed("status", "--format", "json", at=passing).json["status"]
    assert "HOUSE.RATE" not in {row["id"] for row in rows}
    assert state(passing, own_law(tmp_path, "1/2")) == "shown", "both groups are at .70"
    assert state(passing, own_law(tmp_path, "3/4")) == "not shown"
    assert obeyed("ledger", "verify", "--format", "json", at=passing).json["size"] == before


def test_new_law_stops_at_the_gate_what_passed_before_it(passing: Path, tmp_path: Path) -> None:
    assert ombud("gate", at=passing).code == 0
    assert ombud("gate", "--law", own_law(tmp_path, "1/2"), at=passing).code == 0
    done = ombud("gate", "--law", own_law(tmp_path, "3/4"), at=passing)
    assert done.code == 1 and "fairness.selection_rates: selection_rate (sex: female)" in done.out


def test_a_law_that_cannot_be_read_is_refused_with_its_line(passing: Path, tmp_path: Path) -> None:
    law = own_law(tmp_path, "1/2")
    text = (law / "house-rules.yaml").read_text(encoding="utf-8").replace("owner: ml", "owner: nobody")
    (law / "house-rules.yaml").write_text(text, encoding="utf-8")
    done = ombud("status", "--law", law, at=passing)
    assert done.code == 2 and "house-rules.yaml:" in done.err and "nobody" in done.err


def test_a_folder_without_law_is_refused(passing: Path, tmp_path: Path) -> None:
    done = ombud("status", "--law", tmp_path / "nowhere", at=passing)
    assert done.code == 2 and "nowhere" in done.err
