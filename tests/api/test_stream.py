"""Streams of records against a server that says what a test tells it to: what comes, and every kind of end."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from coder_nb.api import Api
from coder_nb.api.logs import AgentLog
from coder_nb.credentials import Secret
from coder_nb.errors import NotFound, ProtocolError, ServerError, TransportError
from coder_nb.transport.http import Http, Limits
from coder_nb.transport.incoming import Ended
from tests.transport.hostile import (
    BINARY,
    CLOSE,
    TEXT,
    HostileServer,
    Script,
    answer,
    drain,
    frame,
    json_answer,
    upgraded,
)

TOKEN = Secret("AbCdEfGhIj-0123456789abcdefghij01")
AGENT = Secret("0b1c2d3e-4f50-4617-8293-a4b5c6d7e8f9")
LINE = b'{"id":%d,"created_at":"2026-11-23T22:44:33Z","output":"x","level":"info","source_id":""}'
ITEM = (
    b'{"result":{"collected_at":"2026-11-23T22:44:33Z","age":1,"value":"%s","error":""},'
    b'"description":{"display_name":"CPU","key":"cpu","script":"top","interval":5,"timeout":1}}'
)
DONE = frame(CLOSE, (1000).to_bytes(2, "big") + b"done")
NOTHING_TO_SAY = json_answer('{"message":"Route not found."}', "404 Not Found")


@pytest.fixture
def serve() -> Iterator[Callable[..., tuple[Api, HostileServer]]]:
    """Starts a server with these scripts, and gives a client of it."""
    started: list[HostileServer] = []

    def start(*scripts: Script, token: Secret = TOKEN) -> tuple[Api, HostileServer]:
        started.append(HostileServer(list(scripts)))
        return Api(Http(started[-1].url, token, limits=Limits(retries=0))), started[-1]

    yield start
    for server in started:
        server.close()


Serve = Callable[..., tuple[Api, HostileServer]]


def text(*messages: bytes) -> list[bytes]:
    """Messages as Coder frames most of them: one frame that is not the last, and an empty one that is."""
    return [frame(TEXT, message + b"\n", final=False) + frame(0) for message in messages]


def events(*data: bytes) -> Script:
    """A whole stream of server-sent events."""
    return answer(b"".join(data), kind="text/event-stream")


def test_a_log_begins_empty_and_ends_with_a_last_batch(serve: Serve) -> None:
    """The first array may be empty, later ones hold several lines, and the end is a proper one."""
    batches = text(b"[]", b"[" + LINE % 8 + b"," + LINE % 9 + b"]", b"[" + LINE % 10 + b"]")
    api, server = serve(upgraded(*batches, DONE), json_answer("[]"))
    with api.logs.follow("0b1c", after=7) as stream:
        assert [[line.id for line in lines] for lines in stream] == [[], [8, 9], [10]]
        assert list(stream) == []
    assert stream.ended == Ended(1000, "done")
    assert [request.path for request in server.requests] == [
        "/api/v2/workspaceagents/0b1c/logs?follow=true&after=7",
        "/api/v2/workspaceagents/0b1c/logs?after=10",
    ]


def test_what_was_written_after_the_end_of_a_log_comes_too(serve: Serve) -> None:
    """The stream ends when a stop is asked for, and shutdown scripts write after that."""
    more = json_answer("[" + (LINE % 4).decode() + "]")
    api, _ = serve(upgraded(*text(b"[" + LINE % 3 + b"]"), DONE), more)
    assert [[line.id for line in lines] for lines in api.logs.follow("0b1c")] == [[3], [4]]


def test_following_from_the_beginning_names_no_place(serve: Serve) -> None:
    """Builds take any number for `after`, zero too, so none is told apart."""
    api, server = serve(upgraded(*text(b"[]")), upgraded(DONE))
    api.logs.follow("0b1c").close()
    list(api.builds.follow_logs("0b1c"))
    list(api.builds.follow_logs("0b1c", after=0))
    assert [request.path.partition("?")[2] for request in server.requests] == [
        "follow=true",
        "follow=true",
        "follow=true&after=0",
    ]


def test_a_break_is_no_proper_end(serve: Serve) -> None:
    """What was received stays received."""
    api, _ = serve(upgraded(*text(b"[" + LINE % 1 + b"]"), then=lambda sock: None))
    stream = api.logs.follow("0b1c")
    assert [line.id for lines in stream for line in lines] == [1]
    assert stream.ended is not None and (stream.ended.code, stream.ended.clean) == (1006, False)


@pytest.mark.parametrize(
    "message",
    [b'[{"id":1}]', b"[", b'{"message":"no"}', b'[{"id":1,"created_at":"2026-11-23T22:44:33Z","output":"\xff"}]'],
    ids=["a field is missing", "no JSON", "no array", "no UTF-8"],
)
def test_what_is_not_understood_ends_it(serve: Serve, message: bytes) -> None:
    """The error names the endpoint; the connection is not kept."""
    api, _ = serve(upgraded(*text(b"[]", message), then=drain))
    stream = api.logs.follow("0b1c")
    assert next(stream) == []
    with pytest.raises(ProtocolError, match="GET /api/v2/workspaceagents/0b1c/logs answered with something"):
        next(stream)
    assert stream.ended is not None and stream.ended.here
    assert list(stream) == []


def test_close_from_another_thread_ends_the_iteration(serve: Serve) -> None:
    """At once, without an error."""
    api, _ = serve(upgraded(*text(b"[]"), then=drain))
    stream = api.logs.follow("0b1c")
    assert next(stream) == []
    threading.Timer(0.05, stream.close).start()
    assert list(stream) == []
    assert stream.ended == Ended(1000, "closed here", here=True)
    stream.close()
    assert repr(stream).startswith("Stream('GET /api/v2/workspaceagents/0b1c/logs', Ended(")


def test_a_timeout_loses_nothing(serve: Serve) -> None:
    """What comes later is received later."""
    go = threading.Event()

    def late(sock: Any) -> None:
        go.wait(20)
        sock.sendall(text(b"[" + LINE % 1 + b"]")[0])

    api, _ = serve(upgraded(then=late))
    stream = api.logs.follow("0b1c")
    with pytest.raises(TimeoutError):
        stream.receive(0.05)
    go.set()
    assert [line.id for line in stream.receive(20) or []] == [1]


def test_a_map_in_binary_frames_is_read_as_well(serve: Serve) -> None:
    """Its keys are not spelled like others."""
    api, _ = serve(upgraded(frame(BINARY, b'{"Regions":{"999":{"RegionID":999,"Nodes":null}}}\n'), DONE))
    [found] = api.connection.watch_derp_map()
    assert found.regions is not None and list(found.regions) == ["999"]


def test_metadata_is_taken_out_of_its_envelope(serve: Serve) -> None:
    """Pings and kinds nobody knows yet are passed over."""
    api, _ = serve(
        upgraded(
            *text(
                b'{"type":"ping","data":null}',
                b'{"type":"data","data":[' + ITEM % b"1" + b"]}",
                b'{"type":"new","data":{}}',
                b'{"type":"data","data":[]}',
            ),
            DONE,
        )
    )
    assert [[item.result.value for item in items] for items in api.metadata.watch("0b1c")] == [["1"], []]


def test_an_error_in_a_stream_is_the_servers(serve: Serve) -> None:
    """Over both ways the same, with the server's words."""
    said = b'{"message":"Internal error.","detail":"the database is away"}'
    api, _ = serve(
        upgraded(*text(b'{"type":"error","data":' + said + b"}"), DONE),
        events(b"event: error\ndata: " + said + b"\n\n"),
    )
    for watch in (api.metadata.watch, api.metadata.watch_sse):
        stream = watch("0b1c")
        with pytest.raises(
            ServerError, match=r"/watch-metadata.* answered 500: Internal error \(the database is away\)"
        ):
            next(stream)
        assert list(stream) == []


