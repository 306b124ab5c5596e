"""What a server sends for as long as it likes: one thread receives, any thread closes, and `ended` says how it ended.

WebSockets and server-sent events are its two kinds. Nothing is opened again here, and nothing waits by polling.
"""

from __future__ import annotations

import threading
import time
from abc import abstractmethod
from collections import deque
from dataclasses import dataclass
from typing import Generic, TypeVar

from coder_nb.closing import Closing
from coder_nb.errors import ProtocolError
from coder_nb.transport.exchange import tidy
from coder_nb.transport.limits import Limits
from coder_nb.transport.line import Duplex

__all__ = ["ABNORMAL", "NORMAL", "Ended", "Incoming"]

T = TypeVar("T")

NORMAL = 1000
ABNORMAL = 1006
_PIECE = 256 * 1024


@dataclass(frozen=True, slots=True)
class Ended:
    """The end of a stream.

    Attributes:
        code: a WebSocket's close code. 1000 is a proper end; 1006 is none: the connection ended or broke, or was silent
            for too long. Server-sent events have these two, and 1002 for what they are not.
        reason: in words, "" where none was given.
        here: whether this side closed it.
    """

    code: int
    reason: str = ""
    here: bool = False

    @property
    def clean(self) -> bool:
        """Whether the end was said, rather than just happened."""
        return self.code != ABNORMAL


class Incoming(Closing, Generic[T]):
    """An open stream. One thread at a time receives.

    Args:
        line: the connection, whatever comes first on it done.
        endpoint: for errors: "GET /api/v2/…".
        limits: how long a silence and how large a message may be.

    Attributes:
        endpoint: as it was given.
        ended: how it came to its end; None while it is open.
    """

    def __init__(self, line: Duplex, endpoint: str, limits: Limits) -> None:
        self.endpoint = endpoint
        self.ended: Ended | None = None
        self._line = line
        self._limits = limits
        self._ready: deque[T] = deque()
        self._fault: ProtocolError | None = None
        self._silent = 0.0
        self._receiving = threading.Lock()
        self._ending = threading.Lock()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.endpoint!r}, {'open' if self.ended is None else self.ended})"

    def receive(self, timeout: float | None = None) -> T | None:
        """The next thing sent, as soon as it is whole.

        After `Limits.silence` without a byte the connection counts as dead.

        Args:
            timeout: seconds to wait, None for as long as it takes. Ctrl-C and `close` end the wait at once.
        Returns:
            It; None at the end, which `ended` then explains. A connection that breaks is an end too.
        Raises:
            TimeoutError: nothing whole in time; it can be asked for again.
            ProtocolError: what came is not what it should be, or too large. The stream is closed.
        """
        if self._ready:
            return self._ready.popleft()
        deadline = None if timeout is None else time.monotonic() + timeout
        with self._receiving:
            while not self._ready and self.ended is None:
                if data := self._more(deadline):
                    self._take(data)
            if self._ready:
                return self._ready.popleft()
            fault, self._fault = self._fault, None
        if fault is not None:
            raise fault
        return None

    def close(self) -> None:
        """End it, and what waits on it in other threads, at once. May be called twice."""
        self._end(Ended(NORMAL, "closed here", here=True))
        self._ready.clear()

    @abstractmethod
    def _take(self, data: bytes) -> None:
        """What to make of the next bytes: fills `_ready`, or ends."""

    def _patience(self) -> float:
        """Seconds of silence until `_silence` is to be told; what is left of the whole by default."""
        return self._limits.silence - self._silent

    def _quiet(self) -> None:
        """What to do about a silence that is not over yet."""

    def _more(self, deadline: float | None) -> bytes:
        """The next bytes; none at the end, and after a silence."""
        started = time.monotonic()
        left = self._patience()
        wait = left if deadline is None else min(left, deadline - started)
        try:
            data = self._line.read(_PIECE, max(0.0, wait))
        except TimeoutError:
            self._silent += time.monotonic() - started
            if wait < left:
                raise TimeoutError(f"{self.endpoint}: nothing whole in time") from None
            if self._silent >= self._limits.silence:
                self._end(Ended(ABNORMAL, f"nothing came for {self._limits.silence:g} s"))
            else:
                self._quiet()
            return b""
        except OSError as error:
            self._end(Ended(ABNORMAL, f"the connection broke: {tidy(error.strerror or 'TLS failed', 80).lower()}"))
            return b""
        self._silent = 0.0
        if not data:
            self._finish()
        return data

    def _finish(self) -> None:
        """The connection has ended."""
        self._end(Ended(ABNORMAL, "the connection ended without a word"))

    def _refuse(self, code: int, reason: str, hint: str) -> None:
        """Ends it for what came; said when what was good before it has been received."""
        self._fault = ProtocolError(f"{self.endpoint} sent {reason}", hint=hint)
        self._end(Ended(code, reason, here=True))

    def _end(self, how: Ended) -> None:
        with self._ending:
            if self.ended is None:
                self.ended = how
        self._line.shut()
