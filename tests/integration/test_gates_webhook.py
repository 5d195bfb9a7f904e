"""The admission webhook over real HTTPS, on a real log: what it lets in, and what it does with whatever it is sent."""

import json
import shutil
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from admissions import REPLICASETS, Client, deployment, owned, pod, review, serving
from gated import SYSTEM, Bank, bank
from ledgers import Clock
from ombud.decisions import Decision
from ombud.decisions.batch import anchor
from ombud.decisions.intake import record
from ombud.gates.admission.http import BODY_BYTES, Limits
from ombud.gates.admission.lookout import Lookout, last_published
from ombud.gates.admission.server import Webhook
from ombud.release import sign
from ombud.release.publish import publish
from ombud.release.revoke import revoke
from ombud.store.workspace import open_workspace
from tls import certificate

QUICK = Limits(request=0.5, idle=2)


@pytest.fixture(scope="module")
def _released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = bank(tmp_path_factory.mktemp("webhook") / "bank", Clock())
    made.release()
    return made.folder


class Scene:
    """A bank with a release, a webhook that watches its log, and whoever asks it."""

    def __init__(self, made: Bank, clock: Clock, lookout: Lookout, client: Client, webhook: Webhook) -> None:
        self.bank, self.clock, self.lookout, self.client, self.webhook = made, clock, lookout, client, webhook
        self.release = made.digest()

    def allowed(self, *new_old: object, **more: object) -> bool:
        self.lookout.look()
        return bool(self.client.asked(review(*new_old, **more))["allowed"])  # type: ignore[arg-type]


@pytest.fixture
def scene(_released: Path, tmp_path: Path) -> Iterator[Scene]:
    folder, clock = shutil.copytree(_released, tmp_path / "bank"), Clock()
    from ombud.law import load_pack

    made = Bank(open_workspace(folder, clock=clock), load_pack(), folder)
    lookout = Lookout(lambda: open_workspace(folder, clock=clock), made.pack, clock, away_after=0.2)
    lookout.look()
    with serving(tmp_path / "tls", lookout.known, clock, QUICK) as (client, webhook):
        yield Scene(made, clock, lookout, client, webhook)


@pytest.fixture(scope="module")
def idle(tmp_path_factory: pytest.TempPathFactory, _released: Path) -> Iterator[Client]:
    """A webhook to throw things at."""
    from ombud.law import load_pack

    lookout = Lookout(lambda: open_workspace(_released), load_pack(), Clock(), away_after=1000)
    lookout.look()
    with serving(tmp_path_factory.mktemp("idle"), lookout.known, Clock(), QUICK) as (client, _):
        yield client


# --- what it lets in --------------------------------------------------------------------------------------------------


def test_a_release_starts_and_nothing_else_does(scene: Scene) -> None:
    assert scene.allowed(pod(scene.release))
    assert scene.allowed(deployment(scene.release, system=SYSTEM))
    assert not scene.allowed(pod("f" * 64))
    assert not scene.allowed(deployment(system=SYSTEM))
    assert scene.allowed(pod())


def test_the_digest_of_the_model_file_names_a_release_too(scene: Scene) -> None:
    import hashlib

    assert scene.allowed(pod(hashlib.sha256(scene.bank.model.read_bytes()).hexdigest()))


def test_a_revocation_counts_at_the_next_look(scene: Scene) -> None:
    assert scene.allowed(owned(scene.release), by=REPLICASETS)
    revoke(scene.bank.workspace, SYSTEM, scene.release, "error rate doubled", "lender")
    assert not scene.allowed(pod(scene.release))
    assert not scene.allowed(owned(scene.release), by=REPLICASETS)
    status, text = scene.client.get("/metrics")
    assert status == 200 and f'ombud_release_revoked{{system="{SYSTEM}",release="{scene.release}"}} 1' in text


def test_decisions_that_come_in_are_not_a_reason_to_judge_again_and_hide_no_revocation(scene: Scene) -> None:
    def decided(number: int) -> None:
        one = Decision(id=f"A-{number}", system=SYSTEM, at=scene.clock.now(), score=0.7)
        record(scene.bank.workspace, SYSTEM, [one], "engineer")
        anchor(scene.bank.workspace, "engineer")

    before = scene.lookout.known()
    for number in range(3):
        decided(number)
        assert scene.allowed(pod(scene.release))
    assert scene.lookout.known() is before
    revoke(scene.bank.workspace, SYSTEM, scene.release, "error rate doubled", "lender")
    decided(3)
    assert not scene.allowed(pod(scene.release))


