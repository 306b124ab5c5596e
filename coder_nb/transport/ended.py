"""How a stream came to its end, the same for WebSockets and server-sent events."""

from __future__ import annotations

from dataclasses import dataclass

from coder_nb.transport.websocket_protocol import ABNORMAL

__all__ = ["Ended"]


@dataclass(frozen=True, slots=True)
class Ended:
    """The end of a stream.

    Attributes:
        code: a WebSocket's close code. 1000 is a proper end; 1006 is none: the connection ended or broke, or was silent
            for too long. Server-sent events have these two only.
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
