"""DERP regions and nodes become rows in which the wire's short forms are spelled out."""

from __future__ import annotations

from typing import Any

from coder_nb import frames
from coder_nb.api.agents import DerpLatency
from coder_nb.api.connection import DerpMap


def test_regions_are_in_order_and_know_an_agents_latency(make: Any) -> None:
    """Numbers, not the order of the JSON; a region the agent has not measured has NA."""
    latency = {"R2": DerpLatency(latency_ms=12.5, preferred=True)}
    df = frames.derp_regions(make.relays(11), latency=latency, attrs=make.attrs)
    assert list(df["region"]) == list(range(1, 12))
    assert make.rows(df.iloc[:2], "name", "relay", "nodes", "latency_ms", "preferred") == [
        ["R1", True, 1, "-", "-"],
        ["R2", True, 1, 12.5, True],
    ]


def test_zero_means_the_usual_port_and_minus_one_none(make: Any) -> None:
    """A relay at 443 that does STUN at 3478; one at its own port, over plain HTTP, that does none."""
    usual = frames.derp_nodes(make.relays(), attrs=make.attrs)
    own = frames.derp_nodes(make.relays(DERPPort=7080, STUNPort=-1, ForceHTTP=True), attrs=make.attrs)
    assert make.rows(usual, "port", "stun_port", "tls") == [[443, 3478, True]]
    assert make.rows(own, "port", "stun_port", "tls") == [[7080, "-", False]]


def test_a_server_that_only_tells_addresses_relays_nothing(make: Any) -> None:
    """STUN only: no relay's port, and its region is no relay."""
    relays = make.relays(STUNOnly=True, IPv4="192.0.2.1")
    assert make.rows(frames.derp_nodes(relays, attrs=make.attrs), "port", "tls", "ipv4") == [["-", "-", "192.0.2.1"]]
    assert make.rows(frames.derp_regions(relays, latency={}, attrs=make.attrs), "relay") == [[False]]


def test_null_in_place_of_a_map_is_an_empty_frame(make: Any) -> None:
    """Servers send null for no regions, and for a region that was taken out."""
    assert frames.derp_regions(DerpMap(), latency={}, attrs=make.attrs).empty
    assert frames.derp_nodes(DerpMap(regions={"1": None}), attrs=make.attrs).empty


def test_latencies_are_told_with_their_regions_names_quickest_first(make: Any) -> None:
    """Of a region that the map does not have only the number is known."""
    measured = [(2, "v6", 31.0), (1, "v4", 12.5), (77, "v4", 99.0)]
    df = frames.derp_latencies(make.relays(2), measured, preferred=1, attrs=make.attrs)
    assert make.rows(df) == [[1, "R1", "v4", 12.5, True], [2, "R2", "v6", 31.0, False], [77, "-", "v4", 99.0, False]]


def test_endpoints_are_told_by_how_far_they_reach(make: Any) -> None:
    """Both families; what is no address stands as it came."""
    told = ["10.0.0.5:41641", "[2001:4860:4860::8888]:41641", "8.8.8.8:1", "[fe80::1]:2", "127.0.0.1:3", "x", "[]:9"]
    df = frames.endpoints(told, attrs=make.attrs)
    assert make.rows(df) == [
        ["10.0.0.5", 41641, "v4", "private"],
        ["2001:4860:4860::8888", 41641, "v6", "public"],
        ["8.8.8.8", 1, "v4", "public"],
        ["fe80::1", 2, "v6", "link-local"],
        ["127.0.0.1", 3, "v4", "loopback"],
        ["x", "-", "-", "-"],
        ["[]:9", "-", "-", "-"],
    ]
