"""A tunnel's port: on loopback, free, and one that this user may have."""

from __future__ import annotations

import os
import socket

import pytest

from coder_nb.errors import Conflict, Invalid
from coder_nb.remote.tunnel.listening import listening


def test_any_free_port_is_on_loopback() -> None:
    """And nothing waits for who accepts."""
    with listening(0) as found:
        assert found.getsockname()[0] == "127.0.0.1" and not found.getblocking()


@pytest.mark.parametrize("address", ["127.0.0.1", "0.0.0.0"])
def test_a_taken_port_is_a_conflict_and_the_next_free_one_is_named(address: str) -> None:
    """Whether it is taken on loopback alone or everywhere."""
    with socket.create_server((address, 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Conflict, match=f"port {port} is taken here") as caught:
            listening(port)
    free = int(caught.value.hint.partition("local_port=")[2].partition(" ")[0])
    assert free > port
    listening(free).close()


def test_a_port_that_was_just_closed_can_be_had_again() -> None:
    """As somebody does who runs a cell a second time."""
    with listening(0) as first:
        port = first.getsockname()[1]
        client = socket.create_connection(("127.0.0.1", port))
    client.close()
    listening(port).close()


@pytest.mark.parametrize("port", [-1, 65536])
def test_what_is_no_port_is_said_to_be_none(port: int) -> None:
    """Before anything is tried."""
    with pytest.raises(Invalid, match="not a port"):
        listening(port)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may listen anywhere")
def test_a_port_for_root_is_refused() -> None:
    """With what to do instead."""
    with pytest.raises(Invalid, match="may not listen"):
        listening(1)
