"""Why an agent cannot be asked, in one sentence, and what to type next. Pure: records in, an error out."""

from __future__ import annotations

from coder_nb.api.agents import WorkspaceAgent
from coder_nb.api.resource import happened
from coder_nb.api.workspaces import Workspace
from coder_nb.errors import AgentUnavailable, ApiError, Invalid

__all__ = ["unavailable"]


def unavailable(
    agent: WorkspaceAgent, title: str, workspace: Workspace | None, error: ApiError
) -> AgentUnavailable | None:
    """The error to raise instead of the server's, or None where the agent's state does not explain it.

    Args:
        agent: as it is now.
        title: what a person calls it.
        workspace: as it is now; None where it is not known.
        error: what the server answered.
    """
    build = workspace.latest_build if workspace else None
    logs, name = f"%coder logs {title}", title.partition(".")[0]
    if build is not None and build.transition != "start":
        done = {"stopping": "is stopping", "deleting": "is being deleted", "deleted": "is deleted"}
        return AgentUnavailable(
            f"{title} cannot be asked: its workspace {done.get(build.status, 'is stopped')}",
            hint=f"{'' if build.transition == 'delete' else f'%coder start {name} --wait; '}{logs} shows what its last "
            "start wrote",
        )
    if build is not None and all(agent.id != latest.id for latest in build.agents):
        return AgentUnavailable(
            f"{title} cannot be asked: it belonged to an older build; the latest is {build.build_number}",
            hint=f"leave out the build to ask the agent that runs now; {logs} reads the old one's log",
        )
    if agent.status == "connected":
        return None if isinstance(error, Invalid) else _no_answer(title, error)
    return AgentUnavailable(f"{title} cannot be asked: {_state(agent)}", hint=_next(agent, name, logs))


def _no_answer(title: str, error: ApiError) -> AgentUnavailable | None:
    if "dialing" not in error.message and "unreachable" not in error.detail:
        return None
    return AgentUnavailable(
        f"{title} is reported connected but did not answer: {error.detail or error.message}",
        hint=f"the report can be 30 s old; try again, then %coder restart {title.partition('.')[0]}",
    )


def _state(agent: WorkspaceAgent) -> str:
    if agent.status == "disconnected":
        since = happened(agent.disconnected_at) or happened(agent.last_connected_at)
        return "the agent is disconnected" + (f" since {since:%Y-%m-%d %H:%M:%S} UTC" if since else "")
    if agent.status == "timeout":
        return f"the agent did not connect within {agent.connection_timeout_seconds} s"
    if agent.status == "connecting":
        return "the agent has not connected yet; its workspace is starting"
    return f"the agent is {agent.status}"


def _next(agent: WorkspaceAgent, name: str, logs: str) -> str:
    if agent.status == "connecting":
        return f"%coder wait {name}; {logs} shows how far it is"
    help_page = f"; see {agent.troubleshooting_url}" if agent.troubleshooting_url.startswith("https://") else ""
    return f"{logs} shows what it last wrote{help_page}"
