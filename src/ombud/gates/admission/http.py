"""The little HTTP/1.1 that the API server speaks: one request after the other on a connection, with a known length.

Everything has a limit: the head, the body, the time that a request may take to arrive, and the idle time between two.
"""

import asyncio
from collections.abc import Mapping
from typing import Final

from attrs import field, frozen

HEAD_BYTES: Final = 16 * 2**10
BODY_BYTES: Final = 8 * 2**20
"""More than two objects of the largest size that Kubernetes keeps, with all that is said around them."""

IDLE_SECONDS: Final = 120.0
REQUEST_SECONDS: Final = 5.0
"""A request that takes longer to arrive is not waited for."""

REASONS: Final[Mapping[int, str]] = {
    200: "OK", 400: "Bad Request", 404: "Not Found", 405: "Method Not Allowed", 408: "Request Timeout",
    411: "Length Required", 413: "Content Too Large", 415: "Unsupported Media Type",
    431: "Request Header Fields Too Large", 500: "Internal Server Error", 503: "Service Unavailable",
}  # fmt: skip


@frozen
class Limits:
    """What a connection may take."""

    body: int = BODY_BYTES
    idle: float = IDLE_SECONDS
    request: float = REQUEST_SECONDS


class Bad(Exception):
    """A request that is not answered as asked.

    Attributes:
        status: of the answer; problem: in words.
    """

    def __init__(self, status: int, problem: str) -> None:
        super().__init__(problem)
        self.status, self.problem = status, problem


@frozen
class Request:
    """One request. `path` is without its query; names in `headers` are in small letters."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @property
    def keeps(self) -> bool:
        """Whether the connection stays open."""
        return self.headers.get("connection", "").lower() != "close"


async def read_request(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, limits: Limits) -> Request | None:
    """The next request; None if the other side has gone or says nothing.

    Raises:
        Bad: it is no request, or beyond a limit; the connection is of no more use.
    """
    try:
        async with asyncio.timeout(limits.idle):
            first = await reader.read(1)
    except TimeoutError:
        return None
    if not first:
        return None
    try:
        async with asyncio.timeout(limits.request):
            method, path, headers = await _head(first, reader)
            length = _length(method, headers, limits.body)
            if length and headers.get("expect", "").lower() == "100-continue":
                writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            return Request(method, path, headers, await reader.readexactly(length))
    except TimeoutError:
        raise Bad(408, f"the request took longer than {limits.request:g} s to arrive") from None
    except asyncio.IncompleteReadError:
        return None


async def _head(first: bytes, reader: asyncio.StreamReader) -> tuple[str, str, Mapping[str, str]]:
    try:
        head = first + await reader.readuntil(b"\r\n\r\n")
    except asyncio.LimitOverrunError:
        raise Bad(431, f"the head is longer than {HEAD_BYTES} bytes") from None
    line, *lines = head.decode("latin-1")[:-4].split("\r\n")
    words = line.split(" ")
    if len(words) != 3 or words[2] not in ("HTTP/1.1", "HTTP/1.0") or not words[1].startswith("/"):
        raise Bad(400, "this is not a request of HTTP/1.1")
    headers = _headers(lines)
    if words[2] == "HTTP/1.0":
        headers["connection"] = "close"
    return words[0], words[1].partition("?")[0], headers


def _headers(lines: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        known = name.lower()
        if not colon or not name or name != name.strip() or (known == "content-length" and known in found):
            raise Bad(400, "a header is not one")
        found[known] = value.strip()
    return found


def _length(method: str, headers: Mapping[str, str], most: int) -> int:
    if "transfer-encoding" in headers:
        raise Bad(411, "a body needs a length; chunks are not read")
    said = headers.get("content-length")
    if said is None:
        if method == "POST":
            raise Bad(411, "a body needs a length")
        return 0
    if not (said.isascii() and said.isdigit()) or len(said) > 18:
        raise Bad(400, "the length of the body is no number")
    if int(said) > most:
        raise Bad(413, f"the body is larger than {most} bytes")
    return int(said)


def response(status: int, body: bytes, kind: str, keeps: bool) -> bytes:
    """The bytes of an answer."""
    stays = "keep-alive" if keeps else "close"
    head = (
        f"HTTP/1.1 {status} {REASONS[status]}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
        f"Connection: {stays}\r\nCache-Control: no-store\r\n\r\n"
    )
    return head.encode() + body
