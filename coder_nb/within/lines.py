"""From text to the log lines a deployment takes, and which of them fit into an agent's log. Sends nothing.

An agent's log holds 1 MiB in all, of every source together; what others write is not known here.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID, uuid5

from coder_nb.errors import InvalidCommand

__all__ = ["LEVELS", "Ledger", "Line", "check_level", "source_id", "split"]

LEVELS = ("trace", "debug", "info", "warn", "error")
WIDTH = 1024
QUOTA = 1 << 20
RESERVE = 4096
_NAMESPACE = UUID("c0de4b1e-2f6a-5a43-9f57-3f1d6f0c8e21")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a log."""

    level: str
    text: str

    @property
    def size(self) -> int:
        """Its bytes, as the quota counts them; an empty line counts as one here, so that they end too."""
        return len(self.text.encode()) or 1


def split(text: str) -> Iterator[str]:
    """The lines of a text: at most 1,024 characters each, without line breaks, NULs and half surrogate pairs.

    >>> list(split("one\\r\\ntwo\\n")), [len(part) for part in split("x" * 2500)], list(split(""))
    (['one', 'two'], [1024, 1024, 452], [''])
    """
    # A NUL would cost the whole batch, and half a pair has no place in UTF-8.
    clean = text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")
    for line in clean.removesuffix("\n").split("\n"):
        whole = line.removesuffix("\r")
        for start in range(0, len(whole) or 1, WIDTH):
            yield whole[start : start + WIDTH]


def source_id(name: str) -> str:
    """The id of a source of that name: the same in every process, so that a name is one source."""
    return str(uuid5(_NAMESPACE, name))


def check_level(level: str) -> str:
    """The level, if there is such a one.

    Raises:
        InvalidCommand: there is none.
    """
    if level not in LEVELS:
        raise InvalidCommand(f"no such log level: {level!r}", hint=f"one of {', '.join(LEVELS)}")
    return level


class Ledger:
    """Which lines are sent, and which are kept back since the log is full: of those, the last ones are said at the end.

    Args:
        quota: bytes the agent's log holds.
        reserve: bytes that are kept for the end.
    Attributes:
        full: nothing more is sent but the end.
        dropped: lines that are lost for good.
    """

    def __init__(self, *, quota: int = QUOTA, reserve: int = RESERVE) -> None:
        self.full = False
        self.dropped = 0
        self._left = quota - reserve
        # Half of the reserve is for the last words, and for what these two cannot know: what others have written.
        self._room = reserve // 2
        self._last: deque[Line] = deque()
        self._last_size = 0

    def take(self, lines: Iterable[Line]) -> list[Line]:
        """The lines to send now; from the first one on that does not fit, all are kept back."""
        fitting = []
        for line in lines:
            self.full = self.full or line.size > self._left
            if self.full:
                self._keep(line)
            else:
                self._left -= line.size
                fitting.append(line)
        return fitting

    def refuse(self, lines: Iterable[Line]) -> None:
        """The server has no room for these: from now on all are kept back."""
        self.full = True
        for line in lines:
            self._keep(line)

    def drop(self, lines: Iterable[Line]) -> None:
        """These could not be sent, for whatever reason."""
        self.dropped += sum(1 for _ in lines)

    def ending(self) -> list[Line]:
        """What to say at the end: that the log is full, and the last lines; nothing where all were sent."""
        if not self.full:
            return []
        missing = f": {self.dropped:,} lines are missing here" if self.dropped else ""
        return [Line("warn", f"an agent's log holds 1 MiB, and this one is full{missing}"), *self._last]

    def shorten(self) -> bool:
        """Drops the older half of what is kept for the end; False where nothing was left to drop."""
        if not self._last:
            return False
        for _ in range((len(self._last) + 1) // 2):
            self._forget()
        return True

    def _keep(self, line: Line) -> None:
        self._last.append(line)
        self._last_size += line.size
        while self._last_size > self._room and len(self._last) > 1:
            self._forget()

    def _forget(self) -> None:
        self._last_size -= self._last.popleft().size
        self.dropped += 1
