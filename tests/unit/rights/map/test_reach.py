"""By the map alone it is proved that every kind of identity leads everywhere, and said what mends a hole."""

import time

import pytest

from mapped import shop
from ombud.rights.map.finding import Finding
from ombud.rights.map.model import Collection, Column, DataMap, Reference, SourceSpec
from ombud.rights.map.reach import check_reach, routes

HEAD = "identities: {email: user.contact.email, customer_id: user.unique_id}"
TOLD = "purposes: [p], lawful_basis: contract, retention: 1y"


def holes(text: str, *rules: str) -> list[Finding]:
    return [one for one in check_reach(shop(text, HEAD)) if one.hole and (not rules or one.rule in rules)]


def test_a_map_in_which_all_leads_everywhere_has_no_hole() -> None:
    assert not holes(f"""
customers: {{key: id, identities: {{id: customer_id, email: email}}, {TOLD}}}
loans: {{key: id, columns: {{amount: user.financial}}, references: {{customer_id: customers.id}}, {TOLD}}}
payments: {{columns: {{amount: user.financial}}, references: {{loan_id: loans}}, {TOLD}}}
""")


def test_a_collection_that_no_identity_leads_to_is_named_with_the_line_that_mends_it() -> None:
    (one,) = holes(
        """
customers: {key: id, identities: {id: customer_id, email: email}}
loans: {key: id, columns: {customer_id: user.unique_id}}
""",
        "unreached",
    )
    assert (one.where, one.says) == ("core.loans", "email and customer_id do not lead here")
    assert one.add == "references: {customer_id: core.customers.id}"


def test_an_identity_that_leads_only_to_some_is_named() -> None:
    found = holes(
        "customers: {key: id, identities: {id: customer_id}}\nnews: {identities: {email: email}}", "unreached"
    )
    assert {one.where: one.says for one in found} == {
        "core.customers": "email does not lead here",
        "core.news": "customer_id does not lead here",
    }


def test_a_collection_that_holds_two_kinds_links_them() -> None:
    text = """
customers: {key: id, identities: {id: customer_id}}
news: {identities: {email: email}}
both: {identities: {i: customer_id, e: email}, personal: no}
"""
    assert not holes(text, "unreached")


def test_a_reference_that_only_mentions_leads_nowhere_and_the_line_says_how_it_would() -> None:
    (one,) = holes(
        """
customers: {key: id, identities: {id: customer_id, email: email}}
calls: {columns: {text: user.content}, references: {customer: mentions customers.id}}
""",
        "unreached",
    )
    assert one.add == 'references: {"customer": "belongs to core.customers (id)"}, if a row here is that person\'s'


def test_of_a_key_of_several_columns_the_line_names_all_so_that_nobody_is_given_a_whole_banks_accounts() -> None:
    text = """
people: {{key: id, identities: {{id: customer_id, email: email}}}}
holders:
  key: [bank, no, person]
  columns: {{role: user.content}}
  references: {{person: belongs to people.id, "bank, no": "mentions accounts (bank, no)"}}
accounts: {{key: [bank, no], columns: {{iban: user.financial.bank_account}}{more}}}
"""
    (one,) = holes(text.format(more=""), "unreached")
    line = 'references: {"bank, no": "belongs to core.holders (bank, no)"}'
    assert (one.where, one.add) == ("core.accounts", f"{line}, if a row here is that person's")
    assert not holes(text.format(more=f", {line}"), "unreached")


def test_it_leads_up_from_what_is_identified_and_down_again_but_not_up_from_what_only_belongs() -> None:
    text = """
emails: {key: email, identities: {email: email}, references: {customer: belongs to customers.id}}
customers: {key: id, columns: {name: user.name}}
orders: {key: id, columns: {x: user.content}, references: {customer: customers.id, shop: belongs to shops.id}}
shops: {key: id, columns: {owner: user.name}}
"""
    reach = routes(shop(text, HEAD), "email")
    assert list(reach.collections) == ["core.emails", "core.customers", "core.orders"]
    assert reach.collections["core.orders"] == ("email", "core.emails", "core.customers", "core.orders")


