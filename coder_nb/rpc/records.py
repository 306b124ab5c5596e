"""What the calls give, as plain records: protobuf's messages do not leave this package.

Numbers a newer server may add survive as text; times beyond the calendar and latencies that are none are left out.
"""

from __future__ import annotations

import math
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from coder_nb.errors import Invalid

if TYPE_CHECKING:
    from google.protobuf.timestamp_pb2 import Timestamp

    from coder_nb.rpc.codec import tailnet_pb2 as wire

__all__ = [
    "AgentName",
    "Latency",
    "PeerNode",
    "PeerUpdate",
    "Relay",
    "RelayRegion",
    "Relays",
    "WorkspaceState",
    "WorkspaceUpdate",
    "peer_updates",
    "relays",
    "uuid16",
    "uuid_text",
    "workspace_update",
]

_STATUS: Final = (
    *("unknown", "pending", "starting", "running", "stopping", "stopped"),
    *("failed", "canceling", "canceled", "deleting", "deleted"),
)
_KIND: Final = ("unspecified", "node", "disconnected", "lost", "ready for handshake")


@dataclass(frozen=True, slots=True)
class WorkspaceState:
    """A workspace: its uuid, name and status, as in `latest_build.status`."""

    id: str
    name: str
    status: str


@dataclass(frozen=True, slots=True)
class AgentName:
    """An agent: its uuid, name, and its workspace's uuid."""

    id: str
    name: str
    workspace_id: str


@dataclass(frozen=True, slots=True)
class WorkspaceUpdate:
    """What has changed about an owner's workspaces; the first of a stream is all there is."""

    upserted_workspaces: tuple[WorkspaceState, ...] = ()
    upserted_agents: tuple[AgentName, ...] = ()
    deleted_workspaces: tuple[WorkspaceState, ...] = ()
    deleted_agents: tuple[AgentName, ...] = ()


@dataclass(frozen=True, slots=True)
class Relay:
    """A relay, or a server that only tells addresses (STUN). Ports as in `api.connection.DerpNode`."""

    name: str
    host: str
    port: int
    stun_port: int
    stun_only: bool


@dataclass(frozen=True, slots=True)
class RelayRegion:
    """A region of relays."""

    id: int
    code: str
    name: str
    embedded: bool
    avoid: bool
    relays: tuple[Relay, ...]


@dataclass(frozen=True, slots=True)
class Relays:
    """All regions, by number. Each map replaces the one before it."""

    regions: tuple[RelayRegion, ...]


@dataclass(frozen=True, slots=True)
class Latency:
    """An agent's way to a region: over IPv4 or IPv6 ("v4", "v6"), in milliseconds."""

    region: int
    family: str
    ms: float


@dataclass(frozen=True, slots=True)
class PeerNode:
    """Where an agent can be reached, as it said itself.

    Attributes:
        as_of: when it said so, by its own clock; None where it did not say.
        preferred_region: its home among the relays; 0 for none yet.
        latencies: its own to the regions.
        endpoints: `address:port` for direct connections; none where these are off, or there is no network.
        addresses: within the deployment's network.
        websocket_because: why it speaks to a region over WebSocket only, by region.
        key: public; another one means that the agent has started anew.
    """

    as_of: datetime | None
    preferred_region: int
    latencies: tuple[Latency, ...]
    endpoints: tuple[str, ...]
    addresses: tuple[str, ...]
    websocket_because: dict[int, str] = field(default_factory=dict)
    key: str = ""


@dataclass(frozen=True, slots=True)
class PeerUpdate:
    """What a coordinator says of an agent: `kind` is node, lost or disconnected; `reason` is for people."""

    agent_id: str
    kind: str
    reason: str
    node: PeerNode | None


def uuid16(text: str) -> bytes:
    """A uuid's 16 bytes.

    Raises:
        Invalid: it is none.
    """
    try:
        return uuid.UUID(str(text)).bytes
    except ValueError:
        raise Invalid(f"not a uuid: {str(text)[:80]!r}", status=400, hint="%coder ls --json shows ids") from None


def uuid_text(data: bytes) -> str:
    """A uuid.

    Raises:
        ValueError: not 16 bytes.
    """
    return str(uuid.UUID(bytes=data))


def workspace_update(message: wire.WorkspaceUpdate) -> WorkspaceUpdate:
    """The record; raises ValueError for an id that is none."""
    return WorkspaceUpdate(
        _workspaces(message.upserted_workspaces),
        _agents(message.upserted_agents),
        _workspaces(message.deleted_workspaces),
        _agents(message.deleted_agents),
    )


def relays(message: wire.DERPMap) -> Relays:
    """The record."""
    found = sorted(message.regions.items())
    return Relays(
        tuple(
            RelayRegion(
                number,
                region.region_code,
                region.region_name,
                region.embedded_relay,
                region.avoid,
                tuple(
                    Relay(node.name, node.host_name, node.derp_port, node.stun_port, node.stun_only)
                    for node in region.nodes
                ),
            )
            for number, region in found
        )
    )


def peer_updates(message: wire.CoordinateResponse) -> list[PeerUpdate]:
    """The records; raises ValueError for an id that is none."""
    return [
        PeerUpdate(
            uuid_text(update.id),
            _word(_KIND, update.kind),
            update.reason,
            _node(update.node) if update.HasField("node") else None,
        )
        for update in message.peer_updates
    ]


def _workspaces(found: Iterable[wire.Workspace]) -> tuple[WorkspaceState, ...]:
    return tuple(WorkspaceState(uuid_text(one.id), one.name, _word(_STATUS, one.status)) for one in found)


def _agents(found: Iterable[wire.Agent]) -> tuple[AgentName, ...]:
    return tuple(AgentName(uuid_text(one.id), one.name, uuid_text(one.workspace_id)) for one in found)


def _node(node: wire.Node) -> PeerNode:
    return PeerNode(
        as_of=_time(node.as_of) if node.HasField("as_of") else None,
        preferred_region=node.preferred_derp,
        latencies=tuple(sorted(_latencies(node), key=lambda one: (one.region, one.family))),
        endpoints=tuple(node.endpoints),
        addresses=tuple(node.addresses),
        websocket_because=dict(node.derp_forced_websocket),
        key=node.key.hex(),
    )


def _latencies(node: wire.Node) -> Iterable[Latency]:
    for where, seconds in node.derp_latency.items():
        region, _, family = where.partition("-")
        if region.isascii() and region.isdigit() and len(region) < 10 and math.isfinite(seconds):
            yield Latency(int(region), family, seconds * 1000)


def _time(stamp: Timestamp) -> datetime | None:
    try:
        return stamp.ToDatetime(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _word(words: tuple[str, ...], number: int) -> str:
    return words[number] if 0 <= number < len(words) else str(number)
