"""Calls whose answer goes on: metadata, containers, workspaces, relays. A log is followed by the call for the log."""

from __future__ import annotations

from typing import Final

from coder_nb.embedded.calls import found
from coder_nb.embedded.calls.dial import ask
from coder_nb.embedded.http.events import event_socket, event_stream, written
from coder_nb.embedded.http.exchange import Reply, Request, refuse
from coder_nb.embedded.http.handshake import Complaint
from coder_nb.embedded.http.push import push
from coder_nb.embedded.http.websocket import Ending, Manners
from coder_nb.embedded.site import Site
from coder_nb.embedded.state import AgentError, ContainerListing
from coder_nb.embedded.streams import containers as containers_stream
from coder_nb.embedded.streams import events
from coder_nb.embedded.streams.relays import relays
from coder_nb.embedded.wire.relays import relays as relays_json

_UPGRADE: Final = Complaint("Failed to upgrade connection to websocket.")
_DERP: Final = Manners(binary=True, split=True, done=Ending(1001), unanswered=Ending(1001, "ping failed"))


def watch_metadata(site: Site, request: Request) -> Reply:
    """GET /workspaceagents/{agent}/watch-metadata"""
    it = found.agent(site, request)
    told = written(events.metadata(it.workspace, it.agent, second=site.second))
    reply = event_stream(told, ping_seconds=site.ping_seconds)
    reply.clock = it.workspace.clock
    return reply


def watch_metadata_ws(site: Site, request: Request) -> Reply:
    """GET /workspaceagents/{agent}/watch-metadata-ws"""
    it = found.agent(site, request)
    told = events.metadata(it.workspace, it.agent, second=site.second)
    reply = event_socket(request, told, ping_seconds=site.ping_seconds, patience=site.patience)
    reply.clock = it.workspace.clock
    return reply


def watch_workspace(site: Site, request: Request) -> Reply:
    """GET /workspaces/{workspace}/watch"""
    it = found.workspace(site, request)
    told = written(events.workspace(it, found.caller(request).user))
    reply = event_stream(told, ping_seconds=site.ping_seconds)
    reply.clock = it.clock
    return reply


def watch_workspace_ws(site: Site, request: Request) -> Reply:
    """GET /workspaces/{workspace}/watch-ws"""
    it = found.workspace(site, request)
    told = events.workspace(it, found.caller(request).user)
    reply = event_socket(request, told, ping_seconds=site.ping_seconds, patience=site.patience)
    reply.clock = it.clock
    return reply


async def watch_containers(site: Site, request: Request) -> Reply:
    """GET /workspaceagents/{agent}/containers/watch: asked for before the upgrade, which an agent may refuse."""
    it = found.agent(site, request)
    first: ContainerListing | None = None
    try:
        first = await ask(it, it.agent.containers)
    except AgentError as error:
        # An agent that cannot ask its engine agrees, and then has nothing to say.
        if error.status != 500:
            raise refuse(
                500, "Internal error watching agent's containers.", detail=_no_such_page(it.agent.id)
            ) from None
    told = containers_stream.containers(it.workspace, it.agent, first=first, second=site.second)
    reply = push(
        request,
        told,
        manners=Manners(),
        ping_seconds=site.ping_seconds,
        patience=site.patience,
        complaint=_UPGRADE,
    )
    reply.clock = it.workspace.clock
    return reply


def derp_map(site: Site, request: Request) -> Reply:
    """GET /derp-map, which asks nobody who they are."""
    told = relays(lambda: relays_json(site.port), second=site.second)
    return push(request, told, manners=_DERP, ping_seconds=site.ping_seconds, patience=site.patience)


def _no_such_page(agent_id: str) -> str:
    """What a server says of an agent whose feature is off; the agent's address is made of its id."""
    digits = agent_id.replace("-", "")[-20:]
    address = ":".join(digits[start : start + 4] for start in range(0, 20, 4))
    return (
        f"GET http://[fd7a:115c:a1e0:{address}]:4/api/v0/containers/watch: unexpected status code 404: "
        'unexpected non-JSON response "text/plain; charset=utf-8"\n\tError: 404 page not found\n'
    )
