"""Keys and API tokens of a user: made, listed, shown, deleted. A token's text is given out once, when it is made."""

from __future__ import annotations

import secrets
from typing import Final, Literal

from coder_nb.embedded import keys
from coder_nb.embedded.calls import found
from coder_nb.embedded.http.body import read_object
from coder_nb.embedded.http.exchange import Reply, Request, answer, empty, refuse
from coder_nb.embedded.http.params import BadValue, boolean
from coder_nb.embedded.site import Site
from coder_nb.embedded.state import ApiKey, User
from coder_nb.embedded.wire import people
from coder_nb.embedded.wire.text import Json, quote

_SECOND: Final = 1_000_000_000
_HOURS_OWNER, _HOURS_MEMBER = 168, 876_600


def create_key(site: Site, request: Request) -> Reply:
    """POST /users/{user}/keys"""
    it = found.user(site, request)
    token = keys.new_token()
    keys.add_key(site.deployment, it, token, lifetime=keys.WEEK)
    return answer({"key": token}, status=201)


def create_token(site: Site, request: Request) -> Reply:
    """POST /users/{user}/keys/tokens"""
    it = found.user(site, request)
    fields = {"lifetime": "time.Duration", "scope": "string", "token_name": "string"}
    body = read_object(request, "CreateTokenRequest", fields)
    lifetime, name = int(body["lifetime"]), str(body["token_name"])
    _check_lifetime(it, lifetime)
    scope = _scope(str(body["scope"]))
    if name and any(key.token_name == name for key in _tokens(site, it)):
        taken = ("name", "This value is already in use and should be unique.")
        raise refuse(409, f"A token with name {quote(name)} already exists.", validations=[taken])
    token = keys.new_token()
    keys.add_key(
        site.deployment,
        it,
        token,
        login_type="token",
        lifetime=lifetime // _SECOND if lifetime else keys.WEEK,
        token_name=name or f"token-{secrets.token_hex(4)}",
        scope=scope,
    )
    return answer({"key": token}, status=201)


def tokens(site: Site, request: Request) -> Reply:
    """GET /users/{user}/keys/tokens: null, not [], when there are none."""
    it = found.user(site, request)
    try:
        everybody = boolean(request.first("include_all")) and it.owner
    except BadValue:
        everybody = False
    owners = site.deployment.users if everybody else [it]
    listed: list[Json] = [
        people.api_key(key) | {"username": owner.username} for owner in owners for key in _tokens(site, owner)
    ]
    return answer(listed or None)


def token_config(site: Site, request: Request) -> Reply:
    """GET /users/{user}/keys/tokens/tokenconfig"""
    return answer({"max_token_lifetime": _longest_hours(found.user(site, request)) * 3600 * _SECOND})


def token(site: Site, request: Request) -> Reply:
    """GET /users/{user}/keys/tokens/{name}"""
    for key in _tokens(site, found.user(site, request)):
        if key.token_name == request.parts["name"]:
            return answer(people.api_key(key))
    raise found.not_found()


def key(site: Site, request: Request) -> Reply:
    """GET /users/{user}/keys/{key}"""
    return answer(people.api_key(_key(site, request)))


def delete_key(site: Site, request: Request) -> Reply:
    """DELETE /users/{user}/keys/{key}"""
    del site.deployment.keys[_key(site, request).id]
    return empty(204)


def _key(site: Site, request: Request) -> ApiKey:
    it = found.user(site, request)
    key = site.deployment.keys.get(request.parts["key"])
    if key is None or key.user is not it:
        raise found.not_found()
    return key


def _tokens(site: Site, it: User) -> list[ApiKey]:
    return [key for key in site.deployment.keys.values() if key.user is it and key.login_type == "token"]


def _longest_hours(it: User) -> int:
    return _HOURS_OWNER if it.owner else _HOURS_MEMBER


def _check_lifetime(it: User, lifetime: int) -> None:
    hours = _longest_hours(it)
    detail = ""
    if lifetime < 0:
        detail = "lifetime must be positive number greater than 0"
    elif lifetime > hours * 3600 * _SECOND:
        detail = f"lifetime must be less than {hours}h0m0s"
    if detail:
        raise refuse(400, "Failed to validate create API key request.", detail=detail)


def _scope(text: str) -> Literal["all", "application_connect"]:
    if text in ("", "all"):
        return "all"
    if text == "application_connect":
        return "application_connect"
    raise refuse(500, "Failed to create API key.", detail=f"generate API key: invalid API key scope: {quote(text)}")
