"""Server-sent events as a server writes them: named, on one line of data, and a ping every 15 s whatever else is said.

Nothing at all is sent before the first event, the status line neither. A stream of events has a twin that says the same
over a WebSocket.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from typing import Final, NamedTuple

from coder_nb.embedded.http.exchange import EVENTS, Reply, Request
from coder_nb.embedded.http.handshake import Complaint
from coder_nb.embedded.http.push import Patience, push
from coder_nb.embedded.http.websocket import Ending, Manners
from coder_nb.embedded.wire.text import Json, encode

__all__ = ["PING_SECONDS", "Event", "event", "event_socket", "event_stream", "written"]

PING_SECONDS: Final = 15.0
_PING: Final = b"event: ping\n\n"
_ONE_WAY: Final = Manners(
    unwanted=Ending(1002, "Clients cannot send messages for one-way WebSockets"),
    reads=True,
    done=Ending(1000, "Connection closed"),
    gives_up=True,
)
_COMPLAINT: Final = Complaint("Internal error setting up server-sent events.", "cannot establish connection: ")


class Event(NamedTuple):
    """One event: `data` with a value, or `ping` without."""

    name: str
    value: Json = None


def event(name: str, value: Json) -> bytes:
    """One event with its blank line."""
    return b"event: %s\ndata: %s\n" % (name.encode(), encode(value))


def event_stream(events: AsyncGenerator[bytes], *, ping_seconds: float = PING_SECONDS) -> Reply:
    """The answer that carries events until they end or the client leaves.

    Args:
        events: as `event` makes them; closed when the client leaves.
        ping_seconds: the time between two pings, and from the request to the first.
    """
    reply = Reply(200, content_type=EVENTS, stream=_with_pings(events, ping_seconds))
    reply.headers += [("Cache-Control", "no-cache"), ("Connection", "keep-alive"), ("X-Accel-Buffering", "no")]
    return reply


async def written(events: AsyncGenerator[Event]) -> AsyncGenerator[bytes]:
    """Events as bytes, for `event_stream`."""
    async with aclosing(events):
        async for name, value in events:
            yield _PING if name == "ping" else event(name, value)


def event_socket(request: Request, events: AsyncGenerator[Event], *, ping_seconds: float, patience: Patience) -> Reply:
    """The twin: the same events as objects over a WebSocket, whose liveness is told by its own pings.

    Raises:
        Refusal: the handshake is not right.
    """
    return push(
        request,
        _objects(events),
        manners=_ONE_WAY,
        ping_seconds=ping_seconds,
        patience=patience,
        complaint=_COMPLAINT,
    )


async def _objects(events: AsyncGenerator[Event]) -> AsyncGenerator[Json]:
    async with aclosing(events):
        async for name, value in events:
            yield {"type": name, "data": value}


async def _with_pings(events: AsyncGenerator[bytes], ping_seconds: float) -> AsyncGenerator[bytes]:
    loop = asyncio.get_running_loop()
    due = loop.time() + ping_seconds
    coming = asyncio.ensure_future(anext(events))
    try:
        while True:
            await asyncio.wait({coming}, timeout=max(0.0, due - loop.time()))
            if not coming.done():
                due += ping_seconds
                yield _PING
                continue
            try:
                found = coming.result()
            except StopAsyncIteration:
                return
            coming = asyncio.ensure_future(anext(events))
            yield found
    finally:
        coming.cancel()
        # Awaited, so that whoever makes the events has put its things away before the connection counts as closed.
        with suppress(asyncio.CancelledError, StopAsyncIteration):
            await coming
