"""Calls spell their address, answers read their headers, and a server's text is safe to print."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coder_nb.transport.exchange import Answer, Call, QueryValue, tidy


def answered(**headers: str) -> Answer:
    """An answer with these headers."""
    return Answer("GET", "/users/me", 200, {name.replace("_", "-"): text for name, text in headers.items()}, b"")


def test_a_call_spells_its_query() -> None:
    """None is left out, a sequence repeats its key, booleans are Go's, and everything is quoted."""
    query: dict[str, QueryValue] = {
        "q": "owner:me a&b",
        "limit": 0,
        "none": None,
        "label": ["a=1", "b"],
        "all": True,
        "none_of": (),
    }
    call = Call("GET", "/workspaces", query)
    assert call.target == "/api/v2/workspaces?q=owner%3Ame+a%26b&limit=0&label=a%3D1&label=b&all=true"
    assert Call("GET", "/users/me", {"a": None}).target == "/api/v2/users/me"
    assert call.endpoint == "GET /api/v2/workspaces"


@pytest.mark.parametrize(
    ("method", "changes", "safe"),
    [("GET", False, True), ("GET", True, False), ("POST", False, False), ("POST", True, False)],
)
def test_only_a_get_that_changes_nothing_is_safe(method: str, changes: bool, safe: bool) -> None:
    """Opening a terminal is a GET that changes something: it may not be sent twice."""
    assert Call(method, "/x", changes=changes).safe is safe


def test_routes_of_an_agent_are_told_by_their_path() -> None:
    """Those that take an agent's token, and those that are about one."""
    paths = ["/workspaceagents/me/logs", "/workspaceagents/0b1c/logs", "/workspaceagents/connection", "/users/me"]
    assert [Call("GET", path).as_agent for path in paths] == [True, False, False, False]
    assert [Call("GET", path).on_agent for path in paths] == [False, True, True, False]


def test_the_date_is_the_servers_clock_in_utc() -> None:
    """To the second, whatever zone it is written in."""
    assert answered(Date="Mon, 23 Nov 2026 22:44:33 GMT").date == datetime(2026, 11, 23, 22, 44, 33, tzinfo=UTC)
    assert answered(Date="Mon, 23 Nov 2026 23:44:33 +0100").date == datetime(2026, 11, 23, 22, 44, 33, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["", "yesterday", "Mon, 99 Nov 2026 22:44:33 GMT", "Mon, 23 Nov 99999999999 22:44:33 GMT"]
)
def test_a_date_that_makes_no_sense_is_none(text: str) -> None:
    """It never fails an answer that is good otherwise."""
    assert answered(Date=text).date is None


def test_neither_body_nor_headers_show() -> None:
    """What is sent may be a password and what comes back a token: the reprs name the endpoint only."""
    shown = repr(Call("POST", "/users/login", {}, {"password": "s3cret"})) + repr(
        Answer("POST", "/users/login", 201, {"X": "s3cret"}, b"s3cret")
    )
    assert "/users/login" in shown
    assert "s3cret" not in shown


@given(st.text(max_size=300), st.integers(min_value=1, max_value=80))
def test_a_servers_text_is_one_short_line_without_controls(text: str, most: int) -> None:
    """No escapes, no line breaks, no text that runs the other way, and no more than asked for."""
    clean = tidy(text, most)
    assert len(clean) <= most
    assert not any(ord(letter) < 32 or 127 <= ord(letter) < 160 for letter in clean)
    assert not set(clean) & set("\u2028\u2029\u202e\u2066")