def test_an_identity_that_no_collection_holds_is_named_once() -> None:
    found = holes("customers: {key: id, identities: {id: customer_id}}", "unreached")
    assert [(one.where, one.says) for one in found] == [("identities", "no collection holds email")]


def test_what_a_record_of_processing_lacks_is_a_hole() -> None:
    found = holes("customers: {key: id, identities: {id: customer_id, email: email}, columns: [note]}")
    assert {one.rule for one in found} == {"category", "purposes", "lawful_basis", "retention"}
    assert next(one for one in found if one.rule == "category").says == "no category is said of note"


def test_keeping_without_a_ground_is_a_hole() -> None:
    kept = "customers: {key: id, identities: {id: customer_id, email: email}, on_erase: keep%s}"
    assert holes(kept.replace("%s", ""), "exemption")
    assert not holes(kept.replace("%s", ", exemption: legal-obligation"), "exemption")


def test_what_is_about_nobody_needs_nothing() -> None:
    assert not holes(
        "shops: {personal: no}\ncustomers: {identities: {e: email, c: customer_id}, %s}".replace("%s", TOLD)
    )


def test_places_that_people_search_need_no_identity() -> None:
    spec = SourceSpec(
        name="archive", kind="manual", address="cellar",
        collections=(Collection(source="archive", name="files", table="files", columns={"x": Column(name="x")}),),
    )  # fmt: skip
    other = shop("customers: {identities: {e: email, c: customer_id}}", HEAD)
    both = DataMap(path=other.path, identities=other.identities, sources=(*other.sources, spec))
    assert not [one for one in check_reach(both) if one.rule == "unreached"]


def test_circles_are_listed_and_are_no_holes() -> None:
    text = """
a: {key: id, identities: {e: email, c: customer_id}, references: {b: mentions b.id}}
b: {key: id, columns: {x: user.name}, references: {a: a.id, b: b.id}}
"""
    found = [one for one in check_reach(shop(text, HEAD)) if one.rule == "cycle"]
    assert [one.says for one in found] == ["references go in a circle: core.a → core.b → core.a"]
    assert not found[0].hole


def _keyed(said: bool) -> DataMap:
    person = Collection(source="s", name="p", table="p", identities={"e": "email"}, columns={"e": Column(name="e")})
    branch = Collection(source="s", name="b", table="b", identities={"m": "email"}, columns={"m": Column(name="m")})
    loans = Collection(
        source="s", name="l", table="l", columns={"x": Column(name="x")},
        references=(
            Reference(columns=("p",), to="s.p", to_columns=("id",), said=said),
            Reference(columns=("b",), to="s.b", to_columns=("id",), said=said),
        ),
    )  # fmt: skip
    spec = SourceSpec(name="s", kind="sql", address="x", collections=(person, branch, loans))
    return DataMap(path=shop("{}", HEAD).path, identities={"email": "user.contact.email"}, sources=(spec,))


@pytest.mark.parametrize("said", [True, False])
def test_rows_that_would_belong_to_several_by_foreign_keys_alone_are_asked_about(said: bool) -> None:
    assert any(one.rule == "owners" for one in check_reach(_keyed(said))) is not said


def test_a_reference_to_what_is_not_in_the_map_is_a_finding_and_no_traceback() -> None:
    lost = Collection(
        source="s", name="l", table="l", references=(Reference(columns=("p",), to="s.p", to_columns=("id",)),)
    )
    spec = SourceSpec(name="s", kind="sql", address="x", collections=(lost,))
    found = check_reach(DataMap(path=shop("{}", HEAD).path, identities={}, sources=(spec,)))
    assert any(one.rule == "reference" and "s.p, which is not in the map" in one.says for one in found)


def test_a_thousand_collections_are_proved_in_seconds() -> None:
    lines = ["c0: {key: id, identities: {e: email, c: customer_id}}"]
    lines += [f"c{n}: {{key: id, columns: {{x: user.name}}, references: {{up: c{n - 1}.id}}}}" for n in range(1, 1000)]
    big = shop("\n".join(lines), HEAD)
    began = time.perf_counter()
    found = check_reach(big)
    assert not [one for one in found if one.rule == "unreached"]
    assert time.perf_counter() - began < 2
