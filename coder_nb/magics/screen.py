"""Output of a command in a workspace while it comes: as plain text to standard output, in at most 20 pieces a second.

A cell does not drown in it: from a certain length on only the end is shown. The result has all of it.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import Final, Self

from coder_nb.magics.progress import Progress
from coder_nb.remote.shown import Live, Masks

__all__ = ["Screen"]

_EVERY: Final = 0.05
"""Seconds between two pieces at least."""
_QUIET: Final = 10.0
"""Seconds of silence after which a line says that it still runs."""
_MOST: Final = 500_000
"""Characters that are shown as they come."""
_LAST: Final = 4_000
"""Characters of the end of longer output."""


class Screen:
    """Shows output; to be used in a `with` block, which shows the rest.

    Args:
        masks: what is never shown.
        progress: where it is said that the command is still running.
        clock: seconds; for tests.
    """

    def __init__(self, masks: Masks, progress: Progress, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._live, self._progress, self._clock = Live(masks), progress, clock
        self._ready: list[str] = []
        self._next = float("-inf")
        self._shown = self._dropped = 0
        self._end = ""
        self._line = True
        self._said = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._heard()
        self._take(self._live.rest())
        self._flush()
        if self._dropped:
            self._print(f"\n… {self._dropped:,} characters that are only in the result …\n{self._end}")
        if not self._line:
            # So that what comes next begins on a line of its own.
            self._print("\n")

    def output(self, text: str) -> None:
        """More output."""
        self._heard()
        self._take(self._live.feed(text))
        if self._clock() >= self._next:
            self._flush()

    def wait(self, seconds: float) -> None:
        """Nothing more has come for so long."""
        if self._ready and self._clock() >= self._next:
            self._flush()
        if seconds >= _QUIET and int(seconds) != self._said:
            self._said = int(seconds)
            self._progress(f"still running, silent for {self._said} s")

    def _heard(self) -> None:
        if self._said:
            self._progress.clear()
            self._said = 0

    def _take(self, text: str) -> None:
        room = _MOST - self._shown
        self._shown += min(len(text), room)
        if text[:room]:
            self._ready.append(text[:room])
        if rest := text[room:]:
            whole = self._end + rest
            self._end = whole[-_LAST:]
            self._dropped += len(whole) - len(self._end)

    def _flush(self) -> None:
        if self._ready:
            text = "".join(self._ready)
            self._ready.clear()
            self._print(text)
            self._next = self._clock() + _EVERY

    def _print(self, text: str) -> None:
        sys.stdout.write(text)
        sys.stdout.flush()
        self._line = text.endswith("\n")