def test_a_revocation_that_could_not_be_judged_at_once_is_judged_at_the_next_look(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    revoke(scene.bank.workspace, SYSTEM, scene.release, "error rate doubled", "lender")
    with monkeypatch.context() as away:
        away.setattr("ombud.gates.admission.lookout.look", lambda *_: 1 / 0)
        scene.lookout.look()
    assert not scene.allowed(pod(scene.release))


def test_aged_evidence_stops_new_starts_and_no_restart(scene: Scene) -> None:
    scene.clock.pass_by(100 * 86_400)
    scene.lookout._judged = -1e9  # a minute has passed
    assert not scene.allowed(pod(scene.release))
    assert scene.allowed(owned(scene.release), by=REPLICASETS)
    assert scene.allowed(deployment(scene.release, 4), deployment(scene.release, 2))
    told = scene.client.asked(review(owned(scene.release), by=REPLICASETS))
    assert any("alarm:" in warning for warning in told["warnings"])
    sign.rollback(scene.bank.workspace, SYSTEM, scene.release, "lender", "go on with what is proven")
    assert scene.allowed(pod(scene.release)), "a recorded rollback passes however old the evidence is"


def test_broken_glass_passes_for_its_hours(scene: Scene) -> None:
    scene.bank.change_model("second")
    scene.bank.check()
    second = scene.bank.digest()
    assert not scene.allowed(pod(second))
    for person in ("lender", "protection"):
        sign.break_glass(scene.bank.workspace, SYSTEM, second, person, "outage", 6)
    assert scene.allowed(pod(second))
    scene.clock.pass_by(6 * 3600)
    assert not scene.allowed(pod(second))


def test_the_next_release_takes_over_and_the_one_before_can_come_back(scene: Scene) -> None:
    first = scene.release
    scene.bank.change_model("second")
    second = scene.bank.release()
    assert scene.allowed(deployment(second), deployment(first))
    assert scene.allowed(deployment(first), deployment(second))
    revoke(scene.bank.workspace, SYSTEM, second, "worse", "protection")
    assert not scene.allowed(deployment(second), deployment(first))
    assert scene.allowed(deployment(first), deployment(second))


def test_while_the_store_is_away_nothing_new_starts_and_what_runs_is_started_again(scene: Scene) -> None:
    store = scene.bank.folder / ".ombud" / "ombud.db"
    assert scene.allowed(pod(scene.release))
    for file in store.parent.glob("ombud.db*"):
        file.rename(file.with_name(f"away-{file.name}"))
    scene.lookout._workspace.ledger.database.engine.dispose()  # type: ignore[union-attr]
    time.sleep(0.3)
    assert not scene.allowed(pod(scene.release))
    assert scene.allowed(owned(scene.release), by=REPLICASETS)
    assert "ombud_store_away 1" in scene.client.get("/metrics")[1]
    for file in store.parent.glob("ombud.db*"):  # what an open would have left there
        file.unlink()
    for file in store.parent.glob("away-ombud.db*"):
        file.rename(file.with_name(file.name.removeprefix("away-")))
    scene.lookout._workspace.ledger.database.engine.dispose()  # type: ignore[union-attr]
    assert scene.allowed(pod(scene.release))


def test_a_log_that_was_tampered_with_lets_nothing_new_in(scene: Scene) -> None:
    import sqlite3

    with sqlite3.connect(scene.bank.folder / ".ombud" / "ombud.db") as store:
        store.execute("DELETE FROM entries WHERE position = (SELECT MAX(position) FROM entries)")
    time.sleep(0.3)
    assert not scene.allowed(pod(scene.release))


def test_a_start_without_a_store_goes_by_the_published_list(scene: Scene, tmp_path: Path) -> None:
    publish(scene.bank.workspace, scene.bank.pack)
    listed = last_published(scene.bank.folder, scene.bank.workspace.ledger.root_key)

    def away() -> object:
        raise ConnectionError

    lookout = Lookout(away, scene.bank.pack, scene.clock, listed)  # type: ignore[arg-type]
    lookout.look()
    with serving(tmp_path / "second", lookout.known, scene.clock) as (client, _):
        assert client.get("/readyz")[0] == 200
        assert not client.asked(review(pod(scene.release)))["allowed"]
        assert client.asked(review(owned(scene.release), by=REPLICASETS))["allowed"]


def test_who_never_knew_anything_is_not_ready_and_lets_nothing_in(scene: Scene, tmp_path: Path) -> None:
    with serving(tmp_path / "third", lambda: None, scene.clock) as (client, _):
        assert client.get("/readyz")[0] == 503 and client.get("/healthz")[0] == 200
        assert client.post(review(owned(scene.release), by=REPLICASETS))[0] == 503
        assert "ombud_store_away 1" in client.get("/metrics")[1]


def test_a_dry_run_gets_the_same_answer_and_is_counted_apart(scene: Scene) -> None:
    wet = scene.client.asked(review(pod(scene.release)))
    assert scene.client.asked(review(pod(scene.release), dryRun=True)) == wet
    text = scene.client.get("/metrics")[1]
    assert 'ombud_webhook_answers_total{how="new",allowed="true",dry_run="true"} 1' in text


def test_the_strict_path_wants_everything_named(scene: Scene) -> None:
    assert scene.client.asked(review(pod()))["allowed"]
    assert not scene.client.asked(review(pod()), "/strict?timeout=5s")["allowed"]


# --- what it does with whatever it is sent ----------------------------------------------------------------------------

WHOLE = json.dumps(review(pod("1" * 64)))
NONSENSE = {
    "nothing": b"",
    "no JSON": b"\x00\xff\xfe garbage",
    "null": b"null",
    "a list": b"[]",
    "deep lists": b"[" * 200_000,
    "deep objects": b'{"a":' * 200_000,
    "deep in the object": WHOLE.replace('"containers"', '"x":' + "[" * 900 + "]" * 900 + ',"containers"').encode(),
    "a huge number": WHOLE.replace('"dryRun": false', '"dryRun": ' + "9" * 100_000).encode(),
    "not a number": WHOLE.replace('"dryRun": false', '"dryRun": NaN').encode(),
    "a key twice": WHOLE.replace('"operation"', '"operation": "DELETE", "operation"').encode(),
    "another version": WHOLE.replace("admission.k8s.io/v1", "admission.k8s.io/v1beta1").encode(),
    "no request": b'{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview"}',
    "no uid": WHOLE.replace('"uid"', '"nouid"').encode(),
    "an empty uid": WHOLE.replace("705ab4f5-6393-11e8-b7cc-42010a800002", "").encode(),
    "an unknown operation": WHOLE.replace("CREATE", "INVENT").encode(),
    "operation as a list": WHOLE.replace('"CREATE"', '["DELETE"]').encode(),
    "kind as text": WHOLE.replace('"kind": {', '"kind": "Pod", "was": {').encode(),
    "half a body": WHOLE[: len(WHOLE) // 2].encode(),
    "a lone surrogate": WHOLE.replace("scorer", "\\ud800").encode()[:-1],
}


@pytest.mark.parametrize("name", NONSENSE)
def test_nonsense_is_answered_with_400_in_words(idle: Client, name: str) -> None:
    status, told = idle.post(NONSENSE[name])
    if name == "deep in the object":  # JSON of Kubernetes that is only odd: it is answered, and not with yes
        assert status == 400 or not told["response"]["allowed"]
        return
    assert status == 400 and told["error"] and told["next"]
    assert idle.get("/healthz")[0] == 200


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_body_is_answered_with_a_yes_by_mistake(idle: Client, data: st.DataObject) -> None:
    odd = st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
        max_leaves=6,
    )
    question = review(pod("f" * 64, system=SYSTEM))
    place = data.draw(st.sampled_from(["uid", "operation", "kind", "object", "oldObject", "userInfo", "subResource"]))
    inside = data.draw(st.sampled_from(["metadata", "spec", None]))
    if place == "object" and inside:
        question["request"]["object"][inside] = data.draw(odd)
    else:
        question["request"][place] = data.draw(odd)
    status, told = idle.post(question)
    assert status in (200, 400)
    if status == 200 and told["response"]["allowed"]:
        assert told["response"]["auditAnnotations"]["how"] in ("not governed", "nothing starts")
        if place not in ("object", "kind"):
            assert place == "subResource", (place, question["request"][place])


@pytest.mark.parametrize("kind", ["text/plain", "", "application/xml", "application/jsonp"])
def test_another_content_type_is_415(idle: Client, kind: str) -> None:
    assert idle.post(WHOLE.encode(), kind=kind)[0] == 415


def test_a_content_type_with_a_charset_is_json(idle: Client) -> None:
    assert idle.post(WHOLE.encode(), kind="application/json; charset=utf-8")[0] == 200


def said(client: Client, data: bytes, wait: float = 5) -> bytes:
    """Send bytes over TLS, and what comes back until the other side ends."""
    context = ssl.create_default_context(cafile=str(client.trusted))
    with (
        socket.create_connection(("localhost", client.port), timeout=wait) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as secure,
    ):
        with suppress(ssl.SSLError, ConnectionError):  # the server may answer and hang up before it has read all
            secure.sendall(data)
        got = b""
        with suppress(TimeoutError, ssl.SSLError, ConnectionError):
            while chunk := secure.recv(65536):
                got += chunk
        return got


HEAD = b"POST /validate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (HEAD + b"Content-Length: 10485760\r\n\r\n", 413),
        (HEAD + f"Content-Length: {BODY_BYTES + 1}\r\n\r\n".encode(), 413),
        (HEAD + b"Content-Length: " + b"9" * 400 + b"\r\n\r\n", 400),
        (HEAD + b"Content-Length: -1\r\n\r\n", 400),
        (HEAD + b"Content-Length: 2\r\nContent-Length: 900\r\n\r\n{}", 400),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 411),
        (HEAD + b"Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n{}", 411),
        (HEAD + b"\r\n", 411),
        (HEAD + b"X: " + b"a" * 40_000 + b"\r\n\r\n", 431),
        (HEAD + b" folded: x\r\n\r\n", 400),
        (b"NONSENSE\r\n\r\n", 400),
        (b"GET http://elsewhere/ HTTP/1.1\r\n\r\n", 400),
        (b"PRI * HTTP/2.0\r\n\r\n", 400),
        (HEAD + b"Content-Length: 50\r\n\r\n{", 408),
        (b"POST /val", 408),
    ],
)
def test_a_request_beyond_a_limit_is_answered_and_ended(idle: Client, sent: bytes, status: int) -> None:
    got = said(idle, sent)
    assert got.startswith(f"HTTP/1.1 {status} ".encode()), got[:200]
    assert b"Connection: close" in got and b'"next"' in got


