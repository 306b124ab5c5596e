"""Each stream against its recording: kinds of messages, frames, keys, order and the close code."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from coder_nb.embedded.state import (
    Agent,
    AgentError,
    Container,
    ContainerListing,
    ContainerPort,
    Devcontainer,
    JobLogLine,
    MetadataItem,
)
from tests.embedded.raw import RawEvents, RawSocket

if TYPE_CHECKING:
    from tests.embedded.conftest import Client, Small

RECORDED = Path(__file__).resolve().parents[4] / "shared" / "recorded" / "streams"
OPTIONAL = {"ttl_ms", "autostart_schedule"}
Line = dict[str, Any]
Dial = Callable[..., RawSocket]


@pytest.fixture(scope="session")
def stream() -> Callable[[str], list[Line]]:
    """Gives the messages that came in one recorded stream, pings and the recorder's own end left out."""
    if not RECORDED.is_dir():
        pytest.skip(f"no recorded streams at {RECORDED.parent.name}/{RECORDED.name} beside this checkout")

    def lines(slug: str) -> list[Line]:
        text = (RECORDED / f"{slug}.jsonl").read_text("utf-8")
        came = [line for line in map(json.loads, text.splitlines()[1:]) if line["dir"] == "recv"]
        return [line for line in came if line["kind"] not in ("ping", "pong")]

    return lines


