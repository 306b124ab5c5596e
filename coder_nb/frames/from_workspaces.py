"""Workspace records -> a frame, a row a workspace: what `%coder ls` shows."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from coder_nb.api.agents import WorkspaceAgent
from coder_nb.api.workspaces import Workspace
from coder_nb.frames import build
from coder_nb.frames.schema import Attrs

__all__ = ["workspaces"]

_WORST_FIRST = ("timeout", "disconnected", "connecting", "connected")


def workspaces(records: Sequence[Workspace], *, attrs: Attrs) -> pd.DataFrame:
    """Workspaces as a frame.

    Args:
        records: the workspaces, in the server's order.
        attrs: what the frame says of itself.
    Returns:
        name, owner, status (category), health (boolean; NA without agents), outdated (boolean), template, agent,
        agent_status (category), lifecycle (category), build (Int64), last_used, created, id. `agent` names the agents
        that are not a dev container's; of several, the states are those of the one that is furthest from connected.
    """
    hosts = [_hosts(record) for record in records]
    shown = [_worst(agents) for agents in hosts]
    columns: build.Columns = {
        "name": [record.name for record in records],
        "owner": [record.owner_name for record in records],
        "status": [record.latest_build.status for record in records],
        "health": [record.health.healthy if record.latest_build.agents else None for record in records],
        "outdated": [record.outdated for record in records],
        "template": [record.template_name for record in records],
        "agent": [", ".join(agent.name for agent in agents) or None for agents in hosts],
        "agent_status": [agent.status if agent else None for agent in shown],
        "lifecycle": [agent.lifecycle_state if agent else None for agent in shown],
        "build": [record.latest_build.build_number for record in records],
        "last_used": [record.last_used_at for record in records],
        "created": [record.created_at for record in records],
        "id": [record.id for record in records],
    }
    return build.frame("workspaces", columns, attrs=attrs)


def _hosts(record: Workspace) -> list[WorkspaceAgent]:
    return [agent for agent in record.latest_build.agents if agent.parent_id is None]


def _worst(agents: Sequence[WorkspaceAgent]) -> WorkspaceAgent | None:
    return min(agents, key=lambda agent: (*_WORST_FIRST, agent.status).index(agent.status), default=None)
