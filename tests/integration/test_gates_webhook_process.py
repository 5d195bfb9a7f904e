"""`ombud gates webhook` as it runs in a cluster: a process over HTTPS, beside people who release and revoke."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from attrs import frozen

from admissions import REPLICASETS, Client, deployment, inference, owned, pod, review
from gated import SYSTEM, Bank, bank
from ombud.release.revoke import revoke
from ombud.store.clock import SystemClock
from tls import certificate

SOMEBODY = "erika.mustermann@example.org"


@frozen
class Running:
    """The process, whoever asks it, and the bank whose log it reads."""

    process: subprocess.Popen[str]
    client: Client
    bank: Bank
    release: str

    def allowed(self, *new_old: object, **more: object) -> bool:
        return bool(self.client.asked(review(*new_old, **more))["allowed"])  # type: ignore[arg-type]


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    made = bank(tmp_path / "bank", SystemClock())
    release, pem = made.release(), certificate(tmp_path)
    words = ("gates", "webhook", "--cert", pem, "--key", pem, "--host", "localhost", "--port", "0")
    process = subprocess.Popen(
        [sys.executable, "-m", "ombud.cli.main", *map(str, words)],
        cwd=made.folder, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONWARNINGS": "ignore"},
    )  # fmt: skip
    assert process.stderr is not None
    try:
        port = int(process.stderr.readline().rsplit(maxsplit=1)[1])
        yield Running(process, Client(port, pem), made, release)
    finally:
        process.kill()
        process.wait()
        process.stderr.close()


def test_from_a_release_to_its_revocation_it_answers_and_it_ends_when_told(running: Running) -> None:
    release = running.release
    assert (
        running.allowed(deployment(release)) and running.allowed(inference(release)) and running.allowed(pod(release))
    )
    assert running.allowed(pod(release), dryRun=True)
    assert not running.allowed(deployment("f" * 64), by=SOMEBODY) and not running.allowed(inference(), by=SOMEBODY)
    assert running.allowed(None, pod("f" * 64), operation="DELETE"), "what is deleted starts nothing"

    revoke(running.bank.workspace, SYSTEM, release, "error rate doubled", "lender")
    deadline = time.monotonic() + 5
    while running.allowed(owned(release), by=REPLICASETS) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not running.allowed(owned(release), by=REPLICASETS), "it is not even started again"
    assert running.allowed(None, pod(release), operation="DELETE"), "and can be taken away"

    running.process.send_signal(signal.SIGTERM)
    assert running.process.wait(10) == 0
    assert running.process.stderr is not None
    told = running.process.stderr.read()
    assert "refused: Deployment lending/scorer" in told
    assert "Traceback" not in told and "mustermann" not in told


def test_ten_megabytes_and_nonsense_leave_it_answering(running: Running) -> None:
    huge = review(pod(running.release))
    huge["request"]["object"]["metadata"]["annotations"]["note"] = "x" * 10_000_000
    with pytest.raises((ConnectionError, AssertionError, OSError)):  # 413, or hung up on before all of it was sent
        running.client.asked(huge)
    for nonsense in (b"", b"\xff\x00", b"[" * 100_000, json.dumps({"kind": "AdmissionReview"}).encode()):
        status, told = running.client.post(nonsense)
        assert status == 400 and told["error"] and told["next"]
    assert running.allowed(pod(running.release)) and running.process.poll() is None


def test_without_a_certificate_it_says_what_to_give(running: Running, tmp_path: Path) -> None:
    words = ("gates", "webhook", "--cert", tmp_path / "no.crt", "--key", tmp_path / "no.key", "--port", "0")
    done = subprocess.run(
        [sys.executable, "-m", "ombud.cli.main", *map(str, words)], cwd=running.bank.folder,
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 2 and "--cert" in done.stderr and "Traceback" not in done.stderr
