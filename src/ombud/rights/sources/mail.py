"""Write to whoever holds the data: through the user's own mail, or as a file that somebody sends."""

import hashlib
import os
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path

from attrs import frozen

from ombud.errors import Misused
from ombud.evidence.canonical import canonical
from ombud.rights.map.model import Collection, SourceSpec
from ombud.rights.sources.manual_steps import OUTBOX, Steps, Verb, letter_of
from ombud.rights.sources.matching import canonical as text_of
from ombud.rights.sources.source import Change, Match
from ombud.rights.verify.send import Command, Message, Sender, Smtp
from ombud.store.errors import reported
from ombud.store.identity import Identity
from ombud.store.settings import FOLDER
from ombud.system.secrets import resolve

_ASKS: Mapping[Verb, str] = {
    "find": "Please look for the person described below in {table}, and tell us what you hold.",
    "erase": "Please erase the person described below from {table}, and from what was derived from it.",
    "change": "Please correct the data of the person described below in {table}, as follows.",
}


@frozen
class Mail:
    """Writes to the owner of a source, each message once.

    Attributes:
        to: their address.
        sender: the user's mail; None writes files into `.ombud/outbox/`, to be sent by hand and deleted.
        from_: the address in From.
    """

    to: str
    sender: Sender | None
    from_: str = "privacy@localhost"

    @classmethod
    def of(cls, spec: SourceSpec, base: Path) -> "Mail":  # noqa: ARG003
        """As the map describes it.

        Options: `command` (words, as a shell would split them; none runs), or `smtp` (host:port) with `user` and
        `password` (`${env:NAME}`) and `security`; `from`. With neither, messages are written as files.

        Raises:
            Misused: no address, both ways at once, or a password in the map.
        """
        options, from_ = spec.options, spec.options.get("from", "privacy@localhost")
        if "command" in options and "smtp" in options:
            raise Misused(
                "mail goes by a command or to a server, not both", "Keep one of the options command and smtp."
            )
        sender: Sender | None = None
        if "command" in options:
            sender = Command(tuple(shlex.split(options["command"])), sender=from_)
        elif "smtp" in options:
            sender = _smtp(options, from_)
        return cls(resolve(spec.address).removeprefix("mailto:"), sender, from_)

    def ask(
        self, steps: Steps, collection: Collection, verb: Verb, matches: Sequence[Match], change: Change | None
    ) -> str:
        """Send the message, unless the same was sent before; a crash between the two sends it twice, never not."""
        workspace, name = steps.workspace, _asked(collection, verb)
        message = Message(self.to, f"{steps.case}: {verb}", _text(steps.case, collection, verb, matches, change),
                          workspace.context.clock.now())  # fmt: skip
        told = hashlib.sha256(canonical([self.to, message.text])).hexdigest()
        mark = bytes(workspace.people.fingerprint(Identity("message", told))).hex()
        if workspace.people.kept(steps.case).get(name) != mark:
            self._hand_over(letter_of(workspace, steps.case, collection, verb), message)
            workspace.people.keep(steps.case, name, mark)
        return " (asked by mail)" if self.sender else f" (the message is in {FOLDER}/{OUTBOX}, to be sent by hand)"

    def _hand_over(self, path: Path, message: Message) -> None:
        if self.sender is not None:
            self.sender.send(message)
            return
        with reported(str(path)):
            path.parent.mkdir(mode=0o700, exist_ok=True)
            path.unlink(missing_ok=True)
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(message.as_mail(self.from_))


def _asked(collection: Collection, verb: Verb) -> str:
    """The name of the note that it was sent, however long the collection's is."""
    return "asked/" + hashlib.sha256(f"{collection.address} {verb}".encode()).hexdigest()[:32]


def _smtp(options: Mapping[str, str], from_: str) -> Smtp:
    host, _, port = options["smtp"].rpartition(":")
    if not host or not port.isdecimal():
        raise Misused("a mail server is written HOST:PORT", "For example: smtp: mail.example.org:587")
    password = options.get("password")
    if password is not None and not password.startswith("${env:"):
        raise Misused("a password stands in the map of data", "Write password: ${env:NAME} and set NAME.")
    security = options.get("security", "starttls")
    if security not in ("starttls", "tls", "none"):
        raise Misused("security of mail is starttls, tls or none")
    return Smtp(
        host, int(port), from_, security,  # type: ignore[arg-type]
        user=options.get("user"), password=resolve(password) if password else None,
    )  # fmt: skip


def _text(case: str, collection: Collection, verb: Verb, matches: Sequence[Match], change: Change | None) -> str:
    """What is asked, and whom it is about; the recipient holds these data already."""
    lines = [_ASKS[verb].format(table=collection.table), ""]
    for match in matches:
        for values in sorted(match.values, key=repr):
            pairs = zip(match.columns, values, strict=True)
            lines.append("- " + ", ".join(f"{column}: {_line(value)}" for column, value in pairs))
    if change is not None:
        lines += ["", *(f"new {column}: {_line(value)}" for column, value in sorted(change.values.items()))]
    return "\n".join([*lines, "", f"Please answer with the number {case}: done, nothing found, or kept and why.", ""])


def _line(value: object) -> str:
    """A value on one line."""
    return " ".join((text_of(value) or "").split())
