"""Shared by tests that go in by the front door: run `ombud` as a user does, and write small systems to run it on."""

import contextlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from attrs import frozen

from ombud.cli.main import run
from ombud.law import load_pack
from ombud.release import sign
from ombud.release.assess import assess, picture_of
from ombud.release.composite import composite
from ombud.release.gate import judge_release
from ombud.store.clock import Clock
from ombud.store.workspace import Rights, Workspace, create_workspace
from ombud.system.manifest import load_organisation, load_system

ROOT = Path(__file__).parents[1]
BESIDE = Path(sys.executable).with_name("ombud")
COMMAND = (str(BESIDE),) if BESIDE.exists() else (sys.executable, "-m", "ombud.cli.main")

PEOPLE = {"engineer": "ml", "protection": "dpo", "lender": "owner", "machine": "ci"}
"""Who has a key in the small workspaces, and their role."""

DECISIONS = {("female", 1): 1400, ("female", 0): 600, ("male", 1): 1400, ("male", 0): 600}
"""A fair table: 2,000 people of each sex, 70 % decided favourably."""

MANIFEST = """\
system: small-loans
purpose: Decide on small loans
owner: {role: lending}
jurisdictions: [DE]
roles: [controller, deployer, creditor]
use_case: consumer-credit
decision: assisted
significant: true
lawful_basis: {training: contract, decisions: contract}
in_use_since: 2026-01-01
design_changed: null
data: {decisions: {table: decisions.parquet}}
columns: {subject: case, decision: approved, favourable: 1, protected: [sex], special: {}}
facts:
  {generative: no, interactive: no, general_purpose_model: no, direct_marketing: no, transfers: no, new_purpose: no,
   uses_processors: no}
policy: {fairness.impact_ratio: {min: "4/5"}}
"""
"""A system known only by its decisions: no model, no score, no label."""

ORGANISATION = """\
name: A bank made for tests
establishment: [DE]
adopted: []
facts: {public_body: no}
"""


@frozen
class Done:
    """What a command did: its exit code, what it printed, and what it remarked."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The result as a program reads it."""
        return json.loads(self.out)

    @property
    def said(self) -> str:
        """Result and remarks as running text, without the line breaks of a terminal."""
        return " ".join(f"{self.out} {self.err}".split())


def ombud(*words: object, at: Path, **environ: str) -> Done:
    """Run a command in a folder, in a process of its own; no traceback and no unforeseen error reaches a user."""
    ran = subprocess.run(
        [*COMMAND, *map(str, words)],
        cwd=at,
        env=environment(**environ),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return _in_order(Done(ran.returncode, ran.stdout, ran.stderr))


def inside(*words: object, at: Path, **environ: str) -> Done:
    """The same within this process, which saves a second of starting up: for what is prepared, and for long lists."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(at)
        patch.setattr(sys, "argv", ["ombud", *map(str, words)])
        for name in [name for name in os.environ if name.startswith("OMBUD_")]:
            patch.delenv(name)
        for name, value in environ.items():
            patch.setenv(name, value)
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                run()
            except SystemExit as ended:
                code = ended.code if isinstance(ended.code, int) else int(bool(ended.code))
    return _in_order(Done(code, out.getvalue(), err.getvalue()))


def _in_order(done: Done) -> Done:
    assert "Traceback" not in done.err and "did not foresee" not in done.err, done.err
    assert done.code in (0, 1, 2, 3), done
    return done


def environment(**more: str) -> dict[str, str]:
    """The environment of a plain terminal, with this source tree where Ombud is not installed."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("OMBUD_")}
    path = {} if BESIDE.exists() else {"PYTHONPATH": str(ROOT / "src")}
    return {**plain, **path, "COLUMNS": "100", "NO_COLOR": "1", **more}


def obeyed(*words: object, at: Path) -> Done:
    """Run a command that has to succeed, within this process."""
    done = inside(*words, at=at)
    assert done.code == 0, (words, done.out, done.err)
    return done


def write_table(path: Path, counts: Mapping[tuple[str | None, Any], int] = DECISIONS) -> None:
    """Write a table of decisions: so many people of each sex with each decision."""
    rows = [cell for cell, n in counts.items() for _ in range(n)]
    columns = {
        "case": [f"C{number:05d}" for number in range(len(rows))],
        "sex": [sex for sex, _ in rows],
        "approved": [decision for _, decision in rows],
    }
    pq.write_table(pa.table(columns), path)


def write_system(
    folder: Path, manifest: str = MANIFEST, counts: Mapping[tuple[str | None, Any], int] = DECISIONS
) -> Path:
    """Write a system with its organisation and its table; the path of its manifest."""
    folder.mkdir(parents=True, exist_ok=True)
    write_table(folder / "decisions.parquet", counts)
    (folder / "organisation.yaml").write_text(ORGANISATION, encoding="utf-8")
    (folder / "ombud.yaml").write_text(manifest, encoding="utf-8")
    return folder / "ombud.yaml"


def release_ready(folder: Path, clock: Clock) -> Workspace:
    """Write a small system, check it, and sign all that its release takes, at the time of a clock; gate says may.

    What the law wants in documents is waived for a month, so that whatever the law of that day asks, it passes.
    """
    system = load_system(write_system(folder))
    rights: dict[str, Rights] = {name: ((role,), None) for name, role in PEOPLE.items()}
    workspace, pack, digest = create_workspace(folder, rights, clock=clock), load_pack(), composite(system).digest
    assess(workspace, system, load_organisation(folder / "organisation.yaml"), pack, "engineer")
    until = (clock.now() + timedelta(days=30)).isoformat()
    items = judge_release(picture_of(workspace, pack, system.name), workspace.ledger.log().trusted()).items
    for person in ("lender", "protection"):
        for item in items:
            if item.blocks and item.kind == "law":
                sign.waive(workspace, system.name, digest, person, item.target, "for this test", until)
        sign.approve(workspace, system.name, digest, person)
    return workspace


def wanted_before_use(folder: Path) -> list[str]:
    """The documents that the gate still waits for, by the statuses that it names."""
    gate = inside("gate", "--format", "json", at=folder).json
    blocking = {item["name"] for item in gate["items"] if item["kind"] == "law" and item["blocks"]}
    rows = [row for row in obeyed("status", "--format", "json", at=folder).json["status"] if row["id"] in blocking]
    parts = [part for row in rows for part in row["parts"] if part["state"] == "missing" and part["kind"] != "check"]
    return sorted({f"{part['kind']}:{part['name']}" for part in parts})
