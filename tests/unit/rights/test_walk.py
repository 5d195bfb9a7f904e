"""A person is found wherever the map leads; where only a person can tell, nobody's rows are taken."""

import json
from typing import Any

import pytest
from attrs import evolve

from mapped import a_map, ids, opened, shop
from ombud.errors import Misused
from ombud.rights.map.model import DataMap
from ombud.rights.walk import Bounds, Found, find, plan

LENDING = shop("""
customers: {key: id, identities: {id: customer_id, email: email}, columns: {name: user.name}}
loans: {key: id, columns: {amount: user.financial}, references: {customer_id: customers.id}}
payments: {columns: {amount: user.financial}, references: {loan_id: loans.id}}
former: {identities: {email: email, customer_id: customer_id}}
newsletter: {key: email, identities: {email: email}}
""")

BOOKS: dict[str, list[dict[str, Any]]] = {
    "customers": [
        {"id": 1, "email": "Anna@Example.org", "name": "Anna"},
        {"id": 2, "email": "bob@example.org", "name": "Anna"},
    ],
    "loans": [{"id": 10, "customer_id": 1}, {"id": 11, "customer_id": 2}, {"id": 12, "customer_id": 1}],
    "payments": [{"loan_id": 10}, {"loan_id": 10}, {"loan_id": 11}, {"loan_id": None}],
    "former": [{"email": "anna.old@example.org", "customer_id": 1}],
    "newsletter": [{"email": "anna.old@example.org"}, {"email": "bob@example.org"}],
}


def search(map: DataMap, who: list[str], tables: dict[str, list[dict[str, Any]]], **more: Any) -> Found:
    return find(map, ids(*who), opened=opened(map, **tables), **more)


@pytest.mark.parametrize("known_by", ["email=anna@example.org", "customer_id=1", "email=ANNA.old@example.org"])
def test_every_identity_leads_to_all_rows_of_the_person_and_to_nobody_elses(known_by: str) -> None:
    found = search(LENDING, [known_by], BOOKS)
    assert found.counts == {
        "core.customers": 1,
        "core.loans": 2,
        "core.payments": 2,
        "core.former": 1,
        "core.newsletter": 1,
    }
    assert found.complete


def test_a_namesake_is_not_found_for_a_name_is_no_identity() -> None:
    assert search(LENDING, ["customer_id=1"], BOOKS).counts["core.customers"] == 1


def test_it_is_told_how_each_identity_was_reached() -> None:
    found = search(LENDING, ["email=anna.old@example.org"], BOOKS)
    assert [one.how for one in found.reached] == [
        ("email",),
        ("email", "core.former", "customer_id"),
        ("email", "core.former", "customer_id", "core.customers", "email"),
    ]
    assert [one.given for one in found.reached] == [True, False, False]


def test_two_accounts_behind_one_address_are_left_to_a_person() -> None:
    twins = [{"id": 3, "email": "x@example.org"}, {"id": 4, "email": "x@example.org"}]
    tables = {**BOOKS, "customers": twins, "loans": [{"id": 1, "customer_id": 3}]}
    found = search(LENDING, ["email=x@example.org"], tables)
    assert found.rows == 0
    (one,) = found.ambiguities
    assert [each.value for each in one.identities] == ["3", "4"]
    assert one.rows == {"core.customers": 2}
    assert not found.complete


def test_once_told_both_accounts_are_followed() -> None:
    twins = [{"id": 3, "email": "x@example.org"}, {"id": 4, "email": "x@example.org"}]
    tables = {**BOOKS, "customers": twins, "loans": [{"id": 1, "customer_id": 3}, {"id": 2, "customer_id": 4}]}
    found = search(LENDING, ["email=x@example.org", "customer_id=3", "customer_id=4"], tables)
    assert (found.counts["core.customers"], found.counts["core.loans"], found.ambiguities) == (2, 2, ())


def test_what_was_rejected_is_neither_followed_nor_asked_about_again() -> None:
    twins = [{"id": 3, "email": "x@example.org"}, {"id": 4, "email": "x@example.org"}]
    tables = {**BOOKS, "customers": twins, "loans": [{"id": 1, "customer_id": 3}, {"id": 2, "customer_id": 4}]}
    found = search(LENDING, ["email=x@example.org"], tables, rejected=ids("customer_id=4"))
    assert (found.counts["core.customers"], found.counts["core.loans"], found.ambiguities) == (1, 1, ())
    (match,) = found.selection["core.customers"]
    assert (match.columns, match.values) == (("id",), {(3,)})  # the address would find the other's row as well


