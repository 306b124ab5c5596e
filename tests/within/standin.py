"""A server on loopback that answers each path with what a test gives it, and remembers what it was asked."""

from __future__ import annotations

import threading
from base64 import b64decode
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = tuple[int, dict[str, str], bytes]
Respond = Callable[[str, str, dict[str, str]], Answer]
"""Method, path with query and headers (lower case) to status, headers and body."""


class StandIn:
    """Serves until it is closed.

    Attributes:
        asked: method, path and headers of each request, in order.
    """

    def __init__(self, respond: Respond) -> None:
        self.asked: list[tuple[str, str, dict[str, str]]] = []
        asked = self.asked

        class Handler(BaseHTTPRequestHandler):
            def _answer(self) -> None:
                headers = {name.lower(): value for name, value in self.headers.items()}
                asked.append((self.command, self.path, headers))
                status, more, body = respond(self.command, self.path, headers)
                self.send_response(status)
                for name, value in {**more, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_PUT = do_POST = _answer  # noqa: N815 - the names http.server looks for

            def log_message(self, *_: Any) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stops."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def basic(headers: dict[str, str]) -> str | None:
    """The user:password of a request."""
    kind, _, value = headers.get("authorization", "").partition(" ")
    return b64decode(value).decode() if kind == "Basic" else None
