"""Who is asking: where a token may stand, and the three ways of saying no.

User routes say why a token is no good, routes about agents only that it is none; neither takes an agent's own token.
That one is for the agents' own routes, which take no other.
"""

from __future__ import annotations

import re
from typing import Final

from coder_nb.credentials.secret import Secret
from coder_nb.embedded.http.exchange import Caller, Inside, Refusal, Reply, Request, message, refuse
from coder_nb.embedded.http.guard import SESSION_COOKIE
from coder_nb.embedded.keys import BadKey, check_key
from coder_nb.embedded.state import ApiKey, Deployment
from coder_nb.embedded.wire.text import quote

__all__ = ["agent_route_caller", "inside", "token_of", "user_route_caller"]

_SIGNED_OUT: Final = "You are signed out or your session has expired. Please sign in again to continue."
_NEITHER: Final = "API key or external proxy authentication required, but none provided"
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def token_of(request: Request) -> str:
    """The token of a request, "" for none. The first place that has one wins, even if it is no good there."""
    scheme, _, bearer = request.headers.get("Authorization", "").strip().partition(" ")
    places = (
        request.cookies.get(SESSION_COOKIE, ""),
        request.first(SESSION_COOKIE),
        request.headers.get("Coder-Session-Token", ""),
        bearer if scheme.lower() == "bearer" else "",
        request.first("access_token"),
    )
    return next((token.strip() for token in places if token.strip()), "")


def user_route_caller(deployment: Deployment, url: str, request: Request) -> Caller:
    """The caller of a user route.

    Raises:
        Refusal: 401 with the reason, and a WWW-Authenticate header.
    """
    token = token_of(request)
    try:
        if not token:
            raise BadKey('Cookie "coder_session_token" or query parameter must be provided.')
        key = check_key(deployment, token)
    except BadKey as error:
        reply = message(401, _SIGNED_OUT, detail=str(error))
        raise _challenge(reply, url, "The access token has expired") from None
    return _active(deployment, url, key)


def agent_route_caller(deployment: Deployment, url: str, request: Request) -> Caller:
    """The caller of a route that takes a user's key or a workspace proxy's token; there are no proxies here.

    Raises:
        Refusal: 401, the same for every token that is no good.
    """
    if request.headers.get("Coder-External-Proxy-Token"):
        raise refuse(401, "Invalid external proxy token", detail="Proxy not found.")
    try:
        key = check_key(deployment, token_of(request))
    except BadKey:
        raise refuse(401, _NEITHER) from None
    return _active(deployment, url, key)


def inside(deployment: Deployment, request: Request) -> Inside:
    """The agent that asks, on one of the agents' own routes. Its owner may be suspended.

    Raises:
        Refusal: 401 for what is no agent's token, or one of a build that is not the latest of its workspace.
    """
    token = token_of(request)
    if not token:
        raise refuse(401, 'Cookie "coder_session_token" must be provided.')
    if not _UUID.fullmatch(token):
        detail = f"An agent token must be a valid UUIDv4. (len {len(token)})"
        raise refuse(401, "Workspace agent token invalid.", detail=detail)
    given = Secret(token.lower())
    for workspace in deployment.workspaces:
        if not workspace.deleted:
            for agent in workspace.latest.agents:
                if agent.token is not None and agent.token == given:
                    return Inside(workspace, agent)
    detail = (
        "The agent cannot authenticate until the workspace provision job has been completed. "
        "If the job is no longer running, this agent is invalid."
    )
    raise refuse(401, "Workspace agent not authorized.", detail=detail)


def _active(deployment: Deployment, url: str, key: ApiKey) -> Caller:
    user = key.user
    if user.status == "suspended":
        text = f"User is not active (status = {quote(user.status)}). Contact an admin to reactivate your account."
        raise _challenge(message(401, text), url, "The access token is invalid")
    if user.status == "dormant":
        user.status = "active"
        user.updated_at = deployment.clock.now()
    return Caller(user, key)


def _challenge(reply: Reply, url: str, description: str) -> Refusal:
    reply.headers.append(
        (
            "Www-Authenticate",
            f'Bearer realm="coder", error="invalid_token", error_description="{description}", '
            f'resource_metadata="{url}/.well-known/oauth-protected-resource"',
        )
    )
    return Refusal(reply)
