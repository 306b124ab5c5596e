"""GET /workspaceagents/{id}/watch-metadata (SSE) and /watch-metadata-ws"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from coder_nb.client import Agent, Coder
from coder_nb.errors import AuthenticationError, Invalid, NotFound
from coder_nb.transport.http import Http

WAYS = ["watch", "watch_sse"]


@pytest.fixture(params=WAYS)
def watch(request: pytest.FixtureRequest, coder: Coder) -> Callable[[str], Any]:
    """Both transports of the same stream."""
    call: Callable[[str], Any] = getattr(coder.api.metadata, request.param)
    return call


def test_every_message_has_every_item(watch: Callable[[str], Any], agent: Agent) -> None:
    """Never a delta: the same keys, in the same order, at once and again."""
    with watch(agent.id) as stream:
        first, second = next(stream), next(stream)
    keys = [item.description.key for item in first]
    assert keys == [item.description.key for item in second]
    assert len(keys) == len(set(keys))


def test_both_ways_tell_the_same(coder: Coder, agent: Agent) -> None:
    """The older one is the newer one's fallback."""
    with coder.api.metadata.watch(agent.id) as new, coder.api.metadata.watch_sse(agent.id) as old:
        assert [item.description.key for item in next(new)] == [item.description.key for item in next(old)]


def test_a_disconnected_agent_keeps_its_last_values(watch: Callable[[str], Any], fleet: Coder) -> None:
    """The server tells what it has."""
    with watch(fleet.agent("laptop").id) as stream:
        assert isinstance(next(stream), list)


def test_refusals(watch: Callable[[str], Any], nobody: str) -> None:
    """The same error class, whatever the transport."""
    with pytest.raises(NotFound):
        watch(nobody)
    with pytest.raises(Invalid):
        watch("not-a-uuid")


def test_strangers_are_refused(stranger: Http, forger: Http, agent: Agent) -> None:
    """Over both transports."""
    for client, anonymous in ((stranger, True), (forger, False)):
        with pytest.raises(AuthenticationError):
            client.websocket(f"/workspaceagents/{agent.id}/watch-metadata-ws", anonymous=anonymous)
        with pytest.raises(AuthenticationError):
            client.events(f"/workspaceagents/{agent.id}/watch-metadata", anonymous=anonymous)


def test_data_from_the_client_ends_it(http: Http, agent: Agent) -> None:
    """1002, where the log's socket says 1008."""
    with http.websocket(f"/workspaceagents/{agent.id}/watch-metadata-ws") as socket:
        socket.send(b"hello")
        assert any(socket.receive(timeout=20) is None for _ in range(20))
        assert socket.ended is not None and socket.ended.code == 1002
