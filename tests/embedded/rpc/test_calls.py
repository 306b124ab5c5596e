"""The multiplexed endpoints of the deployment: who gets in, what is answered, and how it ends."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from coder_nb.embedded.liveness import HEARTBEAT
from coder_nb.rpc.codec import agent_pb2, methods, tailnet_pb2
from coder_nb.rpc.codec.drpc import Kind, Packet, Packets, Speaker, error_of
from coder_nb.rpc.codec.yamux import Data, Event, Finished, Yamux
from tests.embedded.raw import UPGRADE, RawSocket

if TYPE_CHECKING:
    from google.protobuf.message import Message

    from tests.embedded.conftest import Client, Small

Dial = Callable[..., RawSocket]


class Talk:
    """A client of one session that hides nothing."""

    def __init__(self, raw: RawSocket) -> None:
        self.raw = raw
        self.yamux = Yamux()
        self.events: list[Event] = []
        self.readers: dict[int, Packets] = {}
        self.packets: dict[int, list[Packet]] = {}

    def flush(self) -> None:
        """Sends what is to be sent."""
        if out := self.yamux.take():
            self.raw.send("binary", out)

    def call(self, path: str, request: Message | bytes = b"", *, both: bool = False) -> int:
        """Begins a call; its stream."""
        stream, speaker = self.yamux.open(), Speaker()
        data = request if isinstance(request, bytes) else request.SerializeToString()
        said = speaker.invoke(path) + (b"" if both else speaker.message(data) + speaker.close_send())
        self.yamux.send(stream, said)
        self.flush()
        return stream

    def packet(self, stream: int) -> Packet:
        """The next packet of a stream."""
        while not self.packets.get(stream):
            self.more()
        return self.packets[stream].pop(0)

    def finished(self, stream: int) -> None:
        """Waits for the server's end of a stream."""
        while Finished(stream) not in self.events:
            self.more()

    def more(self) -> None:
        """Takes the next message of the server."""
        said = self.raw.next("binary")
        assert said.kind == "binary", said
        for event in self.yamux.receive(said.data):
            self.events.append(event)
            if isinstance(event, Data):
                reader = self.readers.setdefault(event.stream, Packets())
                self.packets.setdefault(event.stream, []).extend(reader.feed(event.data))
        self.flush()


@pytest.fixture
def talk(dial: Dial) -> Callable[..., Talk]:
    """Opens a session of the small deployment's owner."""
    return lambda path, **more: Talk(dial(path, **more))


@pytest.mark.parametrize(
    ("version", "detail"),
    [
        ("2.7", "server is at version 2.6, behind requested minor version 2.7"),
        ("3.0", "server is at version 2.6, behind requested major version 3.0"),
        ("1.0", "version 1.0 is no longer supported"),
        ("-1.0", "version -1.0 is no longer supported"),
        ("abc", "invalid version string: abc"),
        ("2", "invalid version string: 2"),
        ("2.x", "invalid minor version: 2.x"),
        ("x.0", "invalid major version: x.0"),
        ("2.0.1", "invalid version string: 2.0.1"),
    ],
)
def test_a_version_that_is_not_spoken_is_refused(client: Client, version: str, detail: str) -> None:
    """Before the upgrade, with what is wrong about it."""
    got = client.ask(f"/tailnet?version={version}", headers=UPGRADE)
    assert got.status == 400 and got.message == "Unknown or unsupported API version"
    assert got.json["validations"] == [{"field": "version", "detail": detail}]


def test_what_counts_where_no_version_is_asked_for(client: Client, small: Small, dial: Dial) -> None:
    """One endpoint takes it, the other refuses it."""
    agent = small.workspace("dev").latest.agents[0]
    dial("/tailnet")
    got = client.ask(f"/workspaceagents/{agent.id}/coordinate", headers=UPGRADE)
    assert got.status == 400 and "1.0 is no longer" in got.json["validations"][0]["detail"]


def test_strangers_and_unknown_agents_are_refused(client: Client, bob: Client, small: Small) -> None:
    """In this order: who asks, then what for."""
    agent = small.workspace("dev").latest.agents[0]
    assert client.ask("/tailnet?version=2.0", headers=UPGRADE, token=None).status == 401
    path = "/workspaceagents/{}/coordinate?version=2.0"
    assert client.ask(path.format("zz"), headers=UPGRADE).message == 'Invalid UUID "zz".'
    assert client.ask(path.format(uuid.uuid4()), headers=UPGRADE).status == 404
    assert bob.ask(path.format(agent.id), headers=UPGRADE).status == 404
    assert client.ask("/workspaceagents/me/rpc?version=2.0", headers=UPGRADE).status == 401
    got = client.ask("/tailnet?version=2.0&resume_token=x", headers=UPGRADE)
    assert got.status == 401 and got.message == "Invalid resume token"