def test_an_account_of_two_people_does_not_join_them() -> None:
    joint = shop(
        "holders: {key: n, identities: {account: account, email: email}}\nnotes: {key: n, identities: {email: email}}"
    )
    tables = {
        "holders": [
            {"n": 1, "account": "DE1", "email": "a@example.org"},
            {"n": 2, "account": "DE1", "email": "b@example.org"},
        ],
        "notes": [{"n": 1, "email": "a@example.org"}, {"n": 2, "email": "b@example.org"}],
    }
    found = search(joint, ["email=a@example.org"], tables)
    assert found.counts == {"core.holders": 1, "core.notes": 1}
    assert found.selection["core.holders"][0].values == {(1,)}
    assert [one.value for one in found.ambiguities[0].identities] == ["b@example.org"]


def test_all_devices_of_an_address_are_the_persons() -> None:
    web = shop(
        "sessions: {key: n, identities: {email: email, device: device}}\nhits: {key: n, identities: {device: device}}"
    )
    tables = {
        "sessions": [
            {"n": 1, "email": "a@example.org", "device": "d1"},
            {"n": 2, "email": "a@example.org", "device": "d2"},
        ],
        "hits": [{"n": 1, "device": "d1"}, {"n": 2, "device": "d2"}, {"n": 3, "device": "d3"}],
    }
    found = search(web, ["email=a@example.org"], tables)
    assert found.counts == {"core.sessions": 2, "core.hits": 2}
    assert not found.ambiguities


def test_a_shared_device_does_not_join_two_people() -> None:
    web = shop("sessions: {key: n, identities: {email: email, device: device}}")
    tables = {"sessions": [{"n": 1, "email": "a@x.org", "device": "d"}, {"n": 2, "email": "b@x.org", "device": "d"}]}
    assert search(web, ["email=a@x.org"], tables).counts == {"core.sessions": 1}


@pytest.mark.parametrize("placeholder", ["n/a", "unknown", "-", "0", ""])
def test_what_is_written_where_nothing_is_known_joins_nobody(placeholder: str) -> None:
    tables = {**BOOKS, "customers": [{"id": 1, "email": placeholder}, {"id": 2, "email": placeholder}]}
    found = search(LENDING, ["customer_id=1"], tables)
    assert (found.counts["core.customers"], found.ambiguities) == (1, ())


def test_a_map_may_say_that_a_value_is_one_persons_or_not() -> None:
    text = "users: {key: n, identities: {code: code, email: email}}"
    head = "identities: {email: user.contact.email, code: {category: user.device, one_person: yes}}"
    rows = {"users": [{"n": 1, "code": "c", "email": "a@x.org"}, {"n": 2, "code": "c", "email": "b@x.org"}]}
    assert search(shop(text, head), ["email=a@x.org"], rows).rows == 2
    assert search(shop(text, head.replace("yes", "no")), ["email=a@x.org"], rows).rows == 1


# --- references -----------------------------------------------------------------------------------------------------


def test_a_row_that_only_mentions_the_person_is_not_theirs() -> None:
    staff = shop("people: {key: id, identities: {email: email}, references: {manager_id: people.id}}")
    tables = {
        "people": [{"id": 1, "email": "a@x.org", "manager_id": None}, {"id": 2, "email": "b@x.org", "manager_id": 1}]
    }
    assert search(staff, ["email=a@x.org"], tables).counts == {"core.people": 1}


def test_a_reference_to_its_own_table_ends_even_in_a_circle() -> None:
    tree = shop("""
notes: {key: id, identities: {email: email}, columns: {text: user.content}, references: {parent: belongs to notes.id}}
""")
    tables = {
        "notes": [
            {"id": 1, "email": "a@x.org", "parent": 3},
            {"id": 2, "email": None, "parent": 1},
            {"id": 3, "email": None, "parent": 2},
            {"id": 4, "email": "b@x.org", "parent": 4},
        ]
    }
    assert search(tree, ["email=a@x.org"], tables).counts == {"core.notes": 3}


def test_keys_of_several_columns_are_compared_together() -> None:
    banks = shop("""
accounts: {key: [bank, number], identities: {email: email}}
bookings: {key: id, columns: {text: user.content}, references: {"bank, account": "accounts (bank, number)"}}
""")
    tables = {
        "accounts": [
            {"bank": 1, "number": 7, "email": "a@x.org"},
            {"bank": 2, "number": 7, "email": "b@x.org"},
            {"bank": 2, "number": 8, "email": "a@x.org"},
        ],
        "bookings": [
            {"id": 1, "bank": 1, "account": 7},
            {"id": 2, "bank": 2, "account": 7},
            {"id": 3, "bank": 1, "account": 8},
            {"id": 4, "bank": "2", "account": "8"},
            {"id": 5, "bank": 1, "account": None},
        ],
    }
    found = search(banks, ["email=a@x.org"], tables)
    assert found.counts == {"core.accounts": 2, "core.bookings": 2}
    assert found.selection["core.bookings"][0].values == {(1, 7), ("2", "8")}


