"""What every route under /workspaceagents/me has in common, and requests that no client of ours would send."""

from __future__ import annotations

import json
import ssl
from http.client import HTTPConnection, HTTPSConnection
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from .conftest import Target

NOBODY = "00000000-0000-0000-0000-000000000001"


class Got(NamedTuple):
    """An answer as it came."""

    status: int
    body: Any

    @property
    def message(self) -> str:
        """What it says; an error always says something."""
        return str(self.body["message"])

    @property
    def detail(self) -> str:
        """What more it says."""
        return str(self.body.get("detail", ""))


def ask(target: Target, method: str, path: str, *, token: str | None, body: bytes | None = None) -> Got:
    """One request, with whatever token and body; nothing is checked, followed or retried."""
    parts = urlsplit(target.url)
    connection: HTTPConnection = HTTPConnection(parts.hostname or "", parts.port, timeout=30)
    if parts.scheme == "https":
        context = ssl.create_default_context()
        connection = HTTPSConnection(parts.hostname or "", parts.port, timeout=30, context=context)
    headers = {"Content-Type": "application/json"} | ({"Coder-Session-Token": token} if token else {})
    try:
        connection.request(method, f"{parts.path}/api/v2{path}", body=body, headers=headers)
        answer = connection.getresponse()
        data = answer.read()
        return Got(answer.status, json.loads(data) if data else None)
    finally:
        connection.close()


def with_agent_token(target: Target, method: str, path: str, body: object = None) -> Got:
    """One request with the agent's own token; text and bytes are sent as they are, anything else as JSON."""
    assert target.agent_token is not None
    data = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
    return ask(target, method, path, token=target.agent_token.reveal(), body=data)


def refuses_other_tokens(target: Target, method: str, path: str) -> None:
    """No token, a user's, text of no token's form, and a token nobody has: each is told apart."""
    body = None if method == "GET" else b"{}"
    none = ask(target, method, path, token=None, body=body)
    assert (none.status, none.message) == (401, 'Cookie "coder_session_token" must be provided.')
    for wrong in (target.token.reveal(), "x"):
        got = ask(target, method, path, token=wrong, body=body)
        assert (got.status, got.message) == (401, "Workspace agent token invalid.")
        assert got.detail == f"An agent token must be a valid UUIDv4. (len {len(wrong)})"
    unknown = ask(target, method, path, token=NOBODY, body=body)
    assert (unknown.status, unknown.message) == (401, "Workspace agent not authorized.")
    assert unknown.detail


def refuses_bodies_that_are_none(target: Target, method: str, path: str) -> None:
    """No JSON, half of it, and JSON of another kind."""
    for body, detail in ((b"", "EOF"), (b"{", "unexpected EOF")):
        got = with_agent_token(target, method, path, body)
        assert (got.status, got.message, got.detail) == (400, "Request body must be valid JSON.", detail)
    got = with_agent_token(target, method, path, b"[]")
    assert got.status == 400 and got.detail.startswith("json: cannot unmarshal array into Go value of type")
