"""A page in somebody's browser can do nothing here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.embedded.conftest import Client


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1", "127.0.0.1:1", "", "localhost.evil.example:{port}", "0.0.0.0:{port}"]
)
def test_a_host_that_is_not_loopback_with_our_port_is_refused(client: Client, host: str) -> None:
    """DNS rebinding ends at the Host header, with a good token and outside of the API too."""
    headers = {"Host": host.format(port=client.server.port)}
    for path in ("/users/me", "//healthz"):
        got = client.ask(path, headers=headers)
        assert (got.status, got.header("Content-Type")) == (421, "text/plain; charset=utf-8")


@pytest.mark.parametrize("host", ["127.0.0.1:{port}", "localhost:{port}", "LOCALHOST:{port}", "[::1]:{port}"])
def test_loopback_names_with_our_port_are_served(client: Client, host: str) -> None:
    """Every spelling of this machine is fine."""
    assert client.ask("/users/me", headers={"Host": host.format(port=client.server.port)}).status == 200


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://127.0.0.1:1", "http://localhost:{port}", "http://[x", ""]
)
def test_a_foreign_origin_is_refused(client: Client, origin: str) -> None:
    """Host and port of an Origin must be those of the Host header."""
    got = client.ask("/users/me", headers={"Origin": origin.format(port=client.server.port)})
    assert (got.status, got.header("Content-Type")) == (403, "text/plain; charset=utf-8")


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_our_own_origin_is_served_whatever_its_scheme(client: Client, scheme: str) -> None:
    """Only host and port count."""
    assert client.ask("/users/me", headers={"Origin": f"{scheme}://127.0.0.1:{client.server.port}"}).status == 200


def test_nothing_listens_beyond_loopback(client: Client) -> None:
    """The socket is bound to 127.0.0.1 alone."""
    assert client.server._listener.getsockname()[0] == "127.0.0.1"


def test_a_cookie_alone_reads_but_changes_nothing(client: Client) -> None:
    """A change needs the token in another place too, equal to the cookie's."""
    assert client.token
    token = client.token.reveal()
    cookie = {"Cookie": f"coder_session_token={token}"}
    assert client.ask("/users/me", headers=cookie, token=None).status == 200
    forged = client.ask("/users/me/keys", method="POST", headers=cookie, token=None)
    assert (forged.status, forged.header("Content-Type")) == (400, "text/plain; charset=utf-8")
    assert client.ask("/users/me/keys", method="POST", headers=cookie, token="x").status == 400
    assert client.ask("/users/me/keys", method="POST", headers=cookie).status == 201
    bearer = cookie | {"Authorization": f"Bearer {token}"}
    assert client.ask("/users/me/keys", method="POST", headers=bearer, token=None).status == 201
    query = f"/users/me/keys?coder_session_token={token}"
    assert client.ask(query, method="POST", headers=cookie, token=None).status == 201
