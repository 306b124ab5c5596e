"""Keys and tokens under /users/{user}/keys: each case makes its own and takes it away again."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from coder_nb.api import Api
from coder_nb.client import Coder
from coder_nb.credentials import Secret
from coder_nb.errors import ApiError, AuthenticationError, Conflict, Invalid, NotFound, ServerError
from coder_nb.transport.http import Http

if TYPE_CHECKING:
    from .conftest import Target

PATH = "/users/me/keys/tokens"


@pytest.fixture
def name() -> str:
    """A name no token has."""
    return f"coder-nb-test-{uuid.uuid4().hex[:12]}"


@pytest.fixture
def token(coder: Coder, name: str) -> Iterator[Secret]:
    """A token of that name, good for an hour."""
    made = coder.api.users.create_token(name=name, lifetime=timedelta(hours=1))
    yield made
    remove(coder, made)


def remove(coder: Coder, made: Secret) -> None:
    """Takes a token away, unless that was the case's point."""
    with suppress(NotFound):
        coder.api.users.delete_key(key_id(made))


def key_id(token: Secret) -> str:
    """The public part of a token."""
    return token.reveal().partition("-")[0]


def client(target: Target, token: Secret) -> Api:
    """Calls with that token."""
    return Api(Http(target.url, token))


def test_a_token_opens_what_its_owner_sees(coder: Coder, target: Target, token: Secret) -> None:
    """It is told once, has the form of a session token, and is the same user."""
    id, dash, secret = token.reveal().partition("-")
    assert (len(id), dash, len(secret)) == (10, "-", 22)
    api = client(target, token)
    assert api.users.me().id == coder.api.users.me().id
    api.http.close()


def test_it_is_listed_with_its_name_and_time_but_never_itself(coder: Coder, token: Secret, name: str) -> None:
    """By list, by name and by id it is the same record."""
    users = coder.api.users
    [listed] = [one for one in users.tokens() if one.token_name == name]
    assert listed.username == users.me().username
    assert (listed.id, listed.scope, listed.login_type) == (key_id(token), "all", "token")
    assert listed.lifetime_seconds == 3600
    assert listed.expires_at - listed.created_at <= timedelta(hours=1, seconds=1)
    assert users.token(name).id == users.key("me", listed.id).id == listed.id
    assert token.reveal() not in repr(listed)


def test_everybodys_tokens_are_listed_to_owners_and_garbage_means_no(
    coder: Coder, http: Http, token: Secret, name: str
) -> None:
    """At least one's own are there either way."""
    assert name in [one.token_name for one in coder.api.users.tokens(include_all=True)]
    assert http.request("GET", PATH, query={"include_all": "zz"}).status == 200


def test_a_name_is_given_once(coder: Coder, token: Secret, name: str) -> None:
    """Twice is a 409 that names the field."""
    with pytest.raises(Conflict) as caught:
        coder.api.users.create_token(name=name)
    assert caught.value.validations[0].field == "name"


def test_a_token_that_is_deleted_opens_nothing(coder: Coder, target: Target, token: Secret) -> None:
    """At once; and it cannot be deleted twice."""
    coder.api.users.delete_key(key_id(token))
    api = client(target, token)
    with pytest.raises(AuthenticationError, match="signed out"):
        api.users.me()
    api.http.close()
    with pytest.raises(NotFound):
        coder.api.users.delete_key(key_id(token))


def test_a_token_for_apps_opens_nothing_else(coder: Coder, target: Target, name: str) -> None:
    """No user and no agent, and no workspace in the list."""
    made = coder.api.users.create_token(name=name, scope="application_connect", lifetime=timedelta(hours=1))
    api = client(target, made)
    try:
        with pytest.raises(NotFound):
            api.users.me()
        assert api.workspaces.list().workspaces == []
    finally:
        api.http.close()
        remove(coder, made)


def test_without_a_name_or_a_lifetime_the_server_has_its_own(coder: Coder) -> None:
    """A name is made up, and it lives for seven days."""
    made = coder.api.users.create_token()
    try:
        known = coder.api.users.key("me", key_id(made))
        assert known.token_name and known.lifetime_seconds == 7 * 24 * 3600
    finally:
        remove(coder, made)


def test_a_session_is_made_too_and_is_no_token_of_the_list(coder: Coder, target: Target) -> None:
    """POST /users/{user}/keys: seven days, like the browser's."""
    made = coder.api.users.create_key()
    try:
        assert key_id(made) not in [one.id for one in coder.api.users.tokens()]
        api = client(target, made)
        assert api.users.me().username
        api.http.close()
    finally:
        remove(coder, made)


def test_no_token_lives_longer_than_allowed_or_less_than_nothing(coder: Coder) -> None:
    """The longest lifetime is told, and one more second is refused."""
    longest = coder.api.users.longest_lifetime()
    assert longest >= timedelta(days=7)
    too_long = min(longest + timedelta(hours=1), timedelta(days=36_600))
    for lifetime in (too_long, timedelta(hours=-1)):
        with pytest.raises(Invalid, match="Failed to validate create API key request"):
            coder.api.users.create_token(lifetime=lifetime)


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        (None, 400, "EOF"),
        ({"lifetime": "1h"}, 400, "cannot unmarshal string into Go struct field"),
        ({"scope": "zzz"}, 500, "invalid API key scope"),
    ],
)
def test_a_body_that_is_wrong_is_refused(http: Http, body: Any, status: int, says: str) -> None:
    """None at all, a type, and, as a server's error, a scope."""
    with pytest.raises(ApiError) as caught:
        http.request("POST", PATH, body=body)
    assert caught.value.status == status and says in caught.value.detail
    assert isinstance(caught.value, ServerError if status == 500 else Invalid)


def test_what_nobody_has_is_a_404(coder: Coder, http: Http, name: str) -> None:
    """By name and by id; by name nothing can be deleted, and nothing can be made to expire."""
    with pytest.raises(NotFound):
        coder.api.users.token(name)
    with pytest.raises(NotFound):
        coder.api.users.key("me", "AAAAAAAAAA")
    with pytest.raises(ApiError) as caught:
        http.request("DELETE", f"{PATH}/{name}")
    assert caught.value.status == 405
    with pytest.raises(NotFound, match="Route not found"):
        http.request("PUT", "/users/me/keys/AAAAAAAAAA/expire")
    with pytest.raises(Invalid, match="must be an existing uuid or username"):
        coder.api.users.tokens("no-such-user")


def test_strangers_are_refused(stranger: Http, forger: Http) -> None:
    """No token, and a wrong one."""
    for http in (stranger, forger):
        with pytest.raises(AuthenticationError):
            http.request("GET", PATH, anonymous=http is stranger)
