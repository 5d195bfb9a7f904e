"""`ombud law`: what people and programs get, and how it ends."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ombud.cli.law import app
from ombud.errors import OmbudError

DATES = ["--as-of", "2026-08-03", "--known-at", "2026-07-28"]
FACTS = [
    "jurisdiction=DE", "role=controller,provider,deployer,creditor", "use_case=mortgage", "decision=automated",
    "solely_automated=yes", "significant=yes", "about_people=yes", "personal_data=yes", "profiling=yes", "trained=yes",
    "annex_iii=yes", "annex_iii_point=5b", "annex_i=no", "exemption_claimed=no", "public_body=no",
    "in_use_since=2026-08-02", "design_changed=never", "exempt=",
]  # fmt: skip
GIVEN = [word for fact in FACTS for word in ("--fact", fact)]


def law(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments), catch_exceptions=True)


def said(*arguments: str):
    done = law(*arguments, "--format", "json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def refused(*arguments: str) -> OmbudError:
    done = law(*arguments)
    assert isinstance(done.exception, OmbudError), done.exception
    return done.exception


def answers(*arguments: str) -> dict[str, dict[str, object]]:
    return {row["id"]: row for row in said("applies", *GIVEN, *arguments)["requirements"]}


def test_applies_says_for_every_row_yes_no_or_cannot_tell_with_the_reason() -> None:
    rows = answers(*DATES)
    assert {row["applies"] for row in rows.values()} <= {"yes", "no", "cannot tell"}
    assert all(row["because"] for row in rows.values())
    for key in ("id", "applies", "because", "upcoming", "bites_from", "missing_facts"):
        assert key in rows["GDPR.22.1"]


def test_applies_differs_by_what_was_published() -> None:
    before = answers("--as-of", "2026-08-03", "--known-at", "2026-07-01")
    after = answers("--as-of", "2026-08-03", "--known-at", "2026-07-28")
    assert (before["AIA.9"]["applies"], after["AIA.9"]["applies"]) == ("yes", "no")
    assert before["GDPR.22.1"]["applies"] == after["GDPR.22.1"]["applies"] == "yes"


def test_applies_names_law_pack_and_days() -> None:
    head = said("applies", *GIVEN, *DATES)
    assert (head["as_of"], head["known_at"]) == ("2026-08-03", "2026-07-28")
    assert len(head["law_pack"]) == 64
    assert head["facts"]["jurisdiction"] == ["DE", "EEA", "EU"]


def test_applies_in_words_puts_what_binds_first_and_hides_what_does_not() -> None:
    shown = law("applies", *GIVEN, *DATES).stdout
    assert shown.startswith("Law in force on 2026-08-03, as published by 2026-07-28")
    assert shown.index("\napplies:") < shown.index("\nupcoming:")
    assert "CCPA.105" not in shown
    assert "CCPA.105" in law("applies", *GIVEN, *DATES, "--all").stdout


def test_what_cannot_be_told_is_gathered_under_the_facts_that_would_decide_it() -> None:
    shown = law("applies", *GIVEN, *DATES).stdout
    assert "\n  not declared: adopted (" in shown
    undecided = shown[shown.index("\ncannot tell:") :]
    assert undecided.index("not declared: adopted (") < undecided.index("not declared: uses_processors (")


def test_applies_of_nobody_is_refused() -> None:
    assert "about whom?" in str(refused("applies"))


@pytest.mark.parametrize(
    ("fact", "problem", "step"),
    [
        ("rol=provider", "there is no fact 'rol'", "Did you mean role?"),
        ("role=providr", "role cannot be 'providr'", "Did you mean provider?"),
        ("role", "'role' is not a fact", "Write it as role=provider."),
        ("in_use_since=yesterday", "in_use_since cannot be 'yesterday'", "Write a date as 2026-11-23, or never."),
    ],
)
def test_a_slip_in_a_fact_is_named(fact: str, problem: str, step: str) -> None:
    error = refused("applies", "--fact", fact)
    assert str(error) == problem
    assert step in error.next_step


def test_list_says_how_many_rows_a_check_moves_and_that_nobody_has_read_any() -> None:
    shown = law("list", *DATES).stdout
    counted = said("list", *DATES)
    assert f"A check measures something for {counted['moved_by_checks']};" in shown
    assert 0 < counted["moved_by_checks"] < len(counted["requirements"])
    assert "No row was read against the official text by a person yet" in shown
    assert {row["certainty"] for row in counted["requirements"]} == {"not yet read", "not yet read, unchecked"}


def test_list_of_a_law_that_does_not_exist_names_those_that_do() -> None:
    assert "eu-ai-act" in refused("list", "--framework", "eu-ai", *DATES).next_step


def test_show_tells_source_history_and_what_would_show_it() -> None:
    shown = law("show", "AIA.9", *DATES).stdout
    for word in (
        "Art. 9",
        "https://",
        "not yet read",
        "2026/1744",
        "2024/1689",
        "shown by all of",
        "risk-management-file",
    ):
        assert word in shown
    row = said("show", "AIA.9", *DATES)["requirement"]
    assert [version["instrument"] for version in row["versions"]] == [
        "Regulation (EU) 2024/1689",
        "Regulation (EU) 2026/1744",
    ]


def test_show_tells_a_proposal_apart_from_law() -> None:
    shown = law("show", "GDPR.33.1", "--as-of", "2026-11-23", "--known-at", "2026-11-23").stdout
    assert "proposed; changes nothing until it is law" in shown
    assert "72 hours" in shown


def test_show_of_a_misspelt_id_offers_the_nearest() -> None:
    assert "GDPR.22.1" in refused("show", "GPDR.22.1", *DATES).next_step


def test_diff_names_the_instrument_of_each_change() -> None:
    changes = said("diff", "--from", "2026-07-01", "--to", "2026-07-28", "--as-of", "2026-08-03", *GIVEN)["changes"]
    moved = {change["id"]: change["instrument"] for change in changes}
    assert "2026/1744" in moved["AIA.9"]
    assert not any(id.startswith("GDPR.") for id in moved)
    shown = law("diff", "--from", "2026-07-01", "--to", "2026-07-28", "--as-of", "2026-08-03").stdout
    assert "AIA.9  " in shown
    assert "2026/1744" in shown


def test_diff_of_nothing_says_so() -> None:
    assert (
        "Nothing differs." in law("diff", "--from", "2026-07-28", "--to", "2026-07-28", "--as-of", "2026-08-03").stdout
    )


def test_upcoming_lists_what_begins_with_what_would_show_it_and_proposals_apart() -> None:
    dates = ["--as-of", "2026-11-23", "--known-at", "2026-11-23", "--until", "2026-12-31"]
    listed = said("upcoming", *dates)
    assert {turn["day"] for turn in listed["upcoming"]} == {"2026-12-02"}
    assert "GDPR.33.1" in {proposal["id"] for proposal in listed["proposals"]}
    assert {turn["certainty"] for turn in listed["upcoming"]} <= {"not yet read", "not yet read, unchecked"}
    shown = law("upcoming", *dates).stdout
    assert "2026-12-02  begins to bind (Regulation (EU) 2026/1744)" in shown
    assert "[legal; not yet read, unchecked]" in shown and "[ml; not yet read]" in shown
    assert "Proposed; changes nothing until it is law:" in shown


def test_a_folder_of_ones_own_law_is_listed_and_applied(tmp_path: Path) -> None:
    small = Path(__file__).parents[2] / "cases" / "law" / "small.yaml"
    (tmp_path / "small.yaml").write_bytes(small.read_bytes())
    rows = said("list", "--framework", "small-law", "--law", str(tmp_path), *DATES)["requirements"]
    assert "SMALL.2" in {row["id"] for row in rows}
    assert "SMALL.2" in {row["id"] for row in said("applies", "--law", str(tmp_path), *GIVEN, *DATES)["requirements"]}


def test_clocks_are_listed_and_run() -> None:
    assert "eu-breach-authority" in law("clocks").stdout
    started = ["--start", "2026-11-23T10:00+01:00", "--timezone", "Europe/Berlin", "--calendar", "DE"]
    assert said("clocks", "eu-rights-request", *started)["legal"] == "2026-12-23"
    paused = said("clocks", "eu-rights-request", *started, "--pause", "2026-12-01/2026-12-06=identity")
    assert paused["legal"] == "2026-12-28"
    longer = said("clocks", "eu-rights-request", *started, "--extended-on", "2026-12-01", "--because", "many requests")
    assert (longer["extended"], longer["legal"]) == (True, "2027-02-23")
    assert "last day  2026-12-23" in law("clocks", "eu-rights-request", *started).stdout


def test_a_clock_in_hours_ends_at_an_instant() -> None:
    started = ["--start", "2026-11-27T16:30+01:00", "--timezone", "Europe/Berlin"]
    assert said("clocks", "eu-breach-authority", *started)["legal"] == "2026-11-30T15:30:00+00:00"


def test_a_clock_needs_its_start() -> None:
    assert "when did it start?" in str(refused("clocks", "eu-rights-request"))
    assert "is not an instant" in str(refused("clocks", "eu-rights-request", "--start", "monday"))


@pytest.mark.parametrize("command", [["list"], ["show"], ["applies"], ["diff"], ["upcoming"], ["alarm"], ["clocks"]])
def test_every_help_ends_well_and_shows_an_example(command: list[str]) -> None:
    done = law(*command, "--help")
    assert done.exit_code == 0
    assert f"ombud law {command[0]}" in done.stdout


def test_a_manifest_is_asked_with_its_facts(tmp_path: Path) -> None:
    manifest = tmp_path / "ombud.yaml"
    manifest.write_text(
        "system: scorer\npurpose: Score loans\nowner: {role: lending}\njurisdictions: [DE]\n"
        "roles: [controller, provider, deployer]\nuse_case: mortgage\ndecision: automated\nsignificant: true\n"
        "data:\n  decisions: {table: decisions.csv}\ncolumns: {decision: approved, favourable: 1, protected: [sex]}\n",
        encoding="utf-8",
    )
    dates = ["--as-of", "2026-08-03", "--known-at"]
    before = {row["id"]: row for row in said("applies", str(manifest), *dates, "2026-07-01")["requirements"]}
    assert before["AIA.9"]["applies"] in ("yes", "cannot tell")
    assert "CCPA.105" in before
    assert before["CCPA.105"]["applies"] == "no"
