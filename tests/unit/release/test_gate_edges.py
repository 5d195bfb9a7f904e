"""The gate at its edges: every word of its answer, and each rule beside the smallest world that it lets pass."""

from collections.abc import Sequence
from typing import Any

import pytest
from attrs import evolve

from ledgers import added, entries, key, says
from ombud.evidence.dsse import Envelope
from ombud.evidence.entry import Entry, Signer
from ombud.evidence.log import Log
from ombud.release.gate import GateReport, Item, Verdict, approvers, judge_release
from ombud.statistics.measurement import Measurement, Scale
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
)

TOO_FEW = Measurement(
    name="impact_ratio", value=None, scale=Scale.RATIO, protected="sex", group="diverse", reference="male", n=12,
    unknown="not assessed: 12 people, fewer than 30",
)  # fmt: skip
WITHOUT_POLICY = {"set": ["binding-before-use"], "approvals": 2}


def trusted(envelopes: Sequence[Envelope]) -> tuple[Entry, ...]:
    return Log(entries(envelopes, 0), key("root").key_id).trusted()


def gate(envelopes: Sequence[Envelope], days: float = 10, law: tuple[str, ...] = (LAW,)) -> GateReport:
    log = trusted(envelopes)
    return judge_release(status(log, pack(*law).view(day(days), day(days)), SYSTEM, moment(days)), log)


def around(*said: Envelope, approving: tuple[str, ...] = ("dpo", "owner"), **declaration: Any) -> list[Envelope]:
    """A world in which all but what is said is in order."""
    system = declared(1, **{"policy": (limit(),), **declaration})
    return [*people(), system, *said, attested(1), *(approved(1, name) for name in approving)]


def limits(report: GateReport) -> list[tuple[str, Verdict]]:
    return [(item.name, item.verdict) for item in report.items if item.kind == "limit"]


# --- what is printed --------------------------------------------------------------------------------------------------


def test_the_whole_answer_of_an_open_gate() -> None:
    assert gate(passing()).to_json() == {
        "system": SYSTEM, "release": RELEASE, "verdict": "may", "exit_code": 0, "deviations": [], "break_glass": None,
        "open_by_owner": {},
        "items": [
            {"kind": "limit", "name": "fairness.impact_ratio: impact_ratio (sex: female)", "verdict": "may",
             "target": "fairness.impact_ratio:impact_ratio", "owner": "ml", "waived": False, "blocks": False,
             "because": "within the limit, and so is the whole interval"},
            {"kind": "law", "name": "T.ASSESS", "target": "T.ASSESS", "verdict": "may", "owner": "dpo",
             "because": "shown: document dpia shows it (attested 2026-11-24T07:00:00.000000Z by dpo)",
             "waived": False, "blocks": False},
            {"kind": "approval", "name": "approvals", "target": "approvals", "verdict": "may", "owner": "business",
             "because": "2 of 2 people have approved this release: dpo, owner", "waived": False, "blocks": False},
        ],
    }  # fmt: skip


def test_the_whole_answer_of_a_closed_gate() -> None:
    plain = gate([*people(), declared(1, policy=(limit(),)), measured(1, BAD, evolve(MIDDLING, group=None))]).to_json()
    assert [plain["verdict"], plain["exit_code"], plain["open_by_owner"]] == ["may not", 1, {"dpo": 1, "ml": 1}]
    assert [(i["name"], i["verdict"], i["blocks"], i["because"]) for i in plain["items"]] == [
        ("fairness.impact_ratio: impact_ratio (sex: female)", "may not", True, "beyond the limit, and not by chance"),
        ("fairness.impact_ratio: impact_ratio (sex)", "cannot tell", True,
         "within the limit but significantly unequal: a justification is wanted"),
        ("T.ASSESS", "cannot tell", True, "unknown: no evidence yet; wanted: document dpia"),
        ("approvals", "cannot tell", True, "0 of 2 people have approved this release"),
    ]  # fmt: skip


def test_a_doubt_is_printed_with_its_reason() -> None:
    wide = evolve(GOOD, low=0.6, high=1.4)
    item = gate(around(measured(1, wide))).to_json()["items"][0]
    assert (item["verdict"], item["because"]) == (
        "cannot tell", "within the limit, but the interval reaches beyond it",
    )  # fmt: skip


