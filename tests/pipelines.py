"""Runs the templates of pipelines as their runners do: GitHub's steps and GitLab's jobs, in bash, in their order.

No runner of either can be had without a network, so what is run here is every script of the templates, with the shell
options, the variables and the order of jobs that the runners' documentation states. `pip` and the deployment alone are
stand-ins: what is tested is the Ombud that is installed.
"""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from attrs import define, field

Yaml = Mapping[str, Any]
_EXPRESSION = re.compile(r"\$\{\{\s*(.+?)\s*\}\}")


@define
class Job:
    """What a job has done: exit code of its last step, what it printed, and the variables that it set."""

    code: int = 0
    said: str = ""
    outputs: dict[str, str] = field(factory=dict)


@define
class Runner:
    """A machine that runs jobs in a folder.

    Attributes:
        folder: the work tree; temp: the runner's own folder; secrets: by name.
    """

    folder: Path
    temp: Path
    secrets: Mapping[str, str] = field(factory=dict)

    def environment(self, more: Mapping[str, str]) -> dict[str, str]:
        """What a step sees: no variable of the tests but the path, on which `pip` does nothing."""
        stand_ins = self.temp / "bin"
        stand_ins.mkdir(exist_ok=True)
        (stand_ins / "pip").write_text("#!/bin/sh\nexit 0\n", encoding="utf-8")
        (stand_ins / "pip").chmod(0o755)
        path = os.pathsep.join([str(stand_ins), str(Path(sys.executable).parent), os.environ["PATH"]])
        kept = {name: os.environ[name] for name in ("HOME", "PYTHONPATH", "LANG") if name in os.environ}
        return {**kept, "PATH": path, "NO_COLOR": "1", "CI": "true", **more}

    def script(self, text: str, shell: list[str], more: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
        """Run one script from a file, as runners do."""
        file = self.temp / "step.sh"
        file.write_text(text, encoding="utf-8")
        return subprocess.run(
            [*shell, str(file)], cwd=self.folder, env=self.environment(more), capture_output=True, text=True,
            check=False,
        )  # fmt: skip

    # --- GitHub -------------------------------------------------------------------------------------------------------

    def github(self, workflow: Mapping[str, Any], action: Mapping[str, Any]) -> dict[str, Job]:
        """Run the jobs of a workflow in the order of their needs; a job whose need failed does not run."""
        done: dict[str, Job] = {}
        for name, job in workflow["jobs"].items():
            needs = [job["needs"]] if isinstance(job.get("needs"), str) else job.get("needs", [])
            if all(one in done and done[one].code == 0 for one in needs):
                done[name] = self._github_job(job, action)
        return done

    def _github_job(self, job: Mapping[str, Any], action: Mapping[str, Any]) -> Job:
        done = Job()
        for step in job["steps"]:
            if done.code and "always()" not in str(step.get("if", "")):
                continue
            self._github_step(step, job, action, done)
        return done

    def _github_step(
        self, step: Mapping[str, Any], job: Mapping[str, Any], action: Mapping[str, Any], done: Job
    ) -> None:
        if step.get("uses", "").startswith("./"):
            inputs = {name: str(one["default"]) for name, one in action["inputs"].items()} | step.get("with", {})
            for inner in action["runs"]["steps"]:
                if done.code == 0:
                    self._github_run(inner, job.get("env", {}), inputs, done)
        elif "run" in step:
            self._github_run(step, job.get("env", {}), {}, done)

    def _github_run(
        self, step: Mapping[str, Any], env: Mapping[str, str], inputs: Mapping[str, str], done: Job
    ) -> None:
        if "inputs.measure" in str(step.get("if", "")) and str(inputs.get("measure")) != "true":
            return
        assert not _EXPRESSION.search(step["run"]), "an expression inside a script could be run"
        out, summary = self.temp / "output", self.temp / "summary"
        out.write_text("", encoding="utf-8")
        variables = {name: self._fill(str(value), inputs) for name, value in {**env, **step.get("env", {})}.items()}
        told = {"GITHUB_OUTPUT": str(out), "GITHUB_STEP_SUMMARY": str(summary)}
        ran = self.script(step["run"], ["bash", "--noprofile", "--norc", "-eo", "pipefail"], {**variables, **told})
        done.code, done.said = ran.returncode, done.said + ran.stdout + ran.stderr
        done.outputs.update(line.split("=", 1) for line in out.read_text(encoding="utf-8").splitlines())

    def _fill(self, text: str, inputs: Mapping[str, str]) -> str:
        known = {f"secrets.{name}": value for name, value in self.secrets.items()}
        known |= {f"inputs.{name}": value for name, value in inputs.items()} | {"runner.temp": str(self.temp)}
        return _EXPRESSION.sub(lambda found: known[found[1]], text)

    # --- GitLab -------------------------------------------------------------------------------------------------------

    def gitlab(self, pipeline: Mapping[str, Any], variables: Mapping[str, str]) -> dict[str, Job]:
        """Run the jobs stage by stage; a job whose need failed, or that follows a stage that failed, does not run."""
        jobs = {name: self._extended(pipeline, name) for name in pipeline if self._is_job(pipeline, name)}
        done: dict[str, Job] = {}
        for stage in pipeline["stages"]:
            for name in [name for name, job in jobs.items() if job["stage"] == stage]:
                if all(one in done and done[one].code == 0 for one in jobs[name].get("needs", [])):
                    done[name] = self._gitlab_job(jobs[name], {**pipeline.get("variables", {}), **variables})
        return done

    @staticmethod
    def _is_job(pipeline: Mapping[str, Any], name: str) -> bool:
        return not name.startswith(".") and isinstance(pipeline[name], dict) and "script" in pipeline[name]

    @staticmethod
    def _extended(pipeline: Mapping[str, Any], name: str) -> dict[str, Any]:
        job = pipeline[name]
        return {**pipeline.get(job.get("extends", ""), {}), **job}

    def _gitlab_job(self, job: Mapping[str, Any], variables: Mapping[str, str]) -> Job:
        lines = [*job.get("before_script", []), *job["script"]]
        ran = self.script("set -eo pipefail\n" + "\n".join(lines) + "\n", ["bash"], variables)
        return Job(ran.returncode, ran.stdout + ran.stderr)


def read(text: str) -> dict[str, Any]:
    """A pipeline from its YAML; GitHub's `on` stays a word."""
    found: dict[str, Any] = yaml.safe_load(text)
    return {("on" if name is True else name): value for name, value in found.items()}
