"""The gate: for every refusal, the smallest change that turns it into a yes."""

from collections.abc import Sequence

import pytest
from attrs import evolve

from ledgers import entries, key, revoked
from ombud.evidence.dsse import Envelope
from ombud.evidence.log import Log
from ombud.release.gate import GateReport, Verdict, judge_release
from ombud.status.status import status
from worlds import (
    BAD,
    DAY,
    GOOD,
    LAW,
    LIMIT_OF_LAW,
    MIDDLING,
    RELEASE,
    SYSTEM,
    approved,
    attested,
    day,
    declared,
    limit,
    measured,
    moment,
    pack,
    passing,
    people,
    says,
)

WIDE = evolve(GOOD, low=0.6, high=1.4)


def gate(envelopes: Sequence[Envelope], days: float = 10, law: tuple[str, ...] = (LAW,)) -> GateReport:
    log = Log(entries(envelopes, 0), key("root").key_id).trusted()
    return judge_release(status(log, pack(*law).view(day(days), day(days)), SYSTEM, moment(days)), log)


def with_measurement(*taken: Envelope, policy: tuple[dict[str, object], ...] = (limit(),)) -> list[Envelope]:
    return [*people(), declared(1, policy=policy), *taken, attested(1), approved(1, "dpo"), approved(1, "owner")]


def blocking(report: GateReport) -> list[str]:
    return [item.name for item in report.items if item.blocks]


def test_a_release_with_everything_may_go_live() -> None:
    report = gate(passing())
    assert report.verdict is Verdict.MAY, blocking(report)
    assert report.verdict.exit_code == 0


# Each refusal beside the smallest world that passes: (name, refused, verdict, passing neighbour).
REFUSALS = {
    "beyond the limit": (with_measurement(measured(1, BAD)), Verdict.MAY_NOT, with_measurement(measured(1, GOOD))),
    "in doubt": (with_measurement(measured(1, WIDE)), Verdict.CANNOT_TELL, with_measurement(measured(1, GOOD))),
    "could not be measured": (
        with_measurement(measured(1, unmet="no table")), Verdict.CANNOT_TELL, with_measurement(measured(1, GOOD)),
    ),
    "never measured": (with_measurement(), Verdict.CANNOT_TELL, with_measurement(measured(1, GOOD))),
    "measured by nobody with the right": (
        with_measurement(measured(1, GOOD, by="dpo")), Verdict.CANNOT_TELL, with_measurement(measured(1, GOOD)),
    ),
    "of another release": (
        with_measurement(measured(1, GOOD, release="x")), Verdict.CANNOT_TELL, with_measurement(measured(1, GOOD)),
    ),
    "document missing": (
        [e for e in passing() if b"dpia" not in e.payload], Verdict.CANNOT_TELL, passing(),
    ),
    "document expired": (
        [*(e for e in passing() if b"dpia" not in e.payload), attested(1, expires="2026-11-25T00:00:00.000000Z")],
        Verdict.CANNOT_TELL,
        [*(e for e in passing() if b"dpia" not in e.payload), attested(1, expires="2027-11-25T00:00:00.000000Z")],
    ),
    "one approval of two": (passing()[:-1], Verdict.CANNOT_TELL, passing()),
    "the same person twice": (
        [*passing()[:-1], approved(2, "dpo")], Verdict.CANNOT_TELL, [*passing()[:-1], approved(2, "ciso")],
    ),
    "a machine approves": ([*passing()[:-1], approved(2, "ci")], Verdict.CANNOT_TELL, passing()),
    "who measured approves": ([*passing()[:-1], approved(2, "ml")], Verdict.CANNOT_TELL, passing()),
    "approval of another release": (
        [*passing()[:-1], approved(2, "owner", "x")], Verdict.CANNOT_TELL, [*passing()[:-1], approved(2, "owner")],
    ),
    "approved before anything was measured": (
        [*people(), declared(1, policy=(limit(),)), approved(1, "dpo"), approved(1, "owner"), measured(1, GOOD),
         attested(1)],
        Verdict.CANNOT_TELL,
        [*people(), declared(1, policy=(limit(),)), measured(1, GOOD), approved(1, "dpo"), approved(1, "owner"),
         attested(1)],
    ),
    "approval withdrawn": (
        [*passing(), revoked("owner", "withdrawn", passing()[-1])], Verdict.CANNOT_TELL, passing(),
    ),
    "nothing to judge": (
        [*people(), declared(1, checks=[], settings={"set": ["policy"], "approvals": 1}), approved(1, "dpo")],
        Verdict.CANNOT_TELL,
        [*people(), declared(1, policy=(limit(),), settings={"set": ["policy"], "approvals": 1}), measured(1, GOOD),
         approved(1, "dpo")],
    ),
    "nothing declared": ([*people(), measured(1, GOOD)], Verdict.CANNOT_TELL, passing()),
    "empty log": ([], Verdict.CANNOT_TELL, passing()),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSALS)
