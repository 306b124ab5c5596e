"""What a user's workspaces are, and each change of it, as soon as there is one: names, statuses, and which agents."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Final

from coder_nb.embedded.http.exchange import Caller
from coder_nb.embedded.rpc.call import Call
from coder_nb.embedded.site import Site
from coder_nb.embedded.state import Workspace
from coder_nb.embedded.streams.wake import Wake
from coder_nb.embedded.wire.builds import build_status

if TYPE_CHECKING:
    from coder_nb.rpc.codec import tailnet_pb2 as wire

__all__ = ["workspace_updates"]

LOOK: Final = 15.0
"""Seconds after which to look for workspaces that nobody has told of."""
_STATUS: Final = (
    *("unknown", "pending", "starting", "running", "stopping", "stopped"),
    *("failed", "canceling", "canceled", "deleting", "deleted"),
)

_Workspaces = dict[str, tuple[str, int]]
_Agents = set[tuple[str, str, str]]
_Seen = tuple[_Workspaces, _Agents]


async def workspace_updates(site: Site, caller: Caller, call: Call) -> None:
    """Answers WorkspaceUpdates."""
    from coder_nb.rpc.codec import tailnet_pb2 as wire

    request = wire.WorkspaceUpdatesRequest.FromString(await call.next() or b"")
    owner = str(uuid.UUID(bytes=request.workspace_owner_id))
    seen: _Seen | None = None
    while True:
        workspaces = _visible(site, caller, owner)
        # Listening begins before looking, so that nothing between the two is missed.
        with Wake(*(one.changes.listen for one in workspaces)) as wake:
            now = _look(workspaces)
            while now != seen:
                await call.say(_difference(seen or ({}, set()), now))
                seen, now = now, _look(workspaces)
            await wake.within(LOOK * site.second)


def _visible(site: Site, caller: Caller, owner: str) -> list[Workspace]:
    return [one for one in site.deployment.workspaces if one.owner.id == owner and not one.deleted and caller.sees(one)]


def _look(workspaces: list[Workspace]) -> _Seen:
    there = [one for one in workspaces if not one.deleted]
    named = {one.id: (one.name, _STATUS.index(build_status(one.latest))) for one in there}
    return named, {(agent.id, agent.name, one.id) for one in there for agent in one.latest.agents}


def _difference(before: _Seen, now: _Seen) -> wire.WorkspaceUpdate:
    from coder_nb.rpc.codec import tailnet_pb2 as wire

    def workspaces(which: _Workspaces) -> list[wire.Workspace]:
        return [wire.Workspace(id=_bytes(id), name=name, status=status) for id, (name, status) in which.items()]

    def agents(which: _Agents) -> list[wire.Agent]:
        return [wire.Agent(id=_bytes(id), name=name, workspace_id=_bytes(of)) for id, name, of in sorted(which)]

    return wire.WorkspaceUpdate(
        upserted_workspaces=workspaces({id: one for id, one in now[0].items() if before[0].get(id) != one}),
        upserted_agents=agents(now[1] - before[1]),
        deleted_workspaces=workspaces({id: one for id, one in before[0].items() if id not in now[0]}),
        deleted_agents=agents(before[1] - now[1]),
    )


def _bytes(id: str) -> bytes:
    return uuid.UUID(id).bytes
