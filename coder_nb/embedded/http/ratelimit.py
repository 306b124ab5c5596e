"""How many requests a path takes in a minute: counted over this aligned minute and the share of the last one.

The count is per address and exact path; what is refused does not count. It keeps two minutes and forgets the rest.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from coder_nb.embedded.http.exchange import Reply, message

__all__ = ["API_LIMIT", "LOGIN_LIMIT", "RateLimit"]

API_LIMIT: Final = 512
LOGIN_LIMIT: Final = 60
WINDOW: Final = 60


@dataclass
class RateLimit:
    """One limit and what it has counted.

    Args:
        limit: requests in a minute.
        now: the real time in seconds; a deployment's frozen clock has no part in this.
    """

    limit: int
    now: Callable[[], float] = time.time
    _minute: int = field(default=0, init=False)
    _counts: dict[str, int] = field(default_factory=dict, init=False)
    _before: dict[str, int] = field(default_factory=dict, init=False)

    def take(self, key: str) -> tuple[Reply | None, list[tuple[str, str]]]:
        """Counts one request.

        Returns:
            The refusal, or None when there was room; and the headers every answer carries.
        """
        now = self.now()
        self._turn(int(now // WINDOW))
        share = 1 - now % WINDOW / WINDOW
        rate = round(self._before.get(key, 0) * share + self._counts.get(key, 0))
        reset = ("X-Ratelimit-Reset", str((self._minute + 1) * WINDOW))
        limit = ("X-Ratelimit-Limit", str(self.limit))
        if rate + 1 > self.limit:
            reply = message(429, f"You've been rate limited for sending more than {self.limit} requests in 1m0s.")
            reply.headers.append(("Retry-After", str(WINDOW)))
            return reply, [limit, ("X-Ratelimit-Remaining", str(max(0, self.limit - rate))), reset]
        self._counts[key] = self._counts.get(key, 0) + 1
        return None, [limit, ("X-Ratelimit-Remaining", str(self.limit - rate - 1)), reset]

    def _turn(self, minute: int) -> None:
        if minute != self._minute:
            self._before = self._counts if minute == self._minute + 1 else {}
            self._counts = {}
            self._minute = minute
