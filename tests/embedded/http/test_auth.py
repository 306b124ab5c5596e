"""Where a token may stand, and what is said about one that is no good."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.embedded.conftest import Client, Small

AGENT_TOKEN = "11111111-2222-4333-8444-555555555555"
NEITHER = "API key or external proxy authentication required, but none provided"
PLACES = ("cookie", "query", "header", "bearer", "access_token")


def placed(place: str, token: str) -> tuple[dict[str, str], str]:
    """Headers and query string that carry a token in one place."""
    return {
        "cookie": ({"Cookie": f"other=1; coder_session_token={token}"}, ""),
        "query": ({}, f"coder_session_token={token}"),
        "header": ({"Coder-Session-Token": f" {token} "}, ""),
        "bearer": ({"Authorization": f"bEaReR {token}"}, ""),
        "access_token": ({}, f"access_token={token}"),
    }[place]


@pytest.mark.parametrize("place", PLACES)
def test_a_token_is_taken_from_each_of_five_places(client: Client, place: str) -> None:
    """Cookie, query, header, bearer and access_token all work, on both kinds of routes."""
    assert client.token
    headers, query = placed(place, client.token.reveal())
    for path in ("/users/me", "/workspaceagents/connection"):
        assert client.ask(f"{path}?{query}", headers=headers, token=None).status == 200


@pytest.mark.parametrize(("first", "second"), list(pairwise(PLACES)))
def test_the_first_place_wins_even_if_its_token_is_bad(client: Client, first: str, second: str) -> None:
    """A bad token outranks a good one in a later place; a good one outranks a bad one; an empty one counts as none."""
    assert client.token
    good, bad = client.token.reveal(), "garbage"
    for one, other, status in ((bad, good, 401), (good, bad, 200), ("", good, 200)):
        (headers, query), (more, rest) = placed(first, one), placed(second, other)
        got = client.ask(f"/users/me?{query}&{rest}", headers=headers | more, token=None)
        assert got.status == status, (one, other)


def test_user_routes_say_why_and_agent_routes_do_not(client: Client) -> None:
    """The same bad tokens: a reason and a challenge on one kind of route, one sentence on the other."""
    for token in (None, "garbage", AGENT_TOKEN, f"0123456789-{'x' * 22}"):
        user = client.ask("/workspaces", token=token)
        assert (user.status, user.message.startswith("You are signed out")) == (401, True)
        assert "detail" in user.json
        assert (user.header("Www-Authenticate") or "").startswith('Bearer realm="coder", error="invalid_token"')
        agent = client.ask("/workspaceagents/connection", token=token)
        assert (agent.status, agent.json) == (401, {"message": NEITHER})
        assert agent.header("Www-Authenticate") is None


def test_an_agent_token_is_told_apart_by_its_parts(client: Client) -> None:
    """A user route refuses an agent token by its five parts."""
    got = client.ask("/users/me", token=AGENT_TOKEN)
    assert got.json["detail"].endswith("expected 2 got 5")


def test_the_agents_own_routes_refuse_everything_for_now(client: Client) -> None:
    """No token, a session token, and an unknown agent token are three different refusals."""
    path = "/workspaceagents/me/gitsshkey"
    assert client.ask(path, token=None).message == 'Cookie "coder_session_token" must be provided.'
    assert client.ask(path).json["detail"] == "An agent token must be a valid UUIDv4. (len 33)"
    assert client.ask(path, token=AGENT_TOKEN).message == "Workspace agent not authorized."


def test_a_suspended_user_is_refused_and_a_dormant_one_wakes(client: Client, bob: Client, small: Small) -> None:
    """Suspension says so on both kinds of routes; dormancy ends with the first request."""
    small.bob.status = "dormant"
    assert bob.ask("/users/me").json["status"] == "active"
    small.bob.status = "suspended"
    for path in ("/users/me", "/workspaceagents/connection"):
        got = bob.ask(path)
        assert (got.status, got.message.startswith('User is not active (status = "suspended").')) == (401, True)


def test_what_needs_no_token_does_not_mind_a_bad_one(client: Client) -> None:
    """Build information and the like are for anybody."""
    for path in ("/buildinfo", "/users/first", "/users/authmethods", "/updatecheck", ""):
        assert client.ask(path or "/api/v2", token="garbage").status == 200
