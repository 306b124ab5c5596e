"""What a server refuses becomes the right error, with its own words made safe and a hint that can be typed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from coder_nb.credentials import Secret
from coder_nb.errors import (
    ApiError,
    AuthenticationError,
    Conflict,
    Invalid,
    NotFound,
    PermissionDenied,
    ProtocolError,
    RateLimited,
    ServerError,
    TooLarge,
)
from coder_nb.transport.exchange import Answer, Call
from coder_nb.transport.http import Http, Limits
from coder_nb.transport.refusals import refused
from tests.transport.conftest import Serve
from tests.transport.hostile import Script, answer, json_answer

ONCE = Limits(retries=0)
SIGNED_OUT = '{"message":"You are signed out.","detail":"API key expired at \\"2026-11-23\\"."}'
NONE_PROVIDED = '{"message":"API key or external proxy authentication required, but none provided"}'


def error_of(serve: Serve, token: Secret, script: Script, path: str = "/users/me", **options: Any) -> Exception:
    """What a call raises when it is answered so."""
    with pytest.raises(Exception) as raised:
        Http(serve(script).url, token, limits=ONCE).request("GET", path, **options)
    return raised.value


@pytest.mark.parametrize(
    ("status", "kind", "hint"),
    [
        ("400 Bad Request", Invalid, ""),
        ("401 Unauthorized", AuthenticationError, "%coder connect http://127.0.0.1"),
        ("403 Forbidden", PermissionDenied, "owner of the deployment"),
        ("404 Not Found", NotFound, "%coder ls"),
        ("405 Method Not Allowed", ApiError, "%coder whoami"),
        ("409 Conflict", Conflict, "try again"),
        ("410 Gone", NotFound, "%coder ls"),
        ("413 Content Too Large", TooLarge, ""),
        ("418 I'm a Teapot", ApiError, ""),
        ("422 Unprocessable", Invalid, ""),
        ("429 Too Many Requests", RateLimited, "try again in 60 s"),
        ("500 Internal Server Error", ServerError, "quote the request 6d7c"),
        ("502 Bad Gateway", ServerError, "quote the request 6d7c"),
        ("599 Odd", ServerError, "quote the request 6d7c"),
    ],
)
def test_each_status_has_its_error_and_hint(
    serve: Serve, token: Secret, status: str, kind: type[ApiError], hint: str
) -> None:
    """The server's words, fields, request id and endpoint are all in it."""
    body = '{"message":"No.","detail":"Because.","validations":[{"field":"name","detail":"too long"}]}'
    error = error_of(serve, token, json_answer(body, status, X_Coder_Request_Id="6d7c"))
    assert type(error) is kind
    assert isinstance(error, ApiError)
    assert (error.status, error.message, error.detail) == (int(status[:3]), "No.", "Because.")
    assert error.validations == (("name", "too long"),)
    assert (error.request_id, error.endpoint) == ("6d7c", "GET /api/v2/users/me")
    assert hint in error.hint
    assert str(error).startswith(
        f"GET /api/v2/users/me answered {status[:3]}: No (Because); name: too long [request 6d7c]"
    )


@pytest.mark.parametrize(
    "body",
    [
        "",
        "null",
        "[]",
        '"text"',
        "{",
        '{"message":5,"detail":[],"validations":{}}',
        '{"validations":[1,null,{"field":2}]}',
        "[" * 60_000,
        '{"message":"\\ud800"}',
    ],
)
def test_an_error_about_an_error_hides_nothing(serve: Serve, token: Secret, body: str) -> None:
    """Whatever the body is, the status decides and the phrase stands in for missing words."""
    error = error_of(serve, token, json_answer(body, "404 Not Found"))
    assert isinstance(error, NotFound)
    assert error.message.startswith("Not Found")


def test_bytes_that_are_no_text_are_survived(serve: Serve, token: Secret) -> None:
    """Invalid UTF-8 in an error's body is not an error of its own."""
    assert isinstance(error_of(serve, token, answer(b'{"message":"\xff\xfe"}', status="404 Not Found")), NotFound)
    plain = error_of(serve, token, answer(b"\xff\xfe", status="400 Bad Request", kind="text/plain"))
    assert isinstance(plain, Invalid)


