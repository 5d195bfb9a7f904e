"""Ask a service over HTTPS: bounded in time and size, never redirected, tried again where it is only away for now."""

import secrets
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from time import monotonic
from typing import Any, ClassVar, Final

from attrs import define, field, frozen

from ombud.errors import Misused, OmbudError
from ombud.evidence.canonical import canonical
from ombud.rights.map.model import SourceSpec
from ombud.system.secrets import resolve

_FOR_NOW: Final = frozenset((408, 425, 429, 500, 502, 503, 504))
_HERE: Final = ("localhost", "127.0.0.1", "::1")
_BYTES: Final = "67108864"


@define
class Away(OmbudError):
    """A place with data did not answer, refused, or answered what it must not; its words are not repeated."""

    exit_code: ClassVar[int] = 3
    where: str
    problem: str
    next_step: str = "Check that it runs and that its address and credentials are right, then run the command again."

    def __str__(self) -> str:
        return f"{self.where}: {self.problem}"


class _AwayForNow(Exception):
    """Worth another try."""


@frozen
class Client:
    """An open connection to one service.

    Attributes:
        where: the source's name, safe to show.
        base: URL without secrets; the verbs are below it.
        seconds: for one answer; size: bytes of one answer; attempts: how often it is asked.
    """

    where: str
    base: str = field(repr=False)
    seconds: float
    size: int
    attempts: int
    http: Any = field(repr=False)

    @classmethod
    def open(cls, spec: SourceSpec) -> "Client":
        """Make ready to ask; nothing is sent yet.

        Options: `bearer` (`${env:NAME}`), `timeout` in seconds (default 30), `attempts` (default 4), `max_bytes` of an
        answer (default 64 MiB), `ca` (PEM file of the authority that signed the service's certificate).

        Raises:
            Misused: an address that is not HTTPS (HTTP only on this machine), or holds a password; a token in the
                map; httpx2 or stamina not installed.
            NotFound: a variable is not set.
        """
        httpx2, base = _library(), resolve(spec.address).rstrip("/")
        _refuse_plain(httpx2.URL(base))
        numbers = {name: _number(spec, name, default) for name, default in _DEFAULTS.items()}
        verify = ssl.create_default_context(cafile=spec.options.get("ca"))
        headers = {"Accept": "application/json", "Accept-Encoding": "identity", **_bearer(spec)}
        http = httpx2.Client(
            headers=headers, verify=verify, timeout=numbers["timeout"], follow_redirects=False, trust_env=False
        )
        return cls(
            spec.name, base, numbers["timeout"], int(numbers["max_bytes"]), int(numbers["attempts"]), http
        )  # fmt: skip

    def ask(self, path: str, body: Mapping[str, Any]) -> bytes:
        """The answer to a question; every attempt carries the same Idempotency-Key.

        Raises:
            Away: no answer, a refusal, a redirect, or one too large or too slow.
        """
        import stamina

        content, key = canonical(body), secrets.token_hex(16)
        tries = stamina.retry_context(
            on=_AwayForNow, attempts=self.attempts, timeout=None, wait_initial=0.1, wait_jitter=0.1, wait_max=5.0
        )
        try:
            for attempt in tries:
                with attempt:
                    return self._once(path, content, key)
        except _AwayForNow as why:
            raise Away(self.where, f"{why} ({self.attempts} attempts)") from None
        raise Away(self.where, "it was not asked")

    def close(self) -> None:
        """Let go of connections."""
        self.http.close()

    def _once(self, path: str, content: bytes, key: str) -> bytes:
        headers = {"Content-Type": "application/json", "Idempotency-Key": key}
        end = monotonic() + self.seconds
        with self._reported(), self.http.stream("POST", self.base + path, content=content, headers=headers) as answer:
            self._judge(answer)
            return self._read(answer, end)

    def _judge(self, answer: Any) -> None:
        status = answer.status_code
        if status in _FOR_NOW:
            raise _AwayForNow(f"it answers with status {status}")
        if 300 <= status < 400:
            raise Away(self.where, "it redirects elsewhere", "Write its own address in the map; none is followed.")
        if status in (401, 403):
            raise Away(self.where, "it refuses our credentials", "Check `bearer` and what the token may do.")
        if status != 200:
            raise Away(self.where, f"it answers with status {status}")
        if answer.headers.get("content-encoding", "identity") != "identity":
            raise Away(self.where, "it answers compressed, which was not asked")

    def _read(self, answer: Any, end: float) -> bytes:
        data = bytearray()
        for piece in answer.iter_raw():
            data += piece
            if len(data) > self.size:
                raise Away(self.where, f"its answer is larger than {self.size} bytes", "Answer in pages (`next`).")
            if monotonic() > end:
                raise _AwayForNow(f"its answer takes longer than {self.seconds:g} s")
        return bytes(data)

    @contextmanager
    def _reported(self) -> Iterator[None]:
        """What the library says may hold addresses and data; only the kind of failure is told."""
        httpx2 = _library()
        try:
            yield
        except httpx2.TimeoutException:
            raise _AwayForNow(f"it does not answer within {self.seconds:g} s") from None
        except httpx2.TransportError as error:
            if "CERTIFICATE_VERIFY_FAILED" in str(error):
                raise Away(self.where, "its certificate is not trusted", "Name its authority in option `ca`.") from None
            raise _AwayForNow("it cannot be reached") from None


_DEFAULTS: Final = {"timeout": "30", "attempts": "4", "max_bytes": _BYTES}


def _library() -> Any:
    try:
        import httpx2
        import stamina  # noqa: F401
    except ImportError:
        raise Misused("HTTP sources need two more packages", "Install them: pip install 'ombud[rights]'") from None
    return httpx2


def _refuse_plain(url: Any) -> None:
    if url.userinfo or url.query or url.fragment:
        raise Misused("the address of an HTTP source holds a password or a query", "Write the token as option bearer.")
    if url.scheme != "https" and not (url.scheme == "http" and url.host in _HERE):
        raise Misused("an HTTP source is asked over https only", "Write https://…; http:// is for this machine only.")


def _bearer(spec: SourceSpec) -> dict[str, str]:
    written = spec.options.get("bearer")
    if written is None:
        return {}
    if not written.startswith("${env:"):
        raise Misused("a token stands in the map of data", "Write bearer: ${env:NAME} and set NAME.")
    token = resolve(written)
    if not token.isascii() or not token.isprintable() or " " in token:
        raise Misused("the bearer token is not one", "Set the variable to the token alone.")
    return {"Authorization": f"Bearer {token}"}


def _number(spec: SourceSpec, name: str, default: str) -> float:
    try:
        number = float(spec.options.get(name, default))
    except ValueError:
        number = 0.0
    if not 0 < number < 1e12:
        raise Misused(f"option {name} of source {spec.name} is not a number above zero")
    return number
