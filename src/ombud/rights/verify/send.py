"""Hand a message to the user's own mail or SMS: a command that gets it on stdin, or a mail server they named."""

import os
import re
import smtplib
import ssl
import subprocess
from collections.abc import Mapping
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Final, Literal, Protocol

from attrs import field, frozen

from ombud.errors import Misused
from ombud.rights.verify.proof import NotSent

TO: Final = "{to}"
_SECONDS: Final = 30
_PART: Final = r"[^\s@<>,;:\"()\[\]\\\x00-\x1f\x7f-\x9f]"
_MAIL: Final = re.compile(f"{_PART}{{1,64}}@{_PART}{{1,190}}")
_PHONE: Final = re.compile(r"\+?[0-9]{4,20}")


@frozen
class Message:
    """What is sent.

    Attributes:
        to: an e-mail address or telephone number; personal data.
        subject, text: what it says.
        at: when it was written.
    """

    to: str = field(repr=False)
    subject: str
    text: str = field(repr=False)
    at: datetime

    def __attrs_post_init__(self) -> None:
        """Refuse what could become a header, a second recipient or an option of a command."""
        if not (_MAIL.fullmatch(self.to) or _PHONE.fullmatch(self.to)) or self.to.startswith("-"):
            raise Misused("that is neither one e-mail address nor one telephone number")
        if re.search(r"[\r\n\0]", self.subject):
            raise Misused("a subject is one line")

    def as_mail(self, sender: str) -> bytes:
        """The message as RFC 5322 writes it."""
        mail = EmailMessage(policy=SMTP.clone(utf8=not self.to.isascii()))
        mail["From"], mail["To"] = _address(sender), _address(self.to)
        mail["Subject"], mail["Date"] = self.subject, format_datetime(self.at)
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(self.text)
        return mail.as_bytes()


class Sender(Protocol):
    """Something that hands messages over."""

    def send(self, message: Message) -> None:
        """Hand one over; NotSent if that fails."""
        ...


def _argv(argv: object) -> tuple[str, ...]:
    words = (argv,) if isinstance(argv, str) else tuple(argv)  # type: ignore[arg-type]
    if not words or not all(isinstance(word, str) and word and "\0" not in word for word in words):
        raise Misused("a mail or SMS command is a list of words", 'For example: ["/usr/sbin/sendmail", "-t", "-i"]')
    if any(TO in word for word in words) and words[-2:] != ("--", TO):
        raise Misused(f"a command takes the address last and after --: […, '--', '{TO}']")
    return words


@frozen
class Command:
    """A program that gets the message on stdin. No shell reads it, and it does not see Ombud's own secrets.

    Attributes:
        argv: the program and its arguments; the recipient is put in only where it ends with "--", "{to}".
        form: "mail": it gets a whole e-mail, recipient included; "text": only the text, so it must say {to}.
        sender: the address in From.
    """

    argv: tuple[str, ...] = field(converter=_argv)
    form: Literal["mail", "text"] = "mail"
    sender: str = "privacy@localhost"

    def __attrs_post_init__(self) -> None:
        if self.form == "text" and TO not in self.argv:
            raise Misused("a command that gets only the text needs the recipient", f"End it with: '--', '{TO}'")

    def send(self, message: Message) -> None:
        """Run the program and wait for it."""
        words = [message.to if word == TO else word for word in self.argv]
        told = message.as_mail(self.sender) if self.form == "mail" else message.text.encode()
        try:
            done = subprocess.run(  # noqa: S603  the user's own words, without a shell
                words, input=told, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=_SECONDS,
                env=_without_secrets(os.environ), check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise NotSent("the command", f"it did not end within {_SECONDS} seconds") from None
        except OSError:
            raise NotSent("the command", "it cannot be started") from None
        if done.returncode:
            raise NotSent("the command", f"it ended with {done.returncode}")


@frozen
class Smtp:
    """A mail server that the user named.

    Attributes:
        host, port: where it is.
        sender: the address in From.
        security: "starttls", "tls", or "none" for a relay on this machine only.
        user, password: to sign in with; None for neither.
    """

    host: str
    port: int = 587
    sender: str = "privacy@localhost"
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)

    def __attrs_post_init__(self) -> None:
        if self.security == "none" and (self.user or self.host not in ("localhost", "127.0.0.1", "::1")):
            raise Misused("mail leaves this machine only encrypted", "Use starttls or tls.")

    def send(self, message: Message) -> None:
        """Hand it to the server."""
        try:
            with self._connected() as server:
                if self.user is not None:
                    server.login(self.user, self.password or "")
                server.sendmail(self.sender, [message.to], message.as_mail(self.sender), self._options(message))
        except (OSError, smtplib.SMTPException):
            raise NotSent("the mail server", "it was not reached, or refused") from None

    def _options(self, message: Message) -> list[str]:
        return [] if message.to.isascii() else ["SMTPUTF8"]

    def _connected(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if self.security == "tls":
            return smtplib.SMTP_SSL(self.host, self.port, timeout=_SECONDS, context=context)
        server = smtplib.SMTP(self.host, self.port, timeout=_SECONDS)
        if self.security == "starttls":
            server.starttls(context=context)
        return server


def _address(plain: str) -> Address:
    return Address(addr_spec=plain)


def _without_secrets(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if not name.startswith("OMBUD_")}