def test_an_error_in_plain_text_keeps_its_first_line(serve: Serve, token: Secret) -> None:
    """As Coder's CSRF check and Go's own server answer."""
    script = answer(
        b"Client sent an HTTP request to an HTTPS server.\nmore\n", status="400 Bad Request", kind="text/plain"
    )
    error = error_of(serve, token, script)
    assert isinstance(error, Invalid)
    assert error.message == "Client sent an HTTP request to an HTTPS server."


def test_an_error_page_is_not_quoted(serve: Serve, token: Secret) -> None:
    """A proxy's 502 in HTML is told as such."""
    error = error_of(serve, token, answer(b"<html><b>oops</b>", status="502 Bad Gateway", kind="text/html"))
    assert isinstance(error, ServerError)
    assert error.message == "Bad Gateway, in text/html: it comes from something in front of Coder"


def test_a_servers_words_cannot_drive_a_terminal(serve: Serve, token: Secret) -> None:
    """Escapes and line breaks are gone, and a long text is cut."""
    message = "\\u001b]0;owned\\u0007 a\\nb " + "x" * 5000
    error = error_of(serve, token, json_answer(f'{{"message":"{message}"}}', "400 Bad Request"))
    assert isinstance(error, Invalid)
    assert error.message.startswith("]0;owned a b xxx")
    assert len(error.message) == 500


def test_a_token_that_is_sent_back_does_not_show(serve: Serve, token: Secret) -> None:
    """A server that repeats our header in its error is blacked out."""
    ours = token.reveal()
    body = f'{{"message":"bad {ours}","detail":"{ours}","validations":[{{"field":"{ours}"}}]}}'
    error = error_of(serve, token, json_answer(body, "400 Bad Request"))
    assert token.reveal() not in str(error)
    assert "bad ****" in str(error)


def test_a_refused_agent_route_asks_once_why(serve: Serve, token: Secret) -> None:
    """Its 401 never says; GET /users/me does, and the error keeps the first call's endpoint."""
    server = serve(json_answer(NONE_PROVIDED, "401 Unauthorized"), json_answer(SIGNED_OUT, "401 Unauthorized"))
    with pytest.raises(AuthenticationError) as raised:
        Http(server.url, token).request("GET", "/workspaceagents/0b1c/logs")
    assert [request.path for request in server.requests] == ["/api/v2/workspaceagents/0b1c/logs", "/api/v2/users/me"]
    assert raised.value.endpoint == "GET /api/v2/workspaceagents/0b1c/logs"
    assert raised.value.message == "You are signed out."
    assert "expired" in raised.value.detail
    assert raised.value.hint == f"sign in again: %coder connect {server.url}"


@pytest.mark.parametrize(
    ("second", "hint"),
    [
        (json_answer("{}"), "sign in again"),
        (json_answer('{"message":"gone"}', "404 Not Found"), "only good for apps"),
        (json_answer("{}", "500 Internal Server Error"), "sign in again"),
        (answer(b"<html>", kind="text/html"), "sign in again"),
    ],
)
def test_a_reason_that_cannot_be_had_leaves_the_first_error(
    serve: Serve, token: Secret, second: Script, hint: str
) -> None:
    """A 404 there means a token for apps only; anything else tells nothing."""
    server = serve(json_answer(NONE_PROVIDED, "401 Unauthorized"), second)
    with pytest.raises(AuthenticationError, match="none provided") as raised:
        Http(server.url, token).request("GET", "/workspaceagents/0b1c")
    assert hint in raised.value.hint
    assert len(server.requests) == 2


def test_other_routes_say_themselves_why(serve: Serve, token: Secret) -> None:
    """No second question for a 401 that has its reason, nor for a login or an agent's own token."""
    server = serve(json_answer(SIGNED_OUT, "401 Unauthorized"))
    with pytest.raises(AuthenticationError, match="expired"):
        Http(server.url, token).request("GET", "/workspaces")
    with pytest.raises(AuthenticationError) as raised:
        Http(server.url, None).request("POST", "/users/login", body={}, anonymous=True)
    assert raised.value.hint == "check the user name and the password"
    agent = Secret("0b1c2d3e-4f50-4617-8293-a4b5c6d7e8f9")
    with pytest.raises(AuthenticationError) as raised:
        Http(server.url, agent).request("GET", "/workspaceagents/me/gitsshkey")
    assert "run this in the workspace" in raised.value.hint
    assert len(server.requests) == 3


