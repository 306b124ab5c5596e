"""python3's relay, in this process: what it is told in whatever pieces, what is no frame, and whom it leaves."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from queue import Queue

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coder_nb.remote.tunnel.programs.python3 import Relay
from coder_nb.remote.tunnel.programs.python3_typed import Over
from coder_nb.remote.tunnel.protocol import ALL, LONGEST, WINDOW, Frame, Frames, Kind, frame, spelled
from tests.remote.tunnel.ends import SECONDS, listening, read, read_all
from tests.remote.tunnel.test_protocol import armoured, pieces


class Client:
    """A relay whose terminal is a pair of sockets."""

    def __init__(self, patience: float = SECONDS) -> None:
        self.near, self.far = socket.socketpair()
        for end in (self.near, self.far):
            end.setblocking(False)
        self.relay = Relay(patience, self.far.fileno(), self.far.fileno(), self.far.fileno())
        # One descriptor for both ways: it is never waited for, here only told.
        self.relay.found.unregister(self.far.fileno())
        self.frames = Frames()

    def type(self, text: str, cuts: list[int] | None = None) -> None:
        """What comes from the client, in pieces."""
        for piece in pieces(text.encode(), cuts or []):
            self.near.send(piece)
            self.relay.listen()

    def heard(self) -> list[Frame]:
        """What the relay has said."""
        sent, self.relay.said.waiting = bytes(self.relay.said.waiting), bytearray()
        return list(self.frames.feed(sent))

    def turn(self) -> None:
        """Lets the relay do what its connections are ready for."""
        for key, mask in self.relay.found.select(SECONDS):
            if key.data is not None:
                self.relay.serve(key.data, mask)

    def close(self) -> None:
        """Frees it."""
        self.relay.said.waiting.clear()
        self.relay.said.end()
        for connection in list(self.relay.connections.values()):
            self.relay.drop(connection, reset=False)
        self.relay.found.close()
        for end in (self.near, self.far, self.relay.names.woken, self.relay.names.waker):
            end.close()


@contextmanager
def client(patience: float = SECONDS) -> Iterator[Client]:
    """A relay, freed afterwards."""
    made = Client(patience)
    try:
        yield made
    finally:
        made.close()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.binary(max_size=3000), min_size=1, max_size=8), st.lists(st.integers(0, 30_000), max_size=20))
def test_what_is_typed_arrives_wherever_it_is_cut(said: list[bytes], cuts: list[int]) -> None:
    """In frames over several lines, and lines of several frames; before the connection is made, too."""
    got: Queue[bytes] = Queue()
    with listening(lambda sock: got.put(read_all(sock))) as port, client() as it:
        frames = [frame(Kind.OPEN, 1, spelled(("127.0.0.1", port)))]
        frames += [frame(Kind.DATA, 1, data) for data in said]
        whole = b"".join([*frames, frame(Kind.END, 1)])
        it.type("".join(armoured(piece) for piece in pieces(whole, cuts[:5])), cuts)
        heard: list[Frame] = []
        while Frame(Kind.END, 1) not in heard:
            it.turn()
            heard += it.heard()
        assert heard == [Frame(Kind.OPENED, 1), Frame(Kind.END, 1)]
        assert not it.relay.connections
        assert got.get(timeout=SECONDS) == b"".join(said)


@pytest.mark.parametrize(
    "line",
    [
        "A\n",
        armoured(bytes(9)),
        armoured(frame(Kind.GOODBYE, ALL)[:1] + b"\0" * 4 + (LONGEST + 1).to_bytes(4, "big")),
        "!\n",
        "AAAA\n!\n",
    ],
)
def test_what_is_no_frame_ends_it(line: str) -> None:
    """Rather than being passed over: nobody knows what was lost."""
    with client() as it, pytest.raises(Over, match=r".+"):
        it.type(line)


def test_more_than_was_allowed_ends_it() -> None:
    """A client that does not count is none of ours."""
    with listening(lambda sock: None) as port, client() as it, pytest.raises(Over, match="allowed"):
        it.type(armoured(frame(Kind.OPEN, 1, spelled(("127.0.0.1", port)))))
        for _ in range(WINDOW // LONGEST + 1):
            it.relay.obey(Kind.DATA, 1, memoryview(bytes(LONGEST)))


def test_no_more_is_read_of_a_target_than_the_client_takes() -> None:
    """Until it says so."""

    def flood(sock: socket.socket) -> None:
        sock.sendall(bytes(3 * WINDOW))

    with listening(flood) as port, client() as it:
        it.type(armoured(frame(Kind.OPEN, 1, spelled(("127.0.0.1", port)))))
        size = 0
        while size < WINDOW:
            it.turn()
            size += sum(len(heard.payload) for heard in it.heard() if heard.kind == Kind.DATA)
        assert size == WINDOW
        assert it.relay.connections[1].mask == 0
        it.type(armoured(frame(Kind.CREDIT, 1, (10).to_bytes(4, "big"))))
        it.turn()
        assert [len(heard.payload) for heard in it.heard()] == [10]


def test_a_silent_client_is_left() -> None:
    """After its patience."""
    with client(0.05) as it, pytest.raises(Over, match="heard"):
        it.relay.run()


def test_what_was_sent_before_the_end_still_arrives() -> None:
    """As far as the target takes it."""
    got: Queue[bytes] = Queue()
    with listening(lambda sock: got.put(read(sock, 6))) as port, client() as it:
        it.type(armoured(frame(Kind.OPEN, 1, spelled(("127.0.0.1", port))) + frame(Kind.DATA, 1, b"abcdef")))
        it.turn()
        it.relay.end("")
        assert got.get(timeout=SECONDS) == b"abcdef"
