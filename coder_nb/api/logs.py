"""What an agent's scripts wrote, kept by the server: at most 1 MiB an agent, 1,024 characters a line. `api.logs`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import msgspec

from coder_nb.api.resource import Resource, segment
from coder_nb.api.stream import Stream
from coder_nb.transport.exchange import QueryValue

__all__ = ["AgentLog", "Logs"]


class AgentLog(msgspec.Struct, frozen=True, gc=False):
    """One line, without its newline; it may hold ANSI escapes and carriage returns.

    `id` rises over the whole deployment, so it has gaps; `created_at` is when the server got the batch: lines share it.
    `gc=False`: a full log is 14,000 and more of these, and none can be part of a cycle.
    """

    id: int
    created_at: datetime
    output: str
    level: str = "info"
    source_id: str = ""


# Inside the class below, `list` is its method.
_Lines = list[AgentLog]


class _Followed(Stream[_Lines]):
    """A followed log, which ends with what was stored after the server's own last batch."""

    def __init__(self, stream: Stream[_Lines], rest: Callable[[int], _Lines], last: int) -> None:
        super().__init__(stream._source, stream._read)
        self._rest = rest
        self._last = last
        self._complete = False

    def receive(self, timeout: float | None = None) -> _Lines | None:
        lines = super().receive(timeout)
        if lines is None and not self._complete and self.ended is not None and self.ended.code == 1000:
            self._complete = True
            lines = None if self.ended.here else self._rest(self._last) or None
        if lines:
            self._last = lines[-1].id
        return lines


class Logs(Resource):
    """Calls on an agent's logs."""

    def list(self, agent_id: str, *, after: int = 0, before: int | None = None) -> _Lines:
        """All lines the server keeps, in the order of their ids.

        Args:
            agent_id: the agent's uuid, of an older build too.
            after: only lines with a greater id.
            before: only lines with a smaller id; applied here, since servers ignore it.
        Raises:
            NotFound: no such agent, or not visible to this user.
            Invalid: `after` is negative.
        Endpoint: GET /workspaceagents/{id}/logs
        """
        return self._lines("logs", agent_id, after, before)

    def startup(self, agent_id: str, *, after: int = 0, before: int | None = None) -> _Lines:
        """The same under the endpoint's old name, for a server that has no other.

        Endpoint: GET /workspaceagents/{id}/startup-logs
        """
        return self._lines("startup-logs", agent_id, after, before)

    def follow(self, agent_id: str, *, after: int = 0) -> Stream[_Lines]:
        """Lines as they are stored, in batches: first all there are, none included, then the new ones.

        It ends, with code 1000, when the agent's build is no longer the latest: as soon as a stop is asked for. The log
        is then read once more, for what shutdown scripts have written by then. For an agent of an older build it ends
        after the first batch.

        Args:
            agent_id: the agent's uuid.
            after: only lines with a greater id; of the last one received, to go on after a break.
        Raises:
            NotFound, Invalid: as with `list`.
        Endpoint: GET /workspaceagents/{id}/logs
        """
        query: dict[str, QueryValue] = {"follow": True, "after": after or None}
        stream = self._follow(_Lines, f"/workspaceagents/{segment(agent_id)}/logs", query=query)
        return _Followed(stream, lambda last: self.list(agent_id, after=last), after)

    def _lines(self, route: str, agent_id: str, after: int, before: int | None) -> _Lines:
        # `after` is left out when it is 0: that is the server's default, and one query string less to read in its logs.
        lines = self._get(_Lines, f"/workspaceagents/{segment(agent_id)}/{route}", query={"after": after or None})
        return lines if before is None else [line for line in lines if line.id < before]
