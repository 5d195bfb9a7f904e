from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledgers import added, at, beginning, key, log, measured, revoked, says, turned
from ombud.evidence.dsse import Envelope, sign
from ombud.evidence.entry import Entry
from ombud.evidence.log import Log
from ombud.evidence.trust import Standing


def trusted(log: Log) -> set[int]:
    return {entry.index for entry in log.trusted()}


def test_what_a_granted_key_signed_is_trusted_and_names_its_signer() -> None:
    found = log(*beginning(), measured("ml", 1)).trusted("measurement")
    assert [(entry.index, entry.signer.person) for entry in found if entry.signer] == [(4, "ml")]
    assert found[0].signer is not None and found[0].signer.roles == {"ml"}


def test_a_key_that_is_not_in_the_keyring_is_not_believed() -> None:
    assert log(*beginning(), measured("stranger", 1)).standing(4) is Standing.UNKNOWN_KEY


def test_a_signature_by_another_key_than_the_one_named_is_foreign() -> None:
    honest = measured("ml", 1)
    forged = Envelope(honest.payload, honest.key_id, measured("stranger", 1).signature)
    assert log(*beginning(), forged).standing(4) is Standing.FOREIGN_SIGNATURE


def test_a_key_counts_only_after_the_statement_that_added_it() -> None:
    early = log(beginning()[0], measured("ml", 1), added("ml", "ml"), measured("ml", 2))
    assert [early.standing(1), early.standing(3)] == [Standing.KEY_NOT_VALID, Standing.TRUSTED]


def test_a_kind_that_was_not_granted_is_not_believed() -> None:
    approval = says("ml", "approval", {"release": "r"})
    assert log(*beginning(), approval).standing(4) is Standing.NOT_GRANTED


def test_a_machine_never_approves_whatever_it_was_granted() -> None:
    robot = added("robot", "ci", grants=["measurement", "approval"])
    found = log(*beginning(), robot, says("robot", "approval", {"release": "r"}), measured("robot", 1))
    assert [found.standing(5), found.standing(6)] == [Standing.NOT_GRANTED, Standing.TRUSTED]


def test_a_repeated_envelope_counts_once() -> None:
    found = log(*beginning(), measured("ml", 1), measured("ml", 1))
    assert [found.standing(4), found.standing(5)] == [Standing.TRUSTED, Standing.REPLAYED]


def test_only_the_pinned_root_key_may_begin_a_keyring() -> None:
    foreign = Log(log(*beginning(), measured("ml", 1)).entries, key("other root").key_id)
    assert foreign.trusted() == ()
    assert foreign.standing(0) is Standing.UNKNOWN_KEY


def test_an_engineer_cannot_add_keys() -> None:
    found = log(*beginning(), added("friend", "owner", by="ml"), says("friend", "approval", {"release": "r"}))
    assert [found.standing(4), found.standing(5)] == [Standing.NOT_GRANTED, Standing.UNKNOWN_KEY]


def test_one_key_under_two_names_is_refused_and_stays_with_its_first_holder() -> None:
    found = log(*beginning(), added("twin", "dpo", named="ml"), measured("ml", 1))
    assert found.standing(4) is Standing.REFUSED
    assert "one key under two names" in (found.why_refused(4) or "")
    assert [e.signer.person for e in found.trusted("measurement") if e.signer] == ["ml"]


def test_a_retired_key_keeps_its_past_and_signs_no_more() -> None:
    found = log(*beginning(), measured("ml", 1), turned("retire", "ml"), measured("ml", 2))
    assert [found.standing(4), found.standing(6)] == [Standing.TRUSTED, Standing.KEY_NOT_VALID]


def rotation() -> Envelope:
    new = key("ml 2")
    predicate = {"action": "rotate", "key_id": new.key_id, "public": new.public.hex(), "replaces": key("ml").key_id}
    return says("root", "key", predicate)