def shape(value: Any) -> Any:
    """What a value is made of: keys in their order, the kind of an array's first item, and of scalars."""
    if isinstance(value, Mapping):
        return {key: shape(one) for key, one in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return type(value).__name__


def log_of(agent: Agent, arrays: list[list[Mapping[str, Any]]]) -> None:
    """Stores recorded lines, with the ids they had."""
    for array in arrays:
        for line in array:
            agent.logs.ids._next = line["id"]
            at = datetime.fromisoformat(line["created_at"])
            agent.logs.append(line["source_id"], [(line["level"], line["output"])], at=at)


@pytest.mark.parametrize("path", ["logs?follow", "startup-logs?follow=false"])
def test_a_followed_log_says_what_was_recorded(
    small: Small, dial: Dial, stream: Callable[[str], list[Line]], path: str
) -> None:
    """An empty array at once, then each batch; every message in two frames; the same lines to the byte."""
    recorded = [line for line in stream("logs-follow-startup") if line["kind"] == "text"]
    it = small.workspace("dev")
    agent = it.latest.agents[0]
    raw = dial(f"/workspaceagents/{agent.id}/{path}")
    for line in recorded:
        batch = json.loads(line["data"])
        # A batch of this log has one source; what the recorded server had put together comes in a second message.
        batch = [one for one in batch if one["source_id"] == batch[0]["source_id"]]
        if batch:
            at = datetime.fromisoformat(batch[0]["created_at"])
            agent.logs.ids._next = batch[0]["id"]
            agent.logs.append(batch[0]["source_id"], [(one["level"], one["output"]) for one in batch], at=at)
        said = raw.next()
        assert (said.kind, said.frames) == (line["kind"], line["frames"])
        assert [(one["id"], one["output"]) for one in said.json] == [(one["id"], one["output"]) for one in batch]
        assert [list(one) for one in said.json] == [list(one) for one in batch]


def test_a_log_after_a_line_is_the_recorded_message(
    small: Small, dial: Dial, stream: Callable[[str], list[Line]]
) -> None:
    """Byte for byte, as far as this server's own order of keys and escapes goes."""
    recorded = stream("logs-follow-after")[0]
    it = small.workspace("dev")
    agent = it.latest.agents[0]
    agent.logs.append("early", [("info", "before")], at=small.now)
    log_of(agent, [json.loads(recorded["data"])])
    raw = dial(f"/workspaceagents/{agent.id}/logs?follow&after=335")
    assert raw.next().data.decode() == recorded["data"]


def test_the_log_of_an_old_build_is_told_and_over(
    small: Small, dial: Dial, stream: Callable[[str], list[Line]]
) -> None:
    """One message with all of it, then 1000 without a reason."""
    message, end = stream("logs-follow-old-build")
    agent = small.agent()
    small.workspace("dev", small.build(agent), small.build(small.agent(), number=2))
    log_of(agent, [json.loads(message["data"])])
    raw = dial(f"/workspaceagents/{agent.id}/logs?follow")
    said = raw.next()
    assert (said.data.decode(), said.frames) == (message["data"], message["frames"])
    assert raw.next().close == (end["data"]["code"], end["data"]["reason"])


@pytest.mark.parametrize("slug", ["build-logs-follow-finished", "build-logs-follow-failed"])
def test_the_log_of_a_finished_build_is_told_and_done(
    small: Small, dial: Dial, stream: Callable[[str], list[Line]], slug: str
) -> None:
    """One object a message, in two frames each, byte for byte; then 1000 `done`."""
    *messages, end = stream(slug)
    build = small.build(small.agent())
    build.job.logs = [job_line(json.loads(line["data"])) for line in messages]
    small.workspace("dev", build)
    raw = dial(f"/workspacebuilds/{build.id}/logs?follow")
    for line in messages:
        said = raw.next()
        assert (said.kind, said.frames, said.data.decode()) == (line["kind"], line["frames"], line["data"])
    assert raw.next().close == (end["data"]["code"], end["data"]["reason"])


def job_line(value: Mapping[str, Any]) -> JobLogLine:
    """A recorded line of a build."""
    return JobLogLine(**{**value, "created_at": datetime.fromisoformat(value["created_at"])})


def test_containers_are_told_as_recorded(
    client: Client, small: Small, dial: Dial, stream: Callable[[str], list[Line]]
) -> None:
    """The same five messages for what happened: built anew, failed in silence, labelled; nothing in between."""
    messages = [line for line in stream("containers-watch") if line["kind"] == "text"]
    listings = [listing_of(json.loads(line["data"])) for line in messages]
    client.server.site.second = 0.002
    shown = listings[0]
    agent = small.agent(containers=lambda: shown)
    it = small.workspace("dev", small.build(agent))
    raw = dial(f"/workspaceagents/{agent.id}/containers/watch")
    for place, line in enumerate(messages):
        shown = listings[place]
        it.changes.tell()
        said = raw.next()
        assert (said.kind, said.frames) == (line["kind"], 1)
        assert said.json == json.loads(line["data"])
        assert said.data.decode() == line["data"]


def listing_of(body: Mapping[str, Any]) -> ContainerListing:
    """A recorded listing."""
    devs = body["devcontainers"]
    return ContainerListing(
        None if body["containers"] is None else [container_of(one) for one in body["containers"]],
        None if devs is None else [devcontainer_of(one) for one in devs],
        body.get("warnings", ()),
    )


def container_of(body: Mapping[str, Any]) -> Container:
    """A recorded container."""
    return Container(**{**body, "ports": [ContainerPort(**port) for port in body["ports"]]})


def devcontainer_of(body: Mapping[str, Any]) -> Devcontainer:
    """A recorded dev container."""
    container = body.get("container")
    return Devcontainer(**{**body, "container": container and container_of(container)})


def test_an_agent_whose_engine_fails_is_watched_in_vain(
    small: Small, dial: Dial, stream: Callable[[str], list[Line]]
) -> None:
    """The socket opens and closes at once, with 1000 and no message."""
    [end] = stream("containers-watch-docker-error")

    def fail() -> ContainerListing:
        raise AgentError("Could not get containers", detail="run docker ps: exit status 1")

    agent = small.agent(containers=fail)
    small.workspace("dev", small.build(agent))
    raw = dial(f"/workspaceagents/{agent.id}/containers/watch")
    assert raw.next().close == (end["data"]["code"], end["data"]["reason"])


@pytest.mark.parametrize(
    "slug",
    [
        "containers-watch-client-data",
        "derp-map-client-data",
        "logs-follow-client-data",
        "watch-metadata-ws-client-data",
    ],
)
def test_data_of_a_client_ends_a_stream_as_recorded(
    small: Small, dial: Dial, stream: Callable[[str], list[Line]], slug: str
) -> None:
    """With the endpoint's own code and reason."""
    end = stream(slug)[-1]
    it = small.workspace("dev")
    name = slug.removesuffix("-client-data")
    paths = {"containers-watch": "containers/watch", "logs-follow": "logs?follow"}
    agent = f"/workspaceagents/{it.latest.agents[0].id}/{paths.get(name, name)}"
    raw = dial("/derp-map" if name == "derp-map" else agent)
    assert raw.next().kind in ("text", "binary")
    raw.send("text", b"hi")
    said = raw.next("close")
    assert said.close == (end["data"]["code"], end["data"]["reason"])


@pytest.mark.parametrize("slug", ["watch-metadata-agent-connects", "watch-metadata-ws-agent-connects"])
def test_metadata_has_the_recorded_shape(
    client: Client, small: Small, dial: Dial, stream: Callable[[str], list[Line]], slug: str
) -> None:
    """All items in each message, twice the same at first; before and after an agent has collected them."""
    client.server.site.second = 0.01
    texts = [line["data"] for line in stream(slug) if line["kind"] in ("sse", "text")]
    values = [json.loads(text.partition("data: ")[2] or text) for text in texts if "{" in text]
    bare = [value["data"] if isinstance(value, dict) else value for value in values]
    agent = small.agent(metadata=[item_of(one, small.now) for one in bare[0]])
    small.workspace("dev", small.build(agent))
    path = f"/workspaceagents/{agent.id}/watch-metadata"
    socket = "-ws-" in slug
    source: RawSocket | RawEvents = dial(f"{path}-ws") if socket else RawEvents(client, path)
    assert [source.value() for _ in range(2)] == values[:2]
    agent.metadata[:] = [item_of(one, small.now) for one in bare[3]]
    came: Any = None
    while came is None or came == values[0]:
        came = source.value()
    assert shape(came) == shape(values[3])
    items = came["data"] if socket else came
    assert [one["result"]["value"] for one in items] == [one["result"]["value"] for one in bare[3]]
    assert [one["result"]["age"] for one in items] == [one["result"]["age"] for one in bare[3]]
    source.close()


def item_of(body: Mapping[str, Any], now: datetime) -> MetadataItem:
    """A recorded item, as old as it was."""
    result, description = body["result"], body["description"]
    never = result["collected_at"].startswith("0001")
    collected = None if never else now - timedelta(seconds=result["age"])
    return MetadataItem(**description, value=result["value"], error=result["error"], collected_at=collected)


@pytest.mark.parametrize("slug", ["watch-metadata-no-metadata", "watch-metadata-ws-no-metadata"])
def test_no_metadata_is_told_in_the_recorded_words(
    client: Client, small: Small, dial: Dial, stream: Callable[[str], list[Line]], slug: str
) -> None:
    """An empty list, again and again."""
    client.server.site.second = 0.01
    recorded = [line["data"] for line in stream(slug) if line["kind"] in ("text", "sse")]
    it = small.workspace("dev")
    path = f"/workspaceagents/{it.latest.agents[0].id}/watch-metadata"
    if "-ws-" in slug:
        raw = dial(f"{path}-ws")
        assert [raw.next().data.decode() for _ in recorded[:3]] == recorded[:3]
    else:
        events = RawEvents(client, path)
        assert [events.next().decode() for _ in recorded[:3]] == recorded[:3]
        events.close()


@pytest.mark.parametrize("slug", ["workspace-watch", "workspace-watch-ws"])
def test_a_workspace_is_told_after_a_ping(
    client: Client, small: Small, dial: Dial, stream: Callable[[str], list[Line]], slug: str
) -> None:
    """The ping first, then the whole workspace with the keys it was recorded with, and again when it changes."""
    ping, first, *_ = stream(slug)
    it = small.workspace("dev")
    wanted = json.loads(first["data"].partition("data: ")[2] or first["data"])
    if slug.endswith("-ws"):
        raw = dial(f"/workspaces/{it.id}/watch-ws")
        assert raw.next().data.decode() == ping["data"]
        came = [raw.value()]
        assert list(came[0]) == list(wanted)
        it.favorite = True
        it.changes.tell()
        came.append(raw.value())
        bodies = [one["data"] for one in came]
        wanted = wanted["data"]
    else:
        events = RawEvents(client, f"/workspaces/{it.id}/watch")
        assert events.next().decode() == ping["data"]
        bodies = [events.value()]
        it.favorite = True
        it.changes.tell()
        bodies.append(events.value())
        events.close()
    assert bodies[0].keys() | OPTIONAL == wanted.keys() | OPTIONAL
    assert [one["favorite"] for one in bodies] == [False, True]
    assert bodies[1] == client.ask(f"/workspaces/{it.id}").json


def test_relays_are_told_as_recorded(client: Client, dial: Dial, stream: Callable[[str], list[Line]]) -> None:
    """A binary message in two frames, byte for byte but for the port."""
    [recorded, *_] = stream("derp-map")
    said = dial("/derp-map", headers={"Coder-Session-Token": None}).next()
    assert (said.kind, said.frames) == (recorded["kind"], recorded["frames"])
    wanted = base64.b64decode(recorded["data"]).replace(b"7080", str(client.server.port).encode())
    assert said.data == wanted
