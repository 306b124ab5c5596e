"""A session for what runs in a workspace: addresses begin at its base, and nothing of this machine goes along."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from coder_nb.closing import Closing
from coder_nb.transport.base_session import BaseSession


class Tunnel(Closing):
    """Something that is closed with the session."""

    closed = 0

    def close(self) -> None:
        """Counts."""
        self.closed += 1


class Mirror(BaseHTTPRequestHandler):
    """Answers with the path it was asked for and the headers it got."""

    def do_GET(self) -> None:
        """Answers."""
        body = f"{self.path}\n{self.headers}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Keeps quiet."""


@pytest.fixture
def base() -> Iterator[str]:
    """The address of a server that mirrors."""
    with HTTPServer(("127.0.0.1", 0), Mirror) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def test_paths_are_paths_there(base: str) -> None:
    """With and without the first slash, and with a query."""
    with BaseSession(base, Tunnel()) as session:
        asked = [session.get(path, params=query).text.split("\n")[0] for path, query in PATHS]
    assert asked == ["/", "/health", "/api/items?limit=2"]


PATHS: list[tuple[str, dict[str, str]]] = [("", {}), ("health", {}), ("/api/items", {"limit": "2"})]


def test_nothing_of_this_machine_goes_along(base: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No proxy, no netrc."""
    (tmp_path / "netrc").write_text("default login me password not-for-apps\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    with BaseSession(base, Tunnel()) as session:
        assert "authorization" not in session.get("/").text.lower()


def test_closing_it_closes_its_tunnel(base: str) -> None:
    """At the end of the block."""
    tunnel = Tunnel()
    with BaseSession(base, tunnel) as session:
        assert (session.base, session.tunnel, tunnel.closed) == (base, tunnel, 0)
    assert tunnel.closed == 1
