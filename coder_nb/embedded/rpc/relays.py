"""The relays as the multiplexed protocol tells them: at once, and again when they are others."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from coder_nb.embedded.rpc.call import Call
from coder_nb.embedded.site import Site
from coder_nb.embedded.streams.relays import relays as changing
from coder_nb.embedded.wire.relays import relays as relays_json
from coder_nb.embedded.wire.text import Json

if TYPE_CHECKING:
    from coder_nb.rpc.codec import tailnet_pb2 as wire

__all__ = ["derp_map", "derp_maps"]


async def derp_maps(site: Site, call: Call) -> None:
    """Answers StreamDERPMaps."""
    from coder_nb.rpc.codec import tailnet_pb2 as wire

    wire.StreamDERPMapsRequest.FromString(await call.next() or b"")
    async for told in changing(lambda: relays_json(site.port), second=site.second):
        await call.say(derp_map(told))


def derp_map(told: Json) -> wire.DERPMap:
    """A map of relays, from its JSON."""
    from coder_nb.rpc.codec import tailnet_pb2 as wire

    found = wire.DERPMap(home_params=wire.DERPMap.HomeParams())
    regions = cast(dict[str, dict[str, dict[str, Json]]], told)["Regions"]
    for region in regions.values():
        number = cast(int, region["RegionID"])
        made = found.regions[number]
        made.region_id = number
        made.embedded_relay = bool(region["EmbeddedRelay"])
        made.region_code = str(region["RegionCode"])
        made.region_name = str(region["RegionName"])
        for node in cast(list[dict[str, Json]], region["Nodes"]):
            made.nodes.add(
                name=str(node["Name"]),
                region_id=number,
                host_name=str(node["HostName"]),
                stun_port=cast(int, node["STUNPort"]),
                derp_port=cast(int, node["DERPPort"]),
                force_http=bool(node["ForceHTTP"]),
            )
    return found