def test_the_reason_of_what_is_stale_is_when_it_was_measured() -> None:
    item = gate(passing(), 92).items[0]
    assert item.because == "stale: measured 2026-11-24T07:00:00.000000Z"


def test_the_reason_of_what_could_not_be_measured_is_why() -> None:
    assert gate(around(measured(1, unmet="the table is away"))).items[0].because == "the table is away"


def test_an_accepted_deviation_is_printed_and_does_not_block() -> None:
    signed = [waived(by, "fairness.impact_ratio:impact_ratio") for by in ("owner", "dpo")]
    plain = gate([*around(measured(1, BAD)), *signed]).to_json()
    assert plain["deviations"] == ["fairness.impact_ratio:impact_ratio"]
    item = plain["items"][0]
    assert [item["verdict"], item["waived"], item["blocks"]] == ["may not", True, False]


def test_the_headline_speaks_to_the_engineer_unless_told_otherwise() -> None:
    world = [*people(), declared(1, policy=(limit(),)), measured(1, BAD)]
    report = gate(world, 20, (LAW, LIMIT_OF_LAW))
    assert report.headline() == "2 you can fix · 4 block release · 1 wait for others"
    assert report.headline("dpo") == "1 you can fix · 4 block release · 2 wait for others"
    assert report.headline("ciso") == "0 you can fix · 4 block release · 3 wait for others"


def test_what_expired_and_what_is_shown_in_part_is_open_too() -> None:
    assert gate(passing(), 92).open_by_owner == {"ml": 1, "dpo": 1}
    manual = attested(240, "document:instructions-for-use", by="owner")
    half = [*around(measured(240, GOOD)), attested(240), manual]
    assert gate(half, 250).open_by_owner == {"business": 1}
    assert gate([*half, attested(240, "attestation:oversight", by="owner")], 250).open_by_owner == {}


# --- limits -----------------------------------------------------------------------------------------------------------


def test_a_limit_under_which_nobody_could_be_assessed_cannot_be_told() -> None:
    report = gate(around(measured(1, TOO_FEW)))
    assert report.verdict is Verdict.CANNOT_TELL
    assert [item.because for item in report.items if item.blocks] == ["not assessed: 12 people, fewer than 30"]


def test_a_group_too_small_does_not_speak_where_another_does() -> None:
    report = gate(around(measured(1, TOO_FEW, GOOD)))
    assert report.verdict is Verdict.MAY
    assert limits(report) == [("fairness.impact_ratio: impact_ratio (sex: female)", Verdict.MAY)]


def test_a_limit_speaks_for_itself_where_another_limit_could_be_assessed() -> None:
    both = (limit(), limit(measurement="selection_rate_difference", value="-1/5"))
    difference = evolve(TOO_FEW, name="selection_rate_difference", scale=Scale.DIFFERENCE)
    assert gate(around(measured(1, GOOD, difference), policy=both)).verdict is Verdict.CANNOT_TELL


def test_a_number_without_a_limit_is_not_in_the_set() -> None:
    report = gate(around(measured(1, evolve(BAD, name="impact_ratio_to_best"), GOOD)))
    assert report.verdict is Verdict.MAY
    assert limits(report) == [("fairness.impact_ratio: impact_ratio (sex: female)", Verdict.MAY)]


def test_policy_that_is_not_in_the_set_does_not_block() -> None:
    assert gate(around(measured(1, BAD), settings=WITHOUT_POLICY)).verdict is Verdict.MAY
    assert gate(around(measured(1, BAD))).verdict is Verdict.MAY_NOT


def test_a_limit_of_law_blocks_without_being_named_in_the_set() -> None:
    report = gate(around(measured(1, GOOD, BAD), settings=WITHOUT_POLICY), 20, (LAW, LIMIT_OF_LAW))
    assert [verdict for _, verdict in limits(report)] == [Verdict.MAY, Verdict.MAY_NOT]
    assert report.verdict is Verdict.MAY_NOT


