"""What the documentation says of manifests is so."""

import re
from pathlib import Path

import pytest

from ombud.system.border import Border
from ombud.system.declarable import DECLARABLE, SIZE
from ombud.system.manifest import read_system
from ombud.system.organisation import OrganisationFile, read_organisation
from ombud.system.schema import ColumnsFile, EvidenceFile, LimitFile, ReleaseFile, SystemFile
from ombud.system.yaml_lines import parse_yaml

DOCS = Path(__file__).parents[3] / "docs"
PAGES = ("reference/manifest.md", "reference/organisation.md", "tutorial/your-own-table.md")


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def examples() -> list[tuple[str, str]]:
    return [(name, block) for name in PAGES for block in re.findall(r"```yaml\n(.*?)```", page(name), re.DOTALL)]


@pytest.mark.parametrize(("name", "example"), examples())
def test_every_example_loads(name: str, example: str) -> None:
    read = read_organisation if "organisation.md" in name else read_system
    assert read(parse_yaml(example.encode(), Path(name)))


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("reference/manifest.md", SystemFile),
        ("reference/manifest.md", ColumnsFile),
        ("reference/manifest.md", LimitFile),
        ("reference/manifest.md", EvidenceFile),
        ("reference/manifest.md", ReleaseFile),
        ("reference/organisation.md", OrganisationFile),
    ],
)
def test_every_key_is_explained(name: str, model: type[Border]) -> None:
    text = page(name)
    assert [key for key in model.model_fields if not re.search(rf"`([a-z_]+\.)?{key}[.:`]", text)] == []


def test_every_fact_that_can_be_declared_is_listed() -> None:
    assert [fact for fact in DECLARABLE if f"`{fact}`" not in page("reference/manifest.md")] == []
    assert [fact for fact in SIZE if f"`{fact}`" not in page("reference/organisation.md")] == []
