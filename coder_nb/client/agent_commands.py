"""Running commands in a workspace: once, many over one session, in the background."""

from __future__ import annotations

from coder_nb.client.agent_core import AgentCore

__all__ = ["AgentCommands"]


class AgentCommands(AgentCore):
    """What can be run through an agent."""
