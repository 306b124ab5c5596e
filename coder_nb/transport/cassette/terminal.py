"""A recorded terminal: what is typed decides what it answers, whichever of the recorded ones had been told that.

So it matters neither which line a command is typed into, nor in which order many are. What was never typed is an error.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from difflib import SequenceMatcher

from coder_nb.credentials.seen import Flow
from coder_nb.errors import NotRecorded
from coder_nb.transport.cassette.exchange import Exchange
from coder_nb.transport.cassette.names import fill, numbered
from coder_nb.transport.cassette.tape import Tape
from coder_nb.transport.cassette.terminal_text import typed
from coder_nb.transport.cassette.turns import Turn, turns
from coder_nb.transport.websocket_protocol import Message, servers_frame, spoken

__all__ = ["TerminalLine"]

_BEFORE, _AFTER = 30, 60
"""Characters that are shown of a text, before and after where it differs."""
_CUT, _NAME = 32 * 1024, 40
"""Characters from which on what is typed comes in pieces; and those of a name, at most."""
_LONG, _SLACK = 512 * 1024, 16 * 1024
"""Characters of a long text, and by how many its length may differ from the recorded one: names have numbers there."""


class TerminalLine:
    """The server's side of a recorded terminal.

    Args:
        tape: the replay.
        wanted: what was asked for now.
        found: the recorded terminal that is like it.
    """

    def __init__(self, tape: Tape, wanted: Exchange, found: Exchange) -> None:
        self._tape = tape
        self._known = [turn for exchange in tape.alike(wanted) for turn in tape.once(exchange, turns)]
        self._mine = tape.names.within(_query(wanted))
        self._typed = ""
        self._coming: deque[tuple[float, bytes]] = deque()
        self._shut = self._ended = False
        with tape.news:
            self._begin(next(turn for turn in self._known if turn.exchange is found))

    def read(self, most: int, timeout: float | None) -> bytes:
        """What comes next; none bytes at the end.

        Raises:
            TimeoutError: nothing in time.
        """
        end = None if timeout is None else time.monotonic() + timeout
        with self._tape.news:
            while not self._shut:
                now = time.monotonic()
                due = self._coming[0][0] - now if self._coming else None
                if due is not None and due <= 0:
                    return self._coming.popleft()[1]
                if self._ended and due is None:
                    break
                left = None if end is None else end - now
                if left is not None and left <= 0:
                    raise TimeoutError
                self._tape.news.wait(min((it for it in (due, left) if it is not None), default=None))
        return b""

    def write(self, data: bytes) -> None:
        """Types something.

        Raises:
            NotRecorded: that was never typed into a terminal like this one, which ends.
            OSError: it has ended.
        """
        message = spoken(data)
        if message is None:
            return
        with self._tape.news:
            if self._shut or self._ended:
                raise OSError("shut")
            self._typed += typed(message.data)
            if not self._more_to_come():
                self._answer()

    def post(self, data: bytes) -> None:
        """Nobody is there to hear it."""

    def shut(self) -> None:
        """Ends it, and every wait on it."""
        with self._tape.news:
            self._shut = True
            self._tape.news.notify_all()

    def _more_to_come(self) -> bool:
        """Whether it is a long text that is not near its end: what is long is not compared with each piece of it."""
        size = len(self._typed)
        if size < _LONG:
            return False
        left = [len(turn.said) - size for turn in self._known]
        return max(left) > _SLACK and not any(abs(it) <= _SLACK for it in left)

    def _answer(self) -> None:
        """Answers what was typed, once it is whole."""
        said = self._tape.fit(self._typed)
        turn = self._tape.choose([turn for turn in self._known if turn.said and turn.means(said)])
        if turn is not None:
            self._begin(turn)
            return
        begun = self._tape.fit(Flow().feed(self._typed))
        if len(self._typed) > _CUT:
            # It comes in pieces, and a name may be cut.
            begun = begun[:-_NAME]
        if not any(turn.may_mean(begun) for turn in self._known):
            self._ended = True
            self._tape.news.notify_all()
            raise self._unknown(said)

    def _begin(self, turn: Turn) -> None:
        """Lets come what came then."""
        said, self._typed = self._typed, ""
        self._tape.moved(turn.begun)
        names = dict(zip(numbered(_query(turn.exchange)), self._mine, strict=False))
        names |= dict(zip(numbered(turn.said), self._tape.names.within(said), strict=False))
        now, speed = time.monotonic(), self._tape.speed
        for frame in turn.answer:
            due = now + max(0.0, frame.at - turn.begun) / speed if speed else now
            self._coming.append((due, servers_frame(Message(False, _filled(frame.data, names)))))
        self._ended = turn.last

    def _unknown(self, asked: str) -> NotRecorded:
        known = [turn.plain for turn in self._known if turn.said]
        near = max(known, key=lambda it: SequenceMatcher(None, it[-2000:], asked[-2000:]).quick_ratio(), default="")
        at = _differ(asked, near)
        return self._tape.unknown(f"what was typed: {_around(asked, at)}", [_around(near, at)] if near else [])


def _query(exchange: Exchange) -> str:
    """Where a terminal's names are, in an order that is always the same."""
    return "\n".join(f"{key}={exchange.query[key]}" for key in sorted(exchange.query))


def _filled(data: bytes, names: dict[str, str]) -> bytes:
    return fill(data.decode("utf-8", "surrogateescape"), names).encode("utf-8", "surrogateescape")


def _differ(one: Sequence[str], other: Sequence[str]) -> int:
    """Where two texts begin to differ."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))


def _around(text: str, at: int) -> str:
    """The line in which a text differs, and no more of it than can be read."""
    before, after = text[:at].rpartition("\n")[2], text[at:].partition("\n")[0]
    cut = "…" if len(before) > _BEFORE else ""
    return repr(f"{cut}{before[-_BEFORE:]}{after[:_AFTER]}")
