"""The live view of an agent's log, made from what the agent knows: its lines, its feed, the names of its sources."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coder_nb.errors import AgentUnavailable, NotFound

if TYPE_CHECKING:
    from coder_nb.client.agent import Agent
    from coder_nb.widgets.log_view import LogView

__all__ = ["log_view", "sources"]


def log_view(agent: Agent, level: str | None, source: str | None, grep: str | None) -> LogView:
    """The view; nothing is followed yet.

    Raises:
        InvalidCommand: no such level.
    """
    from coder_nb.frames.select import levels_from
    from coder_nb.widgets.log_view import LogView

    shown = levels_from(level)[0] if level else None
    first = agent._lines(0, None)
    known = agent._sources(first)

    return LogView(
        agent.feed_logs(),
        title=f"log of {agent.title}",
        names=known,
        sources=lambda: sources(agent),
        first=first,
        level=shown,
        source=source,
        grep=grep,
        attrs=agent._attrs(),
    )


def sources(agent: Agent) -> dict[str, str]:
    """Names of its log sources by their ids, as the server has them now: of the next start's agent, after one."""
    try:
        workspace = agent.workspace
        record = agent.refresh() if workspace is None else workspace.refresh().agent(agent.name).record
    except (AgentUnavailable, NotFound):
        record = agent.record
    return {each.id: each.display_name for each in record.log_sources}
