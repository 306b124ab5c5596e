"""The messages: Coder's numbers under names of our own, checked against bytes and against a fresh generation."""

from __future__ import annotations

import sys
from pathlib import Path
from subprocess import run

import pytest

import coder_nb
from coder_nb.rpc.codec import agent_pb2, methods, tailnet_pb2
from coder_nb.rpc.codec.drpc import Speaker

ROOT = Path(coder_nb.__file__).parents[1]
OWNER = bytes.fromhex("112233445566778899aabbccddeeff00")
AGENT = bytes.fromhex("aabbccdd00112233445566778899aabb")


def raw(text: str) -> bytes:
    """Bytes as they are written down."""
    return bytes.fromhex(text.replace(" ", ""))


def test_the_generated_code_is_what_its_source_says(tmp_path: Path) -> None:
    """Generated again, it is the same to the last byte."""
    names = [f"coder_nb/rpc/codec/{name}.proto" for name in ("tailnet", "agent")]
    command = [sys.executable, "-m", "grpc_tools.protoc", f"-I{ROOT}", f"--python_out={tmp_path}"]
    run([*command, f"--pyi_out={tmp_path}", *names], check=True)
    made = sorted(path for path in tmp_path.rglob("*_pb2.py*"))
    assert len(made) == 4
    for path in made:
        assert (ROOT / path.relative_to(tmp_path)).read_bytes() == path.read_bytes(), "make it anew from its .proto"


def test_asking_for_an_owners_workspaces_is_these_bytes() -> None:
    """Call, request, end of requests."""
    speaker = Speaker()
    request = tailnet_pb2.WorkspaceUpdatesRequest(workspace_owner_id=OWNER)
    said = (
        speaker.invoke(methods.WORKSPACE_UPDATES) + speaker.message(request.SerializeToString()) + speaker.close_send()
    )
    assert said == raw(
        "03 01 01 2a 2f636f6465722e7461696c6e65742e76322e5461696c6e65742f576f726b737061636555706461746573"
        "05 01 02 12 0a10 112233445566778899aabbccddeeff00 0d 01 03 00"
    )


def test_a_workspace_update_is_these_bytes() -> None:
    """One running workspace with one agent."""
    update = tailnet_pb2.WorkspaceUpdate(
        upserted_workspaces=[tailnet_pb2.Workspace(id=OWNER, name="dev", status=3)],
        upserted_agents=[tailnet_pb2.Agent(id=AGENT, name="main", workspace_id=OWNER)],
    )
    assert update.SerializeToString() == raw(
        "0a 19 0a10 112233445566778899aabbccddeeff00 12 03 646576 18 03"
        "12 2a 0a10 aabbccdd00112233445566778899aabb 12 04 6d61696e 1a10 112233445566778899aabbccddeeff00"
    )


def test_coordinating_is_these_bytes() -> None:
    """Asking about an agent, no longer asking, and goodbye."""
    speaker, tunnel = Speaker(), tailnet_pb2.CoordinateRequest.Tunnel(id=OWNER)
    assert speaker.invoke(methods.COORDINATE) == raw(
        "03 01 01 24 2f636f6465722e7461696c6e65742e76322e5461696c6e65742f436f6f7264696e617465"
    )
    request = tailnet_pb2.CoordinateRequest
    add = speaker.message(request(add_tunnel=tunnel).SerializeToString())
    assert add == raw("05 01 02 14 1a 12 0a 10 112233445566778899aabbccddeeff00")
    remove = speaker.message(request(remove_tunnel=tunnel).SerializeToString())
    assert remove == raw("05 01 03 14 22 12 0a 10 112233445566778899aabbccddeeff00")
    leave = speaker.message(request(disconnect=request.Disconnect()).SerializeToString())
    assert leave == raw("05 01 04 02 12 00")


def test_a_map_of_relays_is_read_with_its_negative_port() -> None:
    """-1 takes ten bytes."""
    found = tailnet_pb2.DERPMap.FromString(
        raw(
            "0a00 12 51 08e707 12 4c 08e707 1001 1a05636f646572 2214436f64657220456d6265646465642052656c6179 32 28"
            "0a0439393962 10e707 1a0f6465762e6578616d706c652e636f6d 38ffffffffffffffffff01 48bb03"
        )
    )
    region = found.regions[999]
    assert region.embedded_relay and (region.region_code, region.region_name) == ("coder", "Coder Embedded Relay")
    [node] = region.nodes
    assert (node.name, node.host_name, node.stun_port, node.derp_port) == ("999b", "dev.example.com", -1, 443)


def test_a_node_is_read() -> None:
    """All that an agent says of where it can be reached."""
    disco, address = "ab" * 32, "fd7a:115c:a1e0:7788:99aa:bbcc:ddee:ff00/128"
    data = (
        raw("0807 12 06 0880e7d8c506 1a 22 6e70") + bytes(range(32)) + raw("22 49") + f"discokey:{disco}".encode()
        + raw("28e707 32 11 0a063939392d7634 11 fca9f1d24d62703f 3a 06 08e707 120178 42 2b") + address.encode()
        + raw("52 0e 31302e302e302e353a3431363431")
    )  # fmt: skip
    assert len(data) == 212
    node = tailnet_pb2.Node.FromString(data)
    assert node.id == 7 and node.as_of.seconds == 1_756_771_200 and node.key == b"np" + bytes(range(32))
    assert node.preferred_derp == 999 and dict(node.derp_latency) == {"999-v4": 0.004}
    assert dict(node.derp_forced_websocket) == {999: "x"} and list(node.endpoints) == ["10.0.0.5:41641"]
    assert list(node.addresses) == [address] and node.disco == f"discokey:{disco}"
    assert node.SerializeToString() == data


def test_a_lost_agent_is_these_bytes() -> None:
    """No node, a kind, a reason."""
    update = tailnet_pb2.CoordinateResponse.PeerUpdate(id=OWNER, kind=3, reason="lost")
    expected = raw("0a 1a 0a10 112233445566778899aabbccddeeff00 18 03 22 04 6c6f7374")
    assert tailnet_pb2.CoordinateResponse(peer_updates=[update]).SerializeToString() == expected


@pytest.mark.parametrize(
    "bad",
    [b"\x0a\x00", b"\x0a\x02\x0a\x00", b"\x2a\x00"],
    ids=["a node of ours without a node", "an empty node", "ready"],
)
def test_what_is_not_described_cannot_be_written(bad: bytes) -> None:
    """Read from bytes it is unknown, and dropped before anything is sent."""
    request = tailnet_pb2.CoordinateRequest.FromString(bad)
    request.DiscardUnknownFields()
    assert request.SerializeToString() == b""


def test_nothing_that_changes_an_agent_is_described() -> None:
    """Nor what ends a server where a part of it is missing."""
    known = set(agent_pb2.DESCRIPTOR.message_types_by_name) | set(tailnet_pb2.DESCRIPTOR.message_types_by_name)
    assert not {name for name in known if name.startswith(("Update", "Batch", "Push", "Report", "Create", "Delete"))}
    fields = tailnet_pb2.CoordinateRequest.DESCRIPTOR.fields_by_name
    assert set(fields) == {"disconnect", "add_tunnel", "remove_tunnel"}
