"""Takes down what a wire carries: `Recording` keeps it, `RecordingWire` stands before the wire and changes nothing.

What is taken down is kept as it was, in memory; `writing` makes it fit to be read by others.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Literal, TypeVar

from coder_nb import chance
from coder_nb.chance import Value
from coder_nb.credentials.secret import Secret
from coder_nb.errors import CoderError
from coder_nb.transport.cassette.exchange import Exchange, Frame, Kind, asked
from coder_nb.transport.cassette.names import Names
from coder_nb.transport.cassette.taps import EventsTap, Tap, WebSocketTap
from coder_nb.transport.exchange import Answer, Call
from coder_nb.transport.line import Closable, Duplex
from coder_nb.transport.wire import Exchanges

if TYPE_CHECKING:
    from coder_nb.transport.http import Http

__all__ = ["MOST", "Recording", "RecordingWire", "unhook"]

T = TypeVar("T")

MOST: Final = 64 * 1024 * 1024
"""Bytes that a recording takes down; what comes after is not in it."""
_HEADERS: Final = ("Content-Type", "X-Coder-Build-Version", "Location", "Date")
_OF_ERRORS: Final = ("X-Coder-Request-Id",)
_OF_LIMITS: Final = ("Retry-After", "X-RateLimit-Reset")


class Recording:
    """What is taken down.

    Args:
        notify: is told when no more is taken down.
    Attributes:
        exchanges: in the order in which they were begun.
        settled: values that people saw, by what they are for, each with those there were, in order.
        names: the client's random names.
        begun: when it began.
        full: whether there was more than `MOST`.
    """

    def __init__(self, *, notify: Callable[[str], None] = lambda line: None) -> None:
        self.exchanges: list[Exchange] = []
        self.settled: dict[str, list[Value]] = {}
        self.names = Names()
        self.begun = datetime.now(UTC)
        self.full = False
        self._notify = notify
        self._zero = time.monotonic()
        self._size = 0
        self._home = threading.get_ident()
        self._lock = threading.Lock()
        self._over = False
        chance.attend(self)

    def stop(self) -> None:
        """Nothing is taken down from now on; a second time does nothing."""
        self._over = True
        chance.leave(self)

    def sent_with(self, token: Secret) -> None:
        """A token that goes out; its first part is no secret, and is part of some paths."""
        self.named("token", token.reveal().partition("-")[0])

    def named(self, kind: str, value: str) -> None:
        """A name was made."""
        with self._lock:
            self.names.add(kind, value)

    def note(self, what: str, value: Value) -> None:
        """A value was settled."""
        with self._lock:
            self.settled.setdefault(what, []).append(value)

    def recall(self, what: str) -> Value | None:
        """Nothing is known before it happens."""
        return None

    def moment(self) -> datetime | None:
        """It is as late as it is."""
        return None

    def taken(self) -> tuple[list[Exchange], dict[str, list[Value]]]:
        """What there is by now; it may go on."""
        with self._lock:
            return list(self.exchanges), {what: list(values) for what, values in self.settled.items()}

    def now(self) -> float:
        """Seconds since it began."""
        return time.monotonic() - self._zero

    def begin(self, kind: Kind, call: Call) -> Exchange:
        """Something is about to be asked."""
        exchange = asked(kind, call)
        exchange.aside = threading.get_ident() != self._home
        with self._lock:
            exchange.begun = self.now()
            if self._takes(len(exchange.body) + 200):
                self.exchanges.append(exchange)
        return exchange

    def answered(self, exchange: Exchange, answer: Answer) -> None:
        """It was answered."""
        # People see the id of a request that was refused; that of another would only be a difference.
        wanted = _HEADERS + (_OF_ERRORS if answer.status >= 400 else ()) + (_OF_LIMITS if answer.status == 429 else ())
        exchange.headers = {name: answer.headers[name] for name in wanted if name in answer.headers}
        with self._lock:
            if self._takes(len(answer.body)):
                exchange.status, exchange.answer = answer.status, answer.body
                exchange.ended = self.now()

    def failed(self, exchange: Exchange, error: CoderError) -> None:
        """It was not answered."""
        exchange.failure = type(error).__name__, error.message, error.hint
        exchange.ended = self.now()

    def opened(self, exchange: Exchange, status: int) -> None:
        """It became a stream."""
        exchange.status, exchange.ended = status, self.now()

    def heard(self, exchange: Exchange, sent: bool, data: bytes, text: bool = False) -> None:
        """A message of a stream."""
        with self._lock:
            if self._takes(len(data)):
                exchange.frames.append(Frame(self.now(), sent, data, text))

    def came_to(self, exchange: Exchange, end: Literal["eof", "closed"], code: int = 0, reason: str = "") -> None:
        """A stream ended, not by our doing."""
        if not self._over and not exchange.end:
            exchange.end, exchange.code, exchange.reason = end, code, reason

    def _takes(self, size: int) -> bool:
        """Whether it takes down so many bytes more."""
        if self._over or self.full:
            return False
        self._size += size
        if self._size > MOST:
            self.full = True
            self._notify(f"the recording has {MOST >> 20} MiB: what comes from here on is not in it")
        return not self.full


class RecordingWire:
    """A wire whose exchanges are taken down.

    Args:
        wire: what carries them.
        recording: what takes them down.
    """

    def __init__(self, wire: Exchanges, recording: Recording) -> None:
        self.wire = wire
        self._recording = recording

    def send(self, call: Call, token: Secret | None) -> Answer:
        """As `Wire.send`."""
        exchange, answer = self._taken("call", call, lambda: self.wire.send(call, token))
        self._recording.answered(exchange, answer)
        return answer

    def upgrade(self, call: Call, token: Secret | None) -> Duplex | Answer:
        """As `Wire.upgrade`."""
        exchange, opened = self._taken("websocket", call, lambda: self.wire.upgrade(call, token))
        if isinstance(opened, Answer):
            self._recording.answered(exchange, opened)
            return opened
        self._recording.opened(exchange, 101)
        return _RecordingLine(opened, self._recording, exchange, WebSocketTap())

    def stream(self, call: Call, token: Secret | None) -> tuple[Duplex, Mapping[str, str]] | Answer:
        """As `Wire.stream`."""
        exchange, opened = self._taken("events", call, lambda: self.wire.stream(call, token))
        if isinstance(opened, Answer):
            self._recording.answered(exchange, opened)
            return opened
        line, headers = opened
        self._recording.opened(exchange, 200)
        return _RecordingLine(line, self._recording, exchange, EventsTap(headers)), headers

    def keep(self, stream: Closable) -> None:
        """As `Wire.keep`."""
        self.wire.keep(stream)

    def wait(self, seconds: float) -> float:
        """As `Wire.wait`."""
        return self.wire.wait(seconds)

    def close(self) -> None:
        """As `Wire.close`."""
        self.wire.close()

    def _taken(self, kind: Kind, call: Call, talk: Callable[[], T]) -> tuple[Exchange, T]:
        exchange = self._recording.begin(kind, call)
        try:
            return exchange, talk()
        except CoderError as error:
            self._recording.failed(exchange, error)
            raise


def unhook(http: Http, wire: RecordingWire) -> None:
    """Takes a recording wire out from before its wire again."""
    if http.wire is wire:
        http.wire = wire.wire


class _RecordingLine:
    """A line whose messages are taken down."""

    def __init__(self, line: Duplex, recording: Recording, exchange: Exchange, tap: Tap) -> None:
        self._line, self._recording, self._exchange, self._tap = line, recording, exchange, tap
        self._left = False

    def read(self, most: int, timeout: float | None) -> bytes:
        """As `Line.read`."""
        try:
            data = self._line.read(most, timeout)
        except TimeoutError:
            raise
        except OSError:
            self._at_end()
            raise
        for message in self._tap.feed(data):
            self._recording.heard(self._exchange, False, message.data, message.text)
        if not data:
            self._at_end()
        elif self._tap.closed is not None and not self._left:
            self._recording.came_to(self._exchange, "closed", *self._tap.closed)
        return data

    def write(self, data: bytes) -> None:
        """As `Line.write`."""
        # Taken down first: what answers it comes after it.
        message = self._tap.sent(data)
        if message is not None:
            self._recording.heard(self._exchange, True, message.data, message.text)
        self._line.write(data)

    def post(self, data: bytes) -> None:
        """As `Line.post`: our last word, so that what ends it from now on is our doing."""
        self._left = True
        self._line.post(data)

    def shut(self) -> None:
        """As `Line.shut`."""
        self._left = True
        self._line.shut()

    def _at_end(self) -> None:
        if not self._left:
            self._recording.came_to(self._exchange, "eof")