def test_the_row_that_an_identified_one_belongs_to_is_the_persons_and_so_are_its_others() -> None:
    contact = shop("""
customers: {key: id, columns: {name: user.name}}
emails: {key: email, identities: {email: email}, references: {customer_id: belongs to customers.id}}
orders: {key: id, columns: {text: user.content}, references: {customer_id: customers.id}}
""")
    tables = {
        "customers": [{"id": 1, "name": "Anna"}, {"id": 2, "name": "Bob"}],
        "emails": [{"email": "a@x.org", "customer_id": 1}, {"email": "b@x.org", "customer_id": 2}],
        "orders": [{"id": 1, "customer_id": 1}, {"id": 2, "customer_id": 2}],
    }
    found = search(contact, ["email=a@x.org"], tables)
    assert found.counts == {"core.customers": 1, "core.emails": 1, "core.orders": 1}


def test_what_belongs_to_two_people_does_not_lead_from_one_to_the_other() -> None:
    bank = shop("""
accounts: {key: id, identities: {owner: customer_id}}
transfers: {key: id, columns: {text: user.content}, references: {payer: accounts.id, payee: accounts.id}}
letters: {key: id, columns: {text: user.content}, references: {account: accounts.id}}
""")
    tables = {
        "accounts": [{"id": 1, "owner": "A"}, {"id": 2, "owner": "B"}],
        "transfers": [{"id": 1, "payer": 1, "payee": 2}, {"id": 2, "payer": 2, "payee": 2}],
        "letters": [{"id": 1, "account": 1}, {"id": 2, "account": 2}],
    }
    found = search(bank, ["customer_id=A"], tables)
    assert found.counts == {"core.accounts": 1, "core.transfers": 1, "core.letters": 1}


def test_a_step_without_personal_data_leads_on_and_is_not_selected() -> None:
    baskets = shop("""
customers: {key: id, identities: {email: email}}
baskets: {key: id, personal: no, references: {customer_id: customers.id}}
items: {key: id, columns: {wish: user.behavior}, references: {basket_id: baskets.id}}
""")
    tables = {
        "customers": [{"id": 1, "email": "a@x.org"}],
        "baskets": [{"id": 5, "customer_id": 1}],
        "items": [{"id": 9, "basket_id": 5}],
    }
    found = search(baskets, ["email=a@x.org"], tables)
    assert set(found.selection) == {"core.customers", "core.items"}


def test_without_a_key_the_persons_rows_among_others_are_not_selected_and_it_is_said() -> None:
    loose = shop("log: {identities: {email: email, customer_id: customer_id}}")
    tables = {"log": [{"email": "x@x.org", "customer_id": 1}, {"email": "x@x.org", "customer_id": 2}]}
    found = search(loose, ["email=x@x.org", "customer_id=1"], tables)
    assert found.selection == {}
    assert "no key" in found.incomplete[0]
    assert not found.complete


# --- sources, bounds, state -----------------------------------------------------------------------------------------

TWO = a_map("""
identities: {email: user.contact.email, customer_id: user.unique_id}
sources:
  crm:
    jsonl: .
    collections: {people: {key: id, identities: {id: customer_id, email: email}}}
  web:
    jsonl: .
    collections: {visits: {key: n, identities: {customer: customer_id}}}
""")
VISITED = {"people": [{"id": 1, "email": "a@x.org"}], "visits": [{"n": 1, "customer": "1"}, {"n": 2, "customer": "2"}]}


def test_an_identity_found_in_one_source_leads_on_in_another() -> None:
    assert search(TWO, ["email=a@x.org"], VISITED).counts == {"crm.people": 1, "web.visits": 1}


def test_a_source_that_is_away_is_named_and_the_others_go_on() -> None:
    sources = opened(TWO, **VISITED)
    sources["web"].broken = "visits"
    found = find(TWO, ids("email=a@x.org"), opened=sources)
    assert found.away == {"web": "source web: it cannot be reached"}
    assert found.counts == {"crm.people": 1}
    assert not found.complete


def test_a_source_whose_references_could_not_be_read_is_away() -> None:
    unread = evolve(TWO, unread={"web": "it cannot be reached"})
    found = search(unread, ["customer_id=1"], VISITED)
    assert set(found.away) == {"web"}
    assert "web.visits" not in found.counts


def test_an_unforeseen_fault_of_a_source_repeats_none_of_its_words() -> None:
    sources = opened(TWO, **VISITED)
    sources["web"].tables = None  # type: ignore[assignment]
    found = find(TWO, ids("email=a@x.org"), opened=sources)
    assert found.away == {"web": "source web failed in a way that was not foreseen (TypeError)"}