def test_an_error_does_not_end_the_stream_of_a_workspace(serve: Serve) -> None:
    """The empty workspace the server sends after it is not one."""
    nil = '{"id":"00000000-0000-0000-0000-000000000000","created_at":"0001-01-01T00:00:00Z"'
    api, _ = serve(
        upgraded(
            *text(b'{"type":"error","data":{"message":"Oops."}}', b'{"type":"data","data":' + _workspace(nil) + b"}"),
            *text(b'{"type":"data","data":' + _workspace('{"id":"941c","created_at":"2026-11-23T22:44:33Z"') + b"}"),
            DONE,
        )
    )
    stream = api.workspaces.watch("941c")
    with pytest.raises(ServerError, match="Oops"):
        next(stream)
    assert [workspace.id for workspace in stream] == ["941c"]


def test_a_snapshot_of_metadata_is_the_first_message(serve: Serve) -> None:
    """And the connection is closed then."""
    closed = threading.Event()

    def wait(sock: Any) -> None:
        drain(sock)
        closed.set()

    api, server = serve(upgraded(*text(b'{"type":"data","data":[' + ITEM % b"1" + b"]}"), then=wait))
    assert [item.result.value for item in api.metadata.snapshot("0b1c")] == ["1"]
    assert closed.wait(20)
    assert len(server.requests) == 1