def test_a_rotated_key_hands_its_rights_to_its_successor_and_keeps_its_past() -> None:
    found = log(*beginning(), measured("ml", 1), rotation(), measured("ml", 2), measured("ml 2", 3))
    assert [found.standing(i) for i in (4, 5, 6, 7)] == [
        Standing.TRUSTED, Standing.TRUSTED, Standing.KEY_NOT_VALID, Standing.TRUSTED,
    ]  # fmt: skip
    assert {e.signer.person for e in found.trusted("measurement") if e.signer} == {"ml"}


def test_a_mistaken_entry_is_gone_from_the_revocation_on_and_stands_before_it() -> None:
    wrong = measured("ml", 1)
    found = log(*beginning(), wrong, revoked("dpo", "mistaken", wrong))
    assert found.standing(4) is Standing.MISTAKEN
    assert found.until(at(4)).standing(4) is Standing.TRUSTED


def test_a_withdrawn_entry_stays_and_says_from_when() -> None:
    old = measured("ml", 1)
    found = log(*beginning(), old, revoked("dpo", "withdrawn", old, **{"from": at(100)}))
    assert [entry.withdrawn_from for entry in found.trusted("measurement")] == [at(100)]


def test_a_withdrawal_without_a_date_holds_from_its_receipt() -> None:
    old = measured("ml", 1)
    found = log(*beginning(), old, revoked("dpo", "withdrawn", old))
    assert [entry.withdrawn_from for entry in found.trusted("measurement")] == [at(5)]


def test_who_measures_cannot_revoke_a_measurement() -> None:
    bad = measured("ml", 1)
    found = log(*beginning(), bad, revoked("ml", "mistaken", bad))
    assert [found.standing(4), found.standing(5)] == [Standing.TRUSTED, Standing.NOT_GRANTED]


def test_a_compromised_key_loses_what_it_signed_from_the_named_position_on() -> None:
    found = log(
        *beginning(), measured("ml", 1), measured("ml", 2), measured("ml", 3),
        turned("revoke", "ml", reason="key compromised", from_index=5),
    )  # fmt: skip
    assert [found.standing(i) for i in (4, 5, 6)] == [Standing.TRUSTED, Standing.COMPROMISED, Standing.COMPROMISED]
    assert found.until(at(6)).standing(6) is Standing.TRUSTED


def test_a_revoked_key_cannot_be_added_again() -> None:
    found = log(*beginning(), turned("revoke", "ml", reason="key compromised"), added("ml", "ml", seconds=9))
    assert found.standing(5) is Standing.REFUSED


def test_keys_added_by_a_compromised_administrator_fall_with_it() -> None:
    admin = added("admin", "platform", grants=["key"])
    found = log(
        *beginning(), admin, added("friend", "owner", by="admin"), says("friend", "approval", {"release": "r"}),
        turned("revoke", "admin", reason="key compromised"),
    )  # fmt: skip
    assert found.until(at(6)).standing(6) is Standing.TRUSTED
    assert [found.standing(5), found.standing(6)] == [Standing.COMPROMISED, Standing.UNKNOWN_KEY]


def test_a_thief_cannot_keep_a_revocation_that_the_revoked_key_made() -> None:
    honest = measured("ml", 1)
    theft = revoked("dpo", "mistaken", honest)
    found = log(*beginning(), honest, theft, turned("revoke", "dpo", reason="key compromised"))
    assert found.until(at(5)).standing(4) is Standing.MISTAKEN
    assert found.standing(4) is Standing.TRUSTED


def test_a_revocation_that_was_itself_a_mistake_gives_its_entry_back() -> None:
    honest = measured("ml", 1)
    wrong = revoked("dpo", "mistaken", honest)
    found = log(*beginning(), honest, wrong, revoked("root", "mistaken", wrong))
    assert [found.standing(4), found.standing(5)] == [Standing.TRUSTED, Standing.MISTAKEN]


def test_a_data_protection_officer_cannot_revoke_keys_through_their_statements() -> None:
    start = beginning()
    found = log(*start, revoked("dpo", "mistaken", start[2]), measured("ml", 1))
    assert found.standing(5) is Standing.TRUSTED


def test_nothing_revokes_the_root_key() -> None:
    start = beginning()
    found = log(*start, revoked("root", "mistaken", start[0]), turned("revoke", "root", reason="mistaken"))
    assert found.standing(0) is Standing.TRUSTED
    admin = added("admin", "platform", grants=["key"])
    assert log(*start, admin, turned("retire", "root", by="admin")).standing(5) is Standing.REFUSED


