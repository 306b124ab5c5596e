"""The endpoints of the multiplexed protocol: who may dial them, which version they speak, what is served on each."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from coder_nb.embedded.calls import found
from coder_nb.embedded.http.exchange import Caller, Inside, Reply, Request, refuse
from coder_nb.embedded.http.handshake import accept
from coder_nb.embedded.rpc import manifest
from coder_nb.embedded.rpc.call import Answer, Call, Fatal, Handler
from coder_nb.embedded.rpc.coordinator import Known, Unauthorized, coordinate
from coder_nb.embedded.rpc.relays import derp_maps
from coder_nb.embedded.rpc.session import Pings, speak
from coder_nb.embedded.rpc.updates import workspace_updates
from coder_nb.embedded.site import Site
from coder_nb.embedded.state import Agent, Workspace
from coder_nb.rpc.codec import methods

__all__ = ["coordinate_one", "me", "tailnet"]

_OURS: Final = (2, 6)
_RESUME: Final = "/coder.tailnet.v2.Tailnet/RefreshResumeToken"


def tailnet(site: Site, request: Request) -> Reply:
    """GET /tailnet"""
    caller = found.caller(request)
    _check(request, missing="2.0")
    return _served(site, request, _for_users(site, caller, partial(_any_agent, site, caller)))


def coordinate_one(site: Site, request: Request) -> Reply:
    """GET /workspaceagents/{agent}/coordinate"""
    it = found.agent(site, request)
    # What is asked for where nothing is said is too old to be spoken.
    _check(request, missing="1.0")

    def known(id: str) -> tuple[Workspace, Agent]:
        if id != it.agent.id:
            raise Unauthorized(f"invalid agent id, expected {it.agent.id}, got {id}")
        return it.workspace, it.agent

    return _served(site, request, _for_users(site, found.caller(request), known))


def me(site: Site, request: Request) -> Reply:
    """GET /workspaceagents/me/rpc: whoever dials this counts as the agent, and its leaving as the agent's."""
    inside = request.inside
    if inside is None:
        raise found.not_found()
    _check(request, missing="2.0")
    every = site.ping_seconds
    pings = Pings(socket=None, every=every, patience=every)
    return _upgrade(site, request, _for_agents(site, inside), pings, partial(_left, inside))


def _for_users(site: Site, caller: Caller, known: Known) -> dict[str, Handler]:
    return {
        methods.WORKSPACE_UPDATES: partial(workspace_updates, site, caller),
        methods.DERP_MAPS: partial(derp_maps, site),
        methods.COORDINATE: partial(coordinate, site, known),
    }


def _for_agents(site: Site, inside: Inside) -> dict[str, Handler]:
    return {
        methods.MANIFEST: Answer(partial(manifest.manifest, site, inside)),
        methods.BANNERS: Answer(manifest.banners),
        methods.MONITORING: Answer(manifest.monitoring),
        methods.DERP_MAPS: partial(derp_maps, site),
        methods.WORKSPACE_UPDATES: _fatal,
        _RESUME: _fatal,
    }


async def _fatal(call: Call) -> None:
    raise Fatal


def _any_agent(site: Site, caller: Caller, id: str) -> tuple[Workspace, Agent]:
    for workspace in site.deployment.workspaces:
        for build in workspace.builds:
            for agent in build.agents:
                if agent.id == id and caller.sees(workspace):
                    return workspace, agent
    raise Unauthorized("workspace agent not found or you do not have permission")


def _served(site: Site, request: Request, handlers: dict[str, Handler]) -> Reply:
    if request.first("resume_token"):
        # None are given out here.
        raise refuse(401, "Invalid resume token", validations=[("resume_token", "invalid")])
    every = 2 * site.ping_seconds
    return _upgrade(site, request, handlers, Pings(site.ping_seconds, every, every / 3), lambda: None)


def _upgrade(
    site: Site, request: Request, handlers: dict[str, Handler], pings: Pings, left: Callable[[], None]
) -> Reply:
    headers = accept(request)
    return Reply(101, headers=headers, upgrade=partial(speak, handlers, pings, site.patience.close, left))


def _left(inside: Inside) -> None:
    inside.agent.cut_at = inside.workspace.clock.now()
    inside.workspace.changes.tell()


def _check(request: Request, *, missing: str) -> None:
    """Refuses a version that is not spoken; `missing` is what counts where none is asked for."""
    wrong = _wrong(request.first("version") or missing)
    if wrong:
        raise refuse(400, "Unknown or unsupported API version", validations=[("version", wrong)])


def _wrong(text: str) -> str:
    parts = text.split(".")
    if len(parts) != 2:
        return f"invalid version string: {text}"
    numbers = []
    for name, part in zip(("major", "minor"), parts, strict=True):
        if not part.removeprefix("-").isdecimal() or len(part) > 9:
            return f"invalid {name} version: {text}"
        numbers.append(int(part))
    at = f"server is at version {_OURS[0]}.{_OURS[1]}, behind requested"
    if numbers[0] > _OURS[0]:
        return f"{at} major version {text}"
    if numbers[0] < _OURS[0]:
        return f"version {text} is no longer supported"
    return f"{at} minor version {text}" if numbers[1] > _OURS[1] else ""
