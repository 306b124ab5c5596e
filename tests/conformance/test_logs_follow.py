"""GET /workspaceagents/{id}/logs?follow and /workspacebuilds/{id}/logs?follow, over WebSocket"""

from __future__ import annotations

import threading

import pytest

from coder_nb.client import Agent, Coder
from coder_nb.errors import AuthenticationError, Invalid, NotFound
from coder_nb.transport.http import Http

from .conftest import Target

ROUTE = "/workspaceagents/{id}/logs"


def test_the_first_message_is_what_there_is(coder: Coder, agent: Agent) -> None:
    """Sent at once, all in one array, like the plain call's."""
    plain = coder.api.logs.list(agent.id)
    with coder.api.logs.follow(agent.id) as stream:
        first = next(stream)
    assert first[: len(plain)] == plain


def test_after_continues_where_one_was(coder: Coder, agent: Agent) -> None:
    """Strictly newer lines; the first message may be empty."""
    plain = coder.api.logs.list(agent.id)
    middle = plain[len(plain) // 2].id
    with coder.api.logs.follow(agent.id, after=middle) as stream:
        first = next(stream)
    assert [line.id for line in first][: len(plain)] == [line.id for line in first if line.id > middle]
    assert first[0].id > middle


def test_nothing_newer_is_an_empty_array(coder: Coder, agent: Agent) -> None:
    """It says: you are up to date."""
    with coder.api.logs.follow(agent.id, after=2**62) as stream:
        assert next(stream) == []


def test_close_ends_a_blocked_read(coder: Coder, agent: Agent) -> None:
    """From another thread, at once."""
    with coder.api.logs.follow(agent.id, after=2**62) as stream:
        next(stream)
        threading.Timer(0.1, stream.close).start()
        assert list(stream) == []


def test_an_old_builds_log_comes_whole_and_ends(fleet: Coder) -> None:
    """One message, then a close frame with code 1000."""
    old = fleet.agent("ml", build=1)
    with fleet.api.logs.follow(old.id) as stream:
        messages = list(stream)
    assert [line for message in messages for line in message] == fleet.api.logs.list(old.id)
    assert stream.ended is not None and stream.ended.code == 1000


def test_a_finished_builds_log_ends_with_done(coder: Coder, target: Target) -> None:
    """Single lines, and then the close reason says that this was all."""
    build = coder.workspace(target.workspace).record.latest_build
    with coder.api.builds.follow_logs(build.id) as stream:
        lines = list(stream)
    assert lines == coder.api.builds.logs(build.id)
    assert stream.ended is not None and (stream.ended.code, stream.ended.reason) == (1000, "done")


def test_refusals_are_those_of_the_plain_call(
    coder: Coder, http: Http, stranger: Http, forger: Http, agent: Agent, nobody: str
) -> None:
    """The same error class, whatever the transport."""
    for client, anonymous in ((stranger, True), (forger, False)):
        with pytest.raises(AuthenticationError):
            client.websocket(ROUTE.format(id=agent.id), query={"follow": ""}, anonymous=anonymous)
    with pytest.raises(NotFound):
        coder.api.logs.follow(nobody)
    with pytest.raises(Invalid):
        coder.api.logs.follow("not-a-uuid")
    with pytest.raises(Invalid) as caught:
        http.websocket(ROUTE.format(id=agent.id), query={"follow": "", "after": "-1"})
    assert [validation.field for validation in caught.value.validations] == ["after"]


def test_data_from_the_client_ends_it(http: Http, agent: Agent) -> None:
    """These sockets only push: 1008."""
    with http.websocket(ROUTE.format(id=agent.id), query={"follow": "", "after": str(2**62)}) as socket:
        socket.send(b"hello")
        assert any(socket.receive(timeout=20) is None for _ in range(20))
        assert socket.ended is not None and socket.ended.code == 1008
