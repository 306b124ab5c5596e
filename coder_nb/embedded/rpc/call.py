"""One call of a client: its messages as they come, the answers, and the end. A call lives as long as its stream.

Whatever is no dRPC ends the stream and nothing else, without a word, as a real server does.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from coder_nb.errors import ProtocolError
from coder_nb.rpc.codec.drpc import Kind, Packet, Packets, Speaker

if TYPE_CHECKING:
    from google.protobuf.message import Message

__all__ = ["Answer", "Call", "Fatal", "Handler", "Outlet", "Stream"]

REQUESTS: Final = 32
"""Messages that may wait for a call; more are not taken from the connection."""


_log = logging.getLogger("coder_nb.embedded")


class Fatal(Exception):
    """A call that brings a real server down."""


class Call:
    """What a call is to whoever answers it."""

    def __init__(self, outlet: Outlet) -> None:
        self._outlet = outlet
        self._speaker = Speaker()
        self._messages: deque[bytes] = deque()
        self._told = asyncio.Event()
        self._owed = 0
        self._ended = False

    async def next(self) -> bytes | None:
        """The client's next message; None when no more come."""
        while not self._messages:
            if self._ended:
                return None
            self._told.clear()
            await self._told.wait()
        message = self._messages.popleft()
        self.took(0)
        return message

    async def say(self, message: Message) -> None:
        """One answer; returns when it is on its way."""
        await self._outlet.say(self._speaker.message(message.SerializeToString()))

    async def close(self, *, error: str | None = None, whole: bool = False) -> None:
        """The end: of a call with one answer, of one with many, or a failure."""
        speaker = self._speaker
        last = speaker.error(error) if error is not None else speaker.close_send() if whole else speaker.close()
        await self._outlet.say(last)

    def took(self, count: int) -> None:
        """Bytes have come for this; the client may send as many more, unless too much waits already."""
        self._owed += count
        if len(self._messages) < REQUESTS:
            owed, self._owed = self._owed, 0
            self._outlet.used(owed)

    def heard(self, message: bytes | None) -> None:
        """The client's next message; None for the end of them."""
        if message is None:
            self._ended = True
        else:
            self._messages.append(message)
        self._told.set()


Handler = Callable[[Call], Awaitable[None]]
"""Answers a call; returns at its end. May raise ValueError, or protobuf's own, for a bad request."""


class Answer:
    """A handler for a call with one request and one answer."""

    def __init__(self, answer: Callable[[bytes], Message]) -> None:
        self._answer = answer

    async def __call__(self, call: Call) -> None:
        await call.say(self._answer(await call.next() or b""))


@dataclass(frozen=True)
class Outlet:
    """Where a stream's bytes go out.

    Args:
        say: sends, when there is room.
        used: says that bytes have been taken in.
        finish: sends nothing more.
        fatal: ends the whole connection.
    """

    say: Callable[[bytes], Awaitable[None]]
    used: Callable[[int], None]
    finish: Callable[[], None]
    fatal: Callable[[], None]


class Stream:
    """One stream of a session, which carries one call."""

    def __init__(self, handlers: Mapping[str, Handler], outlet: Outlet) -> None:
        self._handlers = handlers
        self._outlet = outlet
        self._packets = Packets()
        self._call = Call(outlet)
        self._task: asyncio.Future[None] | None = None

    def feed(self, data: bytes) -> None:
        """Takes bytes of the client."""
        try:
            for packet in self._packets.feed(data):
                self._take(packet)
        except ProtocolError:
            self.end()
        else:
            self._call.took(len(data))

    def end(self) -> None:
        """Ends the call, and the stream."""
        if self._task is not None:
            self._task.cancel()
        self._outlet.finish()

    async def wait(self) -> None:
        """Returns when the call has ended."""
        if self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)

    def _take(self, packet: Packet) -> None:
        match packet.kind:
            case Kind.INVOKE if self._task is None:
                self._task = asyncio.ensure_future(self._run(packet.data.decode("utf-8", "replace")))
            case Kind.MESSAGE:
                self._call.heard(packet.data)
            case Kind.CLOSE_SEND:
                self._call.heard(None)
            case Kind.CLOSE | Kind.CANCEL | Kind.ERROR if self._task is not None:
                self._task.cancel()

    async def _run(self, path: str) -> None:
        from google.protobuf.message import DecodeError

        handler, call = self._handlers.get(path), self._call
        one = isinstance(handler, Answer)
        with suppress(OSError):
            if handler is None:
                await call.close(error=f'protocol error: unknown rpc: "{path}"')
                return
            try:
                await handler(call)
            except Fatal:
                self._outlet.fatal()
                return
            except (ValueError, DecodeError):
                await self._failed("proto:\N{NO-BREAK SPACE}cannot parse invalid wire-format data", one)
            except OSError:
                raise
            except Exception:
                # A mistake of ours: the client is told, and does not wait for ever.
                _log.exception("%s", path)
                await self._failed("internal error", one)
            else:
                await call.close(whole=one)

    async def _failed(self, text: str, one: bool) -> None:
        """Calls with many answers lose the text of what went wrong."""
        await self._call.close(error=text if one else None)