def test_a_web_page_instead_of_json_names_the_address(serve: Serve, token: Secret) -> None:
    """A wrong base path answers 200 with the dashboard: the hint says what to check."""
    server = serve(answer(b"<!doctype html>", kind="text/html; charset=utf-8"))
    with pytest.raises(ProtocolError, match=f"a web page instead of JSON, from {server.url}/coder/api/v2") as raised:
        Http(f"{server.url}/coder", token).request("GET", "/users/me")
    assert f"is Coder at {server.url}, without /coder?" in raised.value.hint


@pytest.mark.parametrize(
    "kind", ["", "text/plain", "application/octet-stream", "application/problem+json", "text/json"]
)
def test_only_json_is_an_answer(serve: Serve, token: Secret, kind: str) -> None:
    """A body of any other type, or of none, is not the API's."""
    assert isinstance(error_of(serve, token, answer(b"{}", kind=kind)), ProtocolError)


@pytest.mark.parametrize(
    ("location", "shown", "hint"),
    [
        ("https://access.example.com/", "https://access.example.com/,", "%coder connect https://access.example.com"),
        ("//access.example.com/x?token=s3cret#s3cret", "http://access.example.com/x,", "%coder connect http://access"),
        ("/login?redirect=s3cret", "/login,", "login page or proxy"),
    ],
)
def test_a_redirect_is_named_and_not_followed(
    serve: Serve, token: Secret, location: str, shown: str, hint: str
) -> None:
    """Nothing is asked there, and what could be secret in its address is left out."""
    for status in ("301 Moved", "302 Found", "303 See Other", "307 Temporary Redirect", "308 Permanent Redirect"):
        server = serve(answer(b"", status=status, kind="", Location=location))
        with pytest.raises(ProtocolError, match="never followed") as raised:
            Http(server.url, token).request("GET", "/users/me")
        assert shown in raised.value.message
        assert hint in raised.value.hint
        assert "s3cret" not in str(raised.value)
        assert len(server.requests) == 1


@pytest.mark.parametrize("location", ["", "javascript:alert(1)", "https://ada:s3cret@evil.example/", "https://[::1"])
def test_a_redirect_to_nowhere_is_said_to_be_one(serve: Serve, token: Secret, location: str) -> None:
    """What is no address of a deployment is not repeated."""
    error = error_of(serve, token, answer(b"", status="302 Found", kind="", Location=location))
    assert isinstance(error, ProtocolError)
    assert "a redirect to nowhere" in str(error)
    assert "s3cret" not in str(error)


RECORDED = ["auth", "general", "rate-limit", "agent-logs", "containers", "listening-ports", "login", "workspaces-list"]


@pytest.mark.parametrize("slug", RECORDED)
def test_recorded_refusals_are_understood(recorded: Callable[[str], list[dict[str, Any]]], slug: str) -> None:
    """Every refusal a real server was seen to make becomes an ApiError with that server's words."""
    seen = 0
    for case in recorded(slug):
        response, request = case["response"], case["request"]
        if response["status"] < 400:
            continue
        is_json = "json" in response["headers"].get("Content-Type", "")
        body = msgspec.json.encode(response["body"]) if is_json else str(response["body"] or "").encode()
        path = request["path"].removeprefix("/api/v2")
        found = Answer(request["method"], path, response["status"], response["headers"], body)
        error = refused(found, Call(request["method"], path), "https://coder.example.com", None)
        assert isinstance(error, ApiError)
        if is_json:
            assert error.message == " ".join(response["body"]["message"].split())
            assert len(error.validations) == len(response["body"].get("validations", []))
        assert error.message
        seen += 1
    assert seen, "a recording without refusals tests nothing: take it off the list"
