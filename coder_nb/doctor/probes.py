"""What the doctor asks, as data: an endpoint, its rows in the endpoint table, and the typed call. All only read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from coder_nb.api import Api
from coder_nb.api.stream import Stream
from coder_nb.client import Agent

__all__ = ["OF_AGENT", "OF_DEPLOYMENT", "Probe"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Probe:
    """One question.

    Args:
        rows: numbers in the endpoint table; "" for a supporting endpoint.
        ask: sends it and gives a few words on the answer, "" for none.
    """

    rows: str
    endpoint: str
    ask: Callable[[Api, Agent | None], str]


def _count(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def _id(agent: Agent | None) -> str:
    assert agent is not None  # `OF_AGENT` is asked only where there is one
    return agent.id


def _containers(api: Api, agent: Agent | None) -> str:
    listing = api.containers.list(_id(agent))
    return _count(len(listing.containers or []), "container")


def _keys(api: Api, agent: Agent | None) -> str:
    return _count(len(api.users.tokens()), "token")


def _first(stream: Stream[T]) -> T:
    """A stream's first message, which is all that is wanted of it."""
    return stream.first(timeout=20)


def _direct(api: Api, agent: Agent | None) -> str:
    relays_only = api.connection.agent(_id(agent)).disable_direct_connections
    return "relays only" if relays_only else "direct connections allowed"


OF_DEPLOYMENT: Sequence[Probe] = (
    Probe("", "GET buildinfo", lambda api, _: api.deployment.buildinfo().version),
    Probe("", "GET users/me", lambda api, _: api.users.me().username),
    Probe("", "GET users/{user}/keys/tokens", _keys),
    Probe("", "GET workspaces", lambda api, _: _count(api.workspaces.list(limit=1).count, "workspace")),
    Probe("", "GET regions", lambda api, _: _count(len(api.deployment.regions()), "region")),
    Probe("", "GET applications/host", lambda api, _: api.deployment.applications_host() or "no wildcard host"),
    Probe(
        "15",
        "GET workspaceagents/connection",
        lambda api, _: _count(len(api.connection.generic().derp_map.regions or {}), "DERP region"),
    ),
    Probe(
        "17",
        "GET derp-map",
        lambda api, _: _count(len(_first(api.connection.watch_derp_map()).regions or {}), "DERP region"),
    ),
)

OF_AGENT: Sequence[Probe] = (
    Probe("4", "GET workspaceagents/{id}", lambda api, agent: api.agents.get(_id(agent)).status),
    Probe("5", "GET workspaceagents/{id}/logs", lambda api, agent: _count(len(api.logs.list(_id(agent))), "line")),
    Probe(
        "6",
        "GET workspaceagents/{id}/startup-logs",
        lambda api, agent: _count(len(api.logs.startup(_id(agent))), "line"),
    ),
    Probe(
        "7",
        "GET workspaceagents/{id}/listening-ports",
        lambda api, agent: _count(len(api.ports.list(_id(agent))), "port"),
    ),
    Probe("8", "GET workspaceagents/{id}/containers", _containers),
    Probe(
        "5",
        "GET workspaceagents/{id}/logs?follow",
        lambda api, agent: _count(len(_first(api.logs.follow(_id(agent)))), "line"),
    ),
    Probe(
        "9",
        "GET workspaceagents/{id}/containers/watch",
        lambda api, agent: _count(len(_first(api.containers.watch(_id(agent))).containers or []), "container"),
    ),
    Probe(
        "11",
        "GET workspaceagents/{id}/watch-metadata",
        lambda api, agent: _count(len(_first(api.metadata.watch_sse(_id(agent)))), "item"),
    ),
    Probe(
        "12",
        "GET workspaceagents/{id}/watch-metadata-ws",
        lambda api, agent: _count(len(_first(api.metadata.watch(_id(agent)))), "item"),
    ),
    Probe("14", "GET workspaceagents/{id}/connection", _direct),
)
