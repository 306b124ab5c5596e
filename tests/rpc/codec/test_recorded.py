"""What a real server sent is understood, and what its own client sent is made in the same bytes."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from coder_nb.rpc.codec import agent_pb2, methods, tailnet_pb2
from coder_nb.rpc.codec.drpc import Kind, Packet, Packets, Speaker
from coder_nb.rpc.codec.yamux import Data, Yamux
from tests.conftest import RECORDED

pytestmark = pytest.mark.skipif(not RECORDED.is_dir(), reason="no recorded exchanges beside this checkout")
SESSIONS = [
    "coordinate-agent",
    "me-rpc-agent",
    "tailnet-coordinate-many",
    "tailnet-derp-telemetry-resume-errors",
    "tailnet-workspaceupdates",
]
ANSWERS: dict[str, Any] = {
    methods.WORKSPACE_UPDATES: tailnet_pb2.WorkspaceUpdate,
    methods.DERP_MAPS: tailnet_pb2.DERPMap,
    methods.COORDINATE: tailnet_pb2.CoordinateResponse,
    methods.MANIFEST: agent_pb2.Manifest,
    methods.BANNERS: agent_pb2.GetAnnouncementBannersResponse,
    methods.MONITORING: agent_pb2.GetResourcesMonitoringConfigurationResponse,
}


def flows(name: str) -> dict[str, bytes]:
    """All bytes sent and received in a recording."""
    lines = [json.loads(line) for line in (RECORDED / "rpc" / f"{name}.jsonl").read_text("utf-8").splitlines()[1:]]
    binary = [line for line in lines if line["kind"] == "binary"]
    return {
        way: b"".join(base64.b64decode(line["data"]) for line in binary if line["dir"] == way)
        for way in ("send", "recv")
    }


def packets(side: Yamux, data: bytes, sizes: int) -> dict[int, list[Packet]]:
    """The packets of each stream, the bytes given some at a time."""
    readers: dict[int, Packets] = {}
    found: dict[int, list[Packet]] = {}
    for start in range(0, len(data), sizes):
        for event in side.receive(data[start : start + sizes]):
            if isinstance(event, Data):
                reader = readers.setdefault(event.stream, Packets())
                found.setdefault(event.stream, []).extend(reader.feed(event.data))
    return found


@pytest.mark.parametrize("sizes", [1, 7, 1 << 20])
@pytest.mark.parametrize("name", SESSIONS)
def test_a_recorded_session_is_understood(name: str, sizes: int) -> None:
    """Every answer to a call that is known here is a message of its kind."""
    both = flows(name)
    asked = packets(Yamux(accepts=True), both["send"], sizes)
    client = Yamux()
    for _ in asked:
        client.open()
    answers = packets(client, both["recv"], sizes)
    known = 0
    for stream, said in answers.items():
        path = asked[stream][0].data.decode()
        for packet in said:
            if packet.kind is Kind.MESSAGE and path in ANSWERS:
                message = ANSWERS[path].FromString(packet.data)
                # The order in maps is any; parsed again they are equal.
                assert ANSWERS[path].FromString(message.SerializeToString()) == message
                assert message.ByteSize() == len(packet.data), "a field that is not described"
                known += 1
    assert known


def test_what_a_client_sends_is_made_in_the_same_bytes() -> None:
    """The recorded client's first stream: opened, invoked, asked, ended."""
    sent = flows("tailnet-workspaceupdates")["send"]
    [request] = [p for p in packets(Yamux(accepts=True), sent, 1 << 20)[1] if p.kind is Kind.MESSAGE]
    ours, speaker = Yamux(), Speaker()
    number = ours.open()
    said = speaker.invoke(methods.WORKSPACE_UPDATES) + speaker.message(request.data) + speaker.close_send()
    ours.send(number, said)
    ours.send(number, speaker.close())
    ours.finish(number)
    assert sent.startswith(ours.take())
