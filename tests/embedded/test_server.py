"""A deployment on a thread of its own."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from coder_nb.credentials import Secret
from coder_nb.embedded.server import Embedded

if TYPE_CHECKING:
    from tests.embedded.conftest import Client, Small


def names() -> set[str]:
    """The names of this package's threads that live."""
    return {thread.name for thread in threading.enumerate() if thread.name.startswith("coder-nb:embedded")}


def test_it_listens_while_it_is_open_and_leaves_nothing(small: Small) -> None:
    """No thread and no listening socket is left; closing twice is fine; its text shows no token."""
    before = names()
    server = Embedded(small.deployment)
    with server:
        socket.create_connection(("127.0.0.1", server.port), timeout=5).close()
        assert names() != before or before
        assert server.token.reveal() not in repr(server) + repr(server.site) + repr(small.deployment)
    server.close()
    assert names() == before
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", server.port), timeout=5)


def test_closing_ends_a_request_that_waits(client: Client, small: Small) -> None:
    """An open connection does not hold up the end."""
    with socket.create_connection(("127.0.0.1", client.server.port), timeout=5) as idle:
        idle.sendall(b"GET /api/v2/buildinfo HTTP/1.1\r\n")
        client.server.close()
        # A reset, where the server had bytes that it never read.
        with suppress(ConnectionResetError):
            assert idle.recv(10) == b""


def test_the_owner_gets_the_token_that_was_given(small: Small) -> None:
    """The launcher's token opens the deployment; others are made as they are asked for."""
    token = Secret("0123456789-0123456789012345678901")
    with Embedded(small.deployment, user="bob", token=token) as server:
        assert server.token == token
        assert small.deployment.keys["0123456789"].user is small.bob
        assert server.token_for("ada") != token
        with pytest.raises(KeyError):
            server.token_for("nobody")


def test_a_port_that_is_taken_is_an_error(client: Client, small: Small) -> None:
    """It does not quietly take another."""
    with pytest.raises(OSError, match="in use"):
        Embedded(small.deployment, port=client.server.port)


def test_a_server_that_was_never_started_can_be_closed(small: Small) -> None:
    """And its faults cannot be asked for."""
    server = Embedded(small.deployment)
    with pytest.raises(RuntimeError, match="not running"):
        _ = server.faults
    server.close()