def test_too_many_rows_are_said_and_never_cut_in_silence() -> None:
    many = {"newsletter": [{"email": "a@x.org"}], "customers": [{"id": 1, "email": "a@x.org"}], "former": []}
    tables = {**many, "loans": [{"id": n, "customer_id": 1} for n in range(50)], "payments": []}
    found = search(LENDING, ["email=a@x.org"], tables, bounds=Bounds(rows=20))
    assert found.incomplete == ("core.loans: more than 20 rows lead on; the rest was not looked at",)
    assert search(LENDING, ["email=a@x.org"], tables, bounds=Bounds(rows=50)).complete


def test_a_chain_longer_than_the_bound_is_said() -> None:
    chain = shop("notes: {key: id, identities: {email: email}, references: {parent: belongs to notes.id}}")
    rows = [
        {"id": 0, "email": "a@x.org", "parent": None},
        *({"id": n, "email": None, "parent": n - 1} for n in range(1, 50)),
    ]
    assert "more steps" in search(chain, ["email=a@x.org"], {"notes": rows}, bounds=Bounds(rounds=10)).incomplete[0]
    assert search(chain, ["email=a@x.org"], {"notes": rows}).rows == 50


def test_too_many_identities_are_said() -> None:
    rows = [{"id": n, "email": f"a{n}@x.org", "customer_id": 1} for n in range(30)]
    found = search(LENDING, ["customer_id=1"], {**BOOKS, "former": rows}, bounds=Bounds(identities=10))
    assert found.incomplete == ("the person has more than 10 identities",)


def test_the_answer_survives_being_kept_as_a_note() -> None:
    found = search(LENDING, ["email=anna@example.org"], BOOKS)
    assert Found.from_json(json.loads(json.dumps(found.to_json()))) == found


def test_a_note_that_is_no_answer_is_refused() -> None:
    with pytest.raises(Misused, match="no result of a search"):
        Found.from_json({"selection": 1})


def test_a_search_that_was_cut_off_is_taken_up_again_with_the_same_answer() -> None:
    states: list[Found] = []
    whole = search(LENDING, ["email=anna@example.org"], BOOKS, keep=states.append)
    assert len(states) > 2
    assert not any(state.complete for state in states)
    for state in states:
        again = find(LENDING, [], opened=opened(LENDING, **BOOKS), resume=Found.from_json(state.to_json()))
        assert (again.counts, again.selection, again.identities) == (whole.counts, whole.selection, whole.identities)


def test_the_state_of_another_map_is_refused() -> None:
    state = evolve(search(LENDING, ["customer_id=1"], BOOKS), map="other")
    with pytest.raises(Misused, match="map has changed"):
        search(LENDING, ["customer_id=1"], BOOKS, resume=state)


def test_the_same_search_gives_the_same_answer_to_the_letter() -> None:
    shuffled = {name: rows[::-1] for name, rows in BOOKS.items()}
    one, other = (search(LENDING, ["email=anna@example.org"], rows) for rows in (BOOKS, shuffled))
    assert json.dumps(one.to_json()) == json.dumps(other.to_json())


def test_nothing_is_asked_twice() -> None:
    sources = opened(LENDING, **BOOKS)
    find(LENDING, ids("customer_id=1"), opened=sources)
    assert sources["core"].asked.count(("loans", ("customer_id",))) == 1


def test_open_sources_stay_open() -> None:
    sources = opened(LENDING, **BOOKS)
    find(LENDING, ids("customer_id=1"), opened=sources)
    assert not sources["core"].closed


def test_searching_for_nobody_or_by_an_unknown_kind_is_refused() -> None:
    with pytest.raises(Misused, match="no identity"):
        find(LENDING, [])
    with pytest.raises(Misused, match="no identity of kind fax"):
        find(LENDING, ids("fax=1"))


def test_a_result_shows_nothing_of_the_person_when_it_is_printed() -> None:
    twins = [{"id": 31337, "email": "x@example.org"}, {"id": 4711, "email": "x@example.org"}]
    printed = repr(search(LENDING, ["email=x@example.org"], {**BOOKS, "customers": twins}))
    assert not any(value in printed for value in ("x@example.org", "31337", "4711"))


def test_a_plan_says_what_cannot_be_said_instead_of_failing(tmp_path: Any) -> None:
    away = shop("people: {key: id, identities: {email: email}}")
    sources = {**away.sources[0].options}
    assert sources == {}
    sql = evolve(away, sources=(evolve(away.sources[0], kind="sql", address="sqlite:///not-there.db"),))
    (one,) = plan(sql, ids("email=a@x.org"), base=tmp_path)
    assert (one.queries, one.how) == ((), ("email", "core.people"))
    assert "not found" in one.problem