def test_ten_megabytes_are_413_and_nothing_else_suffers(idle: Client) -> None:
    got = said(idle, HEAD + b"Content-Length: 10485760\r\n\r\n" + b"a" * 100_000)
    assert got.startswith(b"HTTP/1.1 413 ")
    assert idle.asked(review(pod()))["allowed"]


def test_a_client_that_drips_is_not_waited_for_and_keeps_nobody_waiting(idle: Client) -> None:
    context = ssl.create_default_context(cafile=str(idle.trusted))

    def drip() -> None:
        with (
            suppress(OSError),
            socket.create_connection(("localhost", idle.port), timeout=10) as plain,
            context.wrap_socket(plain, server_hostname="localhost") as secure,
        ):
            for byte in HEAD:
                secure.sendall(bytes([byte]))
                time.sleep(0.05)

    slow = [Thread(target=drip) for _ in range(20)]
    for one in slow:
        one.start()
    started = time.perf_counter()
    assert idle.asked(review(pod()))["allowed"]
    assert time.perf_counter() - started < 3
    for one in slow:
        one.join(10)
    assert not any(one.is_alive() for one in slow)


def test_bytes_without_tls_are_no_request(idle: Client) -> None:
    with socket.create_connection(("localhost", idle.port), timeout=5) as plain:
        plain.sendall(HEAD)
        with suppress(ConnectionError):
            assert b"HTTP/1.1 200" not in plain.recv(1000)
    assert idle.get("/healthz")[0] == 200


