"""The same work for many things, several at once, each in a daemon thread. Knows nothing about what is done."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from queue import SimpleQueue
from typing import Generic, TypeVar

from coder_nb.closing import Closing

__all__ = ["Many"]

T = TypeVar("T")
R = TypeVar("R")


class Many(Closing, Generic[T, R]):
    """Work that is under way; closing it begins nothing new and waits for what has begun.

    Args:
        things: what it is done for.
        work: does it for one, and does not raise; told to stop by `stopped`.
        at_once: for how many at a time.
    """

    def __init__(self, things: Sequence[T], work: Callable[[T], R], *, at_once: int) -> None:
        self._left = deque(enumerate(things))
        self._work = work
        self._ended: SimpleQueue[tuple[int, R] | None] = SimpleQueue()
        self._stop = threading.Event()
        self._running = max(1, min(at_once, len(things)))
        self._threads = [
            threading.Thread(target=self._run, name="coder-nb:many", daemon=True) for _ in range(self._running)
        ]

    def begin(self) -> None:
        """Begins."""
        for thread in self._threads:
            thread.start()

    @property
    def stopped(self) -> bool:
        """Whether what is under way is to end early."""
        return self._stop.is_set()

    def stop(self) -> None:
        """Begins nothing new, and has what is under way end early."""
        self._stop.set()

    def take(self) -> tuple[int, R] | None:
        """A thing's number and what came of it, as they come; None when no more will."""
        while self._running:
            came = self._ended.get()
            if came is not None:
                return came
            self._running -= 1
        return None

    def close(self) -> None:
        """Ends early; a second time does nothing."""
        self.stop()
        while self._threads:
            self._threads.pop().join()

    def _run(self) -> None:
        try:
            while not self.stopped:
                number, thing = self._left.popleft()
                self._ended.put((number, self._work(thing)))
        except IndexError:
            pass
        finally:
            self._ended.put(None)
