import json
from pathlib import Path

import pytest
from attrs import evolve

from ombud.documents.paper import Hole, said
from ombud.documents.rights.records import paper, plain
from ombud.errors import Invalid, Misused
from ombud.rights.records import Declared, controller_record, own_record, processor_record
from ombud.rights.records.declared import FILE, load_declared
from rights_papers import DAY, DECLARED, data_map, organisation


def holes(record: object) -> set[str]:
    return {hole.where for hole in paper(record).holes}  # type: ignore[arg-type]


RECORD = controller_record(data_map(), organisation(), DECLARED, DAY)


def test_each_purpose_is_an_activity_and_so_is_what_has_none() -> None:
    assert [one.purpose for one in RECORD.activities[:2]] == ["Run accounts", "Send the newsletter"]
    assert isinstance(RECORD.activities[2].purpose, Hole)
    assert [one.places for one in RECORD.activities] == [
        ("core.customers",), ("mailing.newsletter",), ("mailing.visits",),
    ]  # fmt: skip


def test_what_the_map_says_is_told_in_words() -> None:
    accounts = RECORD.activities[0]
    assert accounts.basis == ("contract, Art. 6(1)(b)",)
    assert accounts.categories == ("name", "e-mail address")
    assert accounts.retention == ("core.customers: 10 years; in backups up to 35 days longer",)
    assert accounts.security == ("core: Access by role",)
    assert accounts.systems == ("mortgage-approval decides with them", "mortgage-approval learns from them")
    assert accounts.transfers == "None"  # Ireland


def test_what_nobody_said_is_a_hole_with_the_place_to_fill_it() -> None:
    assert {
        "sources.yaml: sources.mailing.collections.newsletter.retention",
        "sources.yaml: sources.mailing.collections.visits.purposes",
        "sources.yaml: sources.mailing.collections.visits.lawful_basis",
        "sources.yaml: sources.mailing.security",
        "records.yaml: people.mailing.newsletter",
        "organisation.yaml: contact.officer",
    } <= holes(RECORD)


def test_a_hole_that_is_filled_is_gone() -> None:
    filled = evolve(DECLARED, people={"core": ("customers",), "mailing.newsletter": ("readers",)})
    closed = controller_record(data_map(), organisation(), filled, DAY)
    assert holes(RECORD) - holes(closed) == {"records.yaml: people.mailing.newsletter"}


def test_transfers_are_told_with_their_safeguard_or_a_hole() -> None:
    newsletter = RECORD.activities[1]
    assert newsletter.transfers == ("mailing lies in US", "US: standard contractual clauses")
    without = controller_record(data_map(), organisation(), evolve(DECLARED, transfers={}), DAY)
    assert "records.yaml: transfers.US" in holes(without)


def test_without_any_manifest_every_field_is_a_hole() -> None:
    bare = controller_record(data_map(), None, Declared(), DAY)
    assert {"organisation.yaml: name", "organisation.yaml: contact", "records.yaml: controller.representative",
            "organisation.yaml: processors", "records.yaml: controller.joint"} <= holes(bare)  # fmt: skip


def test_who_is_established_in_the_union_needs_no_representative() -> None:
    assert RECORD.controller.representative == "None needed: established in IE"
    american = organisation()
    american.establishment = ("US-CA",)
    record = controller_record(data_map(), american, DECLARED, DAY)
    assert isinstance(record.controller.representative, Hole)


def test_json_marks_what_is_missing() -> None:
    written = json.loads(json.dumps(plain(RECORD)))
    assert written["record"] == "ControllerRecord" and len(written["holes"]) == len(paper(RECORD).holes)
    assert written["activities"][2]["purpose"].keys() == {"missing", "where"}
    assert written["laws"][0]["cite"].startswith("GDPR Art. 30")
    assert "not yet read" in written["laws"][0]["certainty"]


def test_a_processor_without_clients_is_asked_for_them() -> None:
    with pytest.raises(Misused, match="for whom"):
        processor_record(organisation(), Declared(), DAY)
    record = processor_record(organisation(), DECLARED, DAY)
    assert record.clients[0].controller == "Quay Credit Union"
    assert "records.yaml: processing_for.0.contact" in holes(record)


def test_what_ombud_keeps_is_told_with_ground_and_end() -> None:
    record = own_record(organisation(), DECLARED, DAY, {"exports": 2})
    assert {"Packages for delivery", "The ledger", "Aliases of people"} <= {one.what for one in record.stored}
    assert all("unchecked" in one.ground and one.retention and one.about for one in record.stored)
    assert {one.now for one in record.stored} == {"2", "not counted"}
    assert "records.yaml: controller.store_security" in holes(record)
    told = own_record(organisation(), evolve(DECLARED, store_security=("LUKS",)), DAY, {})
    assert "LUKS" in said(told.security)


def test_records_yaml_is_read_strictly(tmp_path: Path) -> None:
    path = tmp_path / FILE
    assert load_declared(path) == Declared()
    path.write_text(
        "controller: {joint: none, store_security: disk encrypted}\npeople: {core: [customers, applicants]}\n"
        "transfers: {US: adequacy}\nprocessing_for: [{name: Shop Ltd, categories: scoring}]\n",
        encoding="utf-8",
    )
    read = load_declared(path)
    assert read.people == {"core": ("customers", "applicants")} and read.joint == ("none",)
    assert read.processing_for is not None and read.processing_for[0].categories == ("scoring",)
    path.write_text("controler: {}\n", encoding="utf-8")
    with pytest.raises(Invalid, match="controller"):
        load_declared(path)
