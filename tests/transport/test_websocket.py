"""An open WebSocket: what is received and sent, and every way it can come to its end."""

from __future__ import annotations

import signal
import socket
import threading
import time
from collections.abc import Callable

import pytest

from coder_nb.credentials import Secret
from coder_nb.errors import ProtocolError, TransportError
from coder_nb.transport.http import Http, Limits
from coder_nb.transport.incoming import Ended
from coder_nb.transport.websocket import Message, WebSocket
from tests.transport.conftest import Serve
from tests.transport.hostile import BINARY, CLOSE, PING, PONG, TEXT, drain, frame, read_frame, upgraded

NORMAL = (1000).to_bytes(2, "big")


@pytest.fixture
def open_socket(serve: Serve, token: Secret) -> Callable[..., WebSocket]:
    """Opens a WebSocket to a server that sends these frames, then goes on with `then`."""

    def start(
        *frames: bytes,
        then: Callable[[socket.socket], None] | None = None,
        limits: Limits = Limits(),  # noqa: B008
        ping: float | None = None,
    ) -> WebSocket:
        http = Http(serve(upgraded(*frames, then=then)).url, token, limits=limits)
        return http.websocket("/workspaceagents/0b1c/logs", query={"follow": True}, ping=ping)

    return start


Open = Callable[..., WebSocket]


def test_messages_come_whole_and_in_order(open_socket: Open) -> None:
    """What comes with the handshake, in frames and across the reads of a socket, is the same to the reader."""
    big = b"z" * 3_000_000
    with open_socket(
        frame(TEXT, b"[]\n", final=False) + frame(0), frame(TEXT, b"\xff"), frame(BINARY, big), frame(CLOSE, NORMAL)
    ) as found:
        assert [found.receive(20) for _ in range(4)] == [
            Message(True, b"[]\n"),
            Message(True, b"\xff"),
            Message(False, big),
            None,
        ]
    assert found.ended == Ended(1000)


@pytest.mark.parametrize(
    ("last", "ended"),
    [
        (frame(CLOSE, NORMAL + b"done"), Ended(1000, "done")),
        (frame(CLOSE, (1001).to_bytes(2, "big") + b"Ping failed"), Ended(1001, "Ping failed")),
        (frame(CLOSE), Ended(1005)),
        (b"", Ended(1006, "the connection ended without a word")),
        (frame(TEXT, b"half of it")[:5], Ended(1006, "the connection ended without a word")),
    ],
    ids=["done", "going away", "no code", "no close frame", "within a frame"],
)
def test_an_end_is_told_after_the_last_message(open_socket: Open, last: bytes, ended: Ended) -> None:
    """Code and reason as they came; a connection that just ends is not a proper end."""
    found = open_socket(frame(TEXT, b"last") + last, then=lambda sock: None)
    assert found.receive(20) == Message(True, b"last")
    assert found.receive(20) is None
    assert found.receive(20) is None
    assert found.ended == ended
    assert found.ended.clean == (ended.code != 1006)


def test_a_close_frame_is_answered(open_socket: Open) -> None:
    """With the same code, so that the server need not wait for it."""
    answered: list[tuple[int, bytes]] = []
    done = threading.Event()

    def then(sock: socket.socket) -> None:
        answered.append(read_frame(sock))
        done.set()

    assert open_socket(frame(CLOSE, (1001).to_bytes(2, "big")), then=then).receive(20) is None
    assert done.wait(20)
    assert answered == [(CLOSE, (1001).to_bytes(2, "big"))]


def test_a_reset_is_an_end_without_a_word(open_socket: Open) -> None:
    """No exception of the system's comes out."""

    def reset(sock: socket.socket) -> None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        sock.close()

    found = open_socket(then=reset)
    assert found.receive(20) is None
    assert found.ended is not None and not found.ended.clean


