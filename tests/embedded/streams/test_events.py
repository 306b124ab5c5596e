"""Metadata and workspaces that are watched: how often, in which order, and until when."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from coder_nb.credentials import Secret
from coder_nb.embedded.state import App, Clock, MetadataItem
from coder_nb.embedded.wire.metadata import NEVER
from tests.embedded.raw import RawEvents, RawSocket

if TYPE_CHECKING:
    from tests.embedded.conftest import Client, Small

Dial = Callable[..., RawSocket]
SECOND = 0.05
AGENT = "0f2d8c1e-5d0b-4f44-9f3e-0a4c7f6f6d10"


def watch_metadata(client: Client, small: Small, **item: Any) -> tuple[MetadataItem, str]:
    """An agent with one item, and the path to watch it at."""
    client.server.site.second = SECOND
    one = MetadataItem("load", "Load", "uptime", **item)
    agent = small.agent(metadata=[one])
    small.workspace("dev", small.build(agent))
    return one, f"/workspaceagents/{agent.id}/watch-metadata"


def ticks_between(raw: RawSocket, messages: int, each: Callable[[int], None] = lambda _place: None) -> list[int]:
    """How many pings, one a second, come before each of some messages; `each` is called before it is waited for."""
    counts = []
    for place in range(messages):
        each(place)
        ticks = 0
        while (said := raw.next()).kind == "ping":
            raw.send("pong", said.data)
            ticks += 1
        counts.append(ticks)
    return counts


def test_metadata_comes_at_once_a_second_later_and_then_every_five(client: Client, small: Small, dial: Dial) -> None:
    """As nothing changes but its age."""
    client.server.site.ping_seconds = SECOND
    _item, path = watch_metadata(client, small)
    first, second, *later = ticks_between(dial(f"{path}-ws"), 4)
    assert first == 0
    assert second <= 2
    assert all(3 <= ticks <= 7 for ticks in later)


def test_changes_come_at_most_once_a_second(client: Client, small: Small, dial: Dial) -> None:
    """However often an agent collects; but not much less often."""
    client.server.site.ping_seconds = SECOND
    item, path = watch_metadata(client, small)
    raw = dial(f"{path}-ws")
    ticks_between(raw, 2)

    def change(place: int) -> None:
        item.value = str(place)

    assert 5 <= sum(ticks_between(raw, 8, change)) <= 12


def test_ages_go_by_the_clock_of_the_workspace(client: Client, small: Small, dial: Dial) -> None:
    """In whole seconds; what has never been collected is as old as can be."""
    item, path = watch_metadata(client, small)
    raw = dial(f"{path}-ws")
    assert raw.value()["data"][0]["result"]["age"] == NEVER
    item.collected_at = small.now - timedelta(seconds=61.9)
    while (age := raw.value()["data"][0]["result"]["age"]) == NEVER:
        pass
    assert age == 61


def test_metadata_goes_on_whatever_becomes_of_the_agent(client: Client, small: Small, dial: Dial) -> None:
    """Disconnected, replaced by another build: events keep coming."""
    _item, path = watch_metadata(client, small)
    raw = dial(f"{path}-ws")
    it = small.deployment.workspaces[0]
    it.latest.agents[0].attached = False
    it.builds.append(small.build(number=2))
    it.changes.tell()
    assert [raw.next().kind for _ in range(3)] == ["text"] * 3


@pytest.mark.parametrize("form", ["watch", "watch-metadata"])
def test_events_have_pings_of_their_own(client: Client, small: Small, form: str) -> None:
    """Without data, whatever else is said; the answer is labelled as a stream nobody is to buffer."""
    client.server.site.ping_seconds = 0.02
    it = small.workspace("dev")
    base = f"/workspaces/{it.id}" if form == "watch" else f"/workspaceagents/{it.latest.agents[0].id}"
    events = RawEvents(client, f"{base}/{form}")
    names = ("Content-Type", "Cache-Control", "Connection", "X-Accel-Buffering")
    assert [events.answer.getheader(name) for name in names] == ["text/event-stream", "no-cache", "keep-alive", "no"]
    if form == "watch":
        assert events.next() == b"event: ping\n\n"
    assert events.next().startswith(b"event: data\ndata: ")
    assert [events.next() for _ in range(2)] == [b"event: ping\n\n"] * 2
    events.close()


def test_a_workspace_is_told_through_all_of_a_build(client: Client, small: Small, dial: Dial) -> None:
    """From the order to the end, without resources while it is made; never as it was before."""
    it = small.workspace("dev", clock=Clock(small.now))
    raw = dial(f"/workspaces/{it.id}/watch-ws")
    assert raw.value() == {"type": "ping", "data": None}
    assert raw.value()["data"]["latest_build"]["status"] == "running"
    client.ask(f"/workspaces/{it.id}/builds", method="POST", json_body={"transition": "delete"})
    seen: list[tuple[str, list[Any]]] = []
    while not seen or seen[-1][0] != "deleted":
        build = raw.value()["data"]["latest_build"]
        seen.append((build["status"], build["resources"]))
    statuses = list(dict.fromkeys(status for status, _resources in seen))
    assert statuses == ["pending", "deleting", "deleted"]
    assert all(resources == [] for _status, resources in seen)
    # It goes on after the end of the workspace.
    it.changes.tell()
    assert raw.value()["data"]["latest_build"]["status"] == "deleted"


def test_changes_while_a_client_is_slow_are_told_as_one(small: Small, dial: Dial, client: Client) -> None:
    """What is sent is the workspace as it is then."""
    it = small.workspace("dev")
    raw = dial(f"/workspaces/{it.id}/watch-ws")
    for _ in range(2):
        raw.next()
    for number in range(200):
        it.name = f"dev-{number}"
        it.changes.tell()
    told = 0
    while raw.value()["data"]["name"] != "dev-199":
        told += 1
    assert told < 200
    assert client.ask(f"/workspaces/{it.id}").json["name"] == "dev-199"


@pytest.mark.parametrize(
    ("request_line", "body"),
    [
        ("PATCH /workspaceagents/me/app-status", {"app_slug": "ai", "state": "working", "message": "hi"}),
        ("PATCH /workspaceagents/me/logs", {"logs": [{"output": "first", "created_at": "2026-03-12T09:30:00Z"}]}),
    ],
)
def test_what_an_agent_says_of_itself_is_a_change(
    client: Client, small: Small, dial: Dial, request_line: str, body: dict[str, Any]
) -> None:
    """An app's status, the first lines of a log, and its overflow."""
    agent = small.agent(token=Secret(AGENT), apps=[App("11111111-2222-4333-8444-555555555555", "ai")])
    it = small.workspace("dev", small.build(agent))
    raw = dial(f"/workspaces/{it.id}/watch-ws")
    for _ in range(2):
        raw.next()
    method, _, path = request_line.partition(" ")
    assert client.ask(path, method=method, json_body=body, token=AGENT).status == 200
    [seen] = raw.value()["data"]["latest_build"]["resources"][0]["agents"]
    assert seen["logs_length"] == len("first") or seen["apps"][0]["statuses"]
    if path.endswith("logs"):
        agent.logs.quota = 6
        assert client.ask(path, method=method, json_body=body, token=AGENT).status == 413
        [seen] = raw.value()["data"]["latest_build"]["resources"][0]["agents"]
        assert seen["logs_overflowed"]


def test_a_server_stops_in_silence_while_events_are_not_taken(
    client: Client, small: Small, caplog: pytest.LogCaptureFixture
) -> None:
    """What is half sent is left where it is; nothing listens any more, and nobody complains."""
    agent = small.agent(metadata=[MetadataItem("big", "Big", "cat", value="x" * 20_000_000)])
    it = small.workspace("dev", small.build(agent))
    stuck = RawEvents(client, f"/workspaceagents/{agent.id}/watch-metadata")
    quiet = RawEvents(client, f"/workspaces/{it.id}/watch")
    quiet.value()
    assert client.ask("/buildinfo").status == 200
    client.server.close()
    assert it.changes._listeners == []
    assert caplog.records == []
    for events in (stuck, quiet):
        events.close()
