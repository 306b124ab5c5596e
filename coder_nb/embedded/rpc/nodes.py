"""Where an agent says it can be reached: over its home relay alone, since direct connections are turned off here."""

from __future__ import annotations

import hashlib
import uuid
from typing import TYPE_CHECKING, Final

from coder_nb.embedded.state import Agent, Workspace

if TYPE_CHECKING:
    from coder_nb.rpc.codec import tailnet_pb2 as wire

__all__ = ["node"]

_REGION: Final = 999
_NETWORKS: Final = ("fd7a115ca1e0", "fd60627aa42b")


def node(workspace: Workspace, agent: Agent) -> wire.Node:
    """A connected agent's node; its keys stay as long as it stays connected, and no private ones exist.

    Args:
        workspace: whose clock tells the time.
        agent: a connected one.
    """
    from coder_nb.rpc.codec import tailnet_pb2 as wire

    seed = f"{agent.id} {agent.first_connected_at} {agent.started_at}".encode()
    host = uuid.UUID(agent.id).bytes[6:]
    addresses = [f"{_ipv6(bytes.fromhex(network) + host)}/128" for network in _NETWORKS]
    made = wire.Node(
        id=abs(int.from_bytes(uuid.UUID(agent.id).bytes[8:], "big", signed=True)),
        key=b"np" + hashlib.sha256(b"key " + seed).digest(),
        disco="discokey:" + hashlib.sha256(b"disco " + seed).hexdigest(),
        preferred_derp=_REGION,
        derp_latency={f"{_REGION}-v4": (agent.latency_ms or 0.4) / 1000},
        addresses=addresses,
        allowed_ips=addresses,
    )
    made.as_of.FromDatetime(workspace.clock.now())
    return made


def _ipv6(address: bytes) -> str:
    digits = address.hex()
    return ":".join(digits[start : start + 4] for start in range(0, 32, 4))
