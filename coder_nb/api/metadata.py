"""What an agent measures of its workspace: CPU, memory, disk and whatever the template declares. `api.metadata`."""

from __future__ import annotations

from datetime import datetime

from coder_nb.api.envelopes import from_event, from_message
from coder_nb.api.resource import Record, Resource, segment
from coder_nb.api.stream import Stream
from coder_nb.credentials import Hidden
from coder_nb.errors import NotFound

__all__ = ["NEVER", "Metadata", "MetadataDescription", "MetadataItem", "MetadataResult"]

NEVER = 9_223_372_036
"""The age, in seconds, of what was never collected."""


class MetadataResult(Record, frozen=True, kw_only=True):
    """The newest value: at most 2,048 bytes, as the script printed it, so it may end in a newline.

    `age` is in seconds, `NEVER` before the first run. A script that failed has both: its words, and `error`.
    """

    collected_at: datetime
    age: int = 0
    value: str = ""
    error: str = ""


class MetadataDescription(Record, frozen=True, kw_only=True):
    """What is measured: `interval` and `timeout` in seconds; interval 0 means once a start of the agent."""

    key: str
    display_name: str = ""
    script: Hidden = Hidden("")
    interval: int = 0
    timeout: int = 0


class MetadataItem(Record, frozen=True, kw_only=True):
    """One thing measured, and its newest value."""

    description: MetadataDescription
    result: MetadataResult


_Items = list[MetadataItem]


class Metadata(Resource):
    """Calls on metadata: what an agent of any build was last known to measure. None of them asks the agent."""

    def snapshot(self, agent_id: str, *, timeout: float = 30.0) -> list[MetadataItem]:
        """All of it as it is now, in the template's order. There is no plain request: it is what `watch` gives first.

        Args:
            timeout: seconds to wait for it.
        Raises:
            NotFound: no such agent, or not visible to this user.
            Invalid: not a uuid.
            ServerError: the server could not read it.
            TransportError: the stream ended, or said nothing in time.
        Endpoint: GET /workspaceagents/{id}/watch-metadata-ws, or /watch-metadata where there is no such
        """
        try:
            return self.watch(agent_id).first(timeout=timeout)
        except NotFound:
            # Servers before 2.22 have the other one only; which of the two is missing they do not tell.
            return self.watch_sse(agent_id).first(timeout=timeout)

    def watch(self, agent_id: str) -> Stream[list[MetadataItem]]:
        """All items, at once and then at most once a second: when one changes, else each 5 s.

        It does not end when the agent goes away, nor when a new build replaces it.

        Raises:
            NotFound: as with `snapshot`, and for a server that has only `watch_sse`.
            ServerError: from the stream too, which then ends.
        Endpoint: GET /workspaceagents/{id}/watch-metadata-ws
        """
        socket = self._http.websocket(f"/workspaceagents/{segment(agent_id)}/watch-metadata-ws")
        return Stream(socket, from_message(_Items, socket.endpoint))

    def watch_sse(self, agent_id: str) -> Stream[list[MetadataItem]]:
        """`watch` in the old way, as server-sent events.

        Endpoint: GET /workspaceagents/{id}/watch-metadata
        """
        events = self._http.events(f"/workspaceagents/{segment(agent_id)}/watch-metadata")
        return Stream(events, from_event(_Items, events.endpoint))
