"""Records: what a server may leave out or add does no harm, and what is none is refused."""

from __future__ import annotations

import math
from contextlib import suppress

import pytest
from google.protobuf.message import DecodeError
from google.protobuf.timestamp_pb2 import Timestamp
from hypothesis import given
from hypothesis import strategies as st

from coder_nb.errors import Invalid
from coder_nb.rpc import records
from coder_nb.rpc.codec import tailnet_pb2 as wire
from coder_nb.rpc.records import Latency, PeerNode, Relays, WorkspaceUpdate

ID = bytes(range(16))


def told(node: wire.Node, *, kind: int = 1) -> PeerNode:
    """What becomes of a node."""
    update = wire.CoordinateResponse.PeerUpdate(id=ID, node=node, kind=kind)
    [record] = records.peer_updates(wire.CoordinateResponse(peer_updates=[update]))
    assert record.node is not None
    return record.node


def test_statuses_and_kinds_that_are_not_known_stay_as_numbers() -> None:
    """A newer server has more of them."""
    update = wire.WorkspaceUpdate(upserted_workspaces=[wire.Workspace(id=ID, name="dev", status=77)])
    assert records.workspace_update(update).upserted_workspaces[0].status == "77"
    response = wire.CoordinateResponse(peer_updates=[wire.CoordinateResponse.PeerUpdate(id=ID, kind=-1)])
    assert records.peer_updates(response)[0].kind == "-1"


def test_nothing_is_an_empty_update() -> None:
    """And no relays."""
    assert records.workspace_update(wire.WorkspaceUpdate()) == WorkspaceUpdate()
    assert records.relays(wire.DERPMap()) == Relays(())


def test_latencies_that_are_none_are_left_out() -> None:
    """No number, no region, not finite."""
    latency = {"999-v6": 0.25, "2-v4": 0.001, "x-v4": 1.0, "": 1.0, "3-v4": math.nan, "4-v4": math.inf}
    node = told(wire.Node(derp_latency=latency))
    assert node.latencies == (Latency(2, "v4", 1.0), Latency(999, "v6", 250.0))


def test_a_time_beyond_the_calendar_is_none() -> None:
    """As one that is not told."""
    assert told(wire.Node(as_of=Timestamp(seconds=2**62))).as_of is None
    assert told(wire.Node()).as_of is None


@pytest.mark.parametrize("id", [b"", b"abc", bytes(17)])
def test_ids_that_are_none_are_refused(id: bytes) -> None:
    """The reader makes a protocol error of it."""
    with pytest.raises(ValueError):
        records.workspace_update(wire.WorkspaceUpdate(deleted_agents=[wire.Agent(id=id, workspace_id=ID)]))
    with pytest.raises(ValueError):
        records.peer_updates(wire.CoordinateResponse(peer_updates=[wire.CoordinateResponse.PeerUpdate(id=id)]))


def test_ids_go_there_and_back() -> None:
    """In the order of the wire; text that is none is told to its user."""
    text = "00010203-0405-0607-0809-0a0b0c0d0e0f"
    assert records.uuid_text(ID) == text and records.uuid16(text) == ID
    with pytest.raises(Invalid, match="not a uuid: 'dev'"):
        records.uuid16("dev")


@given(st.binary(max_size=200))
def test_any_bytes_are_a_record_or_an_error(data: bytes) -> None:
    """Of the kinds the reader expects."""
    with suppress(DecodeError, ValueError):
        records.workspace_update(wire.WorkspaceUpdate.FromString(data))
    with suppress(DecodeError, ValueError):
        records.peer_updates(wire.CoordinateResponse.FromString(data))
    with suppress(DecodeError, ValueError):
        records.relays(wire.DERPMap.FromString(data))
