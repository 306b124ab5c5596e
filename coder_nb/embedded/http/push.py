"""Pushes messages over a WebSocket: pings, pongs, and an orderly end, whoever begins it.

A client that is slow holds up its own messages and nobody else's: each is made when the one before it has been taken.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from coder_nb.embedded.http.exchange import Bare, Reply, Request
from coder_nb.embedded.http.handshake import ACCEPT, Complaint, accept
from coder_nb.embedded.http.websocket import Ending, Manners, WebSocket
from coder_nb.embedded.wire.text import Json, encode

__all__ = ["Patience", "push"]

GONE: Final = Ending(1006)


@dataclass(frozen=True)
class Patience:
    """How long a server waits for its clients, in seconds.

    Args:
        pong: for the answer to a ping, where that matters.
        close: for a client's part of the end.
        write: for a message to be taken, where a client is given up otherwise.
    """

    pong: float = 30.0
    close: float = 5.0
    write: float = 10.0


def push(
    request: Request,
    values: AsyncGenerator[Json],
    *,
    manners: Manners,
    ping_seconds: float,
    patience: Patience,
    complaint: Complaint = ACCEPT,
) -> Reply:
    """The answer that turns a connection into a WebSocket and says all there is to say.

    Args:
        request: the handshake.
        values: a message each; closed when the client leaves. Their end is the end of the socket.
        manners: how this endpoint keeps its sockets.
        ping_seconds: the time between two pings, and to the first.
        patience: with clients.
        complaint: the call's own, for a handshake that fails.

    Raises:
        Refusal: the handshake is not right.
    """
    headers = accept(request, complaint)
    return Reply(101, headers=headers, upgrade=partial(_converse, values, manners, ping_seconds, patience))


async def _converse(
    values: AsyncGenerator[Json], manners: Manners, ping_seconds: float, patience: Patience, bare: Bare
) -> None:
    try:
        async with aclosing(values):
            await _Push(bare, manners, ping_seconds, patience).run(values)
    finally:
        # A server that is stopped says no goodbye.
        bare.close()


@dataclass
class _Push:
    """One conversation: three tasks, of which the first to end tells how all of it ends."""

    bare: Bare
    manners: Manners
    ping_seconds: float
    patience: Patience
    ponged: asyncio.Event = field(default_factory=asyncio.Event)
    theirs: bool = False

    def __post_init__(self) -> None:
        self.socket = WebSocket(self.manners)

    async def run(self, values: AsyncGenerator[Json]) -> None:
        """Speaks until the end, and goes through the motions of it."""
        tasks = [asyncio.ensure_future(work) for work in (self._listen(), self._say(values), self._ping())]
        try:
            ended, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        ending = next(task for task in tasks if task in ended).result()
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(self.patience.close):
                await self._close(ending)

    async def _say(self, values: AsyncGenerator[Json]) -> Ending:
        limit = self.patience.write if self.manners.gives_up else None
        async for value in values:
            try:
                # Not wait_for: in Python 3.11 it may swallow that this task was cancelled, and so go on for ever.
                async with asyncio.timeout(limit):
                    await self.bare.write(self.socket.message(encode(value)))
            except TimeoutError:
                return Ending(1011, "Unable to send newest message")
            except OSError:
                return GONE
        return self.manners.done

    async def _listen(self) -> Ending:
        while True:
            heard = self.socket.receive(await self.bare.read())
            if heard.pong:
                self.ponged.set()
            self.theirs = heard.theirs
            with suppress(OSError):
                # Before more is read: whoever only asks and never listens is not answered without end.
                await self.bare.write(heard.answer)
            if heard.ending is not None:
                return heard.ending

    async def _ping(self) -> Ending:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            # Like a clock: what takes longer than the time between two pings costs the pings between.
            due += self.ping_seconds * max(1, -((due - loop.time()) // self.ping_seconds))
            await asyncio.sleep(due - loop.time())
            self.ponged.clear()
            with suppress(OSError):
                await self.bare.write(self.socket.ping())
            try:
                limit = self.patience.pong if self.manners.unanswered else None
                async with asyncio.timeout(limit):
                    await self.ponged.wait()
            except TimeoutError:
                return self.manners.unanswered or GONE

    async def _close(self, ending: Ending) -> None:
        if ending.code == GONE.code:
            return
        await self.bare.write(self.socket.close(ending))
        while not self.theirs:
            self.theirs = self.socket.receive(await self.bare.read()).theirs
