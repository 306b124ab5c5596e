"""Server-sent events as a server writes them: named, on one line of data, and a ping every 15 s whatever else is said.

Nothing at all is sent before the first event, the status line neither.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress
from typing import Final

from coder_nb.embedded.http.exchange import EVENTS, Reply
from coder_nb.embedded.wire.text import Json, encode

__all__ = ["PING_SECONDS", "event", "event_stream"]

PING_SECONDS: Final = 15.0
_PING: Final = b"event: ping\n\n"


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
