"""Sleeps until something changes: listens in threads, wakes a task of the event loop. Counts nothing, keeps nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import ExitStack, suppress
from types import TracebackType
from typing import Self

__all__ = ["Wake"]

Listen = Callable[[Callable[..., None]], Callable[[], None]]


class Wake:
    """Listens inside its block, which is in a task of the event loop.

    Args:
        listens: methods that take a listener and return what ends it.
    """

    def __init__(self, *listens: Listen) -> None:
        self._listens = listens
        self._loop = asyncio.get_running_loop()
        self._told = asyncio.Event()
        self._stops = ExitStack()

    def clear(self) -> None:
        """Forgets what has been told; what is looked at after this is not missed."""
        self._told.clear()

    async def within(self, seconds: float | None = None) -> None:
        """Returns when told of a change since `clear`, or when the time is over."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._told.wait()

    def _tell(self, *_what: object) -> None:
        # A server that stops may close its loop while a last change is still told.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._told.set)

    def __enter__(self) -> Self:
        for listen in self._listens:
            self._stops.callback(listen(self._tell))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stops.close()
