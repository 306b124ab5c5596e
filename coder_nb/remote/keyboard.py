"""What is typed into a terminal, in order, by a thread of its own: whoever types never waits for the terminal.

Nothing is typed twice: what was on its way when a connection broke is not sent again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from threading import Condition, Thread

from coder_nb.api.pty import Pty
from coder_nb.closing import Closing
from coder_nb.errors import CoderError

__all__ = ["Keyboard"]


class Keyboard(Closing):
    """Types into whichever terminal is plugged in; waits while there is none."""

    def __init__(self) -> None:
        self._news = Condition()
        self._typed: deque[tuple[str, Callable[[], None]]] = deque()
        self._size: tuple[int, int] | None = None
        self._pty: Pty | None = None
        self._closed = False
        self._thread: Thread | None = None

    def type(self, text: str, done: Callable[[], None]) -> None:
        """Types, soon; `done` is called, in the keyboard's thread, when it is on its way or can no longer be."""
        with self._news:
            self._typed.append((text, done))
            self._wake()

    def resize(self, size: tuple[int, int]) -> None:
        """Gives the terminal another size, in columns and rows; of several the last."""
        with self._news:
            self._size = size
            self._wake()

    def plug(self, pty: Pty | None) -> None:
        """From now on types there; None for nowhere."""
        with self._news:
            self._pty = pty
            self._news.notify_all()

    def forget(self) -> None:
        """What is still to be typed is not."""
        with self._news:
            left, self._typed = self._typed, deque()
        for _, done in left:
            done()

    def close(self) -> None:
        """Types nothing more. Whoever closes has closed the terminal before, since a write may be waiting in it."""
        with self._news:
            self._closed = True
            self._typed.clear()
            self._news.notify_all()
        if self._thread is not None:
            self._thread.join()

    def _wake(self) -> None:
        if self._thread is None and not self._closed:
            self._thread = Thread(target=self._run, name="coder-nb:keyboard", daemon=True)
            self._thread.start()
        self._news.notify_all()

    def _run(self) -> None:
        while True:
            with self._news:
                self._news.wait_for(lambda: self._closed or (self._pty and (self._typed or self._size)))
                if self._closed or self._pty is None:
                    return
                pty, size, self._size = self._pty, self._size, None
                text, done = self._typed.popleft() if self._typed else ("", None)
            try:
                if size is not None:
                    pty.resize(*size)
                if text:
                    pty.write(text)
            except CoderError:
                # Its reader sees the end too, and knows what to do about it.
                self._unplug(pty)
            finally:
                if done is not None:
                    done()

    def _unplug(self, pty: Pty) -> None:
        with self._news:
            if self._pty is pty:
                self._pty = None
