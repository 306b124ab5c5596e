"""Says how far something is that takes longer than a second. The one place that does.

In a notebook it is one output that changes and is empty in the end, in a terminal one line that is gone in the end: a
saved notebook keeps none of it. `CODER_NB_PROGRESS=0` turns it off, which isolated test runs do.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from coder_nb.look import visible

__all__ = ["VARIABLE", "Progress"]

VARIABLE = "CODER_NB_PROGRESS"
AFTER = 1.0
"""Seconds before anything is said."""


class Progress:
    """Tells a person how far a command is.

    >>> with Progress("start dev") as progress:  # doctest: +SKIP
    ...     workspace.start(wait=True, tell=progress)

    Args:
        what: the command, as it was meant.
        clock: seconds; for tests.
    """

    def __init__(self, what: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._what, self._clock = what, clock
        self._began = clock()
        self._screen: _Notebook | _Terminal | None = None
        self._off = os.environ.get(VARIABLE) == "0"

    def __enter__(self) -> Self:
        return self

    def __call__(self, text: str) -> None:
        """Says this, if a second has passed."""
        spent = self._clock() - self._began
        if self._off or spent < AFTER:
            return
        if self._screen is None:
            self._screen = _screen()
        self._screen.say(visible(f"{self._what}: {text} ({spent:.0f} s)"))

    def clear(self) -> None:
        """Takes away what it has said, until it says more."""
        if self._screen is not None:
            self._screen.clear()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.clear()
        if isinstance(error, KeyboardInterrupt) and not self._off:
            print(visible(f"{self._what}: no longer waited for; what was begun goes on"), file=sys.stderr)


class _Notebook:
    """One output of a cell that is written again and again."""

    def __init__(self) -> None:
        from IPython.display import DisplayHandle

        self._handle = DisplayHandle()  # type: ignore[no-untyped-call]
        self._shown = False

    def say(self, text: str) -> None:
        self._put(text)

    def clear(self) -> None:
        self._put("")

    def _put(self, text: str) -> None:
        data = {"text/plain": text}
        # IPython's own methods have no types.
        if self._shown:
            self._handle.update(data, raw=True)  # type: ignore[no-untyped-call]
        else:
            self._handle.display(data, raw=True)  # type: ignore[no-untyped-call]
        self._shown = True


class _Terminal:
    """One line that is written over, where there is a terminal; elsewhere a line for each different text."""

    def __init__(self) -> None:
        self._live = sys.stderr.isatty()
        self._wide = 0
        self._last = ""

    def say(self, text: str) -> None:
        if self._live:
            print(f"\r{text:<{self._wide}}", end="", file=sys.stderr, flush=True)
            self._wide = len(text)
        elif text.partition(" (")[0] != self._last:
            self._last = text.partition(" (")[0]
            print(text, file=sys.stderr, flush=True)

    def clear(self) -> None:
        if self._live:
            print(f"\r{'':<{self._wide}}\r", end="", file=sys.stderr, flush=True)


def _screen() -> _Notebook | _Terminal:
    from IPython.core.getipython import get_ipython

    return _Notebook() if hasattr(get_ipython(), "kernel") else _Terminal()