def test_law_before_use_that_is_not_in_the_set_does_not_block() -> None:
    world = [e for e in around(measured(1, GOOD), settings={"set": ["policy"]}) if b"dpia" not in e.payload]
    assert gate(world).verdict is Verdict.MAY
    assert gate([e for e in around(measured(1, GOOD)) if b"dpia" not in e.payload]).verdict is Verdict.CANNOT_TELL


def test_law_alone_is_something_to_judge_and_approvals_alone_are_not() -> None:
    lawful = around(checks=[], policy=())
    assert gate(lawful).verdict is Verdict.MAY
    bare = around(checks=[], policy=(), settings={"set": ["policy"]})
    assert gate(bare).verdict is Verdict.CANNOT_TELL


def test_two_approvals_are_asked_for_where_nothing_is_declared_of_them() -> None:
    assert gate(around(measured(1, GOOD), settings={})).verdict is Verdict.MAY
    assert gate(around(measured(1, GOOD), settings={}, approving=("dpo",))).verdict is Verdict.CANNOT_TELL


# --- people -----------------------------------------------------------------------------------------------------------


def justified(release: str = RELEASE, reason: str = "examined; see minutes") -> Envelope:
    about = {"check": "fairness.impact_ratio", "measurement": "impact_ratio", "protected": "sex", "group": "female"}
    return says("dpo", "justification", {**about, "release": release, "reason": reason}, 2 * DAY)


def waived(by: str, target: str, expires: str = "2027-01-31T00:00:00.000000Z") -> Envelope:
    return says(by, "waiver", {"target": target, "reason": "until the refit", "expires": expires}, DAY)


@pytest.mark.parametrize("short", [justified(release="x"), justified(reason=" ")])
def test_a_justification_is_of_this_release_and_has_a_reason(short: Envelope) -> None:
    world = around(measured(1, MIDDLING))
    assert gate([*world, short]).verdict is Verdict.CANNOT_TELL
    assert gate([*world, justified()]).verdict is Verdict.MAY


def test_who_measured_with_the_right_to_approve_does_not_count_as_an_approver() -> None:
    assert gate(around(measured(1, GOOD, by="platform"), approving=("dpo", "platform"))).verdict is Verdict.CANNOT_TELL
    assert gate(around(measured(1, GOOD, by="ml"), approving=("dpo", "platform"))).verdict is Verdict.MAY


def test_who_declared_the_release_does_not_count_as_an_approver() -> None:
    assert gate(around(measured(1, GOOD), by="owner")).verdict is Verdict.CANNOT_TELL
    assert gate(around(measured(1, GOOD), by="owner", approving=("dpo", "ciso"))).verdict is Verdict.MAY


def test_who_measured_another_release_or_system_may_approve_this_one() -> None:
    for elsewhere in ({"release": "x"}, {"system": "another"}):
        other = measured(1, BAD, by="platform", **elsewhere)
        assert gate(around(measured(1, GOOD), other, approving=("dpo", "platform"))).verdict is Verdict.MAY


def test_who_only_attested_something_may_approve() -> None:
    assert approvers(*_picture(around(attested(1, "document:fria", by="ciso"), approving=("ciso",)))) == ("ciso",)


def _picture(envelopes: Sequence[Envelope]) -> Any:
    log = trusted(envelopes)
    return status(log, pack().view(day(10), day(10)), SYSTEM, moment(10)), log


def test_a_machine_is_no_approver_even_where_the_log_believes_it() -> None:
    picture, log = _picture(around(measured(1, GOOD)))
    robot = tuple(e.by(Signer(e.holder, "k", e.roles | {"ci"}), None) if e.holder == "owner" else e for e in log)
    assert approvers(picture, log) == ("dpo", "owner")
    assert approvers(picture, robot) == ("dpo",)


def test_a_person_with_two_keys_is_one_approver() -> None:
    second = added("dpo", "dpo", named="dpo2")
    again = says("dpo2", "approval", {"release": RELEASE, "says": ""}, DAY)
    assert gate([*around(measured(1, GOOD), approving=("dpo",)), second, again]).verdict is Verdict.CANNOT_TELL


