"""Asking a program of ours in a workspace, and hearing its answers, over a line. Knows marks and time limits."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Final, NamedTuple, NoReturn

from coder_nb.closing import Closing
from coder_nb.errors import CoderError, ConnectionLost, ProtocolError, TransportError
from coder_nb.remote.line import Line
from coder_nb.remote.protocol import Marks

__all__ = ["Answer", "Talk"]

_MOST: Final = 256 * 1024 * 1024
"""Bytes of an answer that is kept as one: what a folder of a million files takes."""
_OFTEN: Final = 0.2
"""Seconds between two words on how far it is."""


class Answer(NamedTuple):
    """What came: a mark's letter, what the mark says, and the text behind it."""

    letter: str
    said: str
    text: bytes


class Talk(Closing):
    """One question at a time.

    Args:
        line: the line, its program there. Closed with this.
        refused: makes the error of a refusal: its kind, its text, and what was asked about.
        timeout: seconds for all of it; None for as long as it takes.
        tell: is told how far it is.
        last: what the shell is to do before it ends; Ctrl-C makes it end where something is under way.

    Attributes:
        said: what the last mark said that `until` came to.
    """

    def __init__(
        self,
        line: Line,
        *,
        refused: Callable[[str, str, str], CoderError],
        timeout: float | None,
        tell: Callable[[str], None] | None,
        last: str = "",
    ) -> None:
        self._line, self._refused, self._tell, self._last = line, refused, tell, last
        self._marks = Marks(line.nonce)
        self._came: deque[bytes | tuple[str, str]] = deque()
        self._timeout = timeout
        self._deadline = None if timeout is None else time.monotonic() + timeout
        self._told = 0.0
        self._busy = self.said = ""
        self._typed = False

    def close(self) -> None:
        """Ends what is under way there, and the line."""
        with suppress(CoderError):
            if self._busy or self._typed:
                self._line.write("\x03")
            elif self._last:
                self._line.send(self._last)
        self._line.close()

    def ask(self, program: str, about: str) -> Answer:
        """The answer to a question.

        Args:
            program: shell text that answers once.
            about: the path in question.
        Raises:
            CoderError: it was refused.
            ConnectionLost: the line broke.
            TransportError: time is up.
        """
        letter, said = self.begin(program, about)
        text, self._typed = self.text(), False
        return Answer(letter, said, text)

    def begin(self, program: str, about: str) -> tuple[str, str]:
        """The first mark of an answer that is taken bit by bit."""
        self._busy = about
        if program:
            self._out(lambda: self._line.send(program))
        while True:
            item = self._next()
            if isinstance(item, tuple):
                if item[0] == "F":
                    raise self._refusal(item[1])
                return item

    def until(self, letter: str) -> Iterator[bytes]:
        """What comes before a mark; to be taken to its end."""
        while True:
            item = self._next()
            if isinstance(item, bytes):
                yield item
            elif item[0] == letter:
                self.said = item[1]
                return
            else:
                self._nonsense(f"the mark {item[0]} before {letter}")

    def text(self, letter: str = "Z") -> bytes:
        """What comes before a mark, whole."""
        kept = bytearray()
        for piece in self.until(letter):
            kept += piece
            if len(kept) > _MOST:
                self._nonsense("an answer without an end")
        if letter == "Z":
            self._busy = ""
        return bytes(kept)

    def write(self, text: str) -> None:
        """Input for what was begun.

        Raises:
            CoderError: it has been refused meanwhile.
        """
        self._typed = True
        self._out(lambda: self._line.write(text))
        with suppress(TimeoutError):
            self._hear(0.0)
        # An answer may be there already; only a refusal ends the writing.
        if self._came and (item := self._came[0])[0] == "F" and isinstance(item, tuple):
            self._came.popleft()
            raise self._refusal(item[1])
        self._check_time()

    def tell(self, text: Callable[[], str]) -> None:
        """Says how far it is, not too often."""
        now = time.monotonic()
        if self._tell is not None and now - self._told >= _OFTEN:
            self._told = now
            self._tell(text())

    def _refusal(self, kind: str) -> CoderError:
        about = self._busy
        return self._refused(kind, self.text().decode("utf-8", "replace"), about)

    def _out(self, send: Callable[[], None]) -> None:
        try:
            send()
        except TransportError as error:
            # It may have said why before it ended.
            with suppress(ConnectionLost):
                while True:
                    item = self._next()
                    if isinstance(item, tuple) and item[0] == "F":
                        raise self._refusal(item[1]) from None
            self._lost(error)

    def _next(self) -> bytes | tuple[str, str]:
        while not self._came:
            left = None if self._deadline is None else self._deadline - time.monotonic()
            try:
                self._hear(left if left is None else max(left, 0.0))
            except TimeoutError:
                self._check_time()
        return self._came.popleft()

    def _hear(self, timeout: float | None) -> None:
        try:
            data = self._line.read(timeout)
        except TransportError as error:
            self._lost(error)
        if not data:
            self._lost(None)
        self._came.extend(self._marks.feed(data))

    def _check_time(self) -> None:
        if self._deadline is not None and time.monotonic() >= self._deadline:
            raise TransportError(
                f"not done within {self._timeout:g} s: {self._busy}",
                hint="a longer timeout, or none; nothing is half done",
            )

    def _lost(self, error: CoderError | None) -> NoReturn:
        raise ConnectionLost(
            f"the line to the workspace broke: {self._busy}", hint=error.message if error else "try it again"
        ) from None

    def _nonsense(self, what: str) -> NoReturn:
        raise ProtocolError(
            f"the workspace answered {what}: {self._busy}", hint="is something in the way of its output?"
        )
