"""Where a release stands is what the log says last, by whoever may say it."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledgers import entries, instant, key, revoked, turned
from ombud.evidence.dsse import Envelope
from ombud.evidence.log import Log
from ombud.living.released import Releases, Standing, State
from ombud.release.standing import fold
from worlds import DAY, RELEASE, SYSTEM, declared, moment, people, says

OTHER = "a" * 64
MODEL = "b" * 64


def released(days: float, release: str = RELEASE, by: str = "owner", model: str | None = MODEL) -> Envelope:
    said = {"release": release, "parts": {"model": model, "threshold": "1/2"}, "verdict": "may"}
    return says(by, "release", said, days * DAY, system=SYSTEM)


def broken(days: float, by: str, hours: float = 24, release: str = RELEASE) -> Envelope:
    said = {"release": release, "reason": "outage", "until": instant(moment(days + hours / 24))}
    return says(by, "break-glass", said, days * DAY, system=SYSTEM)


def back(days: float, release: str = RELEASE, by: str = "owner") -> Envelope:
    return says(by, "rollback", {"release": release, "reason": "worse"}, days * DAY, system=SYSTEM)


def taken(reason: str, *what: Envelope, by: str = "owner", days: float | None = None) -> Envelope:
    since = {} if days is None else {"from": instant(moment(days))}
    return revoked(by, reason, *what, system=SYSTEM, **since)


def folded(envelopes: Sequence[Envelope], days: float = 10) -> Releases:
    return fold(Log(entries([*people(), *envelopes]), key("root").key_id), instant(moment(days)))


def stands(envelopes: Sequence[Envelope], days: float = 10, digest: str = RELEASE) -> Standing:
    return folded(envelopes, days).standing(digest, instant(moment(days)))


def test_what_nobody_released_is_unknown() -> None:
    assert stands([declared(1)]).state is State.UNKNOWN
    assert not stands([]).runs


def test_what_was_released_stands_by_release_and_by_model_file() -> None:
    for digest in (RELEASE, MODEL):
        found = stands([released(1)], digest=digest)
        assert found.state is State.RELEASED and found.runs
        assert found.release is not None and found.release.current and not found.release.rolled_back


@pytest.mark.parametrize("reason", ["withdrawn", "mistaken", "key compromised"])
def test_what_was_revoked_does_not_stand(reason: str) -> None:
    one = released(1)
    found = stands([one, taken(reason, one)])
    assert found.state is State.REVOKED and not found.runs
    assert found.release is not None and not found.release.current


def test_a_withdrawal_counts_from_its_day() -> None:
    log = [one := released(1), taken("withdrawn", one, days=5)]
    assert stands(log, 4.9).state is State.RELEASED
    assert stands(log, 5).state is State.REVOKED


def test_what_a_stolen_key_released_does_not_stand() -> None:
    stolen = turned("revoke", "platform", reason="key compromised", from_index=0)
    assert stands([released(1, by="platform"), stolen]).state is State.REVOKED


@pytest.mark.parametrize("nobody", ["ml", "ci", "platform", "ciso"])
def test_who_may_not_revoke_does_not(nobody: str) -> None:
    one = released(1)
    assert stands([one, taken("withdrawn", one, by=nobody)]).state is State.RELEASED


@pytest.mark.parametrize("nobody", ["ciso", "dpo"])
def test_who_may_not_release_does_not(nobody: str) -> None:
    assert stands([released(1, by=nobody)]).state is State.UNKNOWN


def test_a_model_file_stands_while_one_of_its_releases_does() -> None:
    one, other = released(1), released(2, OTHER)
    assert stands([one, other, taken("withdrawn", one)], digest=MODEL).state is State.RELEASED
    assert stands([one, other, taken("withdrawn", one)]).state is State.REVOKED
    assert stands([one, other, taken("withdrawn", one, other)], digest=MODEL).state is State.REVOKED


def test_the_newest_word_says_what_is_current() -> None:
    two = folded([released(1), released(2, OTHER)])
    assert {one.release for one in two.of if one.current} == {OTHER}
    gone_back = folded([released(1), released(2, OTHER), back(3)])
    assert [(one.release, one.rolled_back) for one in gone_back.of if one.current] == [(RELEASE, True)]
    forward = folded([released(1), released(2, OTHER), back(3), released(4, OTHER)])
    assert [(one.release, one.rolled_back) for one in forward.of if one.current] == [(OTHER, False)]


def test_going_back_to_what_is_revoked_does_not_bring_it_back() -> None:
    one = released(1)
    assert stands([one, taken("withdrawn", one), back(3)]).state is State.REVOKED


def test_one_person_breaks_no_glass() -> None:
    assert stands([declared(1), broken(9.9, "owner")]).state is State.UNKNOWN
    assert stands([declared(1), broken(9.9, "owner"), broken(9.9, "owner")]).state is State.UNKNOWN


def test_two_people_break_the_glass_until_the_earlier_end() -> None:
    log = [declared(1), broken(9, "owner", 48), broken(9, "ciso", 30)]
    assert stands(log, 10).state is State.BREAK_GLASS
    assert stands(log, 10.3).state is State.UNKNOWN


def test_no_glass_stays_broken_for_more_than_three_days() -> None:
    log = [broken(1, "owner", 500), broken(1, "ciso", 500)]
    assert stands(log, 3.9).runs and not stands(log, 4.1).runs


def test_glass_broken_before_a_revocation_did_not_know_of_it() -> None:
    one = released(1)
    glass = [broken(9, "owner", 48), broken(9, "ciso", 48)]
    assert stands([one, *glass, taken("withdrawn", one, days=9.5)]).state is State.REVOKED
    assert stands([one, taken("withdrawn", one, days=8), *glass]).state is State.BREAK_GLASS


@settings(max_examples=50)
@given(st.lists(st.booleans(), max_size=8))
def test_whatever_was_said_before_the_last_word_counts(acts: list[bool]) -> None:
    log: list[Envelope] = []
    alive: list[Envelope] = []
    for number, release in enumerate(acts):
        if release:
            alive.append(released(1 + number / 100))
            log.append(alive[-1])
        elif alive:
            log.append(taken("withdrawn", *alive, days=1 + number / 100))
            alive = []
    found = stands(log)
    spoken = any(acts)
    expected = State.RELEASED if alive else State.REVOKED if spoken else State.UNKNOWN
    assert found.state is expected


def test_a_statement_without_sense_stops_nothing() -> None:
    nonsense = says("owner", "release", {"release": 7, "parts": "none"}, DAY, system=SYSTEM)
    odd = says("owner", "revocation", {"entries": "all", "reason": "withdrawn"}, DAY, system=SYSTEM)
    assert stands([nonsense, released(1), odd]).state is State.RELEASED
