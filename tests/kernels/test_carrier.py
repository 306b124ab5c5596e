"""A conversation with a keeper outlasts its connections, and gives up only where nobody can be there any more."""

from __future__ import annotations

import queue
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from coder_nb.errors import CoderError, TransportError
from coder_nb.kernels.carrier import Carrier, Lost
from coder_nb.kernels.there.lasting import Lasting
from coder_nb.kernels.there.messages import Unpacker, pack

NAME = bytes(16)


class Line:
    """A connection over a real socket."""

    def __init__(self, end: socket.socket) -> None:
        self.end = end

    def read(self) -> bytes:
        """What has come."""
        return self.end.recv(65536)

    def write(self, data: bytes) -> None:
        """Sends it."""
        self.end.sendall(data)

    def close(self) -> None:
        """Ends it, for who reads too."""
        with suppress(OSError):
            self.end.shutdown(socket.SHUT_RDWR)
        self.end.close()


class Exchange:
    """A carrier, the ends that it dials, and what it has told."""

    def __init__(self) -> None:
        self.dialled: queue.Queue[socket.socket] = queue.Queue()
        self.received: queue.Queue[tuple[str, list[bytes]]] = queue.Queue()
        self.lost: queue.Queue[CoderError] = queue.Queue()
        self.notices: queue.Queue[str] = queue.Queue()
        self.failures: list[CoderError] = []
        self.stream = Lasting(NAME, first=True)
        self.came = b""
        self.carrier = Carrier(
            self.dial,
            NAME,
            received=lambda channel, frames: self.received.put((channel, frames)),
            lost=self.lost.put,
            notice=self.notices.put,
        )

    def dial(self) -> Line:
        """A new connection, or the next failure."""
        if self.failures:
            raise self.failures.pop(0)
        here, there = socket.socketpair()
        there.settimeout(10)
        self.dialled.put(there)
        return Line(here)

    def answer(self) -> socket.socket:
        """The keeper's end of the next connection, once both have greeted."""
        there = self.dialled.get(timeout=10)
        self.stream.connected()
        there.sendall(self.stream.outgoing())
        while not self.stream.met:
            self.came += self.stream.feed(there.recv(65536))
        return there

    def hear(self, there: socket.socket, unpacker: Unpacker) -> list[bytes]:
        """The frames of the next message that was carried there."""
        while True:
            came, self.came = self.came, b""
            if messages := unpacker.feed(came or self.stream.feed(there.recv(65536))):
                return messages[0][1]


@pytest.fixture
def exchange() -> Iterator[Exchange]:
    """One that is closed at the end."""
    exchange = Exchange()
    yield exchange
    exchange.carrier.close()
    exchange.carrier.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("coder-nb:kernel")]


def wait_for(true: Callable[[], object]) -> None:
    """Returns once it is true."""
    deadline = time.monotonic() + 10
    while not true():
        assert time.monotonic() < deadline
        threading.Event().wait(0.01)


def test_messages_go_both_ways_over_many_connections(exchange: Exchange) -> None:
    """Those said while there was none included."""
    unpacker = Unpacker()
    for number in range(5):
        exchange.carrier.say(pack("shell", [b"%d" % number]))
        there = exchange.answer()
        assert exchange.hear(there, unpacker) == [b"%d" % number]
        exchange.stream.write(pack("iopub", [b"heard %d" % number]))
        there.sendall(exchange.stream.outgoing())
        assert exchange.received.get(timeout=10) == ("iopub", [b"heard %d" % number])
        wait_for(lambda: exchange.carrier.connected)
        there.close()


def test_what_may_pass_is_tried_again(exchange: Exchange) -> None:
    """And told, for a log."""
    exchange.failures += [TransportError("no way there")] * 3
    exchange.answer().close()
    exchange.answer()
    assert "no way there" in exchange.notices.get(timeout=10)
    assert exchange.lost.empty()


def test_what_is_lost_is_given_up(exchange: Exchange) -> None:
    """Once, and nothing is dialled any more."""
    there = exchange.answer()
    exchange.failures.append(Lost("the workspace was stopped"))
    there.close()
    assert "was stopped" in exchange.lost.get(timeout=10).message
    assert exchange.dialled.empty()


def test_a_damaged_connection_is_replaced(exchange: Exchange) -> None:
    """What came over it before stands."""
    there = exchange.answer()
    exchange.stream.write(pack("iopub", [b"whole"]))
    there.sendall(exchange.stream.outgoing())
    assert exchange.received.get(timeout=10)[1] == [b"whole"]
    there.sendall(b"noise on the line" * 10)
    exchange.stream.write(pack("iopub", [b"again"]))
    there = exchange.answer()
    there.sendall(exchange.stream.outgoing())
    assert exchange.received.get(timeout=10)[1] == [b"again"]


def test_what_is_no_kernels_is_given_up(exchange: Exchange) -> None:
    """A workspace can send anything."""
    there = exchange.answer()
    exchange.stream.write(b"\xff" * 100)
    there.sendall(exchange.stream.outgoing())
    assert "no kernel's" in exchange.lost.get(timeout=10).message
