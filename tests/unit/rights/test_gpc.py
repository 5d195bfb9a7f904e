"""A browser's signal is an opt-out of sale and sharing, on receipt, once, for the device and the known profile."""

from pathlib import Path
from typing import Any

import pytest

from ombud.errors import Misused
from ombud.evidence.errors import Refused
from ombud.rights.gpc import accept, signal
from ombud.store.identity import Identity
from ombud.store.workspace import Workspace
from rooms import Watch, room

DEVICE = Identity("device", "cookie-7f3a")
ANN = Identity("email", "ann@example.org")
ON = {"Sec-GPC": "1"}


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def here(tmp_path: Path, watch: Watch) -> Workspace:
    return room(tmp_path, watch)


@pytest.mark.parametrize("headers", [
    {"Sec-GPC": "1"}, {"sec-gpc": "1"}, {"SEC-GPC": "1"}, [("Host", "shop.example"), ("sec-gpc", "1")],
])  # fmt: skip
def test_the_signal_is_one(headers: Any) -> None:
    assert signal(headers)


@pytest.mark.parametrize("headers", [
    {}, {"Sec-GPC": "0"}, {"Sec-GPC": ""}, {"Sec-GPC": "true"}, {"Sec-GPC": "1, 1"}, {"Sec-GPC": "１"},
    {"Sec-GPC": "1 "}, {"Sec-GPC": "01"}, {"DNT": "1"}, {"X-Sec-GPC": "1"}, {"Sec-GPC ": "1"},
    [("Sec-GPC", "1"), ("sec-gpc", "1")], [("Sec-GPC", "1"), ("Sec-GPC", "0")],
])  # fmt: skip
def test_anything_else_is_no_signal(headers: Any) -> None:
    assert not signal(headers)


def test_it_is_recorded_on_receipt_for_device_and_profile(here: Workspace) -> None:
    done = accept(here, ON, [DEVICE, ANN], "dpo")
    assert done is not None and done.new
    for identity in (DEVICE, ANN):
        (listed,) = here.people.listed([identity])
        assert (listed.list, listed.law, listed.since.isoformat()) == ("sale-opted-out", "ccpa", "2026-11-23")
    assert done.shown == ("Opt-out request honoured: since 2026-11-23 your personal information is not sold or shared.")


def test_without_a_signal_nothing_is_recorded(here: Workspace) -> None:
    before = here.ledger.size
    assert accept(here, {"Sec-GPC": "0"}, [DEVICE], "dpo") is None
    assert here.people.lists() == () and here.ledger.size == before


def test_the_same_signal_again_changes_nothing(here: Workspace, watch: Watch) -> None:
    first = accept(here, ON, [DEVICE, ANN], "dpo")
    size = here.ledger.size
    watch.on(days=3)
    again = accept(here, ON, [ANN], "dpo")
    assert first is not None and again is not None
    assert (again.new, again.since, again.aliases) == (False, "2026-11-23", first.aliases)
    assert here.ledger.size == size and len(here.people.lists()) == 1


def test_a_person_who_signs_in_later_is_opted_out_with_their_profile(here: Workspace) -> None:
    accept(here, ON, [DEVICE], "dpo")
    done = accept(here, ON, [DEVICE, ANN], "dpo")
    assert done is not None
    assert here.people.listed([ANN])


def test_a_device_and_a_profile_kept_apart_are_both_opted_out(here: Workspace) -> None:
    here.people.enrol([DEVICE])
    here.people.enrol([ANN])
    done = accept(here, ON, [DEVICE, ANN], "dpo")
    assert done is not None and len(done.aliases) == 2
    assert here.people.listed([DEVICE]) and here.people.listed([ANN])


def test_a_conflict_is_said_and_the_signal_holds(here: Workspace) -> None:
    done = accept(here, ON, [ANN], "dpo", choices=["financial-incentive"])
    assert done is not None and len(done.conflicts) == 1 and "the signal holds" in done.conflicts[0]
    assert here.people.listed([ANN])


def test_nothing_in_the_log_says_who(here: Workspace) -> None:
    accept(here, ON, [DEVICE, ANN], "dpo", choices=["consent"])
    for entry in here.ledger.log().entries:
        told = entry.envelope.payload.decode()
        assert "ann@" not in told and "cookie" not in told
    assert "ann@" not in repr(accept(here, ON, [DEVICE, ANN], "dpo"))


def test_nobody_and_unknown_choices_are_refused(here: Workspace) -> None:
    with pytest.raises(Misused):
        accept(here, ON, [], "dpo")
    with pytest.raises(Misused):
        accept(here, ON, [ANN], "dpo", choices=["whim"])


def test_what_the_log_does_not_take_is_not_recorded_at_all(here: Workspace) -> None:
    with pytest.raises(Refused):
        accept(here, ON, [ANN], "ml")
    assert here.people.lists() == ()
    assert accept(here, ON, [ANN], "dpo") is not None
