"""A signed statement without sense does not count, and stops nothing."""

from collections.abc import Mapping
from typing import Any

import pytest

from ledgers import entries, key, says
from ombud.evidence.dsse import Envelope
from ombud.evidence.log import Log
from ombud.release.gate import GateReport, Verdict, judge_release
from ombud.status.status import status
from worlds import DAY, GOOD, RELEASE, SYSTEM, attested, day, declared, limit, measured, moment, pack, passing


def gate(*envelopes: Envelope) -> GateReport:
    log = Log(entries(envelopes), key("root").key_id).trusted()
    return judge_release(status(log, pack().view(day(10), day(10)), SYSTEM, moment(10)), log)


def odd_measurement(**more: Any) -> Envelope:
    return measured(2, GOOD, **more)


def odd(kind: str, by: str, **said: Any) -> Envelope:
    return says(by, kind, {"release": RELEASE, **said}, 2 * DAY)


def one(**more: Any) -> list[Mapping[str, Any]]:
    return [GOOD.to_json() | more]


SENSELESS = {
    "no measurements": odd_measurement(measurements=None),
    "a measurement without a name": odd_measurement(measurements=[{}]),
    "a fraction over nothing": odd_measurement(measurements=one(exact="1/0")),
    "a value in words": odd_measurement(measurements=one(value="high")),
    "a p-value in words": odd_measurement(measurements=one(p_value="small")),
    "an unknown scale": odd_measurement(measurements=one(scale="log")),
    "a list for a check": odd_measurement(check=["fairness.impact_ratio"]),
    "inputs that are no list": odd_measurement(inputs=5),
    "an expiry in words": attested(2, expires="soon"),
    "an expiry without a time zone": attested(2, expires="2027-01-01T00:00:00"),
    "a list for an item": attested(2, item=["document:dpia"]),
    "facts that are a number": declared(2, policy=(limit(),), facts=5),
    "no settings": declared(2, policy=(limit(),), settings=None),
    "no approvals wanted": declared(2, policy=(limit(),), settings={"approvals": 0}),
    "approvals in words": declared(2, policy=(limit(),), settings={"approvals": "none"}),
    "a limit without a measurement": declared(2, policy=({"check": "fairness.impact_ratio"},)),
    "a limit the wrong way round": declared(2, policy=(limit(op=">"),)),
    "a limit in words": declared(2, policy=(limit("four fifths"),)),
    "a waiver without an end": odd("waiver", "dpo", target="T.FAIR", reason="x", expires=None),
    "a waiver of a list": odd("waiver", "dpo", target=["T.FAIR"], reason="x", expires="2027-01-01T00:00:00Z"),
    "glass broken until soon": odd("break-glass", "owner", reason="x", until="soon"),
    "a justification of a list": odd("justification", "dpo", check=[], measurement="impact_ratio", reason="x"),
}


@pytest.mark.parametrize("name", SENSELESS)
def test_what_makes_no_sense_leaves_the_verdict_as_it_was(name: str) -> None:
    assert gate(*passing()).verdict is Verdict.MAY
    assert gate(*passing(), SENSELESS[name]).verdict is Verdict.MAY


@pytest.mark.parametrize("name", SENSELESS)
def test_what_makes_no_sense_opens_no_gate(name: str) -> None:
    closed = passing()[:-1]
    assert gate(*closed).verdict is Verdict.CANNOT_TELL
    assert gate(*closed, SENSELESS[name]).verdict is Verdict.CANNOT_TELL


def test_a_kind_that_status_does_not_read_may_say_what_it_likes() -> None:
    assert gate(*passing(), odd("review", "ml", items=[1, {}])).verdict is Verdict.MAY
