"""The order in which a request is looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.embedded.conftest import Client, Small


def test_a_mistake_of_the_server_is_answered(client: Client, small: Small) -> None:
    """What nobody has foreseen is a 500 with a message, and the next request is answered as ever."""
    agent = small.workspace("web").latest.agents[0]
    agent.ports = lambda: [1 // 0]  # type: ignore[list-item]
    got = client.ask(f"/workspaceagents/{agent.id}/listening-ports")
    assert (got.status, got.json) == (500, {"message": "An internal server error occurred."})
    assert client.ask(f"/workspaceagents/{agent.id}").status == 200


def test_a_foreign_host_is_refused_before_anything_else(client: Client) -> None:
    """It neither counts for the rate limit nor meets a fault."""
    before = client.ask("/buildinfo").header("X-Ratelimit-Remaining")
    got = client.ask("/buildinfo", headers={"Host": "evil.example"})
    assert (got.status, got.header("X-Ratelimit-Limit")) == (421, None)
    assert int(client.ask("/buildinfo").header("X-Ratelimit-Remaining") or 0) == int(before or 0) - 1


def test_what_was_asked_is_known(client: Client) -> None:
    """A test can tell which requests came, in their order."""
    client.ask("/buildinfo")
    client.ask("/users/login", method="POST", json_body={})
    assert list(client.server.site.asked)[-2:] == ["GET /api/v2/buildinfo", "POST /api/v2/users/login"]


def test_unknown_paths_and_bad_tokens_count_for_the_rate_limit(client: Client) -> None:
    """The limit is counted before the token is looked at."""
    for path, token in (("/nope", None), ("/users/me", "garbage")):
        first, second = (client.ask(path, token=token).header("X-Ratelimit-Remaining") for _ in range(2))
        assert (first, second) == ("511", "510")
