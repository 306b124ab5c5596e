"""How an agent, or any agent of a deployment, is reached: its relays, and whether it may be reached directly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from coder_nb import frames, look
from coder_nb.api.agents import WorkspaceAgent
from coder_nb.api.connection import AgentConnection
from coder_nb.frames.schema import Attrs

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["Network", "network"]


@dataclass(frozen=True)
class Network:
    """What `%coder network` gives.

    Attributes:
        title: the agent, or the deployment.
        connection: the record: settings, and the map of relays.
        regions: a frame, a row a region: region, code, name, embedded, relay, avoid, nodes, latency_ms, preferred.
        nodes: a frame, a row a node: region, node, host, port, stun_port, tls, ipv4, ipv6.
    """

    title: str
    connection: AgentConnection
    regions: DataFrame
    nodes: DataFrame

    @property
    def direct(self) -> bool:
        """Whether agents may be reached without a relay."""
        return not self.connection.disable_direct_connections

    def rows(self) -> list[tuple[str, str]]:
        """Label and text of each setting."""
        return [
            ("direct", "allowed" if self.direct else "turned off: everything is relayed"),
            ("relays", "over WebSocket only" if self.connection.derp_force_websockets else "over DERP"),
            ("names", f"*.{self.connection.hostname_suffix}" if self.connection.hostname_suffix else "none"),
        ]

    def __repr__(self) -> str:
        from coder_nb.frames import display

        rows = [f"  {label:<10} {look.visible(text)}" for label, text in self.rows()]
        tables = [display.text(self.regions), display.text(self.nodes)]
        return "\n".join([f"network of {look.visible(self.title)}", *rows, "", *tables])

    def _repr_html_(self) -> str:
        from coder_nb.frames import display

        tables = [display.html(self.regions), display.html(self.nodes)]
        head = f"<div>network of <b>{look.safe(self.title)}</b></div>"
        return head + look.pairs(self.rows()) + "".join(table or "" for table in tables)


def network(title: str, connection: AgentConnection, agent: WorkspaceAgent | None, *, attrs: Attrs) -> Network:
    """Makes it from records.

    Args:
        agent: whose latencies are told; None for a deployment's.
    """
    return Network(
        title,
        connection,
        frames.derp_regions(connection.derp_map, latency=agent.latency if agent else {}, attrs=attrs),
        frames.derp_nodes(connection.derp_map, attrs=attrs),
    )
