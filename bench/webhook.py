"""The admission webhook: how long an answer takes at 200 requests a second, also while the log grows under it.

Run: python -m bench.webhook [seconds]. The target: the 99th percentile under 10 ms. The server is `ombud gates
webhook`, a process of its own, over HTTPS with kept connections, as the API server holds them. The load is an open
loop: requests are due at a steady rate whether or not earlier ones were answered, and each is timed from when it was
due, so that a pause of the server is not hidden by a client that waits for it. Client, server and whoever appends to
the log share the machine: how late the client itself was says how busy it is.
"""

import asyncio
import contextlib
import copy
import gc
import json
import os
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from attrs import field, frozen

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))  # requests as the API server sends them, and a bank

from admissions import REPLICASETS, deployment, inference, owned, pod, review
from gated import SYSTEM, Bank, bank
from ombud.decisions import Decision
from ombud.decisions.batch import anchor
from ombud.decisions.intake import record
from ombud.store.clock import SystemClock
from tls import certificate

RATE = 200
CONNECTIONS = 16
TARGET = 10.0
WARM_SECONDS = 2.0
LARGE = 100_000
"""Bytes of one object in a hundred: a Deployment with much in it."""


@frozen
class Question:
    """A request as it goes over the wire, and the answer that is right."""

    sent: bytes = field(repr=False)
    allowed: bool


