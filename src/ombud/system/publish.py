"""Writes the JSON Schemas of the manifests, for editors and for programs that write manifests.

`python -m ombud.system.publish` after a change of a manifest's shape; a test compares them with the code.
"""

import json
from pathlib import Path
from typing import Any, Final

from ombud.system.border import Border
from ombud.system.organisation import OrganisationFile
from ombud.system.schema import SystemFile

FOLDER: Final = Path(__file__).parent / "schemas"

PUBLISHED: Final[dict[str, type[Border]]] = {"system": SystemFile, "organisation": OrganisationFile}
"""Name of the published schema → the model it is made from."""


def schema_of(name: str) -> dict[str, Any]:
    """The JSON Schema (2020-12) of a manifest."""
    made = PUBLISHED[name].model_json_schema()
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"https://ombud.dev/schemas/{name}/v1.json",
        "title": f"Ombud {name} manifest",
    }
    return head | {key: value for key, value in made.items() if key != "title"}


def written_form(name: str) -> str:
    """The text of the published file."""
    return json.dumps(schema_of(name), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def publish(folder: Path = FOLDER) -> tuple[Path, ...]:
    """Write every schema into a folder and say where."""
    folder.mkdir(exist_ok=True)
    paths = {folder / f"{name}.json": written_form(name) for name in PUBLISHED}
    for path, text in paths.items():
        path.write_text(text, encoding="utf-8")
    return tuple(paths)


if __name__ == "__main__":
    publish()
