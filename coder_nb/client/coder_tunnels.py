"""The tunnels that a connection has open, as a frame, and where they lead from. Opens none: see `agent_tunnels`."""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakSet

from coder_nb import frames

if TYPE_CHECKING:
    from pandas import DataFrame

    from coder_nb.client.forwarded import Forwarded
    from coder_nb.remote.tunnel.relay import Relay

__all__ = ["CoderTunnels"]


class CoderTunnels:
    """What is known of tunnels."""

    deployment: str

    def __init__(self) -> None:
        self._tunnels: WeakSet[Forwarded] = WeakSet()
        self._relays: WeakSet[Relay] = WeakSet()

    def tunnels(self) -> DataFrame:
        """The tunnels that this connection has open, oldest first; never asks the server.

        Returns:
            a frame, a row a tunnel: workspace, agent, target, container, local, state, relay, connections, open,
            failed, bytes_in, bytes_out, reason.
        """
        return frames.tunnels(self.open_tunnels(), attrs={"deployment": self.deployment})

    def open_tunnels(self) -> list[Forwarded]:
        """The tunnels themselves, oldest first."""
        return sorted((one for one in list(self._tunnels) if not one.closed), key=lambda one: one.number)

    def _local_addresses(self, agent: str) -> dict[int, str]:
        """Addresses here of ports of an agent, by port; of the newest tunnel where there are several."""
        led = ((tunnel.leads_from(agent), tunnel.url) for tunnel in self.open_tunnels())
        return {port: url for port, url in led if port is not None}
