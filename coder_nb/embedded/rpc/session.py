"""A session: the streams of one WebSocket, each with its call, and the pings that tell whether the client is there.

What breaks the rules of the session ends it, without much of a reason, as a real server does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from coder_nb.embedded.http.exchange import Bare
from coder_nb.embedded.http.websocket import Ending
from coder_nb.embedded.rpc.call import Handler, Outlet, Stream
from coder_nb.embedded.terminals.frames import Frames
from coder_nb.errors import ProtocolError
from coder_nb.rpc.codec.drpc import FRAME
from coder_nb.rpc.codec.yamux import Data, Event, Finished, Opened, Ponged, Reset, Yamux

__all__ = ["Pings", "speak"]

_HEAD: Final = 12
_PIECE: Final = FRAME + 64
_NORMAL: Final = Ending(1000)
_DROPPED: Final = Ending(1006)


@dataclass(frozen=True)
class Pings:
    """How a session looks whether its client is there, in seconds.

    Args:
        socket: between two of the WebSocket's pings, whose answer nobody minds; None for none.
        every: between two of the session's.
        patience: for the answer to one of those; then the connection is dropped.
    """

    socket: float | None
    every: float
    patience: float


async def speak(
    handlers: Mapping[str, Handler], pings: Pings, close_seconds: float, left: Callable[[], None], bare: Bare
) -> None:
    """Answers calls until the end.

    Args:
        handlers: by the name of the call.
        pings: how the client is watched.
        close_seconds: how long a client's part of the end is waited for.
        left: called at the end, whatever it is.
        bare: the connection.
    """
    try:
        await _Session(bare, handlers, pings, close_seconds).run()
    finally:
        left()
        bare.close()


@dataclass
class _Session:
    bare: Bare
    handlers: Mapping[str, Handler]
    pings: Pings
    close_seconds: float
    yamux: Yamux = field(default_factory=lambda: Yamux(accepts=True))
    frames: Frames = field(default_factory=Frames)
    streams: dict[int, Stream] = field(default_factory=dict)
    roomier: asyncio.Event = field(default_factory=asyncio.Event)
    ponged: asyncio.Event = field(default_factory=asyncio.Event)
    heard: asyncio.Event = field(default_factory=asyncio.Event)
    ending: asyncio.Event = field(default_factory=asyncio.Event)
    writing: asyncio.Lock = field(default_factory=asyncio.Lock)
    theirs: bool = False

    async def run(self) -> None:
        """Speaks until the end, and goes through the motions of it."""
        works = [self._listen(), self._fatal(), self._ask()]
        if self.pings.socket is not None:
            works.append(self._ping(self.pings.socket))
        tasks = [asyncio.ensure_future(work) for work in works]
        try:
            ended, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            for stream in self.streams.values():
                stream.end()
            await asyncio.gather(*tasks, *(it.wait() for it in self.streams.values()), return_exceptions=True)
        ending = next(task for task in tasks if task in ended).result()
        if ending.code != _DROPPED.code:
            with suppress(OSError, TimeoutError):
                async with asyncio.timeout(self.close_seconds):
                    await self._close(ending)

    async def _listen(self) -> Ending:
        while True:
            heard = self.frames.receive(await self.bare.read())
            self.theirs = heard.theirs
            if heard.ending is not None:
                return heard.ending
            if heard.pong:
                self.heard.set()
            if heard.answer:
                await self._write(heard.answer)
            try:
                for event in self.yamux.receive(heard.typed):
                    self._note(event)
            except ProtocolError:
                return _NORMAL
            self.roomier.set()
            await self._flush()

    def _note(self, event: Event) -> None:
        match event:
            case Opened(number):
                self.streams[number] = Stream(self.handlers, self._outlet(number))
            case Data(number, data) if number in self.streams:
                self.streams[number].feed(data)
            case Finished(number) | Reset(number) if number in self.streams:
                # The end of what a client sends is the end of its call.
                self.streams.pop(number).end()
            case Ponged():
                self.ponged.set()

    def _outlet(self, number: int) -> Outlet:
        async def say(data: bytes) -> None:
            await self._say(number, data)

        return Outlet(
            say, lambda count: self.yamux.used(number, count), lambda: self.yamux.finish(number), self.ending.set
        )

    async def _say(self, number: int, data: bytes) -> None:
        while data:
            if number not in self.streams:
                raise OSError("the client has left this call")
            room = min(self.yamux.room(number), _PIECE)
            if room:
                self.yamux.send(number, data[:room])
                data = data[room:]
                await self._flush()
            else:
                self.roomier.clear()
                await self.roomier.wait()
        # Credit that was given meanwhile goes out too.
        await self._flush()

    async def _fatal(self) -> Ending:
        """A call that brings a real server down ends this connection alone, in the same way; so does a broken line."""
        await self.ending.wait()
        return _DROPPED

    async def _ask(self) -> Ending:
        value = 0
        while True:
            await asyncio.sleep(self.pings.every)
            self.ponged.clear()
            self.yamux.ping(value)
            value += 1
            await self._flush()
            try:
                async with asyncio.timeout(self.pings.patience):
                    await self.ponged.wait()
            except TimeoutError:
                return _DROPPED

    async def _ping(self, every: float) -> Ending:
        while True:
            await asyncio.sleep(every)
            self.heard.clear()
            await self._write(self.frames.ping())
            # However long that takes: nobody minds, but it is not asked again.
            await self.heard.wait()

    async def _flush(self) -> None:
        async with self.writing:
            for message in _messages(self.yamux.take()):
                if self.theirs:
                    return
                await self._send(self.frames.message(message))

    async def _write(self, data: bytes) -> None:
        async with self.writing:
            await self._send(data)

    async def _send(self, data: bytes) -> None:
        try:
            await self.bare.write(data)
        except OSError:
            self.ending.set()

    async def _close(self, ending: Ending) -> None:
        await self._write(self.frames.close(ending))
        while not self.theirs:
            self.theirs = self.frames.receive(await self.bare.read()).theirs


def _messages(out: bytes) -> Iterator[bytes]:
    """Each head and each body is a message of its own, as a real server writes them."""
    at = 0
    while at < len(out):
        head = out[at : at + _HEAD]
        size = int.from_bytes(head[8:], "big") if head[1] == 0 else 0
        yield head
        if size:
            yield out[at + _HEAD : at + _HEAD + size]
        at += _HEAD + size
