"""What may never happen to a status, over random histories of a system."""

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from ledgers import added, key, revoked, turned
from ombud.evidence.dsse import Envelope
from ombud.evidence.entry import Entry
from ombud.evidence.instants import instant
from ombud.evidence.log import Log
from ombud.release.gate import judge_release
from ombud.status.status import Picture, status
from worlds import (
    BAD,
    DAY,
    GOOD,
    LAW,
    LIMIT_OF_LAW,
    MIDDLING,
    SYSTEM,
    approved,
    attested,
    day,
    declared,
    limit,
    measured,
    moment,
    pack,
    people,
)

DAYS = st.integers(0, 30)
TAKEN = st.sampled_from([GOOD, MIDDLING, BAD])

EVENTS = st.one_of(
    st.builds(lambda d, v: declared(d, policy=(limit(v),)), DAYS, st.sampled_from(["1/2", "4/5", "9/10"])),
    st.builds(lambda d: declared(d, facts={"jurisdiction": ["EU", "DE"], "decision": ["assisted"]}), DAYS),
    st.builds(measured, DAYS, TAKEN),
    st.builds(lambda d: measured(d, unmet="the table is away"), DAYS),
    st.builds(attested, DAYS),
    st.builds(approved, DAYS, st.sampled_from(["dpo", "owner", "ciso", "ml", "ci"])),
)


def log_of(events: Sequence[Envelope]) -> Log:
    """Each event is received an hour after the one before it."""
    return Log(entries_hourly([*people(), *events]), key("root").key_id)


def entries_hourly(envelopes: Sequence[Envelope]) -> tuple[Entry, ...]:
    return tuple(Entry.at(i, instant(moment(i / 24)), envelope) for i, envelope in enumerate(envelopes))


def seen(log: Log, as_of: float, known_at: float) -> Picture:
    prefix = log.until(instant(moment(known_at)))
    view = pack(LAW, LIMIT_OF_LAW).view(day(as_of), day(known_at))
    return status(prefix.trusted(), view, SYSTEM, moment(as_of))


def told(picture: Picture) -> tuple[object, ...]:
    """Everything a picture says, as plain values."""
    return (
        [finding.to_json() for finding in picture.findings],
        [row.to_json() for row in picture.requirements],
        picture.release,
    )


@settings(max_examples=60, deadline=None)
@given(before=st.lists(EVENTS, max_size=8), after=st.lists(EVENTS, max_size=5), as_of=st.floats(0, 200))
def test_appending_anything_never_changes_a_status_at_an_earlier_known_at(
    before: list[Envelope], after: list[Envelope], as_of: float
) -> None:
    known_at = (len(people()) + len(before) - 1) / 24 + 1e-6
    assert told(seen(log_of(before), as_of, known_at)) == told(seen(log_of([*before, *after]), as_of, known_at))


@settings(max_examples=60, deadline=None)
@given(events=st.lists(EVENTS, max_size=8), later=st.floats(1, 300))
def test_a_preview_equals_the_status_reached_later_if_nothing_is_added(events: list[Envelope], later: float) -> None:
    log = log_of(events)
    now = (len(log.entries)) / 24
    view = pack(LAW).view(day(later), day(later))
    preview = status(log.until(instant(moment(now))).trusted(), view, SYSTEM, moment(later))
    reached = status(log.until(instant(moment(later + 1))).trusted(), view, SYSTEM, moment(later))
    assert told(preview) == told(reached)


@settings(max_examples=40, deadline=None)
@given(events=st.lists(EVENTS, max_size=8), as_of=st.floats(0, 100), name=st.sampled_from(["ml", "dpo", "owner"]))
def test_ending_a_key_changes_no_past_status(events: list[Envelope], as_of: float, name: str) -> None:
    log = log_of(events)
    ended = log.extended([Entry.at(len(log.entries), instant(moment(40)), turned("retire", name))])
    assert told(seen(log, as_of, 30)) == told(seen(ended, as_of, 30))
    assert told(seen(ended, as_of, 41))[0] == told(seen(log, as_of, 41))[0]


@settings(max_examples=40, deadline=None)
@given(events=st.lists(EVENTS, min_size=1, max_size=8), data=st.data(), as_of=st.floats(0, 100))
def test_a_mistaken_entry_counts_as_if_it_had_never_been_written(
    events: list[Envelope], data: st.DataObject, as_of: float
) -> None:
    mistaken = data.draw(st.sampled_from(events))
    with_it = log_of([*events, added("second", "owner"), revoked("owner", "mistaken", mistaken)])
    copies = [event for event in events if event.digest == mistaken.digest]
    without = log_of([event for event in events if event.digest != mistaken.digest])
    assert copies
    one, other = seen(with_it, as_of, 50), seen(without, as_of, 50)
    assert [row.state for row in one.requirements] == [row.state for row in other.requirements]
    assert [f.outcome for f in one.findings] == [f.outcome for f in other.findings]


@settings(max_examples=60, deadline=None)
@given(events=st.lists(EVENTS, max_size=10), as_of=st.floats(0, 120))
def test_the_gate_never_opens_on_anything_but_a_full_and_fresh_set(events: list[Envelope], as_of: float) -> None:
    """A naive oracle: whenever the gate says may, each of these has to be true by plain looking."""
    log = log_of(events)
    trusted = log.trusted()
    report = judge_release(seen(log, as_of, 200), trusted)
    if report.verdict.exit_code == 0:
        held = [e for e in trusted if moment(as_of) >= _observed(e)]
        fresh = [e for e in held if (moment(as_of) - _observed(e)).total_seconds() < 90 * DAY]
        kinds = {e.statement.kind for e in fresh}
        assert {"measurement", "approval"} <= kinds
        newest = max((e for e in fresh if e.statement.kind == "measurement"), key=lambda e: (_observed(e), e.index))
        assert newest.statement.predicate["unmet"] is None
        assert newest.statement.predicate["measurements"][0]["value"] >= 0.5
        people_who_approved = {e.holder for e in held if e.statement.kind == "approval"} - {"ml", "ci"}
        assert len(people_who_approved) >= 2


def _observed(entry: Entry):  # type: ignore[no-untyped-def]
    from datetime import datetime

    return datetime.fromisoformat(entry.statement.predicate["observed_at"])


def test_the_histories_do_reach_an_open_gate() -> None:
    """Positive control for the property above: without it, that property could hold for want of cases."""
    events = [declared(0, policy=(limit(),)), measured(1, GOOD), attested(1), approved(1, "dpo"), approved(1, "owner")]
    log = log_of(events)
    assert judge_release(seen(log, 5, 200), log.trusted()).verdict.exit_code == 0