def test_an_owners_workspaces_come_at_once_and_then_what_changes(
    talk: Callable[..., Talk], client: Client, small: Small
) -> None:
    """A stop begun elsewhere is told without being asked for."""
    workspace = small.workspace("dev")
    session = talk("/tailnet?version=2.3")
    owner = uuid.UUID(small.ada.id).bytes
    stream = session.call(methods.WORKSPACE_UPDATES, tailnet_pb2.WorkspaceUpdatesRequest(workspace_owner_id=owner))
    first = tailnet_pb2.WorkspaceUpdate.FromString(session.packet(stream).data)
    assert [(one.name, one.status) for one in first.upserted_workspaces] == [("dev", 3)]
    assert [one.name for one in first.upserted_agents] == ["main"]
    client.ask(f"/workspaces/{workspace.id}/builds", method="POST", json_body={"transition": "stop"})
    gone, statuses = [], []
    while 5 not in statuses:
        update = tailnet_pb2.WorkspaceUpdate.FromString(session.packet(stream).data)
        statuses += [one.status for one in update.upserted_workspaces]
        gone += [one.id for one in update.deleted_agents]
    assert gone == [first.upserted_agents[0].id]


def test_an_owner_without_workspaces_has_an_empty_message(talk: Callable[..., Talk]) -> None:
    """Of no bytes at all; an owner who is none just ends it."""
    session = talk("/tailnet?version=2.3")
    request = tailnet_pb2.WorkspaceUpdatesRequest(workspace_owner_id=uuid.uuid4().bytes)
    assert session.packet(session.call(methods.WORKSPACE_UPDATES, request)) == Packet(Kind.MESSAGE, b"")
    bad = tailnet_pb2.WorkspaceUpdatesRequest(workspace_owner_id=b"abc")
    assert session.packet(session.call(methods.WORKSPACE_UPDATES, bad)) == Packet(Kind.CLOSE)


def test_an_unknown_call_is_refused_by_its_name(talk: Callable[..., Talk]) -> None:
    """In the words of the real one; the session goes on."""
    session = talk("/tailnet?version=2.0")
    packet = session.packet(session.call("/coder.agent.v2.Agent/GetManifest"))
    assert packet.kind is Kind.ERROR
    assert error_of(packet.data) == (0, 'protocol error: unknown rpc: "/coder.agent.v2.Agent/GetManifest"')
    assert session.packet(session.call(methods.DERP_MAPS)).kind is Kind.MESSAGE


def test_what_is_no_call_ends_its_stream_alone(talk: Callable[..., Talk]) -> None:
    """Without a word."""
    session = talk("/tailnet?version=2.0")
    stream = session.yamux.open()
    session.yamux.send(stream, b"\x21\x01\x01\x00")
    session.flush()
    session.finished(stream)
    assert session.packet(session.call(methods.DERP_MAPS)).kind is Kind.MESSAGE


def test_what_is_no_session_ends_it_all(dial: Dial) -> None:
    """As recorded: 1000 for a wrong version, 1003 for text."""
    raw = dial("/tailnet?version=2.0")
    raw.send("binary", b"\x09" + bytes(11))
    assert raw.ended() == (1000, "")
    raw = dial("/tailnet?version=2.0")
    raw.send("text", b"hello")
    code, reason = raw.ended()
    assert code == 1003 and "MessageText" in reason


def test_more_than_the_window_ends_it_all(dial: Dial) -> None:
    """As recorded."""
    raw = dial("/tailnet?version=2.0")
    raw.send("binary", b"\0\0\0\1" + (1).to_bytes(4, "big") + (262_145).to_bytes(4, "big"))
    assert raw.ended() == (1000, "")


