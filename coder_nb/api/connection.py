"""How agents are reached: DERP relays, and whether direct connections are allowed. `api.connection`.

Nothing here dials an agent, so it answers for those that are away too. How well one is connected is no part of it.
"""

from __future__ import annotations

import msgspec

from coder_nb.api.resource import Record, Resource, segment
from coder_nb.api.stream import Stream

__all__ = ["AgentConnection", "Connection", "DerpMap", "DerpNode", "DerpRegion"]


class DerpNode(Record, frozen=True, kw_only=True, rename="pascal"):
    """A relay, or a server that only tells peers their addresses (STUN).

    `stun_port` 0 means 3478 and -1 that it does no STUN; `derp_port` 0 means 443. `host_name` of the relay inside the
    Coder server is what the server calls itself: clients go to the address they know it by.
    """

    name: str
    region_id: int = msgspec.field(name="RegionID")
    host_name: str = ""
    ipv4: str = msgspec.field(name="IPv4", default="")
    ipv6: str = msgspec.field(name="IPv6", default="")
    stun_port: int = msgspec.field(name="STUNPort", default=0)
    stun_only: bool = msgspec.field(name="STUNOnly", default=False)
    derp_port: int = msgspec.field(name="DERPPort", default=0)
    force_http: bool = msgspec.field(name="ForceHTTP", default=False)


class DerpRegion(Record, frozen=True, kw_only=True, rename="pascal"):
    """A region of relays. `embedded_relay`: it is the Coder server itself; `avoid`: only where nothing else works."""

    region_id: int = msgspec.field(name="RegionID")
    region_code: str = ""
    region_name: str = ""
    embedded_relay: bool = False
    avoid: bool = False
    nodes: list[DerpNode] | None = None


class DerpMap(Record, frozen=True, kw_only=True, rename="pascal"):
    """All regions, by their number as text."""

    regions: dict[str, DerpRegion | None] | None = None


class AgentConnection(Record, frozen=True, kw_only=True):
    """How to reach agents. `hostname_suffix` is that of Coder Connect's names, "" where there is none."""

    derp_map: DerpMap
    derp_force_websockets: bool = False
    disable_direct_connections: bool = False
    hostname_suffix: str = ""


class Connection(Resource):
    """Calls on connections."""

    def agent(self, agent_id: str) -> AgentConnection:
        """How to reach one agent.

        Raises:
            NotFound: no such agent, or not visible to this user.
            Invalid: not a uuid.
        Endpoint: GET /workspaceagents/{id}/connection
        """
        return self._get(AgentConnection, f"/workspaceagents/{segment(agent_id)}/connection")

    def generic(self) -> AgentConnection:
        """How to reach any agent of this deployment.

        Endpoint: GET /workspaceagents/connection
        """
        return self._get(AgentConnection, "/workspaceagents/connection")

    def watch_derp_map(self) -> Stream[DerpMap]:
        """The map of relays, at once and then when it changes, which it hardly ever does.

        Endpoint: GET /derp-map
        """
        return self._follow(DerpMap, "/derp-map")
