"""Waiting for what a deployment does in its own time. The one place that asks again, how often, and until when.

It waits where it is called, in no thread of its own, so that Ctrl-C ends it at once; what was begun goes on.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from coder_nb.errors import AgentUnavailable

__all__ = ["Going", "Rest", "Tell", "until"]

T = TypeVar("T")

Tell = Callable[[str], None]
"""Is told how far it is, each time somebody has looked."""

Rest = Callable[[float, float | None], float]
"""Waits so many seconds; or until there is news, then up to as many as are left, None for any number. Returns how many
seconds it left out: a replay does not wait."""

FIRST_PAUSES = (0.3, 0.7)
PAUSE, LATER_PAUSE = 1.0, 2.0
LATER = 15.0
"""Seconds: between the first looks, between later ones, and when later is. The server allows 8 looks a second."""


class Going(str):
    """Not there yet; the text says how far it is."""

    __slots__ = ()


def until(
    look: Callable[[], T | Going],
    *,
    what: str,
    hint: str,
    timeout: float | None,
    tell: Tell | None = None,
    rest: Rest,
) -> T:
    """Looks until there is something other than `Going`, and returns it.

    Args:
        look: asks the deployment once.
        what: what has not happened where time runs out, such as `dev is not ready`.
        hint: what to type then.
        timeout: seconds; None waits for as long as it takes.
        rest: waits between two looks.
    Raises:
        AgentUnavailable: not within the time; says how far it was.
    """
    began, looks = time.monotonic(), 0
    while True:
        seen = look()
        if not isinstance(seen, Going):
            return seen
        if tell is not None:
            tell(seen)
        spent = time.monotonic() - began
        pause = FIRST_PAUSES[looks] if looks < len(FIRST_PAUSES) else PAUSE if spent < LATER else LATER_PAUSE
        looks += 1
        if timeout is not None:
            if spent >= timeout:
                raise AgentUnavailable(f"{what} after {timeout:g} s: {seen}", hint=hint)
            pause = min(pause, max(timeout - spent, 0.01))
        began -= rest(pause, None if timeout is None else max(timeout - spent, 0.01))
