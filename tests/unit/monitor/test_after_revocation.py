"""A revoked release that goes on deciding shows in its own decisions, and in no gate."""

from pathlib import Path

from gated import SYSTEM, Bank, bank
from ombud.decisions import Decision
from ombud.decisions.intake import take_in
from ombud.monitor.after_revocation import revoked_deciding
from ombud.release.revoke import revoke
from ombud.store.clock import SystemClock
from ombud.system.artifact import read_once


def decided(one: Bank, number: int, **more: object) -> None:
    """A decision as of now, or as of what `more` says."""
    said: dict[str, object] = {"id": f"A-{number}", "system": SYSTEM, "at": one.workspace.context.clock.now()}
    take_in(one.workspace, [Decision(**{**said, **more})])  # type: ignore[arg-type]


def model_of(one: Bank) -> str:
    import hashlib

    return hashlib.sha256(read_once(one.model)).hexdigest()


def test_only_decisions_after_the_revocation_by_that_release_count(tmp_path: Path) -> None:
    one = bank(tmp_path / "bank", SystemClock())
    release = one.release()
    decided(one, 1, release=release)
    assert revoked_deciding(one.workspace, SYSTEM) == 0
    revoke(one.workspace, SYSTEM, release, "for this test", "lender")
    assert revoked_deciding(one.workspace, SYSTEM) == 0, "what it decided before was its to decide"
    decided(one, 2, release=release)
    decided(one, 3, release="0" * 64)
    assert revoked_deciding(one.workspace, SYSTEM) == 1
    decided(one, 4, model=model_of(one))
    assert revoked_deciding(one.workspace, SYSTEM) == 2, "a model file that no release that stands has"


def test_a_model_that_a_standing_release_has_too_is_not_taken_for_the_revoked_one(tmp_path: Path) -> None:
    one = bank(tmp_path / "bank", SystemClock())
    first = one.release()
    manifest = one.folder / "ombud.yaml"
    manifest.write_text(manifest.read_text(encoding="utf-8").replace("threshold: 0.5", "threshold: 0.6"))
    one.release()
    revoke(one.workspace, SYSTEM, first, "for this test", "lender")
    decided(one, 1, model=model_of(one))
    assert revoked_deciding(one.workspace, SYSTEM) == 0
    decided(one, 2, release=first, model=model_of(one))
    assert revoked_deciding(one.workspace, SYSTEM) == 1
