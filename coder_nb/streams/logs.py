"""An agent's log, followed for ever: by the id of the last line, so that none is lost or comes twice.

The log of a workspace goes on with the next start's agent, when there is one; until then the old one is still read,
for what is written while the workspace stops.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from coder_nb.api.logs import AgentLog
from coder_nb.api.stream import Stream
from coder_nb.errors import CoderError
from coder_nb.streams.feed import Running
from coder_nb.streams.following import BACK_OFF, BackOff, Followed, Over, back_off, for_good

if TYPE_CHECKING:
    from coder_nb.api.logs import Logs

__all__ = ["FollowedLogs"]


class FollowedLogs(Followed[list[AgentLog], AgentLog]):
    """The source of a log's lines.

    Args:
        logs: the calls.
        agent_id: whose log it is.
        successor: the agent's id in the start that is the latest build, the same one if it is of that start; None while
            there is no such start. Left out, there is no workspace to ask: the log is over when the server says so.
    """

    def __init__(
        self,
        logs: Logs,
        agent_id: str,
        *,
        successor: Callable[[], str | None] | None = None,
        policy: BackOff = BACK_OFF,
    ) -> None:
        super().__init__(policy=policy)
        self._logs = logs
        self._agent = agent_id
        self._successor = successor
        self._last = 0
        self._looks = 0

    def _open(self) -> Stream[list[AgentLog]]:
        return self._logs.follow(self._agent, after=self._last)

    def _rows(self, message: list[AgentLog]) -> Iterable[AgentLog]:
        return [line for line in message if line.id > self._last]

    def _kept(self, rows: list[AgentLog]) -> None:
        self._last = rows[-1].id

    def _ended(self, stream: Stream[list[AgentLog]]) -> str:
        if stream.ended is not None and stream.ended.code == 1000:
            # The server's word for: this agent's build is not the latest any more.
            raise Over("the workspace was stopped or started anew")
        return super()._ended(stream)

    def _beyond(self, feed: Running[AgentLog], over: Over) -> bool:
        if self._successor is None:
            return super()._beyond(feed, over)
        while not feed.stopped.is_set():
            try:
                # In this order: what the old agent wrote before there was a new one is then read for certain.
                found = self._successor()
                self._rest(feed)
                why = "waiting for the workspace's next start"
            except CoderError as error:
                if for_good(error, self._worked):
                    raise
                found, why = None, error.message
            if feed.stopped.is_set():
                return False
            if found not in (None, self._agent):
                # Ids rise over the deployment, but not for certain from one agent to the next.
                self._agent, self._last, self._looks = str(found), 0, 0
                return True
            self._looks += 1
            if back_off(feed, why, self._looks, self._policy) and found is not None:
                return True
        return False

    def _rest(self, feed: Running[AgentLog]) -> None:
        lines = self._logs.list(self._agent, after=self._last)
        if lines and feed.came(lines):
            self._kept(lines)
