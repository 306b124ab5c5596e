"""One workspace as its server tells of it, so that waiting for it asks for nothing; asked for where nobody tells."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from coder_nb.closing import Closing
from coder_nb.errors import CoderError

if TYPE_CHECKING:
    from coder_nb.api.stream import Stream
    from coder_nb.api.workspaces import Workspace, Workspaces

__all__ = ["Told"]

ANYWAY = 10.0
"""Seconds after which to ask although nothing was told: not everything is."""


class Told(Closing):
    """A workspace, as new as its server's last word.

    Args:
        workspaces: the calls.
        id: the workspace's uuid.
        pause: waits so many seconds where nobody tells; how many it left out.
    """

    def __init__(self, workspaces: Workspaces, id: str, *, pause: Callable[[float], float]) -> None:
        self._workspaces = workspaces
        self._pause = pause
        self._id = id
        self._stream: Stream[Workspace] | None = None
        self._tried = False
        self._news: Workspace | None = None

    def record(self) -> Workspace:
        """What was told last and not taken yet; asked for where nothing was.

        Endpoint: GET /workspaces/{id}
        """
        news, self._news = self._news, None
        return news or self._workspaces.get(self._id, include_deleted=True)

    def rest(self, pause: float, left: float | None) -> float:
        """Waits for news; where there can be none, for `pause` seconds. How many were left out.

        Endpoint: GET /workspaces/{id}/watch-ws
        """
        if not self._tried:
            self._tried = True
            self._stream = self._open()
        if self._stream is None or self._stream.ended is not None:
            return self._pause(pause)
        try:
            self._news = self._stream.receive(ANYWAY if left is None else min(ANYWAY, left))
        except (TimeoutError, CoderError):
            # What is wrong is asked for then, and told by the answer.
            self._news = None
        return 0.0

    def close(self) -> None:
        """Listens no more."""
        if self._stream is not None:
            self._stream.close()

    def _open(self) -> Stream[Workspace] | None:
        for watch in (self._workspaces.watch, self._workspaces.watch_sse):
            try:
                return watch(self._id)
            except CoderError:
                continue
        return None
