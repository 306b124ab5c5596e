"""The DERP map: how to reach agents through relays. This deployment has the one that is embedded in every server."""

from __future__ import annotations

from typing import Final

from coder_nb.embedded.wire.agents import RELAY
from coder_nb.embedded.wire.text import Json

__all__ = ["relays"]

_ID: Final = 999


def relays(port: int) -> Json:
    """DERPMap.

    Args:
        port: the server's own.
    """
    region: dict[str, Json] = {
        "EmbeddedRelay": True,
        "RegionID": _ID,
        "RegionCode": "coder",
        "RegionName": RELAY,
        "Nodes": [
            {
                "Name": f"{_ID}b",
                "RegionID": _ID,
                "HostName": "127.0.0.1",
                "STUNPort": -1,
                "DERPPort": port,
                "ForceHTTP": True,
            }
        ],
    }
    return {"Regions": {str(_ID): region}}
