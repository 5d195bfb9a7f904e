"""What is published of the map is what the code reads."""

import json
import re
from pathlib import Path

import pytest
import yaml

from mapped import a_map
from ombud.rights.map.publish import PATH, schema, written_form
from ombud.rights.map.reach import check_reach
from ombud.rights.map.schema import CollectionFile, SourceFile
from support import needs

REFERENCE = Path(__file__).parents[4] / "docs" / "reference" / "sources.md"
EXAMPLE = re.findall(r"```yaml\n(.*?)```", REFERENCE.read_text(encoding="utf-8"), re.DOTALL)[0]


def test_the_schema_on_disk_is_that_of_the_code() -> None:
    assert PATH.read_text(encoding="utf-8") == written_form()


def test_the_references_example_is_a_map_without_holes() -> None:
    assert not [one for one in check_reach(a_map(EXAMPLE)) if one.hole]


def test_an_editor_takes_the_example_and_marks_a_misspelt_key() -> None:
    jsonschema = needs("jsonschema")
    plain = json.loads(json.dumps(yaml.safe_load(EXAMPLE), default=str))
    jsonschema.validate(plain, schema())
    plain["sources"]["core"]["colections"] = {}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(plain, schema())


@pytest.mark.parametrize("key", [*CollectionFile.model_fields, *SourceFile.model_fields])
def test_every_key_is_in_the_reference(key: str) -> None:
    assert f"`{key}`" in REFERENCE.read_text(encoding="utf-8")
