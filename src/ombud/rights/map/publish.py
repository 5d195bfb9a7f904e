"""Writes the JSON Schema of the map, for editors and for programs that write maps.

`python -m ombud.rights.map.publish` after a change of the map's shape; a test compares it with the code.
"""

import json
from pathlib import Path
from typing import Any, Final

from ombud.rights.map.schema import MapFile

PATH: Final = Path(__file__).parent / "sources.json"


def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of `sources.yaml`."""
    made = MapFile.model_json_schema()
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://ombud.dev/schemas/sources/v1.json",
        "title": "Ombud map of data",
    }
    return head | {key: value for key, value in made.items() if key != "title"}


def written_form() -> str:
    """The text of the published file."""
    return json.dumps(schema(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    PATH.write_text(written_form(), encoding="utf-8")