def test_an_unknown_kind_is_kept_and_counted() -> None:
    from ombud.evidence.canonical import canonical, parse
    from ombud.evidence.dsse import PAYLOAD_TYPE, sign_bytes

    data = parse(measured("ml", 1).payload)
    payload = canonical(data | {"predicateType": "https://ombud.dev/dream/v1"})
    found = log(*beginning(), sign_bytes(payload, PAYLOAD_TYPE, key("ml")))
    assert found.standing(4) is Standing.UNKNOWN_KIND
    assert found.kinds["dream"] == 1
    assert len(found.entries) == 5


@pytest.mark.parametrize("payload", [b"{}", b'{"a": 1}', b"\xff", b"[]", b"null"])
def test_bytes_that_are_no_statement_are_kept_and_not_believed(payload: bytes) -> None:
    from ombud.evidence.dsse import PAYLOAD_TYPE, sign_bytes

    found = log(*beginning(), sign_bytes(payload, PAYLOAD_TYPE, key("ml")), measured("ml", 1))
    assert [found.standing(4), found.standing(5)] == [Standing.UNREADABLE, Standing.TRUSTED]


def test_a_prefix_ends_with_the_last_entry_received_by_the_instant() -> None:
    found = log(*beginning(), measured("ml", 1))
    assert [len(found.until(at(t)).entries) for t in (-1, 0, 0.5, 4, 99)] == [0, 1, 1, 5, 5]
    assert len(found.until("2026-11-23").entries) == 5
    assert len(found.until("2026-11-22").entries) == 0


EVENTS: dict[str, Any] = {
    "measure": lambda n: measured("ml", n),
    "measure 2": lambda n: measured("ml 2", n),
    "rotate": lambda n: rotation(),
    "retire": lambda n: says("root", "key", {"action": "retire", "key_id": key("ml").key_id}, n),
    "compromise": lambda n: turned("revoke", "ml", reason="key compromised", from_index=n),
    "dpo stolen": lambda n: turned("revoke", "dpo", reason="key compromised", from_index=n),
    "revoke": lambda n: revoked("dpo", "mistaken", measured("ml", n - 1), measured("ml", n - 2)),
    "twin": lambda n: added("twin", "owner", named="ml"),
}


@given(st.lists(st.sampled_from(sorted(EVENTS)), max_size=12))
def test_what_comes_later_never_changes_what_was_believed_then(events: list[str]) -> None:
    made = [*beginning(), *(EVENTS[event](number) for number, event in enumerate(events))]
    whole = log(*made)
    for size in range(len(made) + 1):
        alone = log(*made[:size])
        assert [(e.index, e.signer) for e in whole.first(size).trusted()] == [
            (e.index, e.signer) for e in alone.trusted()
        ]


@given(st.lists(st.sampled_from(["measure", "measure 2", "rotate", "retire", "twin"]), max_size=10))
def test_rotating_and_retiring_change_no_past_trust(events: list[str]) -> None:
    made = [*beginning(), *(EVENTS[event](number) for number, event in enumerate(events))]
    before = trusted(log(*made))
    assert before <= trusted(log(*made, rotation())) and before <= trusted(log(*made, turned("retire", "ml")))


@given(st.lists(st.sampled_from(sorted(EVENTS)), max_size=8), st.integers(0, 12))
def test_a_log_that_grew_says_the_same_as_one_read_at_once(events: list[str], cut: int) -> None:
    made = log(*beginning(), *(EVENTS[event](number) for number, event in enumerate(events)))
    grown = made.first(cut)
    grown.trusted()
    regrown = grown.extended(made.entries[cut:])
    assert [regrown.standing(e.index) for e in made.entries] == [made.standing(e.index) for e in made.entries]


def test_an_entry_is_read_back_from_its_leaf() -> None:
    entry = Entry.at(3, at(3), sign(log(measured("ml", 1)).entries[0].statement, key("ml")), ("clock behind",))
    assert Entry.read(3, entry.leaf) == entry
