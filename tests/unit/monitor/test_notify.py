"""Who is told of alarms: once each, over real connections, without a secret on the way, and at no alarm's price."""

import json
import logging
import socket
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from monitored import MANIFEST, Monitored, people
from ombud.cli.monitor_text import watched_json, watched_text
from ombud.errors import Invalid
from ombud.monitor.notify import CLAIMED, tell
from ombud.monitor.standing import standing_alarms
from ombud.system.manifest import load_system
from support import needs

TOLD = MANIFEST.replace("{wait: 1h}", '{wait: 1h, notify: ["${env:ALARMS_URL}"]}')
SECRET = "hunter2hunter2"


class Desk:
    """A server that takes messages, or refuses them."""

    def __init__(self) -> None:
        self.taken: list[dict[str, Any]] = []
        self.status = 200
        desk = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                said = self.rfile.read(int(self.headers["Content-Length"]))
                if desk.status == 200:
                    desk.taken.append(json.loads(said))
                self.send_response(desk.status)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Nothing is printed."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"json://monitor:{SECRET}@127.0.0.1:{self.server.server_port}/alarms"


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    made = Desk()
    monkeypatch.setenv("ALARMS_URL", made.url)
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def bank(tmp_path: Path) -> Monitored:
    """A system that refuses one group more often from a day on."""
    made = Monitored(tmp_path, manifest=TOLD, declared=False)
    made.workspace.add_key("watch", ("platform",))
    made.arrive(people(1_500, 0, 30))
    made.arrive(people(1_500, 30, 30, seed=2, black=0.1))
    return made


def test_a_new_alarm_is_told_once_with_its_incident_and_how_sure_it_is(bank: Monitored, desk: Desk) -> None:
    done = bank.watch(61, holder="watch")
    assert len(done.alarms) == done.told > 0 and len(desk.taken) == 1
    message = desk.taken[0]
    assert message["title"] == f"Ombud: {len(done.alarms)} new alarms in loans"
    assert "People of group “black” (race) are selected" in message["message"]
    assert done.incidents[0].id in message["message"]
    assert "The chance of any false alarm in the life of a release is at most 0.01." in message["message"]
    assert f"told where the manifest says: {done.told}" in watched_text(done, bank.system)
    again = bank.watch(62, holder="watch")
    assert again.told == 0 and not any("not told" in one for one in again.notes) and len(desk.taken) == 1


def test_a_system_without_alarms_asks_nobody(tmp_path: Path, desk: Desk) -> None:
    quiet = Monitored(tmp_path, manifest=TOLD, declared=False)
    quiet.arrive(people(1_500, 0, 30))
    assert quiet.watch(31).told == 0 and desk.taken == []


def test_a_message_that_is_not_taken_costs_no_alarm_and_the_next_run_tries_again(bank: Monitored, desk: Desk) -> None:
    desk.status = 500
    done = bank.watch(61, holder="watch")
    assert done.alarms and done.incidents and done.told == 0
    assert len(bank.said("alarm")) == len(done.alarms)
    assert any("were not told to ${env:ALARMS_URL}: it was not taken there; the next run" in one for one in done.notes)
    desk.status = 200
    again = bank.watch(62, holder="watch")
    assert again.alarms == () and again.told == len(done.alarms) and len(desk.taken) == 1


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("", "environment variable"),
        ("nonsense", "no address that Apprise knows"),
        ("json://127.0.0.1:{free}/x", "it was not taken there"),
    ],
)
def test_an_address_that_is_missing_or_wrong_is_said(
    bank: Monitored, monkeypatch: pytest.MonkeyPatch, address: str, why: str
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        monkeypatch.setenv("ALARMS_URL", address.format(free=taken.getsockname()[1]))
        done = bank.watch(61, holder="watch")
    assert done.alarms and any(why in note for note in done.notes)


def test_no_secret_is_printed_logged_kept_or_signed(
    bank: Monitored, desk: Desk, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    desk.status = 500
    done = bank.watch(61, holder="watch")
    printed = capfd.readouterr()
    said = json.dumps(watched_json(done)) + watched_text(done, bank.system) + printed.out + printed.err + caplog.text
    assert SECRET not in said
    bank.workspace.ledger.database.settle()
    kept = [path for path in bank.root.rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()]
    assert kept == []


def test_one_address_that_fails_keeps_nothing_from_another(
    tmp_path: Path, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = TOLD.replace('["${env:ALARMS_URL}"]', '["${env:GONE_URL}", "${env:ALARMS_URL}"]')
    bank = Monitored(tmp_path, manifest=both, declared=False)
    bank.arrive(people(1_500, 0, 30))
    bank.arrive(people(1_500, 30, 30, seed=2, black=0.1))
    done = bank.watch(61)
    assert len(desk.taken) == 1 and done.told == len(done.alarms)
    assert any("${env:GONE_URL}" in one for one in done.notes)
    monkeypatch.setenv("GONE_URL", desk.url)
    assert bank.watch(62).told == len(done.alarms) and len(desk.taken) == 2


def test_of_two_monitors_at_once_one_tells(bank: Monitored, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ALARMS_URL")
    done = bank.watch(61, holder="watch")
    monkeypatch.setenv("ALARMS_URL", desk.url)
    standing = standing_alarms(bank.workspace, "loans", None)
    both = [threading.Thread(target=tell, args=(bank.workspace, bank.system, standing)) for _ in range(4)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert len(desk.taken) == 1 and len(done.alarms) == len(standing)


def test_what_a_monitor_claimed_and_never_sent_because_it_died_is_sent_later(
    bank: Monitored, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(*_: Any) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr("ombud.monitor.notify._sent", dies)
    with pytest.raises(KeyboardInterrupt):
        bank.watch(61, holder="watch")
    monkeypatch.undo()
    monkeypatch.setenv("ALARMS_URL", desk.url)
    assert bank.watch(holder="watch").told == 0 and desk.taken == []  # somebody may be just sending it
    bank.clock.at += CLAIMED + timedelta(seconds=1)
    assert bank.watch(holder="watch").told > 0 and len(desk.taken) == 1


def test_a_mail_arrives(bank: Monitored, monkeypatch: pytest.MonkeyPatch) -> None:
    controller = needs("aiosmtpd.controller")

    class Box:
        def __init__(self) -> None:
            self.mails: list[Any] = []

        async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
            self.mails.append(envelope)
            return "250 taken"

    box = Box()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    running = controller.Controller(box, hostname="127.0.0.1", port=port)
    running.start()
    try:
        address = f"mailto://127.0.0.1:{port}?from=ombud@bank.example&to=ops@bank.example&mode=insecure"
        monkeypatch.setenv("ALARMS_URL", address)
        done = bank.watch(61, holder="watch")
    finally:
        running.stop()
    assert done.told == len(done.alarms) and box.mails[0].rcpt_tos == ["ops@bank.example"]
    assert b"new alarms in loans" in box.mails[0].content


# --- the manifest -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["https://hooks.example/T0/B0/x", "mailto://a:b@c.example", "x${env:ALARMS_URL}"])
def test_an_address_stands_in_the_environment_and_nowhere_else(tmp_path: Path, address: str) -> None:
    (tmp_path / "ombud.yaml").write_text(TOLD.replace("${env:ALARMS_URL}", address), encoding="utf-8")
    with pytest.raises(Invalid) as refused:
        load_system(tmp_path / "ombud.yaml")
    assert "env:NAME" in str(refused.value) and address not in str(refused.value)
