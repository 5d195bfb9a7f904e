"""`ombud law alarm`: new law and aged evidence stop new releases at once, and give what runs a dated time."""

from datetime import timedelta
from pathlib import Path

import pytest

from doors import ombud
from gated import SYSTEM, Bank, bank
from ombud.release.revoke import revoke
from ombud.store.clock import SystemClock

LAW = """\
framework: house-rules
title: A rule made for this test
cite: House rule 1
href: https://example.org/house
binding: law
in_pack_since: 2020-01-01
when: {{jurisdiction: [EU]}}
versions:
  - {{published: 2020-01-01, instrument: House rule 1, status: in_force, applies: [{{from: {begins}}}]}}
requirements:
  HOUSE.ASSESS:
    title: Somebody assessed it
    text: The effects on people are assessed before use.
    cite: s. 1
    certainty: V
    owner: legal
    due: before_use
    shown_by: {{all_of: [{{attestation: roles-and-authorities, strength: direct}}]}}
"""


@pytest.fixture(scope="module")
def _made(tmp_path_factory: pytest.TempPathFactory) -> Bank:
    made = bank(tmp_path_factory.mktemp("alarm") / "bank", SystemClock())
    made.release()
    return made


@pytest.fixture
def soon(_made: Bank, tmp_path: Path) -> tuple[Path, str, str]:
    """Law that begins in ten days, that day, and the last day of its grace."""
    begins = SystemClock().now().date() + timedelta(days=10)
    (tmp_path / "house-rules.yaml").write_text(LAW.format(begins=begins), encoding="utf-8")
    return tmp_path, begins.isoformat(), (begins + timedelta(days=30)).isoformat()


def test_law_to_come_is_told_before_it_binds_with_the_day_its_grace_ends(
    _made: Bank, soon: tuple[Path, str, str]
) -> None:
    law, begins, until = soon
    coming = ombud(
        "law", "upcoming", "ombud.yaml", "--law", law, "--until", begins, "--format", "json", at=_made.folder
    )
    turn = next(one for one in coming.json["upcoming"] if one["id"] == "HOUSE.ASSESS")
    assert turn["day"] == begins and turn["certainty"] == "not yet read" and turn["shown_by"]
    done = ombud("law", "alarm", "--law", law, "--as-of", begins, "--format", "json", at=_made.folder)
    alarm = next(one for one in done.json["alarms"] if one["target"] == "HOUSE.ASSESS")
    assert done.code == 1
    assert (alarm["cause"], alarm["since"], alarm["until"], alarm["over"]) == ("new law", begins, until, False)
    words = ombud("law", "alarm", "--law", law, "--as-of", begins, at=_made.folder)
    assert f"until {until}  HOUSE.ASSESS: new law since {begins}" in words.out


def test_after_its_grace_no_time_is_left(_made: Bank, soon: tuple[Path, str, str]) -> None:
    law, _, until = soon
    after = (SystemClock().now().date() + timedelta(days=41)).isoformat()
    done = ombud("law", "alarm", "--law", law, "--as-of", after, at=_made.folder)
    assert done.code == 1
    assert "no time left  HOUSE.ASSESS: new law" in done.out and f"its grace ended on {until}" in done.out


def test_today_nothing_of_it_stops_what_runs(_made: Bank, soon: tuple[Path, str, str]) -> None:
    done = ombud("law", "alarm", "--law", soon[0], at=_made.folder)
    assert done.code == 0 and "nothing would stop it if it were new" in done.out


def test_the_status_of_that_day_wants_what_the_law_will_want(_made: Bank, soon: tuple[Path, str, str]) -> None:
    law, begins, _ = soon

    def state(day: str) -> str:
        words = ("status", "ombud.yaml", "--law", law, "--as-of", day, "--format", "json")
        rows = ombud(*words, at=_made.folder).json["status"]
        return next(str(row["state"]) for row in rows if row["id"] == "HOUSE.ASSESS")

    assert state(begins) == "unknown"
    assert state(SystemClock().now().date().isoformat()) == "upcoming"


def test_where_nothing_runs_it_says_so(tmp_path: Path) -> None:
    made = bank(tmp_path / "bank", SystemClock())
    made.check()
    done = ombud("law", "alarm", at=made.folder)
    assert done.code == 2 and "ombud gate release" in done.err
    digest = made.release()
    revoke(made.workspace, SYSTEM, digest, "for this test", "lender")
    assert ombud("law", "alarm", at=made.folder).code == 2