def main(seconds: float) -> None:
    """Print what was reached."""
    with tempfile.TemporaryDirectory() as folder:
        made = bank(Path(folder) / "bank", SystemClock())
        release = made.release()
        made.change_model("never released")
        questions, pem = _questions(release, made.digest()), certificate(Path(folder))
        print(f"load of the machine at the start: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
        with _server(made.folder, pem) as port:
            _measured("a log that rests", port, pem, questions, seconds)
            with _growing(made):
                _measured("a log that grows", port, pem, questions, seconds)


# --- what is asked ----------------------------------------------------------------------------------------------------


def _questions(release: str, never: str) -> list[Question]:
    """A mix: pods of a ReplicaSet, Deployments, KServe, refusals, and one large object in a hundred."""
    big = deployment(release, system=SYSTEM)
    big["metadata"]["managedFields"] = [{"manager": "kubectl", "note": "x" * 100} for _ in range(LARGE // 130)]
    asked = [
        (review(owned(release), by=REPLICASETS), True),
        (review(pod(release)), True),
        (review(_full(deployment(release)), _full(deployment(release, replicas=1))), True),
        (review(inference(release)), True),
        (review(_full(deployment(never))), False),
        (review(pod("f" * 64)), False),
        (review(pod()), True),
    ]
    ordinary = [Question(_request(one), allowed) for one, allowed in asked]
    return [*(ordinary * 15)[:99], Question(_request(review(big)), True)]


def _full(workload: dict[str, object]) -> dict[str, object]:
    """With the fields that the API server keeps beside what people write: some 6 kB."""
    full = copy.deepcopy(workload)
    fields = {f"f:field{number}": {".": {}, "f:inner": {}} for number in range(150)}
    full["metadata"] = {**full["metadata"], "managedFields": [{"manager": "kubectl", "fieldsV1": fields}]}  # type: ignore[dict-item]
    return full


def _request(question: dict[str, object]) -> bytes:
    body = json.dumps(question).encode()
    head = (
        "POST /validate?timeout=5s HTTP/1.1\r\nHost: localhost\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


# --- who asks ---------------------------------------------------------------------------------------------------------


def _measured(what: str, port: int, pem: Path, questions: Sequence[Question], seconds: float) -> None:
    gc.collect()
    gc.disable()  # the client's own pauses are not the server's
    took, elapsed = asyncio.run(_asked(port, pem, questions, seconds))
    gc.enable()
    median, high, top = (float(np.quantile(took[:, 1], share) * 1e3) for share in (0.5, 0.99, 1))
    late = float(np.quantile(took[:, 0], 0.99) * 1e3)
    figures = f"{median:8.2f} ms median {high:8.2f} ms p99 {top:8.2f} ms worst"
    print(f"{f'answer, {what}':<27}{figures}   (target p99 {TARGET:g}: {'met' if high < TARGET else 'MISSED'})")
    print(
        f"  {len(took):,} answers as expected, {len(took) / elapsed:,.0f}/s; the client late by {late:.2f} ms p99",
        flush=True,
    )


async def _asked(port: int, pem: Path, questions: Sequence[Question], seconds: float) -> tuple[np.ndarray, float]:
    """Of each request what `_ask` says, and how long all of them took."""
    context = ssl.create_default_context(cafile=str(pem))
    free: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()
    for _ in range(CONNECTIONS):
        free.put_nowait(await asyncio.open_connection("localhost", port, ssl=context, limit=2**20))
    warm, count = round(WARM_SECONDS * RATE), round((WARM_SECONDS + seconds) * RATE)
    begun = time.perf_counter() + 0.1
    took = np.array(await asyncio.gather(*(
        _ask(free, questions[number % len(questions)], begun + number / RATE) for number in range(count)
    )))  # fmt: skip
    elapsed = time.perf_counter() - begun - WARM_SECONDS
    while not free.empty():
        free.get_nowait()[1].close()
    return took[warm:], elapsed


async def _ask(
    free: "asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]]", question: Question, due: float
) -> tuple[float, float]:
    """Seconds that the client itself was late, and seconds until the answer, both from when it was due."""
    await asyncio.sleep(max(0.0, due - time.perf_counter()))
    late = time.perf_counter() - due
    reader, writer = await free.get()
    writer.write(question.sent)
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    length = int(head.lower().partition("content-length:")[2].split("\r\n")[0])
    body = await reader.readexactly(length)
    took = time.perf_counter() - due
    free.put_nowait((reader, writer))
    assert head.startswith("HTTP/1.1 200") and json.loads(body)["response"]["allowed"] is question.allowed, body
    return late, took


# --- who answers, and what happens meanwhile --------------------------------------------------------------------------


@contextlib.contextmanager
def _server(folder: Path, pem: Path) -> Iterator[int]:
    """`ombud gates webhook` as a process; the port it listens on."""
    words = ["gates", "webhook", "--cert", str(pem), "--key", str(pem), "--host", "localhost", "--port", "0"]
    running = subprocess.Popen([sys.executable, "-m", "ombud.cli.main", *words], cwd=folder, stderr=subprocess.PIPE)
    assert running.stderr is not None
    try:
        line = running.stderr.readline().decode()
        assert line.startswith("listening on port "), line
        drain = subprocess.Popen(["cat"], stdin=running.stderr, stdout=subprocess.DEVNULL)
        yield int(line.rsplit(maxsplit=1)[1])
    finally:
        running.terminate()
        running.wait()
        drain.wait()


@contextlib.contextmanager
def _growing(made: Bank) -> Iterator[None]:
    """Somebody records decisions and puts a batch into the log every second."""
    code = f"from bench.webhook import grow; grow({str(made.folder)!r})"
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    running = subprocess.Popen(
        [sys.executable, "-c", code], cwd=Path(__file__).parents[1], env=environ, stdout=subprocess.PIPE
    )
    assert running.stdout is not None and running.stdout.readline(), "nothing came into the log"
    try:
        yield
    finally:
        running.terminate()
        running.wait()


def grow(folder: str) -> None:
    """Record a hundred decisions and put them into the log, each second, until ended."""
    from datetime import UTC, datetime

    from ombud.store.workspace import open_workspace

    workspace, number = open_workspace(Path(folder)), 0
    while True:
        at = datetime.now(UTC)
        made = [Decision(id=f"A-{number + one}", system=SYSTEM, at=at, score=0.7) for one in range(100)]
        record(workspace, SYSTEM, made, "engineer")
        anchor(workspace, "engineer")
        print(len(made), flush=True)
        number += 100
        time.sleep(1)


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 20)