def test_an_agent_is_told_of_while_it_is_there(talk: Callable[..., Talk], client: Client, small: Small) -> None:
    """Its node, that it has left, and nothing about one that was never there."""
    workspace = small.workspace("dev")
    agent = workspace.latest.agents[0]
    away = small.workspace("away", small.build(small.agent(attached=False, first_connected_at=None)))
    session = talk("/tailnet?version=2.0")
    stream, speaker = session.call(methods.COORDINATE, both=True), Speaker()
    speaker.invoke(methods.COORDINATE)

    def ask(**what: tailnet_pb2.CoordinateRequest.Tunnel | tailnet_pb2.CoordinateRequest.Disconnect) -> None:
        request = tailnet_pb2.CoordinateRequest(**what)  # type: ignore[arg-type]
        session.yamux.send(stream, speaker.message(request.SerializeToString()))
        session.flush()

    def told() -> tailnet_pb2.CoordinateResponse.PeerUpdate:
        [update] = tailnet_pb2.CoordinateResponse.FromString(session.packet(stream).data).peer_updates
        return update

    for one in (away.latest.agents[0], agent):
        ask(add_tunnel=tailnet_pb2.CoordinateRequest.Tunnel(id=uuid.UUID(one.id).bytes))
    update = told()
    assert update.id == uuid.UUID(agent.id).bytes and (update.kind, update.reason) == (1, "add tunnel")
    assert update.node.preferred_derp == 999 and len(update.node.key) == 34 and not update.node.endpoints
    agent.attached = False
    agent.last_connected_at = agent.disconnected_at = workspace.clock.now()
    workspace.changes.tell()
    update = told()
    assert (update.kind, update.reason, update.HasField("node")) == (3, "lost", False)
    agent.attached = True
    workspace.changes.tell()
    assert told().reason == "node update"
    agent.attached, agent.lifecycle_state = False, "off"
    workspace.changes.tell()
    assert (told().kind, workspace.name) == (2, "dev")
    ask(disconnect=tailnet_pb2.CoordinateRequest.Disconnect())
    assert session.packet(stream).kind is Kind.CLOSE


@pytest.mark.parametrize("data", [bytes(16), b"abc"], ids=["unknown", "no uuid"])
def test_asking_about_what_one_may_not_ends_the_call(talk: Callable[..., Talk], data: bytes) -> None:
    """With a reason, and then a close."""
    session = talk("/tailnet?version=2.0")
    stream, speaker = session.call(methods.COORDINATE, both=True), Speaker()
    speaker.invoke("")
    request = tailnet_pb2.CoordinateRequest(add_tunnel=tailnet_pb2.CoordinateRequest.Tunnel(id=data))
    session.yamux.send(stream, speaker.message(request.SerializeToString()))
    session.flush()
    said = tailnet_pb2.CoordinateResponse.FromString(session.packet(stream).data).error
    assert said.startswith("authorization: ") and ("3 bytes" in said) == (data == b"abc")
    assert session.packet(stream).kind is Kind.CLOSE


@pytest.fixture
def inside(small: Small, client: Client, dial: Dial) -> Iterator[Talk]:
    """A session of the agent of workspace dev."""
    from coder_nb.credentials import Secret

    token = Secret(str(uuid.uuid4()))
    small.workspace("dev", small.build(small.agent(token=token)))
    yield Talk(dial("/workspaceagents/me/rpc?version=2.4", token=token))


def test_an_agent_is_told_what_it_is(inside: Talk, small: Small) -> None:
    """By its own token."""
    workspace = small.deployment.workspaces[0]
    stream = inside.call(methods.MANIFEST, agent_pb2.GetManifestRequest())
    manifest = agent_pb2.Manifest.FromString(inside.packet(stream).data)
    assert (manifest.workspace_name, manifest.agent_name, manifest.owner_username) == ("dev", "main", "ada")
    assert manifest.workspace_id == uuid.UUID(workspace.id).bytes and 999 in manifest.derp_map.regions
    assert inside.packet(stream).kind is Kind.CLOSE_SEND


def test_a_request_that_is_no_message_is_refused(inside: Talk) -> None:
    """In words that begin like a real server's."""
    packet = inside.packet(inside.call(methods.MANIFEST, b"\xff"))
    assert packet.kind is Kind.ERROR and error_of(packet.data)[1].startswith("proto:\xa0")


def test_a_call_that_ends_a_real_server_ends_the_connection(inside: Talk) -> None:
    """Without a close frame; this server goes on."""
    inside.call(methods.WORKSPACE_UPDATES, tailnet_pb2.WorkspaceUpdatesRequest(workspace_owner_id=bytes(16)))
    assert inside.raw.ended() == (1006, "")


def test_an_agent_looks_away_after_somebody_took_its_place(inside: Talk, client: Client, small: Small) -> None:
    """Until its next heartbeat."""
    agent = small.deployment.workspaces[0].latest.agents[0]

    def status() -> str:
        text: str = client.ask(f"/workspaceagents/{agent.id}").json["status"]
        return text

    assert status() == "connected"
    inside.raw.send("close", (1000).to_bytes(2, "big"))
    while inside.raw.next().kind != "end":
        pass
    assert status() == "disconnected"
    small.deployment.clock.advance(HEARTBEAT)
    assert status() == "connected"
