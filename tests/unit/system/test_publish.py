"""The published JSON Schemas."""

import json

import pytest

from ombud.system.publish import FOLDER, PUBLISHED, schema_of, written_form


@pytest.mark.parametrize("name", sorted(PUBLISHED))
def test_what_is_published_is_what_the_code_checks(name: str) -> None:
    published = (FOLDER / f"{name}.json").read_text(encoding="utf-8")
    assert published == written_form(name), "run: python -m ombud.system.publish"
    assert json.loads(published)["$id"] == f"https://ombud.dev/schemas/{name}/v1.json"


def test_a_schema_refuses_keys_that_the_code_refuses() -> None:
    schema = schema_of("system")
    assert schema["additionalProperties"] is False
    assert schema["required"] == ["system"]
    assert all(part["additionalProperties"] is False for part in schema["$defs"].values())


def test_a_list_may_be_written_as_one_value() -> None:
    roles = schema_of("system")["properties"]["roles"]["anyOf"]
    assert [part.get("type") for part in roles] == ["string", "array"]