def test_a_waiver_ends_at_its_very_instant() -> None:
    for expires, verdict in (
        ("2026-12-03T07:00:00.000000Z", Verdict.MAY_NOT),
        ("2026-12-03T07:00:00.000001Z", Verdict.MAY),
    ):
        signed = [waived(by, "fairness.impact_ratio:impact_ratio", expires) for by in ("owner", "dpo")]
        assert gate([*around(measured(1, BAD)), *signed], days=10).verdict is verdict


def test_one_person_who_is_owner_and_data_protection_officer_cannot_waive_alone() -> None:
    both = added("both", "owner", "dpo")
    world = [*around(measured(1, BAD)), both, waived("both", "fairness.impact_ratio:impact_ratio")]
    assert gate(world).verdict is Verdict.MAY_NOT
    assert gate([*world, waived("dpo", "fairness.impact_ratio:impact_ratio")]).verdict is Verdict.MAY


def test_what_stands_is_no_deviation_though_it_was_waived() -> None:
    signed = [waived(by, "T.ASSESS") for by in ("owner", "dpo")]
    assert gate([*passing(), *signed]).deviations == ()


def glass(by: str, until: str = "2026-12-30T00:00:00.000000Z", **more: Any) -> Envelope:
    return says(by, "break-glass", {"release": RELEASE, "reason": "outage", "until": until, **more}, 9 * DAY)


def test_broken_glass_says_until_when_and_the_shorter_signature_rules() -> None:
    world = around(measured(1, BAD))
    assert gate([*world, glass("owner"), glass("ciso")]).break_glass == "2026-12-05T07:00:00Z"
    shorter = gate([*world, glass("owner"), glass("ciso", "2026-12-04T00:00:00.000000Z")])
    assert shorter.break_glass == "2026-12-04T00:00:00Z"
    assert shorter.to_json()["verdict"] == "may"


def test_glass_broken_for_another_release_changes_nothing() -> None:
    world = [*around(measured(1, BAD)), glass("owner"), glass("ciso", release="x")]
    assert gate(world).verdict is Verdict.MAY_NOT


# --- the verdict ------------------------------------------------------------------------------------------------------


def item(verdict: Verdict, kind: str = "limit", waived: bool = False) -> Item:
    return Item(kind=kind, name="n", target="t", verdict=verdict, because="b", owner="ml", waived=waived)


def report(*items: Item, break_glass: str | None = None) -> GateReport:
    return GateReport(system=SYSTEM, release=RELEASE, items=items, break_glass=break_glass)


@pytest.mark.parametrize(
    ("items", "verdict"),
    [
        ((), Verdict.CANNOT_TELL),
        ((item(Verdict.MAY, "approval"),), Verdict.CANNOT_TELL),
        ((item(Verdict.MAY, "limit"),), Verdict.MAY),
        ((item(Verdict.MAY, "law"),), Verdict.MAY),
        ((item(Verdict.MAY), item(Verdict.CANNOT_TELL, "approval")), Verdict.CANNOT_TELL),
        ((item(Verdict.CANNOT_TELL), item(Verdict.MAY_NOT)), Verdict.MAY_NOT),
        ((item(Verdict.MAY_NOT, waived=True),), Verdict.MAY),
        ((item(Verdict.MAY_NOT, waived=True), item(Verdict.CANNOT_TELL)), Verdict.CANNOT_TELL),
    ],
)
def test_the_verdict_is_that_of_the_worst_item_that_blocks(items: tuple[Item, ...], verdict: Verdict) -> None:
    assert report(*items).verdict is verdict
    assert report(*items, break_glass="2026-12-05T07:00:00Z").verdict is Verdict.MAY


def test_each_verdict_ends_the_command_in_its_own_way() -> None:
    assert [verdict.exit_code for verdict in (Verdict.MAY, Verdict.MAY_NOT, Verdict.CANNOT_TELL)] == [0, 1, 3]


def test_owners_are_listed_in_the_order_of_the_alphabet() -> None:
    counted = evolve(report(), open_by_owner={"ml": 1, "business": 2, "dpo": 1})
    assert list(counted.to_json()["open_by_owner"]) == ["business", "dpo", "ml"]
