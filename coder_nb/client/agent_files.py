"""Files of a workspace: put, get, list, read."""

from __future__ import annotations

from coder_nb.client.agent_core import AgentCore

__all__ = ["AgentFiles"]


class AgentFiles(AgentCore):
    """Files that an agent's user can reach."""
