"""A stream of server-sent events over HTTP, read as they come: `receive` or iterate, `close` from any thread."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from coder_nb.errors import ProtocolError
from coder_nb.transport.chunks import Chunks
from coder_nb.transport.incoming import NORMAL, Ended, Incoming
from coder_nb.transport.limits import Limits
from coder_nb.transport.line import Duplex
from coder_nb.transport.sse import Event, Events

__all__ = ["Event", "EventStream"]

_NOT_EVENTS = 1002


class EventStream(Incoming[Event]):
    """An open stream of events. One thread at a time receives.

    Args:
        line: the connection, the answer's head taken from it.
        headers: of the answer.
        endpoint: for errors: "GET /api/v2/…".
        limits: how long a silence may be: Coder sends the event "ping" every 15 s.
    Raises:
        ProtocolError: the body is encoded in a way that was not asked for.
    """

    def __init__(self, line: Duplex, headers: Mapping[str, str], endpoint: str, limits: Limits) -> None:
        super().__init__(line, endpoint, limits)
        self._events = Events()
        try:
            self._body = Chunks(headers)
        except ProtocolError:
            line.shut()
            raise

    def __iter__(self) -> Iterator[Event]:
        """Every event up to the end, pings too."""
        while (event := self.receive()) is not None:
            yield event

    def _take(self, data: bytes) -> None:
        try:
            for piece in self._body.feed(data):
                self._ready.extend(self._events.feed(piece))
        except ProtocolError as error:
            self._refuse(_NOT_EVENTS, error.message, error.hint)
        else:
            if self._body.done:
                self._end(Ended(NORMAL))
