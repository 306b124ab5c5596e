"""How an agent, or any agent of a deployment, is reached: its relays, and whether it may be reached directly.

Of one agent also what it told the coordinator itself. It is only asked for: nothing of ours is told, and no connection
to the agent is made.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from coder_nb import frames, look
from coder_nb.api.agents import WorkspaceAgent
from coder_nb.api.connection import AgentConnection
from coder_nb.api.resource import happened
from coder_nb.errors import CoderError
from coder_nb.frames.schema import Attrs

if TYPE_CHECKING:
    from pandas import DataFrame

    from coder_nb.rpc.coordinate import Coordination
    from coder_nb.rpc.records import PeerNode

__all__ = ["Network", "Told", "ask", "network"]

NODE_SECONDS = 5.0


@dataclass(frozen=True)
class Told:
    """What an agent has told the coordinator; `why` there is nothing, where there is none."""

    node: PeerNode | None = None
    why: str = ""


@dataclass(frozen=True)
class Network:
    """What `%coder network` gives.

    Attributes:
        title: the agent, or the deployment.
        connection: the record: settings, and the map of relays.
        agent: the record of the agent; None for a deployment.
        node: what the agent has told the coordinator: its home, latencies, endpoints; None where it has not.
        regions: a frame, a row a region: region, code, name, embedded, relay, avoid, nodes, latency_ms, preferred.
        nodes: a frame, a row a node: region, node, host, port, stun_port, tls, ipv4, ipv6.
        latencies: a frame, a row a measurement of the agent's: region, name, family, latency_ms, preferred.
        endpoints: a frame, a row an address for direct connections: address, port, family, reach.
    """

    title: str
    connection: AgentConnection
    agent: WorkspaceAgent | None
    node: PeerNode | None
    regions: DataFrame
    nodes: DataFrame
    latencies: DataFrame
    endpoints: DataFrame
    why_no_node: str = ""
    now: datetime | None = None

    @property
    def direct(self) -> bool:
        """Whether agents may be reached without a relay: allowed, and, of one agent, that it has an address for it."""
        allowed = not self.connection.disable_direct_connections
        return allowed and (self.node is None or bool(self.node.endpoints))

    @property
    def preferred(self) -> str | None:
        """The name of the agent's home among the relays; None where it has not told."""
        if self.node is None or not self.node.preferred_region:
            return None
        names = self.regions.loc[self.regions["region"] == self.node.preferred_region, "name"]
        return str(names.iloc[0]) if len(names) else f"region {self.node.preferred_region}"

    def rows(self) -> list[tuple[str, str]]:
        """Label and text of each setting, and of what the agent has told."""
        suffix = self.connection.hostname_suffix
        return [
            ("direct", self._direct()),
            ("relays", "over WebSocket only" if self.connection.derp_force_websockets else "over DERP"),
            ("names", f"*.{suffix}" if suffix else "none"),
            *self._of_agent(),
        ]

    def _direct(self) -> str:
        if self.connection.disable_direct_connections:
            return "turned off: everything is relayed"
        if self.node is None:
            return "allowed"
        count = len(self.node.endpoints)
        return f"possible: {count} endpoints" if count else "not possible: the agent has no endpoints"

    def _of_agent(self) -> list[tuple[str, str]]:
        if self.agent is None:
            return []
        seen = happened(self.agent.last_connected_at)
        rows = [("last seen", _ago(seen, self.now))] if seen else []
        if self.node is None:
            return [*rows, ("node", self.why_no_node)]
        quickest = min((one.ms for one in self.node.latencies), default=None)
        home = self.preferred or "none yet"
        rows.append(("home", home if quickest is None else f"{home}, quickest {quickest:.1f} ms"))
        if self.node.as_of is not None:
            rows.append(("told", _ago(self.node.as_of, self.now)))
        rows += [
            ("websocket", f"region {region}: {why}") for region, why in sorted(self.node.websocket_because.items())
        ]
        return rows

    def _tables(self) -> list[DataFrame]:
        told = [] if self.node is None else [self.latencies, self.endpoints]
        return [self.regions, self.nodes, *told]

    def __repr__(self) -> str:
        from coder_nb.frames import display

        rows = [f"  {label:<10} {look.visible(text)}" for label, text in self.rows()]
        tables = [display.text(table) for table in self._tables()]
        return "\n".join([f"network of {look.visible(self.title)}", *rows, "", *tables])

    def _repr_html_(self) -> str:
        from coder_nb.frames import display

        tables = [display.html(table) for table in self._tables()]
        head = f"<div>network of <b>{look.safe(self.title)}</b></div>"
        return head + look.pairs(self.rows()) + "".join(table or "" for table in tables)


def ask(coordinate: Callable[[str], Coordination], agent: WorkspaceAgent) -> Told:
    """What an agent has told the coordinator; nothing is asked about one that is not connected.

    Args:
        coordinate: opens the coordinator's stream for an agent's uuid.
        agent: as the server knows it.
    """
    if agent.status != "connected":
        return Told(why=f"the agent is {agent.status}")
    try:
        with coordinate(agent.id) as coordination:
            node = coordination.node(agent.id, timeout=NODE_SECONDS)
    except CoderError as error:
        return Told(why=f"not told: {error.message}")
    return Told(node, "" if node else f"the agent has told nothing within {NODE_SECONDS:g} s")


def network(
    title: str,
    connection: AgentConnection,
    agent: WorkspaceAgent | None,
    *,
    attrs: Attrs,
    told: Told | None = None,
    now: datetime | None = None,
) -> Network:
    """Makes it from records.

    Args:
        agent: whose latencies are told; None for a deployment's.
        told: what it has told the coordinator.
        now: the server's clock, for how long ago things are.
    """
    told = told or Told()
    relays, node = connection.derp_map, told.node
    measured = [(one.region, one.family, one.ms) for one in node.latencies] if node else []
    home = node.preferred_region if node else 0
    return Network(
        title,
        connection,
        agent,
        node,
        frames.derp_regions(relays, latency=agent.latency if agent else {}, attrs=attrs),
        frames.derp_nodes(relays, attrs=attrs),
        frames.derp_latencies(relays, measured, preferred=home, attrs=attrs),
        frames.endpoints(node.endpoints if node else (), attrs=attrs),
        told.why,
        now,
    )


def _ago(then: datetime, now: datetime | None) -> str:
    if now is None:
        return f"{then:%Y-%m-%d %H:%M:%S} UTC"
    seconds = max(0, round((now - then).total_seconds()))
    return f"{seconds} s ago" if seconds < 120 else f"{seconds // 60} min ago"