def test_a_snapshot_is_had_from_an_older_server_too(serve: Serve) -> None:
    """By its server-sent events, pings passed over."""
    api, server = serve(NOTHING_TO_SAY, events(b"event: ping\n\n", b"event: data\ndata: [" + ITEM % b"1" + b"]\n\n"))
    assert [item.result.value for item in api.metadata.snapshot("0b1c")] == ["1"]
    assert [request.path.rpartition("/")[2] for request in server.requests] == ["watch-metadata-ws", "watch-metadata"]


def test_a_snapshot_of_nothing_says_why(serve: Serve) -> None:
    """No such agent in either way; a stream that ends at once; one that says nothing."""
    api, _ = serve(NOTHING_TO_SAY)
    with pytest.raises(NotFound):
        api.metadata.snapshot("0b1c")
    api, _ = serve(upgraded(DONE))
    with pytest.raises(TransportError, match="ended before it said anything: done"):
        api.metadata.snapshot("0b1c")
    api, _ = serve(upgraded(then=drain))
    with pytest.raises(TransportError, match=r"said nothing within 0\.05 s"):
        api.metadata.snapshot("0b1c", timeout=0.05)


def test_a_claim_is_told_with_an_agents_token(serve: Serve) -> None:
    """Pings are not claims."""
    api, server = serve(
        events(b"event: ping\n\n", b'event: data\ndata: {"WorkspaceID":"5ee","reason":"prebuild_claimed"}\n\n'),
        token=AGENT,
    )
    assert [(claim.workspace_id, claim.reason) for claim in api.me.watch_reinit()] == [("5ee", "prebuild_claimed")]
    assert server.requests[0].headers["coder-session-token"] == AGENT.reveal()


def test_records_of_a_stream_are_those_of_the_plain_call(serve: Serve) -> None:
    """One type for both, so that what follows can be put behind what there is."""
    api, _ = serve(upgraded(*text(b"[" + LINE % 1 + b"]"), DONE), answer(b"[" + LINE % 1 + b"]"))
    followed = next(api.logs.follow("0b1c"))
    assert followed == api.logs.list("0b1c")
    assert isinstance(followed[0], AgentLog)


def _workspace(start: str) -> bytes:
    build = (
        '{"id":"b","build_number":1,"created_at":"2026-11-23T22:44:33Z","updated_at":"2026-11-23T22:44:33Z",'
        '"workspace_id":"941c","workspace_name":"dev","workspace_owner_id":"o","workspace_owner_name":"ada",'
        '"template_version_id":"t","template_version_name":"v","transition":"start","status":"running",'
        '"initiator_id":"o","initiator_name":"ada","reason":"initiator","resources":[],"job":{"id":"j",'
        '"created_at":"2026-11-23T22:44:33Z","status":"succeeded"}}'
    )
    rest = (
        ',"updated_at":"2026-11-23T22:44:33Z","owner_id":"o","owner_name":"ada","organization_id":"g",'
        '"organization_name":"coder","template_id":"t","template_name":"docker","name":"dev",'
        f'"last_used_at":"2026-11-23T22:44:33Z","latest_build":{build}}}'
    )
    return (start + rest).encode()
