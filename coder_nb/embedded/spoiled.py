"""How faults spoil a connection that stays open: streams, and WebSockets in both directions.

Nothing here decides when; `faults.py` does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from coder_nb.embedded.http.exchange import Bare, EndsAgent, Write
from coder_nb.embedded.terminals.frames import PING_FAILED, Frames

if TYPE_CHECKING:
    from coder_nb.embedded.faults import Fault

__all__ = ["Spoiled", "spoiled"]

_CLOSE: Final = b"\x88"
"""How a close frame begins; pings and pongs come after it in the order of bytes, data frames before."""


class Spoiled:
    """A way out that a stream's bytes go through; each call carries one message, or one ping, pong or close frame."""

    def __init__(self, fault: Fault, write: Write) -> None:
        self._fault = fault
        self._write = write
        self._sent = 0
        # What is cut into pieces is not to be mixed with what else is sent meanwhile.
        self._lock = asyncio.Lock()

    async def __call__(self, data: bytes) -> None:
        async with self._lock:
            match self._fault.kind:
                case "hang_up":
                    await self._until(self._fault.messages, data, weight=int(_is_message(data)), whole=True)
                case "break":
                    await self._until(self._fault.size, data, weight=len(data), whole=False)
                case "no_close" if data[:1] == _CLOSE:
                    raise ConnectionAbortedError
                case "pieces":
                    for start in range(0, len(data), self._fault.size):
                        await self._write(data[start : start + self._fault.size])
                case "slow" if _is_message(data):
                    await asyncio.sleep(self._fault.seconds)
                    await self._write(data)
                case "silent" if _is_message(data):
                    self._sent += 1
                    if self._sent <= self._fault.messages:
                        await self._write(data)
                case _:
                    await self._write(data)

    async def _until(self, limit: int, data: bytes, *, weight: int, whole: bool) -> None:
        left = limit - self._sent
        self._sent += weight
        if left > 0 or weight == 0:
            await self._write(data if whole else data[:left])
        if self._sent >= limit:
            raise ConnectionAbortedError


async def spoiled(
    fault: Fault, ends_agent: EndsAgent | None, upgrade: Callable[[Bare], Awaitable[None]], bare: Bare
) -> None:
    """Speaks over a connection on which something goes wrong.

    Args:
        fault: what.
        ends_agent: ends the agent that is spoken to, None where there is none.
        upgrade: what would be done on it.
        bare: the connection.
    """
    match fault.kind:
        case "hung":
            await _hang(fault.seconds, bare)
        case "lost_tail":
            await upgrade(_LostTail(bare, fault.seconds))
        case "break_input":
            await upgrade(_BreakInput(bare, fault.size))
        case "agent_killed" | "agent_stopped" if ends_agent is not None:
            await upgrade(_Mortal(bare, fault, ends_agent))
        case _:
            await upgrade(bare)


async def _hang(seconds: float, bare: Bare) -> None:
    """Nothing begins; what the client sends is not even looked at."""
    try:
        async with asyncio.timeout(seconds):
            while await bare.read():
                pass
    except TimeoutError:
        with suppress(OSError):
            await bare.write(Frames().close(PING_FAILED))
    finally:
        bare.close()


class _Passing(Bare):
    """A connection as it is, for others to differ from."""

    def __init__(self, bare: Bare) -> None:
        self._bare = bare

    async def read(self) -> bytes:
        return await self._bare.read()

    async def write(self, data: bytes) -> None:
        await self._bare.write(data)

    def close(self) -> None:
        self._bare.close()


class _LostTail(_Passing):
    """What is written is `seconds` under way, however much that is; it is lost when the connection ends meanwhile."""

    def __init__(self, bare: Bare, seconds: float) -> None:
        super().__init__(bare)
        self._seconds = seconds
        self._queue: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        self._sender = asyncio.ensure_future(self._send())

    async def write(self, data: bytes) -> None:
        self._queue.put_nowait((asyncio.get_running_loop().time() + self._seconds, data))

    def close(self) -> None:
        self._sender.cancel()
        super().close()

    async def _send(self) -> None:
        with suppress(OSError):
            while True:
                due, data = await self._queue.get()
                await asyncio.sleep(due - asyncio.get_running_loop().time())
                await self._bare.write(data)


class _BreakInput(_Passing):
    """Ends when the client has sent so many bytes, of which it cannot know how many have been read."""

    def __init__(self, bare: Bare, size: int) -> None:
        super().__init__(bare)
        self._left = size

    async def read(self) -> bytes:
        if self._left <= 0:
            self.close()
            return b""
        data = (await super().read())[: self._left]
        self._left -= len(data)
        return data


class _Mortal(_Passing):
    """Ends the agent after some messages; with none of them, as soon as the terminal is there."""

    def __init__(self, bare: Bare, fault: Fault, ends_agent: EndsAgent) -> None:
        super().__init__(bare)
        self._fault = fault
        self._left = fault.messages
        self._end: EndsAgent | None = ends_agent

    async def read(self) -> bytes:
        self._count(0)
        return await super().read()

    async def write(self, data: bytes) -> None:
        await super().write(data)
        self._count(int(_is_message(data)))

    def _count(self, messages: int) -> None:
        self._left -= messages
        if self._left <= 0 and self._end is not None:
            end, self._end = self._end, None
            end(self._fault.kind == "agent_stopped", self._fault.seconds)


def _is_message(data: bytes) -> bool:
    return data[:1] < _CLOSE and not data.startswith(b"event: ping")
