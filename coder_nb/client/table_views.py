"""The live tables, of ports, containers and workspaces, made from feeds and from what can be done with a row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from coder_nb import frames

if TYPE_CHECKING:
    from coder_nb.client.agent import Agent
    from coder_nb.client.coder import Coder
    from coder_nb.widgets.metadata_view import MetadataView
    from coder_nb.widgets.table_view import TableView

__all__ = ["containers_view", "metadata_view", "ports_view", "workspaces_view"]


def ports_view(agent: Agent) -> TableView:
    """Ports, as they are opened and closed."""
    from coder_nb.widgets.table_view import TableView

    return TableView(
        agent.feed_ports(),
        frame=lambda frame: frame,
        title=f"ports of {agent.title}",
        key=("port", "network", "via", "app"),
        first=agent.ports(),
        empty="nothing listens, as far as the server tells: start something, and it appears here",
    )


def containers_view(agent: Agent) -> TableView:
    """Containers, as they come and go; a dev container can be built anew."""
    from coder_nb.widgets.table_view import Action, TableView

    recreate = Action(
        label="Recreate",
        asks="Build this dev container anew? What runs in it ends.",
        where=lambda row: bool(_text(row["devcontainer"])) and row["devcontainer_status"] != "starting",
        does=lambda row: agent.recreate(row["devcontainer"]),
    )
    return TableView(
        agent.feed_containers(),
        frame=lambda listing: frames.containers(listing, attrs=agent._attrs()),
        title=f"containers of {agent.title}",
        key=("name",),
        first=agent.containers(),
        empty="no containers: what Docker runs beside the agent appears here",
        actions={"recreate": recreate},
    )


def metadata_view(agent: Agent, warn_at: float) -> MetadataView:
    """What an agent measures, as it changes."""
    from coder_nb.widgets.metadata_view import MetadataView

    return MetadataView(
        agent.feed_metadata(),
        frame=lambda items: frames.metadata(items, attrs=agent._attrs()),
        title=f"metadata of {agent.title}",
        first=agent._coder.api.metadata.snapshot(agent.id),
        warn_at=warn_at,
    )


def workspaces_view(coder: Coder, owner: str) -> TableView:
    """One owner's workspaces, as they change; they can be started and stopped."""
    from coder_nb.widgets.table_view import Action, TableView

    first = coder.workspaces(f"owner:{owner}")

    def named(row: Mapping[str, Any]) -> str:
        return f"{row['owner']}/{row['name']}"

    start = Action(
        label="Start",
        asks="Start it?",
        where=lambda row: row["status"] in ("stopped", "failed", "canceled"),
        does=lambda row: coder.workspace(named(row)).start(),
    )
    stop = Action(
        label="Stop",
        asks="Stop it? What runs in it ends.",
        where=lambda row: row["status"] == "running",
        does=lambda row: coder.workspace(named(row)).stop(),
    )
    return TableView(
        coder.feed_workspaces(owner),
        frame=lambda records: frames.workspaces(records, attrs=coder._attrs()),
        title="my workspaces" if owner == "me" else f"workspaces of {owner}",
        key=("owner", "name"),
        first=first,
        empty="no workspaces: one that is created appears here",
        actions={"start": start, "stop": stop},
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
