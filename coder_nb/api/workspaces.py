"""Workspaces: what a user starts and stops, made from a template. `api.workspaces`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from coder_nb.api.agents import AppStatus
from coder_nb.api.builds import Timings, WorkspaceBuild
from coder_nb.api.envelopes import from_event, from_message
from coder_nb.api.resource import NIL, Record, Resource, segment
from coder_nb.api.stream import Stream

__all__ = ["Workspace", "WorkspaceHealth", "WorkspacePage", "Workspaces"]

PAGE = 100
"""Workspaces asked for at a time: one carries its agents and scripts, about 10 kB."""


class WorkspaceHealth(Record, frozen=True, kw_only=True):
    """Whether all agents are healthy; a stopped workspace has none and so is."""

    healthy: bool
    failing_agents: list[str] = []


class Workspace(Record, frozen=True, kw_only=True):
    """A workspace with its latest build, and in that its agents. `outdated`: its template has a newer version."""

    id: str
    name: str
    owner_id: str
    owner_name: str
    template_id: str
    template_name: str
    latest_build: WorkspaceBuild
    created_at: datetime
    updated_at: datetime
    last_used_at: datetime
    organization_name: str = ""
    template_display_name: str = ""
    template_icon: str = ""
    template_active_version_id: str = ""
    template_require_active_version: bool = False
    outdated: bool = False
    health: WorkspaceHealth = WorkspaceHealth(healthy=True)
    latest_app_status: AppStatus | None = None
    autostart_schedule: str | None = None
    ttl_ms: int | None = None
    deleting_at: datetime | None = None
    dormant_at: datetime | None = None
    favorite: bool = False


class WorkspacePage(Record, frozen=True, kw_only=True):
    """Some of the workspaces that match, and how many match in all."""

    workspaces: list[Workspace]
    count: int


class Workspaces(Resource):
    """Calls on workspaces."""

    def list(self, q: str = "", *, limit: int = 0, offset: int = 0) -> WorkspacePage:
        """One page of the workspaces this user can see.

        Args:
            q: Coder's query language, such as `owner:me status:running template:gpu`; "" matches all.
            limit: at most so many; 0 means all.
            offset: leave out so many of the first.
        Raises:
            Invalid: the query has an unknown key or value; `validations` says which.
        Endpoint: GET /workspaces
        """
        query = {"q": q or None, "limit": limit or None, "offset": offset or None}
        return self._get(WorkspacePage, "/workspaces", query=query)

    def iterate(self, q: str = "", *, page: int = PAGE) -> Iterator[Workspace]:
        """All workspaces that match, asked for a page at a time; each once, though pages shift while states change.

        Endpoint: GET /workspaces
        """
        seen: set[str] = set()
        offset = 0
        while True:
            answer = self.list(q, limit=page, offset=offset)
            for workspace in answer.workspaces:
                if workspace.id not in seen:
                    seen.add(workspace.id)
                    yield workspace
            offset += page
            if not answer.workspaces or offset >= answer.count:
                return

    def get(self, workspace_id: str, *, include_deleted: bool = False) -> Workspace:
        """One workspace by its uuid.

        Raises:
            NotFound: no such workspace, not visible to this user, or (410) deleted.
        Endpoint: GET /workspaces/{id}
        """
        query = {"include_deleted": "true" if include_deleted else None}
        return self._get(Workspace, f"/workspaces/{segment(workspace_id)}", query=query)

    def by_name(self, owner: str, name: str, *, include_deleted: bool = False) -> Workspace:
        """One workspace by its owner and name, in any case.

        Args:
            owner: user name, uuid or `me`.
        Raises:
            NotFound: no such workspace, or not visible to this user.
            Invalid: no such user.
        Endpoint: GET /users/{user}/workspace/{name}
        """
        query = {"include_deleted": "true" if include_deleted else None}
        return self._get(Workspace, f"/users/{segment(owner)}/workspace/{segment(name)}", query=query)

    def watch(self, workspace_id: str) -> Stream[Workspace]:
        """The workspace, at once and then when its build, an agent or an app changes; often the same state twice.

        An agent's logs and metadata are no change. A workspace that is deleted says so, and the stream goes on.

        Raises:
            NotFound: as with `get`, and for a server that has only `watch_sse`.
            ServerError: from the stream too, which goes on.
        Endpoint: GET /workspaces/{id}/watch-ws
        """
        socket = self._http.websocket(f"/workspaces/{segment(workspace_id)}/watch-ws")
        records = from_message(Workspace, socket.endpoint)
        return Stream(socket, lambda message: _real(records(message)))

    def watch_sse(self, workspace_id: str) -> Stream[Workspace]:
        """`watch` in the old way, as server-sent events.

        Endpoint: GET /workspaces/{id}/watch
        """
        events = self._http.events(f"/workspaces/{segment(workspace_id)}/watch")
        records = from_event(Workspace, events.endpoint)
        return Stream(events, lambda event: _real(records(event)))

    def timings(self, workspace_id: str) -> Timings:
        """Where the time of the latest build went.

        Endpoint: GET /workspaces/{id}/timings
        """
        return self._get(Timings, f"/workspaces/{segment(workspace_id)}/timings")


def _real(found: list[Workspace]) -> list[Workspace]:
    """Without the empty workspace the server sends after an error of its own."""
    return [workspace for workspace in found if workspace.id != NIL]
