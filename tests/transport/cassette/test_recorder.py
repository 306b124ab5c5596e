"""What is taken down is what was said, and by whom it was ended."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable

import pytest

from coder_nb.credentials import Secret
from coder_nb.errors import TransportError
from coder_nb.transport.cassette.recorder import Recording, RecordingWire, unhook
from coder_nb.transport.http import Http
from tests.transport.conftest import Serve
from tests.transport.hostile import BINARY, CLOSE, PING, TEXT, Script, drain, frame, json_answer, read_frame, upgraded

NORMAL = (1000).to_bytes(2, "big")

Open = Callable[..., tuple[Recording, Http]]


@pytest.fixture
def connected(serve: Serve, token: Secret) -> Open:
    """A recorded connection to a server that does these things."""

    def start(*scripts: Script) -> tuple[Recording, Http]:
        recording = Recording()
        http = Http(serve(*scripts).url, token)
        http.wire = RecordingWire(http.wire, recording)
        return recording, http

    return start


def test_messages_are_taken_down_both_ways_and_signals_are_not(connected: Open) -> None:
    """In the order in which they were."""

    def talk(sock: socket.socket) -> None:
        assert read_frame(sock)[1] == b"ask"
        sock.sendall(frame(PING, b"1") + frame(BINARY, b"ans", final=False) + frame(0, b"wer"))
        drain(sock)

    recording, http = connected(upgraded(frame(TEXT, b"hello"), then=talk))
    with http.websocket("/workspaceagents/0b1c/coordinate", query={"version": "2.0"}) as opened:
        assert opened.receive(5)
        opened.send(b"ask")
        assert opened.receive(5)
    (taken,) = recording.exchanges
    assert (taken.path, taken.query, taken.status) == ("/workspaceagents/0b1c/coordinate", {"version": "2.0"}, 101)
    assert [(it.sent, it.text, it.data) for it in taken.frames] == [
        (False, True, b"hello"),
        (True, False, b"ask"),
        (False, False, b"answer"),
    ]
    assert taken.begun <= taken.ended <= taken.frames[0].at <= taken.frames[-1].at


@pytest.mark.parametrize(
    ("frames", "end", "code"),
    [((frame(CLOSE, NORMAL + b"done"),), "closed", 1000), ((frame(CLOSE),), "closed", 1005), ((), "eof", 0)],
)
def test_an_end_that_was_the_servers_is_taken_down(connected: Open, frames: list[bytes], end: str, code: int) -> None:
    """With its code, or as a connection that just ended."""
    then = None if frames else lambda sock: sock.shutdown(socket.SHUT_RDWR)
    recording, http = connected(upgraded(frame(TEXT, b"[]"), *frames, then=then))
    opened = http.websocket("/workspaceagents/0b1c/logs")
    assert opened.receive(5) and opened.receive(5) is None
    assert (recording.exchanges[0].end, recording.exchanges[0].code) == (end, code)


def test_an_end_that_was_ours_is_none(connected: Open) -> None:
    """Though the server answers it with an end of its own, and somebody reads that."""
    answered = threading.Event()

    def echo(sock: socket.socket) -> None:
        assert read_frame(sock)[0] == CLOSE
        sock.sendall(frame(CLOSE, NORMAL))
        answered.set()
        drain(sock)

    recording, http = connected(upgraded(then=echo))
    opened = http.websocket("/workspaceagents/0b1c/logs")
    line = opened._line
    line.post(bytes([0x88, 0x80, 0, 0, 0, 0]))
    assert answered.wait(5) and line.read(100, 5) == frame(CLOSE, NORMAL)
    opened.close()
    assert recording.exchanges[0].end == ""


def test_an_answer_and_a_failure_are_taken_down(connected: Open) -> None:
    """The failure with its kind and its words, for each attempt."""
    recording, http = connected(json_answer('{"n": 1}', Set__Cookie="a=b"))
    http.request("GET", "/users/me")
    http.close()
    with pytest.raises(TransportError):
        http.request("GET", "/users/me")
    first, second = recording.exchanges
    assert (first.status, first.answer) == (200, b'{"n": 1}')
    assert second.failure is not None and second.failure[0] == "TransportError" and "closed" in second.failure[1]


def test_nothing_is_taken_down_when_it_is_over(connected: Open) -> None:
    """Neither by a connection it was before, nor of a stream that was open."""
    recording, http = connected(upgraded(frame(TEXT, b"a"), frame(TEXT, b"b"), then=drain), json_answer("{}"))
    wire = http.wire
    assert isinstance(wire, RecordingWire)
    with http.websocket("/workspaceagents/0b1c/logs") as opened:
        recording.stop()
        assert opened.receive(5)
    http.request("GET", "/users/me")
    assert len(recording.exchanges) == 1 and recording.exchanges[0].frames == []
    unhook(http, wire)
    assert http.wire is wire.wire
