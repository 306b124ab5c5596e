"""Whether, and after how long, a call is sent again: the whole contract, and nothing else."""

from __future__ import annotations

import random

from coder_nb.errors import CoderError, RateLimited, ServerError
from coder_nb.transport.exchange import Call
from coder_nb.transport.failures import Unanswered
from coder_nb.transport.limits import Limits

__all__ = ["Retries"]

_PASSING = (502, 503, 504)
_FIRST_PAUSE = 0.5
_random = random.SystemRandom()


class Retries:
    """The retries of one call.

    A call is sent again only where that can do no harm and may help:

    - Only a safe one: a GET that is not declared to change anything. A change is never sent twice, whatever happened.
    - At most twice (`Limits.retries`), and every attempt has its own time limits.
    - After: no connection (name, refused, no route, no TCP, proxy or TLS within `Limits.connect`); a kept connection
      that turned out to be dead before a byte of the answer; 429; 502, 503 and 504.
    - Never after: a read timeout, since the server may still be working on the first; a 500, which for an agent that
      cannot be reached takes 30 s each; a certificate that is not trusted; an answer that broke off, is no HTTP or
      no JSON; any other status.
    - The pauses are half a second, then a second, each shortened by up to a half at random, so that many notebooks do
      not come back in step.
    - On 429 it waits until X-RateLimit-Reset, counted from the server's own Date, else for Retry-After; up to a second
      more at random; at most `Limits.rate_limit` (60 s) in one call; and says so. What is then still refused is raised.
    - No pause outlives Ctrl-C or `Http.close` by more than 0.1 s.

    Args:
        call: what is to be sent.
        limits: how often and how long.
    """

    def __init__(self, call: Call, limits: Limits) -> None:
        self._left = limits.retries if call.safe else 0
        self._pause = _FIRST_PAUSE
        self._patience = limits.rate_limit

    def pause_after(self, error: CoderError) -> float | None:
        """Seconds to wait before the next attempt; None when there is to be none and the error is to be raised."""
        if self._left <= 0:
            return None
        self._left -= 1
        if isinstance(error, RateLimited):
            return self._until_reset(error.retry_after)
        if isinstance(error, Unanswered) or (isinstance(error, ServerError) and error.status in _PASSING):
            pause, self._pause = self._pause, 2 * self._pause
            return pause * _random.uniform(0.5, 1.0)
        return None

    def _until_reset(self, seconds: float) -> float | None:
        if self._patience <= 0:
            return None
        pause = min(seconds + _random.uniform(0.0, 1.0), self._patience)
        self._patience -= pause
        return pause
