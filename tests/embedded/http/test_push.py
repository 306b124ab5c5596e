"""Conversations over a WebSocket: pings, who ends them and how, clients that are slow or silent."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from coder_nb.embedded.http.push import Patience
from coder_nb.embedded.state import LogStore, MetadataItem
from tests.embedded.raw import RawSocket, connect

if TYPE_CHECKING:
    from tests.embedded.conftest import Client, Small

Dial = Callable[..., RawSocket]


def logs(small: Small) -> str:
    """The path of a log that is followed."""
    known = small.deployment.workspaces
    it = known[0] if known else small.workspace("dev")
    return f"/workspaceagents/{it.latest.agents[0].id}/logs?follow"


def let_time_pass(dial: Dial, path: str, *, pings: int) -> None:
    """Returns after some pings of another socket."""
    other = dial(path)
    for _ in range(pings):
        other.send("pong", other.next("ping").data)


def test_pings_come_in_time_and_are_numbered(client: Client, dial: Dial) -> None:
    """The first after one interval, then one after each, as long as they are answered."""
    client.server.site.ping_seconds = 0.05
    raw = dial("/derp-map")
    assert raw.next().kind == "binary"
    numbers = []
    for _ in range(3):
        said = raw.next()
        assert said.kind == "ping"
        numbers.append(said.data)
        raw.send("pong", said.data)
    assert numbers == [b"1", b"2", b"3"]


def test_without_a_pong_there_is_no_second_ping_and_data_goes_on(client: Client, dial: Dial, small: Small) -> None:
    """A ping that is not answered holds up the next one, and nothing else."""
    client.server.site.ping_seconds = 0.02
    client.server.site.patience = Patience(pong=0.02)
    path = logs(small)
    raw = dial(path)
    raw.next()
    raw.send("pong", raw.next("ping").data)
    assert raw.next().data == b"2"
    log = small.deployment.workspaces[0].latest.agents[0].logs
    let_time_pass(dial, path, pings=5)
    log.append("source", [("info", "still here")], at=small.now)
    said = raw.next()
    assert said.kind == "text"
    assert said.json[0]["output"] == "still here"


def test_a_map_of_relays_is_not_sent_to_a_client_that_is_gone(client: Client, dial: Dial) -> None:
    """A pong that is overdue ends it with 1001."""
    client.server.site.ping_seconds = 0.02
    client.server.site.patience = Patience(pong=0.1)
    raw = dial("/derp-map")
    assert [raw.next().kind for _ in range(2)] == ["binary", "ping"]
    assert raw.next().close == (1001, "ping failed")


def test_a_clients_ping_is_answered_at_once(dial: Dial) -> None:
    """With its own payload."""
    raw = dial("/derp-map")
    raw.next()
    raw.send("ping", b"ping-from-client")
    assert raw.next() == ("pong", b"ping-from-client", 1)


def test_a_clients_close_is_echoed_before_the_connection_ends(dial: Dial, small: Small) -> None:
    """And whoever listened for it does so no more."""
    raw = dial(logs(small))
    log = small.deployment.workspaces[0].latest.agents[0].logs
    raw.next()
    assert len(log._listeners) == 1
    raw.send("close", b"\x03\xe9bye")
    assert raw.next().close == (1001, "bye")
    assert raw.next().kind == "end"
    assert log._listeners == []


def test_a_client_that_never_says_goodbye_is_not_waited_for(client: Client, dial: Dial, small: Small) -> None:
    """After a while the connection ends, though its close frame was not answered."""
    client.server.site.patience = Patience(close=0.05)
    raw = dial(logs(small))
    raw.next()
    raw.send("text", b"hi")
    assert raw.next().close == (1008, "unexpected data message")
    assert raw.next().kind == "end"


def test_what_a_client_says_after_the_close_frame_is_not_heard(client: Client, dial: Dial, small: Small) -> None:
    """Until its own, which ends the connection."""
    raw = dial(logs(small))
    raw.next()
    raw.send("text", b"hi")
    assert raw.next().kind == "close"
    raw.send("ping", b"?")
    raw.send("text", b"more")
    client.server.site.ping_seconds = 0.02
    let_time_pass(dial, logs(small), pings=3)
    raw.stream.setblocking(False)
    with pytest.raises(BlockingIOError):
        raw.stream.recv(1)
    raw.stream.settimeout(10)
    raw.send("close", b"\x03\xe8")
    assert raw.next().kind == "end"


def test_a_server_that_stops_says_no_goodbye(client: Client, dial: Dial, small: Small) -> None:
    """Every socket ends without a close frame, and soon."""
    raws = [dial(logs(small)), dial("/derp-map")]
    for raw in raws:
        raw.next()
    client.server.close()
    assert [raw.next().close for raw in raws] == [(1006, ""), (1006, "")]


def test_a_server_stops_in_silence_while_clients_take_nothing(
    client: Client, dial: Dial, small: Small, caplog: pytest.LogCaptureFixture
) -> None:
    """Messages that are half sent are left where they are, and nobody complains."""
    log = LogStore(small.deployment.log_ids, quota=100_000_000)
    log.append("source", [("info", "x" * 1000)] * 20_000, at=small.now)
    small.workspace("dev", small.build(small.agent(logs=log)))
    raws = [dial(logs(small)) for _ in range(2)]
    assert client.ask("/buildinfo").status == 200
    client.server.close()
    assert [raw.next().kind for raw in raws] == ["end", "end"]
    assert log._listeners == []
    assert caplog.records == []


def test_a_client_that_leaves_without_a_word_is_forgotten(client: Client, small: Small) -> None:
    """The server notices by itself; nothing listens for it any more when it stops."""
    _, raw = connect(client, logs(small))
    raw.next()
    raw.close()
    client.server.close()
    assert small.deployment.workspaces[0].latest.agents[0].logs._listeners == []


@pytest.mark.parametrize("readers", [1, 3])
def test_a_slow_client_holds_up_nobody_and_misses_nothing(
    client: Client, dial: Dial, small: Small, readers: int
) -> None:
    """While nobody reads, what waits is one message each, and others are served; then all lines come in order."""
    log = LogStore(small.deployment.log_ids, quota=100_000_000)
    small.workspace("dev", small.build(small.agent(logs=log)))
    raws = [_narrow(dial(logs(small))) for _ in range(readers)]
    # More than the buffers of a connection hold.
    for _ in range(150):
        log.append("source", [("info", "x" * 1000)] * 100, at=small.now)
        assert client.ask("/buildinfo").status == 200
    for raw in raws:
        seen: list[int] = []
        messages = 0
        while len(seen) < 15_000:
            seen += [line["id"] for line in raw.value()]
            messages += 1
        assert seen == list(range(1, 15_001))
        # Not one for each batch: what came while the client was slow is made when it reads again.
        assert messages < 140


def test_a_one_way_socket_is_left_by_the_server_when_nothing_is_taken(client: Client, dial: Dial, small: Small) -> None:
    """More than a connection holds, to a client that does not read: after a while it ends, in the middle."""
    client.server.site.patience = Patience(write=0.05, close=0.05)
    client.server.site.second = 0.001
    item = MetadataItem("big", "Big", "cat", value="x" * 20_000_000, collected_at=small.now)
    agent = small.agent(metadata=[item])
    it = small.workspace("dev", small.build(agent))
    raw = _narrow(dial(f"/workspaceagents/{it.latest.agents[0].id}/watch-metadata-ws"))
    client.server.site.ping_seconds = 0.05
    let_time_pass(dial, "/derp-map", pings=6)
    assert raw.next().kind == "end"


def _narrow(raw: RawSocket) -> RawSocket:
    raw.stream.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 256 * 1024)
    return raw
