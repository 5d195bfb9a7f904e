"""A message goes to the user's own program or server, as one message to one recipient."""

import email
import socket
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from email import policy
from pathlib import Path
from typing import Any

import pytest

from ombud.errors import Misused
from ombud.rights.verify import Command, Message, NotSent, Smtp
from support import needs

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
HELLO = Message("ann@example.org", "Your code", "Your code: 1234 5678\n", NOW)


def program(folder: Path, body: str) -> tuple[str, ...]:
    """A program of this machine."""
    path = folder / "program.py"
    path.write_text(f"import sys\nfrom pathlib import Path\nhere = Path({str(folder)!r})\n{body}\n", encoding="utf-8")
    return (sys.executable, str(path))


KEEP = "(here / 'in').write_bytes(sys.stdin.buffer.read()); (here / 'argv').write_text(repr(sys.argv[1:]))"


def test_a_mail_program_gets_the_whole_message_and_no_address_as_argument(tmp_path: Path) -> None:
    Command((*program(tmp_path, KEEP), "-t"), sender="privacy@shop.example").send(HELLO)
    got = email.message_from_bytes((tmp_path / "in").read_bytes(), policy=policy.default)
    assert (got["To"], got["From"], got["Subject"]) == ("ann@example.org", "privacy@shop.example", "Your code")
    assert got["Date"] == "Mon, 23 Nov 2026 07:00:00 +0000"
    assert got.get_content().strip() == "Your code: 1234 5678"
    assert (tmp_path / "argv").read_text() == "['-t']"


def test_an_sms_program_gets_the_text_and_the_number_after_two_dashes(tmp_path: Path) -> None:
    Command((*program(tmp_path, KEEP), "--", "{to}"), form="text").send(Message("+49731123", "Your code", "1234", NOW))
    assert (tmp_path / "in").read_bytes() == b"1234"
    assert (tmp_path / "argv").read_text() == "['--', '+49731123']"


def test_a_program_that_gets_only_the_text_must_be_told_the_recipient() -> None:
    with pytest.raises(Misused, match="needs the recipient"):
        Command(("sms",), form="text")


@pytest.mark.parametrize(("body", "said"), [
    ("sys.stderr.write('no such user ann@example.org'); sys.exit(67)", "it ended with 67"),
    ("sys.exit(1)", "it ended with 1"),
])  # fmt: skip
def test_a_program_that_fails_is_said_without_its_words(tmp_path: Path, body: str, said: str) -> None:
    with pytest.raises(NotSent) as failed:
        Command(program(tmp_path, body)).send(HELLO)
    assert str(failed.value) == f"the message was not sent by the command: {said}"


def test_a_program_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotSent, match="cannot be started"):
        Command((str(tmp_path / "none"),)).send(HELLO)


class Keeping:
    """A mail server's ears."""

    def __init__(self) -> None:
        self.got: list[Any] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.got.append(envelope)
        return "250 OK"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def server() -> Iterator[Any]:
    controller = needs("aiosmtpd.controller").Controller(Keeping(), hostname="127.0.0.1", port=free_port())
    controller.start()
    yield controller
    controller.stop()


def port(server: Any) -> int:
    return int(server.port)


def test_a_mail_server_gets_one_message_for_one_recipient(server: Any) -> None:
    Smtp("127.0.0.1", port(server), "privacy@shop.example", security="none").send(HELLO)
    (envelope,) = server.handler.got
    assert envelope.rcpt_tos == ["ann@example.org"]
    assert b"Your code: 1234 5678" in envelope.content


def test_a_server_that_does_not_encrypt_is_not_used_where_that_is_asked(server: Any) -> None:
    with pytest.raises(NotSent, match="not reached, or refused"):
        Smtp("127.0.0.1", port(server)).send(HELLO)
    assert server.handler.got == []


def test_nobody_there_is_said() -> None:
    with pytest.raises(NotSent, match="not reached, or refused"):
        Smtp("127.0.0.1", 9, security="none").send(HELLO)


def test_mail_in_the_clear_leaves_this_machine_never() -> None:
    with pytest.raises(Misused, match="only encrypted"):
        Smtp("mail.example.org", 25, security="none")
    assert Smtp("localhost", 25, security="none").port == 25


def test_nothing_shown_of_a_message_says_to_whom_or_what() -> None:
    assert "ann" not in repr(HELLO) and "1234" not in repr(HELLO)
    assert "hunter2" not in repr(Smtp("h", user="u", password="hunter2"))
