"""The templates of pipelines, run: a release that may goes on to the deployment, and one that may not does not."""

import shutil
from pathlib import Path

import pytest

from doors import ombud, write_table
from gated import bank
from ombud.gates.templates import template
from ombud.store.clock import SystemClock
from pipelines import Job, Runner, read

UNFAIR = {("female", 1): 800, ("female", 0): 1200, ("male", 1): 1400, ("male", 0): 600}


@pytest.fixture(scope="module")
def _made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A bank whose present release may go live, one whose may not, and one of which nobody can tell."""
    made = {}
    for name in ("may", "may not", "cannot tell"):
        one = bank(tmp_path_factory.mktemp("bank") / "bank", SystemClock())
        assert ombud("keys", "add", "build", "--role", "ci", at=one.folder).code == 0
        if name == "may not":
            write_table(one.folder / "decisions.parquet", UNFAIR)
        one.check()
        if name == "may":
            one.accept()
        made[name] = one.folder
    return made


@pytest.fixture
def runner(_made: dict[str, Path], tmp_path: Path, request: pytest.FixtureRequest) -> Runner:
    """A runner whose work tree holds the bank's manifests and store, but no key: those are secrets."""
    folder, temp = tmp_path / "work", tmp_path / "temp"
    shutil.copytree(_made[request.param], folder)
    temp.mkdir()
    keys = folder / ".ombud" / "keys"
    secrets = {
        f"OMBUD_{name.upper()}_KEY": (keys / f"{name}.pem").read_text(encoding="utf-8") for name in ("build", "log")
    }
    shutil.rmtree(keys)
    for held in list(folder.glob("ombud.checkpoint*")):
        shutil.move(held, temp)
    return Runner(folder, temp, {**secrets, "OMBUD_STORE": f"sqlite:///{folder / '.ombud' / 'ombud.db'}"})


def on_github(runner: Runner) -> dict[str, Job]:
    """The anchor's folder alone is another than in the template, as it will be everywhere."""
    workflow = template("github-workflow").replace("/mnt/anchor", str(runner.temp))
    return runner.github(read(workflow), read(template("github")))


def on_gitlab(runner: Runner) -> dict[str, Job]:
    """GitLab gives variables of type File as paths."""
    paths = {}
    for name in ("OMBUD_BUILD_KEY", "OMBUD_LOG_KEY"):
        (runner.temp / name).write_text(runner.secrets[name], encoding="utf-8")
        paths[name] = str(runner.temp / name)
    store = {"OMBUD_STORE": runner.secrets["OMBUD_STORE"], "OMBUD_ANCHOR": str(runner.temp / "ombud.checkpoint")}
    return runner.gitlab(read(template("gitlab")), {**paths, **store})


@pytest.mark.parametrize("runner", ["may"], indirect=True)
def test_github_deploys_what_may_go_live(runner: Runner) -> None:
    jobs = on_github(runner)
    assert jobs["gate"].code == 0, jobs["gate"].said
    assert jobs["gate"].outputs["verdict"] == "may"
    assert (runner.temp / "ombud-gate.json").exists() and (runner.temp / "ombud-check.html").exists()
    assert jobs["deploy"].code == 0 and "your own deployment" in jobs["deploy"].said
    assert "MAY" in (runner.temp / "summary").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("runner", "verdict", "code"), [("may not", "may not", 1), ("cannot tell", "cannot tell", 3)], indirect=["runner"]
)
def test_github_does_not_deploy_what_may_not_or_what_nobody_can_tell(runner: Runner, verdict: str, code: int) -> None:
    jobs = on_github(runner)
    assert (jobs["gate"].outputs["verdict"], jobs["gate"].code) == (verdict, code), jobs["gate"].said
    assert "deploy" not in jobs


@pytest.mark.parametrize("runner", ["may"], indirect=True)
def test_gitlab_deploys_what_may_go_live(runner: Runner) -> None:
    jobs = on_gitlab(runner)
    assert [jobs[name].code for name in ("ombud-check", "ombud-gate", "deploy")] == [0, 0, 0], jobs["ombud-gate"].said
    assert (runner.folder / "ombud-reports" / "gate.xml").read_text(encoding="utf-8").startswith("<?xml")


@pytest.mark.parametrize("runner", ["may not", "cannot tell"], indirect=True)
def test_gitlab_does_not_deploy_what_may_not_or_what_nobody_can_tell(runner: Runner) -> None:
    jobs = on_gitlab(runner)
    assert jobs["ombud-gate"].code in (1, 3), jobs["ombud-gate"].said
    assert "deploy" not in jobs


@pytest.mark.parametrize("runner", ["may"], indirect=True)
@pytest.mark.parametrize("on", [on_github, on_gitlab])
def test_a_mistake_in_the_manifest_ends_the_pipeline_before_the_gate(runner: Runner, on: object) -> None:
    assert callable(on)
    (runner.folder / "ombud.yaml").write_text("system: [", encoding="utf-8")
    jobs = on(runner)
    assert next(iter(jobs.values())).code != 0 and "deploy" not in jobs


@pytest.mark.parametrize("runner", ["may"], indirect=True)
def test_no_secret_is_printed_or_left_in_the_reports(runner: Runner) -> None:
    said = "".join(job.said for job in on_github(runner).values())
    reports = [path.read_text(encoding="utf-8", errors="replace") for path in runner.temp.glob("ombud-*")]
    for secret in (runner.secrets["OMBUD_BUILD_KEY"], runner.secrets["OMBUD_LOG_KEY"]):
        body = secret.splitlines()[1]
        assert not any(body in text for text in (said, *reports))
