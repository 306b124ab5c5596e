"""An agent's log, followed for ever: by the id of the last line, so that none is lost or comes twice.

Ids rise over a whole deployment. The log of a workspace goes on with the next start's agent, when there is one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from coder_nb.api.logs import AgentLog
from coder_nb.api.stream import Stream
from coder_nb.streams.feed import Running
from coder_nb.streams.following import BACK_OFF, BackOff, Followed, Over
from coder_nb.streams.state import State

if TYPE_CHECKING:
    from coder_nb.api.logs import Logs

__all__ = ["FollowedLogs"]

PAUSE = 3.0
"""Seconds between looks for the agent of the next start."""


class FollowedLogs(Followed[list[AgentLog], AgentLog]):
    """The source of a log's lines.

    Args:
        logs: the calls.
        agent_id: whose log it is.
        successor: the agent's id in the latest start; the same one as long as there is no newer. None: there is no
            workspace to ask, so the log is over when the server says so.
        pause: seconds between looks for a successor.
    """

    def __init__(
        self,
        logs: Logs,
        agent_id: str,
        *,
        successor: Callable[[], str] | None = None,
        policy: BackOff = BACK_OFF,
        pause: float = PAUSE,
    ) -> None:
        super().__init__(policy=policy)
        self._logs = logs
        self._agent = agent_id
        self._successor = successor
        self._pause = pause
        self._last = 0
        self._over = False

    def run(self, feed: Running[AgentLog]) -> None:
        """Follows one agent's log after the other."""
        while not feed.stopped.is_set():
            self._over = False
            super().run(feed)
            if not self._over or self._successor is None or not self._await(feed, self._successor):
                return

    def _open(self) -> Stream[list[AgentLog]]:
        return self._logs.follow(self._agent, after=self._last)

    def _rows(self, message: list[AgentLog]) -> Iterable[AgentLog]:
        new = [line for line in message if line.id > self._last]
        if new:
            self._last = new[-1].id
        return new

    def _ended(self, stream: Stream[list[AgentLog]]) -> str:
        if stream.ended is not None and stream.ended.code == 1000:
            # The server's word for: this agent's build is not the latest any more.
            self._over = True
            raise Over("the workspace was stopped or started anew")
        return super()._ended(stream)

    def _await(self, feed: Running[AgentLog], successor: Callable[[], str]) -> bool:
        """Waits for the agent of the next start; False if nobody listens any more."""
        while True:
            try:
                found = successor()
            except Exception:  # Whatever it is, the next look may do better; the state says what is waited for.
                found = self._agent
            if found != self._agent:
                self._agent = found
                return True
            feed.turn(State("reconnecting", "waiting for the workspace's next start", time.time() + self._pause))
            if feed.stopped.wait(self._pause):
                return False
