"""Live views of an agent: its log, ports, containers, metadata and a terminal."""

from __future__ import annotations

from coder_nb.client.agent_core import AgentCore

__all__ = ["AgentViews"]


class AgentViews(AgentCore):
    """What can be watched about an agent, as a widget."""
