"""Stands in a wire's place and gives what was recorded, without a network.

No answer is made up: what was not recorded is an error that says so. What was asked once is answered as often as it is
asked.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from weakref import WeakSet

from urllib3 import HTTPHeaderDict

from coder_nb import chance
from coder_nb.credentials.secret import Secret
from coder_nb.errors import CoderError, ProtocolError, TransportError
from coder_nb.transport.cassette.exchange import Exchange, Kind, asked
from coder_nb.transport.cassette.feeds import FeedLine, events_frames, websocket_frames
from coder_nb.transport.cassette.names import fill
from coder_nb.transport.cassette.tape import Tape
from coder_nb.transport.cassette.terminal import TerminalLine
from coder_nb.transport.exchange import Answer, Call
from coder_nb.transport.failures import Unanswered
from coder_nb.transport.line import Closable, Duplex

__all__ = ["Player"]

_FAILURES = {"Unanswered": Unanswered, "ProtocolError": ProtocolError}


class Player:
    """What was recorded, as a wire.

    Args:
        tape: the recording, and how far its replay is.
        token: stands for the one that went out.
    """

    def __init__(self, tape: Tape, token: Secret) -> None:
        self._tape = tape
        self._streams: WeakSet[Closable] = WeakSet()
        self._closed = threading.Event()
        # The first part of a session token is its public id.
        self._key = token.reveal().partition("-")[0]
        tape.names.add("token", self._key)
        chance.attend(tape)

    def send(self, call: Call, token: Secret | None) -> Answer:
        """The recorded answer.

        Raises:
            NotRecorded: there is none.
            TransportError, ProtocolError: as it was recorded; closed.
        """
        return self._answer(call, self._found("call", call))

    def upgrade(self, call: Call, token: Secret | None) -> Duplex | Answer:
        """The recorded WebSocket, or the answer that was none; raises as `send` does."""
        wanted = asked("websocket", call)
        found = self._found("websocket", call)
        if found.status != 101:
            return self._answer(call, found)
        if found.named:
            return TerminalLine(self._tape, wanted, found)
        return FeedLine(self._tape, found, websocket_frames(found))

    def stream(self, call: Call, token: Secret | None) -> tuple[Duplex, Mapping[str, str]] | Answer:
        """The recorded events, or the answer that was none; raises as `send` does."""
        found = self._found("events", call)
        if found.status != 200 or found.headers:
            return self._answer(call, found)
        headers = HTTPHeaderDict({"Content-Type": "text/event-stream", "Transfer-Encoding": "chunked"})
        return FeedLine(self._tape, found, events_frames(found)), headers

    def keep(self, stream: Closable) -> None:
        """Close this too on `close`."""
        self._streams.add(stream)
        if self._closed.is_set():
            stream.close()
            self._check_open()

    def wait(self, seconds: float) -> float:
        """Waits at the replay's speed; how many seconds were left out.

        Raises:
            TransportError: closed meanwhile.
        """
        real = seconds / self._tape.speed if self._tape.speed else 0.0
        self._rest(real)
        return seconds - real

    def close(self) -> None:
        """Ends every stream, and the replay. May be called twice."""
        self._closed.set()
        for stream in list(self._streams):
            stream.close()
        chance.leave(self._tape)

    def _found(self, kind: Kind, call: Call) -> Exchange:
        self._check_open()
        found = self._tape.answer_to(asked(kind, call))
        if self._tape.speed:
            self._rest((found.ended - found.begun) / self._tape.speed)
        if found.failure is not None:
            name, message, hint = found.failure
            failure: type[CoderError] = _FAILURES.get(name, TransportError)
            raise failure(message, hint=hint)
        return found

    def _answer(self, call: Call, found: Exchange) -> Answer:
        text = fill(found.answer.decode("utf-8", "surrogateescape"), {"⟨token 1⟩": self._key})
        body = text.encode("utf-8", "surrogateescape")
        return Answer(call.method, call.path, found.status, HTTPHeaderDict(found.headers), body)

    def _rest(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        # In slices: on Windows, Ctrl-C does not end a wait for a lock.
        while (left := end - time.monotonic()) > 0 and not self._closed.wait(min(0.1, left)):
            pass
        self._check_open()

    def _check_open(self) -> None:
        if self._closed.is_set():
            name = self._tape.cassette.name
            raise TransportError(f"the replay of {name} is closed", hint=f"%coder connect replay:{name}")