def test_each_refusal_has_a_smallest_passing_neighbour(name: str) -> None:
    refused, verdict, neighbour = REFUSALS[name]
    assert gate(refused).verdict is verdict, blocking(gate(refused))
    assert gate(neighbour).verdict is Verdict.MAY, blocking(gate(neighbour))


def test_stale_evidence_stops_a_new_release_and_fresh_evidence_lets_it_pass() -> None:
    assert gate(passing(), days=89).verdict is Verdict.MAY
    assert gate(passing(), days=92).verdict is Verdict.CANNOT_TELL


def test_a_failure_is_said_before_a_doubt() -> None:
    world = [*people(), declared(1, policy=(limit(),)), measured(1, BAD)]
    assert gate(world).verdict is Verdict.MAY_NOT


def test_new_law_stops_a_release_that_passed_before_it() -> None:
    world = [*with_measurement(measured(1, MIDDLING), policy=(limit(),)), justified()]
    assert gate(world, 16).verdict is Verdict.MAY, blocking(gate(world, 16))
    assert gate(world, 17.5, law=(LAW, LIMIT_OF_LAW)).verdict is Verdict.MAY_NOT


def justified(group: str = "female") -> Envelope:
    about = {"check": "fairness.impact_ratio", "measurement": "impact_ratio", "protected": "sex", "group": group}
    return says("dpo", "justification", {**about, "release": RELEASE, "reason": "examined; see minutes"}, 2 * DAY)


def test_a_pass_that_is_unequal_needs_a_justification_of_that_very_number() -> None:
    world = with_measurement(measured(1, MIDDLING))
    assert gate(world).verdict is Verdict.CANNOT_TELL
    assert gate([*world, justified("male")]).verdict is Verdict.CANNOT_TELL
    assert gate([*world, justified()]).verdict is Verdict.MAY


def test_a_failure_cannot_be_justified_away() -> None:
    assert gate([*with_measurement(measured(1, BAD)), justified()]).verdict is Verdict.MAY_NOT


def waived(
    by: str, expires: str = "2027-01-31T00:00:00.000000Z", target: str = "fairness.impact_ratio:impact_ratio"
) -> Envelope:
    return says(
        by,
        "waiver",
        {"target": target, "reason": "agreed until the refit", "expires": expires, "release": RELEASE},
        DAY,
    )


def test_a_waiver_by_owner_and_dpo_lets_it_pass_as_a_deviation() -> None:
    world = [*with_measurement(measured(1, BAD)), waived("owner"), waived("dpo")]
    report = gate(world)
    assert report.verdict is Verdict.MAY
    assert [item.target for item in report.deviations] == ["fairness.impact_ratio:impact_ratio"]


@pytest.mark.parametrize(
    "signed",
    [
        [waived("owner")],
        [waived("dpo")],
        [waived("owner", "2026-11-24T12:00:00.000000Z"), waived("dpo", "2026-11-24T12:00:00.000000Z")],
        [waived("owner", target="T.ASSESS"), waived("dpo", target="T.ASSESS")],
        [waived("ciso"), waived("dpo")],
    ],
)
def test_a_waiver_short_of_that_changes_nothing(signed: list[Envelope]) -> None:
    assert gate([*with_measurement(measured(1, BAD)), *signed]).verdict is Verdict.MAY_NOT


def test_a_waived_requirement_stays_not_shown() -> None:
    world = [*with_measurement(measured(1, BAD)), waived("owner"), waived("dpo")]
    log = Log(entries(world, 0), key("root").key_id).trusted()
    row = status(log, pack().view(day(10), day(10)), SYSTEM, moment(10)).requirement("T.FAIR")
    assert row is not None and str(row.state) == "not shown"


def glass(by: str, days: float = 9, until: str = "2026-12-30T00:00:00.000000Z") -> Envelope:
    return says(by, "break-glass", {"release": RELEASE, "reason": "outage", "until": until}, days * DAY)


def test_breaking_the_glass_takes_two_people_and_lasts_three_days_at_most() -> None:
    world = with_measurement(measured(1, BAD))
    assert gate([*world, glass("owner")]).verdict is Verdict.MAY_NOT
    assert gate([*world, glass("owner"), glass("owner")]).verdict is Verdict.MAY_NOT
    both = [*world, glass("owner"), glass("ciso")]
    assert gate(both, 11.9).verdict is Verdict.MAY
    assert gate(both, 12).verdict is Verdict.MAY_NOT  # whatever `until` says


def test_a_row_that_is_not_due_before_use_never_blocks() -> None:
    report = gate(with_measurement(measured(1, GOOD)))
    assert not any(item.name == "T.FAIR" for item in report.items)


def test_the_headline_counts_what_is_open_by_owner() -> None:
    report = gate([*people(), declared(1, policy=(limit(),)), measured(1, BAD)])
    assert report.headline("ml") == "1 you can fix · 3 block release · 1 wait for others"
