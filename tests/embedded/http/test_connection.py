"""What goes over the socket: headers, lengths, chunks."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from coder_nb.embedded.http.connection import MAX_BODY

if TYPE_CHECKING:
    from tests.embedded.conftest import Client, Small


def talk(client: Client, text: str) -> bytes:
    """Sends raw bytes and reads until the server closes."""
    with socket.create_connection(("127.0.0.1", client.server.port), timeout=10) as stream:
        stream.sendall(text.replace("\n", "\r\n").format(port=client.server.port).encode())
        received = b""
        while block := stream.recv(65536):
            received += block
        return received


def test_every_answer_has_the_deployments_headers(client: Client) -> None:
    """Version, a fresh request id, a fresh CSRF cookie and the frozen date are on successes, errors and pages."""
    ids, cookies = set(), set()
    for path in ("/users/me", "/nope", "//", "/workspaceagents/x"):
        got = client.ask(path)
        assert got.header("X-Coder-Build-Version") == "v2.25.1+demo"
        assert got.header("Date") == "Thu, 12 Mar 2026 09:30:00 GMT"
        ids.add(got.header("X-Coder-Request-Id"))
        cookies.add(got.header("Set-Cookie"))
        assert (got.header("Set-Cookie") or "").endswith("; Path=/; HttpOnly; SameSite=Lax")
    assert len(ids) == len(cookies) == 4


def test_short_bodies_have_a_length_and_long_ones_are_chunked(client: Client, small: Small) -> None:
    """2 KB is the border; nothing is ever compressed."""
    it = small.workspace("dev")
    short = client.ask("/users/me", headers={"Accept-Encoding": "gzip"})
    assert short.header("Content-Length") == str(len(short.body))
    long = client.ask(f"/workspaces/{it.id}", headers={"Accept-Encoding": "gzip, br, zstd"})
    assert (long.header("Content-Length"), long.header("Transfer-Encoding")) == (None, "chunked")
    assert long.header("Content-Encoding") is None
    assert long.body.endswith(b"}\n")


def test_a_connection_serves_many_requests_until_it_is_told_to_close(client: Client) -> None:
    """HTTP/1.1 keep-alive, and an HTTP/1.0 request that gets no chunks."""
    first = "GET /api/v2/buildinfo HTTP/1.1\nHost: localhost:{port}\n\n"
    last = "GET /healthz HTTP/1.1\nHost: localhost:{port}\nConnection: close\n\n"
    assert talk(client, first + last).count(b"HTTP/1.1 200 OK\r\n") == 2
    assert talk(client, "GET /healthz HTTP/1.0\nHost: localhost:{port}\n\n").endswith(b"\r\n\r\nOK")


@pytest.mark.parametrize("length", [MAX_BODY + 1, 10**12])
def test_a_body_beyond_the_bound_is_not_read(client: Client, length: int) -> None:
    """The server answers 400 or closes before the body comes."""
    head = f"POST /api/v2/users/login HTTP/1.1\nHost: localhost:{{port}}\nContent-Length: {length}\n\n"
    assert talk(client, head) in (b"", b"HTTP/1.1 400 Bad Request\r\n\r\n")


def test_a_bad_cookie_header_is_no_cookie(client: Client) -> None:
    """Nonsense in the Cookie header does not break a request."""
    assert client.ask("/users/me", headers={"Cookie": "a[]=;;; =b"}).status == 200
