"""How long to wait before asking again, and after which failures. Every pause wakes within 0.1 s of Ctrl-C."""

from __future__ import annotations

import random
import time
from threading import Event

from coder_nb.errors import CoderError, RateLimited, ServerError, TransportError

__all__ = ["Patience", "passing"]

_PASSING = (502, 503, 504)
_random = random.SystemRandom()


def passing(error: CoderError) -> bool:
    """Whether the same may succeed later: what is on the way broke, is not there yet, or asks to come back."""
    return isinstance(error, TransportError | RateLimited) or (
        isinstance(error, ServerError) and error.status in _PASSING
    )


class Patience:
    """Pauses between attempts: each twice as long as the one before, shortened by up to a half at random.

    Args:
        first: the first pause, in seconds.
        longest: what they grow to.
        stop: ends a pause at once.
    """

    def __init__(self, *, first: float = 1.0, longest: float = 30.0, stop: Event | None = None) -> None:
        self._first, self._longest = first, longest
        self._next = first
        self._stop = stop or Event()

    def reset(self) -> None:
        """Begin with short pauses again: something went well."""
        self._next = self._first

    def pause(self, error: CoderError | None = None, *, most: float | None = None) -> None:
        """Wait.

        Args:
            error: what went wrong; a RateLimited says itself how long.
            most: seconds that are left in all.
        """
        seconds = self._next * _random.uniform(0.5, 1.0)
        if isinstance(error, RateLimited):
            seconds = max(seconds, error.retry_after)
        self._next = min(2 * self._next, self._longest)
        end = time.monotonic() + (seconds if most is None else max(0.0, min(seconds, most)))
        # In slices: on Windows, Ctrl-C does not end a wait for a lock.
        while (left := end - time.monotonic()) > 0 and not self._stop.wait(min(0.1, left)):
            pass
