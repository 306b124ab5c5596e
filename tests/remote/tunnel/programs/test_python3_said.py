"""What python3's relay says comes whole and in order, at once where it is little, however slowly it is read."""

from __future__ import annotations

import os
import random
import socket
import threading
from collections.abc import Iterator

import pytest

from coder_nb.remote.tunnel.programs.python3_said import LITTLE, Said
from coder_nb.remote.tunnel.protocol import Frame, Frames, Kind
from tests.remote.tunnel.ends import SECONDS
from tests.remote.tunnel.test_protocol import joined


class Terminal:
    """Where it is written, and how often who says it is woken."""

    def __init__(self) -> None:
        self.near, self.far = socket.socketpair()
        self.near.settimeout(SECONDS)
        os.set_blocking(self.far.fileno(), False)
        self.woken = threading.Semaphore(0)
        self.said = Said(self.far.fileno(), self.far.fileno(), self.woken.release)

    def read(self) -> list[Frame]:
        """All frames up to the end."""
        reader, found = Frames(), list[Frame]()
        while data := self.near.recv(65536):
            found += reader.feed(data)
        return joined(found)


@pytest.fixture
def it() -> Iterator[Terminal]:
    """A terminal that takes little."""
    made = Terminal()
    made.far.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    yield made
    made.near.close()
    made.said.end()
    made.far.close()


def test_little_is_written_at_once(it: Terminal) -> None:
    """By whoever says it, without waking anybody."""
    it.said.say(int(Kind.OPENED), 7)
    it.said.flush()
    assert list(Frames().feed(it.near.recv(100))) == [Frame(Kind.OPENED, 7)]
    assert not it.said.given and not it.woken.acquire(blocking=False)


def test_much_comes_in_order(it: Terminal) -> None:
    """While more is said; who says it is woken when there is room."""
    rng = random.Random(0)
    pieces = [rng.randbytes(rng.choice((0, 10, LITTLE, 50_000))) for _ in range(60)]
    got: list[list[Frame]] = []
    reader = threading.Thread(target=lambda: got.append(it.read()))
    reader.start()
    for number, piece in enumerate(pieces):
        it.said.say(int(Kind.DATA), number, piece)
        it.said.flush()
        if len(it.said.waiting) > 100_000:
            assert it.woken.acquire(timeout=SECONDS)
    it.said.end()
    it.far.shutdown(socket.SHUT_WR)
    reader.join(SECONDS)
    assert got == [[Frame(Kind.DATA, number, piece) for number, piece in enumerate(pieces) if piece]]


def test_a_terminal_that_is_gone_is_noticed(it: Terminal) -> None:
    """By whoever writes, and nobody waits for it for ever."""
    it.near.close()
    it.said.say(int(Kind.DATA), 1, bytes(100_000))
    it.said.flush()
    assert it.woken.acquire(timeout=SECONDS)
    assert it.said.hung_up
    it.said.say(int(Kind.GOODBYE), 0)
    it.said.end()