def test_tls_before_1_2_is_refused_and_1_2_is_spoken(idle: Client) -> None:
    connection = idle.connection(maximum_version=ssl.TLSVersion.TLSv1_2)
    connection.request("GET", "/healthz")
    assert connection.getresponse().status == 200
    assert connection.sock.version() == "TLSv1.2"
    context = ssl.create_default_context(cafile=str(idle.trusted))
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    with socket.create_connection(("localhost", idle.port), timeout=5) as plain, pytest.raises(ssl.SSLError):
        context.wrap_socket(plain, server_hostname="localhost")


def test_a_connection_serves_many_requests(idle: Client) -> None:
    connection = idle.connection()
    for _ in range(20):
        connection.request("POST", "/validate", WHOLE, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        assert answer.status == 200 and answer.read() and not answer.will_close


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/validate", 405), ("POST", "/healthz", 405), ("GET", "/", 404), ("DELETE", "/metrics", 405)],
)
def test_other_paths_and_methods_are_said_to_be_wrong(idle: Client, method: str, path: str, status: int) -> None:
    connection = idle.connection()
    connection.request(method, path, b"" if method == "POST" else None)
    assert connection.getresponse().status == status


def test_a_renewed_certificate_is_taken_up_while_it_runs(scene: Scene) -> None:
    before = scene.client.trusted.read_bytes()
    scene.client.trusted.write_bytes(b"half a certificate")
    time.sleep(2.5)
    scene.client.trusted.write_bytes(before)
    assert scene.client.get("/healthz")[0] == 200, "what cannot be used changes nothing"
    certificate(scene.client.trusted.parent)
    after = scene.client.trusted.read_bytes()
    assert after != before
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            assert scene.client.get("/healthz")[0] == 200
            return
        except ssl.SSLError:
            time.sleep(0.3)
    pytest.fail("the new certificate was never served")