def test_pings_are_answered_while_waiting(open_socket: Open) -> None:
    """With their own payload, in their order, and without showing."""
    answers: list[tuple[int, bytes]] = []

    def then(sock: socket.socket) -> None:
        answers.extend([read_frame(sock), read_frame(sock)])
        sock.sendall(frame(TEXT, b"after"))

    found = open_socket(frame(PING, b"1"), frame(PING, b"2"), then=then)
    assert found.receive(20) == Message(True, b"after")
    assert answers == [(PONG, b"1"), (PONG, b"2")]


def test_what_is_sent_arrives_as_bytes(open_socket: Open) -> None:
    """One message a call; what comes back is received."""

    def echo(sock: socket.socket) -> None:
        for _ in range(2):
            kind, payload = read_frame(sock)
            sock.sendall(frame(kind, payload))

    found = open_socket(then=echo)
    for data in (b'{"data":"ls\\r"}', b"\x00" * 100_000):
        found.send(data)
        assert found.receive(20) == Message(False, data)


def test_sending_does_not_wait_for_receiving(open_socket: Open) -> None:
    """The server reads nothing until it has got rid of its own: only a client that does both gets anywhere."""
    size = 20_000_000

    def then(sock: socket.socket) -> None:
        sock.sendall(frame(BINARY, b"s" * size))
        kind, payload = read_frame(sock)
        sock.sendall(frame(BINARY, str((kind, len(payload))).encode()))

    found = open_socket(then=then)
    sending = threading.Thread(target=found.send, args=(b"c" * size,), daemon=True)
    sending.start()
    first, second = found.receive(60), found.receive(60)
    sending.join(20)
    assert first is not None and len(first.data) == size
    assert second is not None and second.data == str((BINARY, size)).encode()


def test_frames_of_many_threads_do_not_mix(open_socket: Open) -> None:
    """Messages, and the pongs between them, come out whole at the other end."""
    seen: list[tuple[int, bytes]] = []

    def then(sock: socket.socket) -> None:
        for number in range(20):
            sock.sendall(frame(PING, str(number).encode()))
        seen.extend(read_frame(sock) for _ in range(60))
        sock.sendall(frame(CLOSE, NORMAL))

    found = open_socket(then=then)

    def send(number: int) -> None:
        for _ in range(10):
            found.send(bytes((number,)) * 3000)

    senders = [threading.Thread(target=send, args=(n,)) for n in range(4)]
    for sender in senders:
        sender.start()
    assert found.receive(20) is None
    for sender in senders:
        sender.join(20)
    assert sorted(data for kind, data in seen if kind == BINARY) == [
        bytes((n,)) * 3000 for n in range(4) for _ in range(10)
    ]
    assert [data for kind, data in seen if kind == PONG] == [str(number).encode() for number in range(20)]


def test_a_timeout_loses_nothing(open_socket: Open) -> None:
    """A message that is half there is whole the next time."""
    go = threading.Event()

    def then(sock: socket.socket) -> None:
        sock.sendall(frame(TEXT, b"slow")[:3])
        go.wait(20)
        sock.sendall(frame(TEXT, b"slow")[3:])

    found = open_socket(then=then)
    with pytest.raises(TimeoutError, match="nothing whole in time"):
        found.receive(0.05)
    assert found.ended is None
    go.set()
    assert found.receive(20) == Message(True, b"slow")


@pytest.mark.parametrize(
    ("sent", "said", "code"),
    [
        (b"\x82\x7f" + (1 << 40).to_bytes(8, "big"), "more than 1,000 bytes", 1009),
        (frame(TEXT, b"a" * 999, final=False) + frame(0, b"aa", final=False), "more than 1,000 bytes", 1009),
        (b"HTTP/1.1 200 OK\r\n\r\n", "a control frame that is too long, or in pieces", 1002),
    ],
    ids=["frame", "continuations", "no WebSocket"],
)
def test_what_must_not_be_kept_closes_it(open_socket: Open, sent: bytes, said: str, code: int) -> None:
    """What was good before it comes first; the server is told why; the error names the endpoint."""
    told: list[tuple[int, bytes]] = []
    done = threading.Event()

    def then(sock: socket.socket) -> None:
        told.append(read_frame(sock))
        done.set()

    found = open_socket(frame(TEXT, b"good") + sent, then=then, limits=Limits(message=1000))
    assert found.receive(20) == Message(True, b"good")
    with pytest.raises(ProtocolError, match=f"GET /api/v2/workspaceagents/0b1c/logs sent .*{said}"):
        found.receive(20)
    assert found.receive(20) is None
    assert found.ended is not None and (found.ended.code, found.ended.here) == (code, True)
    assert done.wait(20)
    assert told == [(CLOSE, code.to_bytes(2, "big"))]


