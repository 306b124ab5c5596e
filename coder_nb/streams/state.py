"""In which state a followed stream is, in words that stay true while it waits. Decides nothing."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Literal

__all__ = ["CONNECTING", "IDLE", "LIVE", "Name", "State"]

Name = Literal["idle", "connecting", "live", "reconnecting", "ended"]


@dataclass(frozen=True, slots=True)
class State:
    """The state of a feed.

    Attributes:
        name: idle (nobody listens), connecting, live, reconnecting, or ended: nothing more will come.
        why: what ended it or broke the connection, "" otherwise.
        retry_at: when it is tried again, in seconds since the epoch; None where that is not known or not meant.
    """

    name: Name
    why: str = ""
    retry_at: float | None = None

    @property
    def text(self) -> str:
        """The state in words."""
        when = ""
        if self.retry_at is not None:
            left = round(self.retry_at - time.time())
            when = f" in {left} s" if left > 0 else " now"
        return f"{self.name}{when}: {self.why}" if self.why else f"{self.name}{when}"


IDLE, CONNECTING, LIVE = State("idle"), State("connecting"), State("live")
