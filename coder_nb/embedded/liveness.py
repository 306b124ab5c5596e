"""Whether an agent is there: its status and health are worked out from its times whenever somebody asks.

A heartbeat comes every 15 s; one that is more than 30 s old means that the agent is gone.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, NamedTuple

from coder_nb.embedded.state import Agent

__all__ = ["Presence", "come", "leave", "presence", "unhealthy_because"]

HEARTBEAT: Final = timedelta(seconds=15)
GONE_AFTER: Final = timedelta(seconds=30)

_SHUTTING_DOWN: Final = frozenset({"shutting_down", "shutdown_timeout", "shutdown_error", "off"})


class Presence(NamedTuple):
    """An agent's connection as seen at one moment; `status` is connecting, connected, disconnected or timeout."""

    status: str
    last_connected_at: datetime | None
    disconnected_at: datetime | None
    updated_at: datetime


def presence(agent: Agent, now: datetime) -> Presence:
    """Works out an agent's connection.

    Args:
        agent: whose.
        now: the time by its workspace's clock.
    """
    first, last, left = agent.first_connected_at, agent.last_connected_at, agent.disconnected_at
    if agent.attached and first is not None:
        last, left = first + (now - first) // HEARTBEAT * HEARTBEAT, agent.cut_at
        if left is not None and left < last:
            left = None
    if first is None:
        late = timedelta(seconds=agent.connection_timeout_seconds)
        status = "timeout" if late and now - agent.created_at > late else "connecting"
    elif left is not None and (last is None or left >= last):
        status = "disconnected"
    elif last is None or now - last > GONE_AFTER:
        status, left = "disconnected", last
    else:
        status = "connected"
    known = (agent.created_at, last, left, agent.started_at, agent.ready_at)
    return Presence(status, last, left, max(moment for moment in known if moment))


def leave(agent: Agent, now: datetime) -> None:
    """Its process has ended, which its broken connection tells at once."""
    agent.attached = False
    agent.last_connected_at = agent.disconnected_at = now


def come(agent: Agent, now: datetime) -> None:
    """A new process of it is connected and ready."""
    agent.attached, agent.disconnected_at = True, None
    agent.last_connected_at = agent.started_at = agent.ready_at = now


def unhealthy_because(agent: Agent, status: str) -> str:
    """Why an agent counts as unhealthy; "" for a healthy one. Connecting, and slow scripts, count as healthy."""
    if agent.lifecycle_state == "off" and status != "connected":
        return "agent is not running"
    if status == "timeout":
        return "agent is taking too long to connect"
    if status == "disconnected":
        return "agent has lost connection"
    if agent.lifecycle_state == "start_error":
        return "agent startup script exited with an error"
    if agent.lifecycle_state in _SHUTTING_DOWN:
        return "agent is shutting down"
    return ""
