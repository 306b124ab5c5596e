"""The map of relays: to anybody, at once, and again when it is another."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tests.embedded.raw import RawSocket

if TYPE_CHECKING:
    from tests.embedded.conftest import Client


def test_relays_are_told_again_only_when_they_change(client: Client, dial: Callable[..., RawSocket]) -> None:
    """Looked at every five seconds; one message each."""
    client.server.site.second = 0.001
    client.server.site.ping_seconds = 0.05
    raw = dial("/derp-map", headers={"Coder-Session-Token": "no-token"})
    port = client.server.port
    assert raw.value()["Regions"]["999"]["Nodes"][0]["DERPPort"] == port
    # Ten looks later nothing has been said.
    assert raw.next().kind == "ping"
    client.server.site.port = 443
    assert raw.value()["Regions"]["999"]["Nodes"][0]["DERPPort"] == 443
    client.server.site.port = port
