"""One agent: what it is, its log, its ports and containers, how to reach it."""

from __future__ import annotations

from coder_nb.embedded.calls import found
from coder_nb.embedded.calls.dial import dial
from coder_nb.embedded.http.exchange import Refusal, Reply, Request, answer, message, refuse
from coder_nb.embedded.http.params import BadValue, integer
from coder_nb.embedded.http.push import push
from coder_nb.embedded.http.websocket import Manners
from coder_nb.embedded.ports import visible_ports
from coder_nb.embedded.site import Site
from coder_nb.embedded.state import Container, ContainerListing
from coder_nb.embedded.streams.logs import agent_log
from coder_nb.embedded.wire import agents as wire
from coder_nb.embedded.wire import containers as containers_wire
from coder_nb.embedded.wire.relays import relays
from coder_nb.embedded.wire.text import Json, quote


def agent(site: Site, request: Request) -> Reply:
    """GET /workspaceagents/{agent}"""
    it = found.agent(site, request)
    return answer(wire.agent(it.workspace, it.resource, it.agent), clock=it.workspace.clock)


def logs(site: Site, request: Request) -> Reply:
    """GET /workspaceagents/{agent}/logs, and its alias startup-logs"""
    it = found.agent(site, request)
    try:
        after = integer(request.first("after") or "0")
        if after < 0:
            raise BadValue
    except BadValue:
        wrong = "ust be an integer greater than or equal to zero"
        raise refuse(400, f'Query param "after" m{wrong}.', validations=[("after", f"M{wrong}")]) from None
    if request.has("follow"):
        lines = agent_log(it.workspace, it.agent, after=after, second=site.second)
        manners = Manners(split=True)
        reply = push(request, lines, manners=manners, ping_seconds=site.ping_seconds, patience=site.patience)
        reply.clock = it.workspace.clock
        return reply
    return answer(wire.log_lines(it.agent.logs.after(after)), clock=it.workspace.clock)


async def listening_ports(site: Site, request: Request) -> Reply:
    """GET /workspaceagents/{agent}/listening-ports"""
    it = found.agent(site, request)
    ports = await dial(it, it.agent.ports)
    return answer(containers_wire.ports(visible_ports(ports, it.agent.apps)), clock=it.workspace.clock)


async def containers(site: Site, request: Request) -> Reply:
    """GET /workspaceagents/{agent}/containers"""
    it = found.agent(site, request)
    labels: dict[str, str] = {}
    for text in request.all("label"):
        if text.count("=") != 1:
            raise refuse(400, "Invalid label format", detail="Labels must be in the format key=value")
        key, _, value = text.partition("=")
        labels[key] = value
    listing = await dial(it, it.agent.containers)
    if labels:
        listing = _labelled(listing, labels)
    return answer(containers_wire.listing(listing), clock=it.workspace.clock)


async def recreate(site: Site, request: Request) -> Reply:
    """POST /workspaceagents/{agent}/containers/devcontainers/{devcontainer}/recreate"""
    it = found.agent(site, request)
    try:
        listing = await dial(it, it.agent.containers)
    except Refusal as refusal:
        if refusal.reply.status != 403:
            raise
        # With the feature turned off an agent knows the list's own path only.
        said = 'unexpected non-JSON response "text/plain; charset=utf-8"'
        raise refuse(404, said, detail="404 page not found\n") from None
    dev = site.recreations.begin(it.workspace, it.agent, listing, request.parts["devcontainer"])
    detail = f"Recreation process for devcontainer {quote(dev.name)} has started."
    reply = message(202, "Devcontainer recreation initiated", detail=detail)
    reply.clock = it.workspace.clock
    return reply


def connection(site: Site, request: Request) -> Reply:
    """GET /workspaceagents/{agent}/connection"""
    it = found.agent(site, request)
    return answer(_connection(site), clock=it.workspace.clock)


def connection_generic(site: Site, request: Request) -> Reply:
    """GET /workspaceagents/connection"""
    return answer(_connection(site))


def _labelled(listing: ContainerListing, labels: dict[str, str]) -> ContainerListing:
    def matches(container: Container) -> bool:
        has = container.labels or {}
        return all(key in has and value in ("", has[key]) for key, value in labels.items())

    chosen = [container for container in listing.containers or () if matches(container)]
    return ContainerListing(chosen, listing.devcontainers, listing.warnings)


def _connection(site: Site) -> Json:
    return {
        "derp_map": relays(site.port),
        "derp_force_websockets": False,
        "disable_direct_connections": True,
        "hostname_suffix": "coder",
    }
