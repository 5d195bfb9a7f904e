"""What makes a release another one, and what does not."""

import subprocess
from pathlib import Path

import pytest

from ombud.release.composite import Composite, commit_of


def git(folder: Path, *words: str) -> str:
    who = ["-c", "user.name=test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", *who, "-C", str(folder), *words], capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "--quiet")
    (tmp_path / "lending").mkdir()
    (tmp_path / "lending" / "ombud.yaml").write_text("system: a\n")
    (tmp_path / "train.py").write_text("print(1)\n")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "-m", "first")
    return tmp_path


def test_the_pipeline_is_the_commit_of_the_repository(repository: Path) -> None:
    assert commit_of(repository / "lending") == git(repository, "rev-parse", "HEAD")


def test_a_checkpoint_written_or_committed_makes_no_other_pipeline(repository: Path) -> None:
    before = commit_of(repository / "lending")
    (repository / "lending" / "ombud.checkpoint").write_text("size 1\n")
    assert commit_of(repository / "lending") == before
    git(repository, "add", ".")
    git(repository, "commit", "--quiet", "-m", "hold the checkpoint")
    assert commit_of(repository / "lending") == before
    (repository / "lending" / "ombud.checkpoint").write_text("size 2\n")
    assert commit_of(repository / "lending") == before


def test_a_report_beside_the_manifest_makes_no_other_pipeline(repository: Path) -> None:
    before = commit_of(repository / "lending")
    (repository / "lending" / "report.html").write_text("<p>")
    assert commit_of(repository / "lending") == before


def test_a_change_of_tracked_code_is_seen_before_and_after_it_is_committed(repository: Path) -> None:
    before = commit_of(repository / "lending")
    (repository / "train.py").write_text("print(2)\n")
    assert commit_of(repository / "lending") == f"{before}+changes"
    git(repository, "commit", "--quiet", "-am", "second")
    assert commit_of(repository / "lending") not in (before, f"{before}+changes")


def test_a_folder_outside_git_has_no_pipeline(tmp_path: Path) -> None:
    assert commit_of(tmp_path) is None


def test_every_part_makes_another_release() -> None:
    parts = {"model": "a", "threshold": "1/2", "pipeline": "c", "manifest": "d", "policy": "e"}
    digests = {Composite(**{**parts, name: "other"}).digest for name in parts} | {Composite(**parts).digest}
    assert len(digests) == len(parts) + 1
