"""The webhook itself: HTTPS, one question after the other on each connection, certificates renewed while it runs."""

import asyncio
import json
import ssl
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Final

from attrs import define, field, frozen

from ombud.errors import Misused, OmbudError, Unreadable, what_next
from ombud.evidence.instants import instant
from ombud.gates.admission.decide import CONTROLLERS, decide
from ombud.gates.admission.http import HEAD_BYTES, Bad, Limits, Request, read_request, response
from ombud.gates.admission.review import read_review, written
from ombud.gates.admission.told import Told
from ombud.gates.lookup import Known
from ombud.store.clock import Clock

JSON: Final = "application/json"
MOST_CONNECTIONS: Final = 512
RELOAD_SECONDS: Final = 2.0
_CLOSED: Final = "Whoever asks has to take this for a no: failurePolicy Fail does."

Reply = tuple[int, bytes, str]


@frozen
class Certificate:
    """Where the server's certificate and key are; both may be in one file."""

    chain: Path
    key: Path

    def context(self) -> ssl.SSLContext:
        """TLS 1.2 or newer with this certificate.

        Raises:
            Misused: the files are no certificate with its key.
        """
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_alpn_protocols(["http/1.1"])
        self.load_into(context)
        return context

    def load_into(self, context: ssl.SSLContext) -> None:
        """Serve with what the files hold now; see `context`."""
        try:
            context.load_cert_chain(self.chain, self.key)
        except OSError as error:  # ssl.SSLError is one
            why = (error.strerror or "unusable").lower() if not isinstance(error, ssl.SSLError) else "not a pair"
            step = "Give a certificate with --cert and its private key with --key, both in PEM."
            raise Misused(f"{self.chain} and {self.key} cannot be served with: {why}", step) from None

    @property
    def stamp(self) -> tuple[int, ...]:
        """Changes when a file does."""
        seen = [path.stat() for path in (self.chain, self.key)]
        return tuple(number for one in seen for number in (one.st_ino, one.st_mtime_ns, one.st_size))


@define(eq=False)
class Webhook:
    """Answers requests.

    Attributes:
        known: what is known of releases now; None: nothing ever was.
        clock: the time of day.
        controllers: who makes pods for what was let in before.
        limits: of one connection.
        remark: takes a line for whoever runs it; no line names a person.
    """

    known: Callable[[], Known | None]
    clock: Clock
    controllers: frozenset[str] = CONTROLLERS
    limits: Limits = field(factory=Limits)
    remark: Callable[[str], None] = field(default=lambda _: None)
    told: Told = field(factory=Told, init=False)
    _open: int = field(default=0, init=False)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection to its end."""
        self._open += 1
        try:
            if self._open <= MOST_CONNECTIONS:
                await self._serve(reader, writer)
        except (ConnectionError, ssl.SSLError, TimeoutError):
            pass  # the other side has gone; there is nobody to tell
        finally:
            self._open -= 1
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        keeps = True
        while keeps:
            try:
                request = await read_request(reader, writer, self.limits)
            except Bad as bad:
                await _write(writer, _problem(bad.status, bad.problem), keeps=False)
                return
            if request is None:
                return
            keeps = request.keeps
            await _write(writer, self.reply(request), keeps)

    def reply(self, request: Request) -> Reply:
        """Answer one request; what goes wrong here is an answer too, and never a yes."""
        started = perf_counter()
        try:
            return self._reply(request)
        except Unreadable as error:
            return _problem(400, str(error), what_next(error))
        except OmbudError as error:
            return _problem(500, str(error), what_next(error))
        except Exception as error:  # no doubt may open the gate, and no traceback reaches a caller
            self.remark(f"something Ombud did not foresee: {type(error).__name__}")
            return _problem(500, "something Ombud did not foresee")
        finally:
            self.told.took(perf_counter() - started)

    def _reply(self, request: Request) -> Reply:
        if request.path in ("/validate", "/strict"):
            return self._validate(request)
        if request.method != "GET":
            return _problem(
                405 if request.path in ("/healthz", "/readyz", "/metrics") else 404, "nothing to post to here"
            )
        if request.path == "/healthz":
            return 200, b"ok\n", "text/plain"
        if request.path == "/readyz":
            ready = self.known() is not None
            return (200, b"ok\n", "text/plain") if ready else _problem(503, "nothing is known of releases yet")
        if request.path == "/metrics":
            return 200, self.told.text(self.known(), instant(self.clock.now())).encode(), "text/plain; version=0.0.4"
        return _problem(404, "there is nothing here")

    def _validate(self, request: Request) -> Reply:
        if request.method != "POST":
            return _problem(405, "an AdmissionReview is posted")
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != JSON:
            return _problem(415, f"an AdmissionReview is {JSON}")
        review = read_review(request.body)
        known = self.known()
        if known is None:
            return _problem(503, "nothing is known of releases yet: the store never answered, and no list is here")
        strict = request.path == "/strict"
        try:
            answer = decide(review, known, instant(self.clock.now()), strict=strict, controllers=self.controllers)
        except RecursionError:
            raise Unreadable("request body", "it is nested too deeply") from None
        self.told.answered(answer, review.dry_run)
        if not answer.allowed:
            self.remark(f"refused: {review.where}: {answer.because}")
        return 200, written(review, answer), JSON


async def _write(writer: asyncio.StreamWriter, reply: Reply, keeps: bool) -> None:
    writer.write(response(*reply, keeps))
    async with asyncio.timeout(10):
        await writer.drain()


def _problem(status: int, problem: str, step: str = _CLOSED) -> Reply:
    return status, json.dumps({"error": problem, "next": step}).encode(), JSON


async def run(webhook: Webhook, certificate: Certificate, host: str, port: int, ready: Callable[[int], None]) -> None:
    """Serve until cancelled.

    Args:
        ready: called with the port once it listens.
    """
    context, stamp = certificate.context(), certificate.stamp
    server = await asyncio.start_server(
        webhook.serve, host, port, ssl=context, limit=HEAD_BYTES, ssl_handshake_timeout=5, ssl_shutdown_timeout=2
    )
    async with server:
        ready(server.sockets[0].getsockname()[1])
        await _renew(webhook, certificate, context, stamp)


async def _renew(webhook: Webhook, certificate: Certificate, context: ssl.SSLContext, stamp: tuple[int, ...]) -> None:
    """Take up a renewed certificate for connections to come; one that cannot be used changes nothing."""
    while True:
        await asyncio.sleep(RELOAD_SECONDS)
        try:
            seen = certificate.stamp
            if seen != stamp:
                certificate.context()  # tried apart first, so that half a renewal spoils nothing
                certificate.load_into(context)
                stamp = seen
                webhook.remark("serving with the renewed certificate")
        except (Misused, OSError):
            webhook.remark("the renewed certificate cannot be used; serving with the one before")
