"""A terminal over a WebSocket: output, input, pings, and its end, which usually is no more than the connection's.

Whatever ends it, the session is only left: the program runs on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from coder_nb.embedded.http.exchange import Bare
from coder_nb.embedded.http.websocket import Ending
from coder_nb.embedded.terminals.frames import PING_FAILED, Frames
from coder_nb.embedded.terminals.session import Attachment
from coder_nb.embedded.terminals.typed import Malformed, Typed

__all__ = ["converse"]


async def converse(
    attach: Callable[[], Attachment | None], ping_seconds: float, close_seconds: float, bare: Bare
) -> None:
    """Attaches, and speaks until the end.

    Args:
        attach: begins or finds the session; None where there is nothing to speak of.
        ping_seconds: the time between two pings, to the first, and for the answer to one.
        close_seconds: how long a client's part of the end is waited for.
        bare: the connection.
    """
    attachment = None
    try:
        attachment = attach()
        if attachment is not None:
            await _Conversation(bare, attachment, ping_seconds, close_seconds).run()
    finally:
        if attachment is not None:
            attachment.leave()
        bare.close()


@dataclass
class _Conversation:
    """Three tasks, of which the first to end tells how all of it ends; None is an end without a close frame."""

    bare: Bare
    attachment: Attachment
    ping_seconds: float
    close_seconds: float
    frames: Frames = field(default_factory=Frames)
    typed: Typed = field(default_factory=Typed)
    ponged: asyncio.Event = field(default_factory=asyncio.Event)
    theirs: bool = False

    async def run(self) -> None:
        """Speaks until the end, and goes through the motions of it."""
        tasks = [asyncio.ensure_future(work) for work in (self._say(), self._listen(), self._ping())]
        try:
            ended, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        ending = next(task for task in tasks if task in ended).result()
        # Before the motions, which a client can draw out: it is not to hold up the others meanwhile.
        self.attachment.leave()
        if ending is not None and ending.code != 1006:
            with suppress(OSError, TimeoutError):
                async with asyncio.timeout(self.close_seconds):
                    await self._close(ending)

    async def _say(self) -> Ending | None:
        with suppress(OSError):
            while data := await self.attachment.take():
                await self.bare.write(self.frames.message(data))
        return None

    async def _listen(self) -> Ending | None:
        while True:
            heard = self.frames.receive(await self.bare.read())
            if heard.pong:
                self.ponged.set()
            self.theirs = heard.theirs
            with suppress(OSError):
                if heard.answer:
                    await self.bare.write(heard.answer)
            try:
                for data, size in self.typed.feed(heard.typed):
                    await self.attachment.write(data)
                    if size is not None:
                        self.attachment.resize(size)
            except Malformed:
                return None
            if heard.ending is not None:
                return heard.ending

    async def _ping(self) -> Ending | None:
        while True:
            await asyncio.sleep(self.ping_seconds)
            self.ponged.clear()
            with suppress(OSError):
                # Not awaited for ever: a client that takes nothing does not take this either.
                async with asyncio.timeout(self.ping_seconds):
                    await self.bare.write(self.frames.ping())
                async with asyncio.timeout(self.ping_seconds):
                    await self.ponged.wait()
                continue
            return PING_FAILED

    async def _close(self, ending: Ending) -> None:
        await self.bare.write(self.frames.close(ending))
        while not self.theirs:
            self.theirs = self.frames.receive(await self.bare.read()).theirs
