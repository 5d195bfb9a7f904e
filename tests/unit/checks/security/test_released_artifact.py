"""security.released_artifact compares digests, and needs a release to compare with."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from ombud.checks.security.released_artifact import released_artifact
from ombud.system.artifact import ArtifactFacts
from ombud.tables.needs import Records

CASES = yaml.safe_load((Path(__file__).parents[3] / "cases" / "security" / "released_artifact.yaml").read_text())


@pytest.mark.parametrize("case", CASES, ids=[case["says"] for case in CASES])
def test_a_changed_file_is_one_change(case: dict[str, Any]) -> None:
    (only,) = released_artifact(ArtifactFacts("m", "onnx", 1, case["file"], ()), case["released"])
    assert (only.name, only.value) == ("changed_artifacts", case["changed"])
    assert only.notes == (f"file sha256 {case['file']}", f"released sha256 {case['released'].removeprefix('sha256:')}")


def test_it_asks_for_the_record_so_that_it_is_unknown_before_any_release() -> None:
    assert Records("released-artifact") in released_artifact.needs
