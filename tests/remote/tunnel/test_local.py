"""A program's connection: what it says and hears goes through in order, and its end is the one it really had."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from coder_nb.remote.tunnel.channel import Channel
from coder_nb.remote.tunnel.local import Local
from coder_nb.remote.tunnel.protocol import WINDOW, Frame, Frames, Kind
from tests.remote.tunnel.ends import SECONDS, read, read_all


class Carried:
    """A program's socket, what carries it, and what is said."""

    def __init__(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            self.program = socket.create_connection(server.getsockname(), timeout=SECONDS)
            sock, _ = server.accept()
        self.said: list[Frame] = []
        self.changes = 0
        self.counted = [0, 0]
        self.lost: list[tuple[str, bool]] = []
        self._frames = Frames()
        self.local = Local(sock, changed=self._changed, count=self._count, lost=lambda *how: self.lost.append(how))
        self.channel = Channel(1, self.local.through, self._say, lambda: WINDOW, lambda id: None)

    def _say(self, said: bytes) -> None:
        self.said += self._frames.feed(said)

    def _changed(self, local: Local) -> None:
        self.changes += 1

    def _count(self, into: int, out: int) -> None:
        self.counted[0] += into
        self.counted[1] += out

    def hear(self, kind: Kind, payload: bytes = b"") -> None:
        """What the relay says."""
        self.channel.hear(Frame(kind, 1, payload))


@pytest.fixture
def it() -> Iterator[Carried]:
    """A connection."""
    made = Carried()
    yield made
    made.local.close()
    made.program.close()


def test_what_the_program_says_is_sent_and_counted(it: Carried) -> None:
    """And its end."""
    it.program.sendall(b"abc")
    it.local.read()
    it.program.shutdown(socket.SHUT_WR)
    it.local.read()
    assert it.said == [Frame(Kind.DATA, 1, b"abc"), Frame(Kind.END, 1)]
    assert (it.counted, it.local.waits, it.local.over) == ([0, 3], (False, False), False)


def test_what_does_not_fit_waits_and_comes_in_order(it: Carried) -> None:
    """Ended only after it."""
    first, rest = b"a" * (WINDOW // 2), b"b" * (WINDOW // 2)
    it.local.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    it.hear(Kind.DATA, first)
    it.hear(Kind.DATA, rest)
    it.hear(Kind.END)
    assert it.local.waits == (True, True) and it.changes
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(read_all(it.program)))
    reader.start()
    while it.local.waits[1]:
        it.local.write()
    reader.join(SECONDS)
    assert got == [first + rest] and it.counted == [WINDOW, 0]
    assert not it.local.over
    it.program.close()
    it.local.read()
    assert it.local.over


def test_without_room_it_is_not_read(it: Carried) -> None:
    """Until it is told that there is some."""
    it.program.sendall(b"x" * 100)
    it.channel.send(bytes(WINDOW))
    it.said.clear()
    it.local.read()
    assert it.said == [] and not it.local.waits[0]
    it.hear(Kind.CREDIT, (60).to_bytes(4, "big"))
    assert it.local.waits[0] and it.changes == 1
    it.local.read()
    assert [len(frame.payload) for frame in it.said] == [60]


@pytest.mark.parametrize("refused", [True, False])
def test_a_loss_is_a_reset(it: Carried, refused: bool) -> None:
    """Told with its reason; what had been heard before can still be read."""
    it.hear(Kind.DATA, b"before")
    it.hear(Kind.REFUSED if refused else Kind.RESET, b"why not")
    assert it.local.over and it.lost == [("why not", refused)]
    it.local.close()
    assert read(it.program, 6) == b"before"
    with pytest.raises(ConnectionResetError):
        it.program.recv(1)


def test_a_program_that_is_gone_is_a_reset_there(it: Carried) -> None:
    """When something comes for it."""
    it.program.close()
    while not it.local.over:
        it.hear(Kind.DATA, b"x" * 1000)
    assert it.said[-1] == Frame(Kind.RESET, 1) and it.lost == []
