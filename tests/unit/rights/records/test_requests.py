"""Requests as the ledger tells them, from a real workspace and the real table of what may follow what."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ombud.cases import Case, open_case, step
from ombud.documents.rights.records import LoggedRequest
from ombud.rights.gpc import accept
from ombud.rights.records.requests import requests_in
from ombud.rights.request import REQUESTS
from ombud.store.identity import Identity
from ombud.store.workspace import Workspace, create_workspace

START = datetime(2026, 3, 1, 7, 30, tzinfo=UTC)  # still 28 February in Los Angeles
RECEIVED = {
    "received_at": "2026-03-01T07:30:00.000000Z", "right": "erasure", "laws": ["ccpa"], "channel": "web",
    "identity": "required",
    "zones": [{"law": "ccpa", "timezone": "America/Los_Angeles"}],
}  # fmt: skip


class Ticking:
    """A clock that goes on by an hour whenever somebody looks."""

    def __init__(self) -> None:
        self.time = START

    def now(self) -> datetime:
        self.time += timedelta(hours=1)
        return self.time


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    folder: Path = tmp_path_factory.mktemp("requests")
    yield create_workspace(folder, {"officer": (("dpo",), None)}, clock=Ticking())


def opened(workspace: Workspace, **details: Any) -> Case:
    return open_case(workspace, REQUESTS, RECEIVED | details, "officer", alias="0" * 32)


def took(workspace: Workspace, case: Case, *steps: tuple[str, dict[str, Any]]) -> LoggedRequest:
    for event, details in steps:
        step(workspace, REQUESTS, case.id, event, details, "officer")
    found, problems = requests_in(workspace.ledger.log().trusted("case"))
    assert problems == ()
    return {one.case: one for one in found}[case.id]


VERIFIED = ("verified", {"method": "attested", "level": "reasonable"})
FOUND = ("found", {"found": [{"collection": "core.customers", "rows": 2}]})
GRANTED = ("reviewed", {"decisions": [{"law": "ccpa", "decision": "grant"}]})
ERASED = {"collection": "core.customers", "state": "erased and verified", "found": 2, "erased": 2}
DELIVERED = ("delivered", {"how": "mail"})
REFUSED = (
    "refused",
    {"decisions": [{"law": "ccpa", "decision": "refuse", "ground": "identity-not-verified"}],
     "grounds": ["identity-not-verified"], "reasons": True, "remedies": ["attorney-general"]},
)  # fmt: skip


def test_a_new_request_is_open_and_of_the_day_where_its_law_is(workspace: Workspace) -> None:
    one = took(workspace, opened(workspace))
    assert (one.response, one.responded, one.received.isoformat()) == ("open", None, "2026-02-28")
    assert (one.right, one.channel, one.laws) == ("erasure", "web", ("ccpa",))


def test_a_request_that_was_done_and_told_is_complied_with(workspace: Workspace) -> None:
    done = ("fulfilled", {"outcomes": [ERASED]})
    before = took(workspace, opened(workspace), VERIFIED, FOUND, GRANTED, ("acting", {}), done)
    assert before.response == "open"  # done, and the person not told yet
    case = opened(workspace)
    after = took(workspace, case, VERIFIED, FOUND, GRANTED, ("acting", {}), done, DELIVERED)
    assert after.response == "complied" and after.denial == () and after.days is not None


def test_what_was_kept_makes_it_partly_complied_with(workspace: Workspace) -> None:
    kept = {"collection": "core.customers", "state": "not erasable", "found": 2, "ground": "legal-obligation"}
    steps = (VERIFIED, FOUND, GRANTED, ("acting", {}), ("fulfilled", {"outcomes": [kept]}), DELIVERED)
    one = took(workspace, opened(workspace), *steps)
    assert (one.response, one.denial) == ("complied in part", ("legal obligation",))


def test_a_refusal_is_denied_once_the_person_was_told(workspace: Workspace) -> None:
    case = opened(workspace)
    assert took(workspace, case, REFUSED).response == "open"
    told = took(workspace, case, DELIVERED)
    assert (told.response, told.denial) == ("denied", ("identity not verified",))


def test_a_request_that_was_taken_back_is_withdrawn(workspace: Workspace) -> None:
    one = took(workspace, opened(workspace), ("withdrawn", {"on": "2026-03-02"}))
    assert one.response == "withdrawn"


def test_an_agent_is_told_with_the_manner(workspace: Workspace) -> None:
    assert took(workspace, opened(workspace, agent="lawyer", authority="shown")).channel == "web, by lawyer"


def test_the_newest_request_comes_first(workspace: Workspace) -> None:
    late = opened(workspace, received_at="2026-04-01T12:00:00.000000Z")
    assert requests_in(workspace.ledger.log().trusted("case"))[0][0].case == late.id


def test_a_signal_that_was_honoured_is_counted_as_an_opt_out_of_that_day(tmp_path: Path) -> None:
    workspace = create_workspace(tmp_path, {"officer": (("dpo",), None)})
    accept(workspace, {"Sec-GPC": "1"}, [Identity("cookie", "device-77")], "officer")
    ((one,), problems) = requests_in(workspace.ledger.log().trusted("case"))
    assert (one.right, one.channel, one.response, one.days) == ("opt-out-sale", "gpc", "complied", 0) and not problems
