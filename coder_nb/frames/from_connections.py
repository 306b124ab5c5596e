"""How agents are reached -> frames: DERP regions and the servers in them; an agent's latencies and its addresses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address

import pandas as pd

from coder_nb.api.agents import DerpLatency
from coder_nb.api.connection import DerpMap, DerpNode, DerpRegion
from coder_nb.frames import build
from coder_nb.frames.schema import Attrs

__all__ = ["derp_latencies", "derp_nodes", "derp_regions", "endpoints"]

DERP_PORT, STUN_PORT = 443, 3478
"""What 0 stands for."""


def derp_regions(relays: DerpMap, *, latency: Mapping[str, DerpLatency], attrs: Attrs) -> pd.DataFrame:
    """DERP regions as a frame.

    Args:
        relays: the map of all regions.
        latency: an agent's, by the region's name; empty where no agent is meant.
        attrs: what the frame says of itself.
    Returns:
        a row a region, by number: region (int64), code, name, embedded (boolean: the Coder server itself), relay
        (boolean: it relays, and does not only tell addresses), avoid (boolean), nodes (int64), latency_ms (float64, the
        agent's own, not yours), preferred (boolean, by that agent; NA where it has not measured).
    """
    regions = _regions(relays)
    seen = [latency.get(region.region_name) for region in regions]
    columns: build.Columns = {
        "region": [region.region_id for region in regions],
        "code": [region.region_code for region in regions],
        "name": [region.region_name for region in regions],
        "embedded": [region.embedded_relay for region in regions],
        "relay": [any(not node.stun_only for node in region.nodes or ()) for region in regions],
        "avoid": [region.avoid for region in regions],
        "nodes": [len(region.nodes or ()) for region in regions],
        "latency_ms": [measured.latency_ms if measured else None for measured in seen],
        "preferred": [measured.preferred if measured else None for measured in seen],
    }
    return build.frame("derp_regions", columns, attrs=attrs)


def derp_nodes(relays: DerpMap, *, attrs: Attrs) -> pd.DataFrame:
    """Relays and STUN servers as a frame.

    Args:
        relays: the map of all regions.
        attrs: what the frame says of itself.
    Returns:
        a row a node: region (int64), node, host, port (Int64, of the relay; NA where it only tells addresses),
        stun_port (Int64, NA where it does not), tls (boolean), ipv4, ipv6 (NA where they are looked up).
    """
    nodes = [node for region in _regions(relays) for node in region.nodes or ()]
    columns: build.Columns = {
        "region": [node.region_id for node in nodes],
        "node": [node.name for node in nodes],
        "host": [node.host_name for node in nodes],
        "port": [None if node.stun_only else node.derp_port or DERP_PORT for node in nodes],
        "stun_port": [_stun_port(node) for node in nodes],
        "tls": [None if node.stun_only else not node.force_http for node in nodes],
        "ipv4": [node.ipv4 or None for node in nodes],
        "ipv6": [node.ipv6 or None for node in nodes],
    }
    return build.frame("derp_nodes", columns, attrs=attrs)


def derp_latencies(
    relays: DerpMap, measured: Iterable[tuple[int, str, float]], *, preferred: int, attrs: Attrs
) -> pd.DataFrame:
    """An agent's latencies to the regions as a frame.

    Args:
        relays: the map of all regions, for their names.
        measured: region, family (v4 or v6) and milliseconds, as the agent said.
        preferred: the region that is its home.
        attrs: what the frame says of itself.
    Returns:
        a row a measurement, quickest first: region (int64), name, family (category), latency_ms (float64), preferred
        (boolean).
    """
    rows = sorted(measured, key=lambda row: row[2])
    names = {region.region_id: region.region_name for region in _regions(relays)}
    columns: build.Columns = {
        "region": [region for region, _, _ in rows],
        "name": [names.get(region) for region, _, _ in rows],
        "family": [family for _, family, _ in rows],
        "latency_ms": [ms for _, _, ms in rows],
        "preferred": [region == preferred for region, _, _ in rows],
    }
    return build.frame("derp_latencies", columns, attrs=attrs)


def endpoints(told: Iterable[str], *, attrs: Attrs) -> pd.DataFrame:
    """Addresses at which an agent may be reached without a relay, as a frame.

    Args:
        told: `192.0.2.1:41641` or `[2001:db8::1]:41641` each, as the agent said.
        attrs: what the frame says of itself.
    Returns:
        a row an address: address, port (Int64), family (category: v4, v6), reach (category: public, private,
        link-local, loopback). What is no address stands as it was told, with NA beside it.
    """
    split = [_endpoint(one) for one in told]
    columns: build.Columns = {
        "address": [text for text, _, _ in split],
        "port": [port for _, port, _ in split],
        "family": [None if address is None else f"v{address.version}" for _, _, address in split],
        "reach": [None if address is None else _reach(address) for _, _, address in split],
    }
    return build.frame("endpoints", columns, attrs=attrs)


def _endpoint(told: str) -> tuple[str, int | None, IPv4Address | IPv6Address | None]:
    host, _, port = told.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    try:
        address = ip_address(host)
    except ValueError:
        return told, None, None
    return host, int(port) if port.isascii() and port.isdigit() and len(port) < 6 else None, address


def _reach(address: IPv4Address | IPv6Address) -> str:
    if address.is_loopback:
        return "loopback"
    if address.is_link_local:
        return "link-local"
    return "private" if address.is_private else "public"


def _regions(relays: DerpMap) -> list[DerpRegion]:
    return sorted((region for region in (relays.regions or {}).values() if region), key=lambda one: one.region_id)


def _stun_port(node: DerpNode) -> int | None:
    return None if node.stun_port < 0 else node.stun_port or STUN_PORT
