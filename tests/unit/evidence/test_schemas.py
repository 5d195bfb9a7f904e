"""What is published about the formats is what the program reads and writes."""

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from ledgers import statement
from ombud.evidence.bundle import Bundle
from ombud.evidence.canonical import parse
from ombud.evidence.kinds import COMMON, GRANTS, KINDS
from support import needs

ROOT_FOLDER = Path(__file__).parents[3]
LATER = {"case", "decisions", "explanation", "alarm", "window"}  # kinds that came after the golden bundle
REFERENCE = ROOT_FOLDER / "docs" / "reference" / "evidence.md"


def schema() -> Any:
    return json.loads((files("ombud.evidence") / "schemas" / "statement-v1.schema.json").read_text())


def rules() -> dict[str, Any]:
    return {one["properties"]["predicateType"]["const"]: one["properties"]["predicate"] for one in schema()["oneOf"]}


def test_the_schema_demands_of_each_kind_what_the_program_demands() -> None:
    demanded = {name.split("/")[3]: set(rule["required"]) for name, rule in rules().items()}
    assert demanded == {kind: set(members | COMMON) for kind, members in KINDS.items()}


def test_every_statement_of_a_released_bundle_fits_the_schema() -> None:
    validator = needs("jsonschema").Draft202012Validator(schema())
    bundle = Bundle.open(ROOT_FOLDER / "tests" / "golden" / "bundles" / "v1.zip")
    known = [entry for entry in bundle.entries() if entry.statement.known]
    assert {entry.statement.kind for entry in known} == set(KINDS) - LATER
    for entry in known:
        validator.validate(parse(entry.envelope.payload))


def test_a_step_of_a_case_fits_the_schema_and_one_without_its_number_does_not() -> None:
    validator = needs("jsonschema").Draft202012Validator(schema())
    step = {"case": "R-7F3A2C", "matter": "rights-request", "event": "received", "alias": "0" * 32, "after": None}
    said = parse(statement("case", step | {"details": {}}).encode())
    assert validator.is_valid(said)
    assert not validator.is_valid({**said, "predicate": {**said["predicate"], "alias": "Ann"}})
    del said["predicate"]["case"]
    assert not validator.is_valid(said)


@pytest.mark.parametrize("lacking", ["item", "says", "observed_at", "software"])
def test_a_statement_that_the_program_refuses_does_not_fit_the_schema(lacking: str) -> None:
    validator = needs("jsonschema").Draft202012Validator(schema())
    said = parse(statement("attestation", {"item": "document:dpia", "says": "done"}).encode())
    assert validator.is_valid(said)
    del said["predicate"][lacking]
    assert not validator.is_valid(said)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_the_reference_names_each_kind_with_what_it_must_say_and_who_signs_it(kind: str) -> None:
    row = next(line for line in REFERENCE.read_text().splitlines() if line.startswith(f"| `{kind}` |"))
    _, _, must, _, signers, _ = row.split("|")
    assert all(f"`{member}`" in must for member in KINDS[kind])
    named = {word.strip() for word in signers.split(",")}
    assert named == {role for role, granted in GRANTS.items() if kind in granted}
