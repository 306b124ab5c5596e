"""What goes wrong is the same error class over HTTP, server-sent events and WebSocket."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from coder_nb.credentials import Secret
from coder_nb.embedded.faults import Fault
from coder_nb.embedded.scenario.load import load_scenario
from coder_nb.embedded.server import Embedded
from coder_nb.errors import (
    AuthenticationError,
    ConfigurationError,
    Invalid,
    NotFound,
    ProtocolError,
    RateLimited,
    ServerError,
    TransportError,
)
from coder_nb.transport.http import Http
from coder_nb.transport.limits import Limits

Ask = Callable[[Http, str], Any]


def plain(http: Http, agent: str) -> Any:
    """One request and its answer."""
    return http.request("GET", f"/workspaceagents/{agent}/logs")


def events(http: Http, agent: str) -> Any:
    """A stream of server-sent events, up to its end."""
    with http.events(f"/workspaceagents/{agent}/watch-metadata") as stream:
        return list(stream)


def socket(http: Http, agent: str) -> Any:
    """A WebSocket."""
    with http.websocket(f"/workspaceagents/{agent}/watch-metadata-ws") as opened:
        return opened.receive(timeout=10)


@pytest.fixture(scope="module")
def server() -> Iterator[Embedded]:
    """A deployment whose faults are at hand."""
    with Embedded(load_scenario()) as server:
        yield server


@pytest.fixture(scope="module")
def agent(server: Embedded) -> str:
    """An agent of it."""
    http = Http(server.url, server.token)
    import msgspec

    found = msgspec.json.decode(http.request("GET", "/users/me/workspace/web").body)
    http.close()
    return str(found["latest_build"]["resources"][0]["agents"][0]["id"])


@pytest.fixture
def client(server: Embedded) -> Iterator[Callable[..., Http]]:
    """Makes a client with some token; no second tries, since each would need the fault again."""
    made: list[Http] = []

    def make(token: Secret = server.token) -> Http:
        made.append(Http(server.url, token, limits=Limits(retries=0, wait=lambda _: None)))
        return made[-1]

    yield make
    server.faults.clear()
    for http in made:
        http.close()


@pytest.fixture(params=[plain, events, socket])
def ask(request: pytest.FixtureRequest) -> Ask:
    """Each transport."""
    way: Ask = request.param
    return way


def test_a_token_of_the_wrong_kind_is_not_sent(ask: Ask, client: Callable[..., Http], agent: str) -> None:
    """An agent's token is no session."""
    with pytest.raises(ConfigurationError, match="agent"):
        ask(client(Secret(str(uuid.uuid4()))), agent)


def test_a_wrong_token(ask: Ask, client: Callable[..., Http], agent: str) -> None:
    """With the reason that only users/me tells."""
    with pytest.raises(AuthenticationError, match="API key is invalid"):
        ask(client(Secret("AAAAAAAAAA-BBBBBBBBBBBBBBBBBBBBBB")), agent)


def test_an_id_that_is_none(ask: Ask, client: Callable[..., Http]) -> None:
    """The server repeats it."""
    with pytest.raises(Invalid, match="not-a-uuid"):
        ask(client(), "not-a-uuid")


def test_an_unknown_id(ask: Ask, client: Callable[..., Http]) -> None:
    """Or one that this user may not see."""
    with pytest.raises(NotFound, match="Agent doesn't exist with that id"):
        ask(client(), str(uuid.uuid4()))


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault("drop", path="*/workspaceagents/*"), TransportError),
        (Fault("html", path="*/workspaceagents/*"), ProtocolError),
        (Fault("redirect", path="*/workspaceagents/*", body=b"https://elsewhere.example.com/"), ProtocolError),
        (Fault("status", path="*/workspaceagents/*", status=500), ServerError),
        (Fault("rate_limit", path="*/workspaceagents/*", times=None), RateLimited),
    ],
    ids=lambda value: value.kind if isinstance(value, Fault) else None,
)
def test_a_server_that_misbehaves(
    ask: Ask, client: Callable[..., Http], agent: str, server: Embedded, fault: Fault, error: type[Exception]
) -> None:
    """A dropped connection, a login page, a redirect, a failure, too many requests."""
    http = client()
    server.faults.add(fault)
    with pytest.raises(error):
        ask(http, agent)
