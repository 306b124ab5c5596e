"""Recordings that are made by hand: exactly what was asked and answered, and when."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

from coder_nb.credentials import Secret
from coder_nb.transport.cassette.exchange import Exchange, Frame, Kind
from coder_nb.transport.cassette.player import Player
from coder_nb.transport.cassette.reading import Cassette, read
from coder_nb.transport.cassette.recorder import Recording
from coder_nb.transport.cassette.tape import Tape
from coder_nb.transport.cassette.writing import text_of
from coder_nb.transport.exchange import Answer, Call
from coder_nb.transport.http import Http
from coder_nb.transport.limits import Limits

TOKEN = Secret("0123456789-abcdefghijklmnopqrstuv")
JSON = {"Content-Type": "application/json", "Date": "Tue, 24 Nov 2026 12:00:00 GMT"}


def took(recording: Recording, path: str, body: str = "{}", *, status: int = 200, **query: Any) -> Exchange:
    """Takes down a GET and its answer."""
    call = Call("GET", path, query)
    exchange = recording.begin("call", call)
    recording.answered(exchange, Answer("GET", path, status, JSON, body.encode()))
    return exchange


def opened(recording: Recording, path: str, query: dict[str, Any] | None = None, kind: Kind = "websocket") -> Exchange:
    """Takes down a stream that was opened."""
    exchange = recording.begin(kind, Call("GET", path, query or {}))
    recording.opened(exchange, 101 if kind == "websocket" else 200)
    return exchange


def aside(work: Callable[[], object]) -> None:
    """Does something in another thread."""
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


def cassette(recording: Recording, name: str = "made") -> Cassette:
    """What is read of what is written of a recording."""
    recording.stop()
    return read(text_of(recording, {"deployment": "demo", "url": "http://demo.test"}), name)


def replayed(found: Cassette, *, url: str = "http://demo.test", speed: float = 0.0) -> Http:
    """A connection to a recording."""
    return Http(url, TOKEN, limits=Limits(silence=60), wire=Player(Tape(found, speed=speed), TOKEN))


def stream(frames: Sequence[Frame], **fields: Any) -> Exchange:
    """A stream of these messages."""
    return Exchange("websocket", "GET", "/stream", status=101, frames=list(frames), **fields)
