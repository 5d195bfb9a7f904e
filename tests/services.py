"""A small service that speaks the contract of HTTP sources, on this machine, and can be made to misbehave."""

import json
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from ombud.store.identity import comparable


class Service:
    """Holds rows by collection, and everything that was asked of it."""

    def __init__(self, **rows: list[dict[str, Any]]) -> None:
        self.rows = {name: list(own) for name, own in rows.items()}
        self.asked: list[tuple[str, dict[str, Any], dict[str, str]]] = []
        self.token: str | None = None
        self.answers: list[Any] = []
        """What the next answers are instead of the right ones: a status, bytes, headers with a status, or a pause."""
        self.lies = False
        self.page = 1000
        self.url = ""

    def answer(self, verb: str, body: dict[str, Any]) -> Any:
        own = self.rows[body["collection"]]
        chosen = [row for row in own if fits(row, body.get("matches", []))]
        start = int(body.get("cursor") or 0)
        end = start + self.page
        if verb == "find":
            return {"rows": chosen[start:end], "next": str(end) if end < len(chosen) else None}
        if verb == "count":
            return {"count": len(chosen)}
        if verb == "identities":
            values = sorted({row[body["column"]] for row in own})
            return {"values": values[start:end], "next": str(end) if end < len(values) else None}
        if not self.lies and verb == "erase":
            self.erase(body, own, chosen)
        if not self.lies and verb == "change":
            where = body.get("where") or {}
            chosen = [row for row in chosen if where.items() <= row.items()]
            for row in chosen:
                row.update(body["values"])
        return {verb + ("d" if verb.endswith("e") else "ed"): len(chosen)}

    def erase(self, body: dict[str, Any], own: list[Any], chosen: list[Any]) -> None:
        for row in chosen:
            if body["on_erase"] == "mask":
                row.update(body["masks"])
            else:
                own.remove(row)


def fits(row: dict[str, Any], matches: list[Any]) -> bool:
    return any(
        [comparable(one["form"], str(row[column])) for column in one["columns"]]
        in [[comparable(one["form"], str(value)) for value in values] for values in one["values"]]
        for one in matches
    )


@contextmanager
def serving(service: Service, tls: ssl.SSLContext | None = None) -> Iterator[Service]:
    """Run a service on a free port."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            verb = self.path.removeprefix("/ombud/v1/")
            service.asked.append((verb, body, dict(self.headers)))
            if service.token and self.headers["Authorization"] != f"Bearer {service.token}":
                return self.reply(401, b"no")
            if service.answers:
                return self.misbehave(service.answers.pop(0))
            return self.reply(200, json.dumps(service.answer(verb, body)).encode())

        def misbehave(self, instead: Any) -> None:
            if isinstance(instead, float):
                time.sleep(instead)
                instead = b'{"count": 0}'
            if isinstance(instead, int):
                return self.reply(instead, b"person@example.org failed")
            if isinstance(instead, bytes):
                return self.reply(200, instead)
            return self.reply(instead[0], b"", instead[1])

        def reply(self, status: int, data: bytes, headers: dict[str, str] | None = None) -> None:
            try:
                self.send_response(status)
                for name, value in (headers or {}).items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)
            except OSError:
                pass

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    service.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
