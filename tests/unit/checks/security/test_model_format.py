"""security.model_format counts what speaks against a model file."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from ombud.checks.security.model_format import model_format
from ombud.system.artifact import inspect_bytes

CASES = Path(__file__).parents[3] / "cases" / "security"
FILES = yaml.safe_load((CASES / "model_format.yaml").read_text())


@pytest.mark.parametrize("case", FILES, ids=[case["says"] for case in FILES])
def test_a_file_has_its_number_of_findings(case: dict[str, Any]) -> None:
    data = (CASES / "files" / case["file"]).read_bytes() if "file" in case else bytes.fromhex(case["hex"])
    facts, _ = inspect_bytes("model", data)
    (only,) = model_format(facts)
    assert (only.name, only.value) == ("unsafe_findings", case["findings"])
    assert only.notes[:2] == (f"format {case['format']}", f"sha256 {facts.digest}")
    assert only.notes[2:] == facts.findings
    assert not only.is_estimate