def test_close_wakes_a_blocked_receive_at_once(open_socket: Open) -> None:
    """From another thread; the server hears a proper goodbye."""
    heard: list[tuple[int, bytes]] = []
    waiting, done = threading.Event(), threading.Event()

    def then(sock: socket.socket) -> None:
        waiting.set()
        heard.append(read_frame(sock))
        done.set()

    found = open_socket(then=then)
    got: list[Message | None] = []
    reader = threading.Thread(target=lambda: got.append(found.receive()), daemon=True)
    reader.start()
    assert waiting.wait(20)
    started = time.monotonic()
    found.close()
    found.close()
    reader.join(20)
    assert got == [None]
    assert time.monotonic() - started < 1
    assert found.ended == Ended(1000, "closed here", here=True)
    assert done.wait(20)
    assert heard == [(CLOSE, NORMAL)]
    with pytest.raises(TransportError, match="has ended: 1000 closed here"):
        found.send(b"more")


def test_closing_the_http_closes_its_sockets(serve: Serve, token: Secret) -> None:
    """None outlives what it was opened from."""
    http = Http(serve(upgraded()).url, token)
    found = http.websocket("/derp-map")
    http.close()
    assert found.receive(20) is None
    with pytest.raises(TransportError, match="is closed"):
        http.websocket("/derp-map")


def test_ctrl_c_ends_a_wait_at_once(open_socket: Open) -> None:
    """And leaves the WebSocket open."""
    found = open_socket(then=drain)
    main = threading.get_ident()
    threading.Timer(0.1, lambda: signal.pthread_kill(main, signal.SIGINT)).start()
    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        found.receive(30)
    assert time.monotonic() - started < 5
    assert found.ended is None


def test_silence_is_an_end(open_socket: Open) -> None:
    """Coder pings each 15 s: a connection without a byte for three times that is dead, however it is asked."""
    found = open_socket(limits=Limits(silence=0.2))
    assert found.receive() is None
    assert found.ended == Ended(1006, "nothing came for 0.2 s")
    again = open_socket(limits=Limits(silence=0.2))
    for _ in range(20):
        try:
            assert again.receive(0.05) is None
            break
        except TimeoutError:
            pass
    assert again.ended == Ended(1006, "nothing came for 0.2 s")


def test_where_the_server_never_pings_the_client_does(open_socket: Open) -> None:
    """In silence only; any answer counts as life."""

    def then(sock: socket.socket) -> None:
        for _ in range(4):
            kind, payload = read_frame(sock)
            assert kind == PING
            sock.sendall(frame(PONG, payload))
        sock.sendall(frame(TEXT, b"alive"))
        drain(sock)

    found = open_socket(then=then, limits=Limits(silence=0.4), ping=0.15)
    assert found.receive(20) == Message(True, b"alive")


def test_a_server_that_takes_nothing_does_not_hold_a_sender(open_socket: Open) -> None:
    """A write has the read limit; afterwards there is nothing left to send on."""
    never = threading.Event()
    found = open_socket(then=lambda sock: never.wait(20) and None, limits=Limits(read=0.2))
    with pytest.raises(TransportError, match="has ended: 1006 the connection took nothing more"):
        found.send(b"x" * 50_000_000)
    never.set()


def test_its_repr_is_short_and_quiet(open_socket: Open) -> None:
    """The endpoint and whether it is open."""
    found = open_socket()
    assert repr(found) == "WebSocket('GET /api/v2/workspaceagents/0b1c/logs', open)"
    found.close()
    assert "closed here" in repr(found)
