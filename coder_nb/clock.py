"""The clock for all that people see: now, and how long something took. A replay's clock is that of its recording.

Waits and time limits are no business of this one: those are real, and use `time.monotonic`.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime

from coder_nb import chance

__all__ = ["Watch", "now"]


def now() -> datetime:
    """The time, in UTC; where a recording is replayed, when what was replayed last was recorded."""
    return chance.moment() or datetime.now(UTC)


class Watch:
    """Begins to run when it is made.

    >>> watch = Watch("run dev.main")
    >>> watch.stop()
    >>> watch.seconds >= 0
    True

    Args:
        what: what is timed, in words that are the same in each run; two things that may be timed at the same time have
            different ones.
    Attributes:
        started: when it was made, in UTC.
        seconds: until `stop`; until now while it runs.
    """

    def __init__(self, what: str) -> None:
        self._what = what
        self._began = time.monotonic()
        self._seconds: float | None = None
        self.started = datetime.now(UTC)

    @property
    def seconds(self) -> float:
        """How long it has run."""
        return time.monotonic() - self._began if self._seconds is None else self._seconds

    def stop(self) -> None:
        """Stops it; a second time does nothing. In a replay it then shows what it showed when it was recorded."""
        if self._seconds is not None:
            return
        reading = [self.started.timestamp(), time.monotonic() - self._began]
        known = chance.settle(self._what, lambda: reading)
        if isinstance(known, list) and len(known) == 2:
            reading = known
        self.started, self._seconds = datetime.fromtimestamp(reading[0], UTC), reading[1]
