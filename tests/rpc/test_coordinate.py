"""The coordinator's stream: what it says, how it refuses, and that leaving is quick whatever it does."""

from __future__ import annotations

import threading
import time
import uuid

import pytest

from coder_nb.errors import NotFound, ProtocolError, TransportError
from coder_nb.rpc.call import Calls
from coder_nb.rpc.codec import tailnet_pb2 as wire
from coder_nb.rpc.codec.drpc import Kind, Speaker
from coder_nb.rpc.coordinate import GOODBYE_SECONDS, Coordination
from coder_nb.rpc.endpoints import TAILNET
from tests.rpc.standin import SECONDS, Standin

AGENT = str(uuid.uuid4())


class Coordinator:
    """The server's side of one stream."""

    def __init__(self, server: Standin) -> None:
        self.server = server
        self.speaker = Speaker()

    def says(self, response: wire.CoordinateResponse) -> None:
        """One response."""
        self.server.say(1, self.speaker.message(response.SerializeToString()))

    def updates(self, kind: int, *, id: str = AGENT, node: wire.Node | None = None) -> None:
        """One update."""
        update = wire.CoordinateResponse.PeerUpdate(id=uuid.UUID(id).bytes, kind=kind, node=node)
        self.says(wire.CoordinateResponse(peer_updates=[update]))

    def request(self) -> wire.CoordinateRequest:
        """The client's next request."""
        while (packet := self.server.packet(1)).kind is not Kind.MESSAGE:
            pass
        return wire.CoordinateRequest.FromString(packet.data)


@pytest.fixture
def coordinator(server: Standin) -> Coordinator:
    """The server's side."""
    return Coordinator(server)


@pytest.fixture
def client(server: Standin) -> Coordination:
    """The client's side, which the server has taken."""
    client = Coordination(Calls(server.session, TAILNET))
    assert server.packet(1).kind is Kind.INVOKE
    return client


def test_a_node_is_that_of_the_agent_asked_about(coordinator: Coordinator, client: Coordination) -> None:
    """Whatever else is told before it; nothing is said of ourselves."""
    coordinator.updates(1, id=str(uuid.uuid4()), node=wire.Node(preferred_derp=1))
    coordinator.updates(3)
    coordinator.updates(1, node=wire.Node(preferred_derp=999))
    node = client.node(AGENT.upper(), timeout=SECONDS)
    assert node is not None and node.preferred_region == 999
    request = coordinator.request()
    assert request.add_tunnel.id == uuid.UUID(AGENT).bytes and not request.HasField("disconnect")


def test_silence_is_no_node(client: Coordination) -> None:
    """Nor is an endless tale of others."""
    assert client.node(AGENT, timeout=0.05) is None


def test_what_is_told_meanwhile_is_kept_in_order(coordinator: Coordinator, client: Coordination) -> None:
    """Several in one response, too."""
    one = wire.CoordinateResponse.PeerUpdate(id=uuid.UUID(AGENT).bytes, kind=2, reason="graceful disconnect")
    two = wire.CoordinateResponse.PeerUpdate(id=uuid.UUID(AGENT).bytes, kind=3, reason="lost")
    coordinator.says(wire.CoordinateResponse(peer_updates=[one, two]))
    first, second = client.receive(SECONDS), client.receive(SECONDS)
    assert first is not None and second is not None
    assert [(it.kind, it.reason) for it in (first, second)] == [
        ("disconnected", "graceful disconnect"),
        ("lost", "lost"),
    ]


def test_a_refusal_has_its_reason(coordinator: Coordinator, client: Coordination) -> None:
    """Printable; what is only a warning is passed over."""
    coordinator.says(wire.CoordinateResponse(error="ready for handshake error: x"))
    coordinator.updates(3)
    update = client.receive(SECONDS)
    assert update is not None and update.kind == "lost"
    coordinator.says(wire.CoordinateResponse(error="authorization: \x1b[1mno"))
    with pytest.raises(NotFound, match=r"authorization:  \[1mno"):
        client.receive(SECONDS)


def test_a_coordinator_that_gives_up_says_so(coordinator: Coordinator, client: Coordination) -> None:
    """It may be back in a moment."""
    coordinator.says(wire.CoordinateResponse(error="coordinator unhealthy"))
    with pytest.raises(TransportError, match="gave up: coordinator unhealthy"):
        client.receive(SECONDS)


def test_an_update_about_nobody_is_refused(coordinator: Coordinator, client: Coordination) -> None:
    """Its id is none."""
    coordinator.says(wire.CoordinateResponse(peer_updates=[wire.CoordinateResponse.PeerUpdate(id=b"abc")]))
    with pytest.raises(ProtocolError, match="Coordinate answered"):
        client.receive(SECONDS)


def test_leaving_says_goodbye(server: Standin, coordinator: Coordinator, client: Coordination) -> None:
    """And waits for the other's end."""
    leaving = threading.Thread(target=client.close, daemon=True)
    leaving.start()
    assert coordinator.request().HasField("disconnect")
    server.say(1, coordinator.speaker.close())
    leaving.join(SECONDS)
    server.finished(1)
    assert client._answers.ended


def test_leaving_one_that_says_nothing_takes_a_moment(client: Coordination) -> None:
    """No longer than it is waited for."""
    began = time.monotonic()
    client.close()
    assert time.monotonic() - began < GOODBYE_SECONDS + SECONDS / 2


def test_leaving_ends_a_wait_in_another_thread(coordinator: Coordinator, client: Coordination) -> None:
    """Which is told that it is over."""
    got: list[object] = []
    waiting = threading.Thread(target=lambda: got.append(client.receive()), daemon=True)
    waiting.start()
    while not client._receiving.locked():
        time.sleep(0)
    client.close()
    waiting.join(SECONDS)
    assert got == [None]
