"""People, logins, keys and tokens."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.embedded.conftest import Client, Got, Small

HOUR = 3_600_000_000_000


def login(client: Client, email: str, password: str) -> Got:
    """Tries to log in."""
    return client.ask("/users/login", method="POST", json_body={"email": email, "password": password}, token=None)


def create(client: Client, **body: Any) -> Got:
    """Makes a token."""
    return client.ask("/users/me/keys/tokens", method="POST", json_body=body)


def test_a_login_opens_a_session_and_a_logout_ends_it(client: Client, small: Small) -> None:
    """201 with a token and a cookie; afterwards the token opens nothing, and neither do the user's keys for apps."""
    got = login(client, "Bob@Example.com", "pw-bob")
    token = got.json["session_token"]
    assert got.status == 201
    assert any(value.startswith(f"coder_session_token={token};") for _name, value in got.headers)
    assert client.ask("/users/me", token=token).json["username"] == "bob"
    body = {"scope": "application_connect"}
    apps = client.ask("/users/me/keys/tokens", method="POST", json_body=body, token=token).json["key"]
    kept = client.ask("/users/me/keys", method="POST", token=token).json["key"]
    out = client.ask("/users/logout", method="POST", token=token)
    assert (out.status, out.json) == (200, {"message": "Logged out!"})
    for ended in (token, apps):
        assert client.ask("/users/me", token=ended).json["detail"] == "API key is invalid."
    assert client.ask("/users/me", token=kept).status == 200


@pytest.mark.parametrize(
    ("email", "password"),
    [("ada@example.com", "wrong"), ("ada@example.com", "pw-bob"), ("nobody@example.com", "pw-ada")],
)
def test_a_wrong_password_and_an_unknown_address_look_alike(client: Client, email: str, password: str) -> None:
    """401 with one sentence for both."""
    got = login(client, email, password)
    assert (got.status, got.json) == (401, {"message": "Incorrect email or password."})


def test_who_has_no_password_cannot_log_in(client: Client, small: Small) -> None:
    """A user without a password is not a user with an empty one."""
    small.bob.password = None
    assert login(client, "bob@example.com", "None").status == 401
    assert login(client, "bob@example.com", "").status == 400


def test_a_suspended_user_is_told_so_and_a_dormant_one_wakes(client: Client, small: Small) -> None:
    """Only with the right password."""
    small.bob.status = "suspended"
    assert login(client, "bob@example.com", "pw-bob").message.startswith("Your account is suspended.")
    assert login(client, "bob@example.com", "wrong").message == "Incorrect email or password."
    small.bob.status = "dormant"
    assert login(client, "bob@example.com", "pw-bob").status == 201
    assert client.ask("/users/bob").json["status"] == "active"


def test_users_are_found_by_id_name_and_me_but_not_by_strangers(client: Client, bob: Client, small: Small) -> None:
    """For a member, somebody else is the same 400 as nobody."""
    for name in ("me", "ada", "ADA", small.ada.id):
        assert client.ask(f"/users/{name}").json["id"] == small.ada.id
    assert client.ask("/users/bob").json["roles"] == []
    for name in ("ada", "nobody"):
        got = bob.ask(f"/users/{name}")
        assert (got.status, got.json["detail"]) == (400, f'queried user="{name}"')


def test_a_token_is_made_listed_shown_and_deleted(client: Client) -> None:
    """Its text comes once; the list is null when there is none, and knows only tokens, not sessions."""
    assert client.ask("/users/me/keys/tokens").json is None
    token = create(client, token_name="nb", lifetime=HOUR).json["key"]
    listed = client.ask("/users/me/keys/tokens").json
    assert [(one["id"], one["token_name"], one["username"]) for one in listed] == [(token[:10], "nb", "ada")]
    assert token[11:] not in str(listed)
    shown = client.ask("/users/me/keys/tokens/nb").json
    assert (shown["lifetime_seconds"], shown["last_used"]) == (3600, "0001-01-01T00:00:00Z")
    assert client.ask(f"/users/me/keys/{token[:10]}").json == shown
    gone = client.ask(f"/users/me/keys/{token[:10]}", method="DELETE")
    assert (gone.status, gone.body, gone.header("Content-Type")) == (204, b"", None)
    assert client.ask(f"/users/me/keys/{token[:10]}", method="DELETE").status == 404
    assert client.ask("/users/me/keys/tokens/nb").status == 404


def test_a_token_ends_with_its_lifetime(client: Client, small: Small) -> None:
    """One second is one second of the deployment's clock; without a lifetime it is a week."""
    token = create(client, lifetime=HOUR // 3600).json["key"]
    assert client.ask("/users/me", token=token).status == 200
    small.deployment.clock.advance(timedelta(seconds=1))
    got = client.ask("/users/me", token=token)
    assert (got.status, "expired at" in got.json["detail"]) == (401, True)
    week = create(client).json["key"]
    assert client.ask(f"/users/me/keys/{week[:10]}").json["lifetime_seconds"] == 604_800


@pytest.mark.parametrize(
    ("body", "status", "word"),
    [
        ({"lifetime": -1}, 400, "positive number"),
        ({"lifetime": 168 * HOUR + 1}, 400, "less than 168h0m0s"),
        ({"scope": "everything"}, 500, "invalid API key scope"),
        ({"token_name": "taken"}, 409, "already exists"),
        ({"lifetime": "1h"}, 400, "cannot unmarshal string"),
    ],
)
def test_a_bad_wish_for_a_token_is_refused(client: Client, body: dict[str, Any], status: int, word: str) -> None:
    """Lifetimes, scopes, names and types."""
    create(client, token_name="taken")
    got = create(client, **body)
    assert got.status == status
    assert word in str(got.json)


def test_owners_and_members_have_different_longest_lifetimes(client: Client, bob: Client) -> None:
    """A week, and a hundred years."""
    path = "/users/me/keys/tokens/tokenconfig"
    assert client.ask(path).json == {"max_token_lifetime": 168 * HOUR}
    assert bob.ask(path).json == {"max_token_lifetime": 876_600 * HOUR}


def test_a_key_for_apps_opens_nothing_else(client: Client, small: Small) -> None:
    """404 on people and agents, an empty list of workspaces."""
    it = small.workspace("web")
    token = create(client, scope="application_connect").json["key"]
    assert client.ask("/users/me", token=token).status == 404
    assert client.ask(f"/workspaceagents/{it.latest.agents[0].id}", token=token).status == 404
    assert client.ask("/users/me/workspace/web", token=token).status == 404
    assert client.ask("/workspaces", token=token).json == {"workspaces": [], "count": 0}


def test_an_owner_makes_keys_for_others_and_sees_all_tokens(client: Client, bob: Client) -> None:
    """A member does neither."""
    key = client.ask("/users/bob/keys", method="POST").json["key"]
    assert client.ask("/users/me", token=key).json["username"] == "bob"
    assert bob.ask("/users/ada/keys", method="POST").status == 400
    create(bob, token_name="his")
    assert client.ask("/users/me/keys/tokens").json is None
    assert [one["username"] for one in client.ask("/users/me/keys/tokens?include_all=true").json] == ["bob"]
    assert client.ask(f"/users/me/keys/{key[:10]}").status == 404
