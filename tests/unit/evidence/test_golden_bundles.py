"""Bundles of every version that was ever released are read for ever, and say what they said then."""

import json
from pathlib import Path

import pytest

from ombud.evidence.bundle import Bundle
from ombud.evidence.checkpoint import Checkpoint
from ombud.evidence.kinds import KINDS
from ombud.evidence.verify import verify_bundle

FOLDER = Path(__file__).parents[2] / "golden" / "bundles"
VERSIONS = sorted(path.stem for path in FOLDER.glob("*.zip"))


@pytest.mark.parametrize("version", VERSIONS)
def test_a_released_bundle_says_what_it_said_then(version: str) -> None:
    then = json.loads((FOLDER / f"{version}.json").read_text())
    held = Checkpoint.read((FOLDER / f"{version}.checkpoint").read_text())
    bundle = Bundle.open(FOLDER / f"{version}.zip")
    now = verify_bundle(bundle, then["root_key"], held, anchored=True).to_json()
    facts = ("exit_code", "size", "trusted", "tampered", "unknown", "kinds", "unknown_kinds", "anchored")
    assert {name: now[name] for name in facts} == {name: then[name] for name in facts}


def test_the_first_version_holds_every_kind_that_it_had() -> None:
    kinds = json.loads((FOLDER / "v1.json").read_text())["kinds"]
    assert set(KINDS) >= set(kinds) - {"dream"} and len(kinds) == 13
