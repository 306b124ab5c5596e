"""Which path is which endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from coder_nb.embedded.routes import ROUTES, match

if TYPE_CHECKING:
    from tests.embedded.conftest import Client

ID = "ecdc56ae-5818-44c3-a8bf-2e3854feac9e"


@pytest.mark.parametrize(
    ("method", "path", "pattern", "parts"),
    [
        ("GET", "", "/", {}),
        ("GET", "/", "/", {}),
        ("GET", "/workspaces", "/workspaces/", {}),
        ("GET", "/workspaces/", "/workspaces/", {}),
        ("GET", "//users///me", "/users/{user}/", {"user": "me"}),
        ("GET", "/users/first", "/users/first", {}),
        ("GET", "/users/me/keys/tokens", "/users/{user}/keys/tokens/", {"user": "me"}),
        ("GET", "/users/me/keys/tokens/tokenconfig", "/users/{user}/keys/tokens/tokenconfig", {"user": "me"}),
        (
            "GET",
            "/users/me/keys/tokens/a%20b%2Fc",
            "/users/{user}/keys/tokens/{name}/",
            {"user": "me", "name": "a b/c"},
        ),
        ("DELETE", "/users/me/keys/abc", "/users/{user}/keys/{key}/", {"user": "me", "key": "abc"}),
        ("GET", "/workspaceagents/connection", "/workspaceagents/connection", {}),
        ("GET", "/workspaceagents/%7Bx%7D", "/workspaceagents/{agent}/", {"agent": "{x}"}),
    ],
)
def test_fixed_words_win_over_placeholders(method: str, path: str, pattern: str, parts: dict[str, str]) -> None:
    """The endpoint a path means, and the values in it."""
    found = match(method, path)
    assert not isinstance(found, list)
    assert (found[0].pattern, found[1]) == (pattern, parts)


@pytest.mark.parametrize(
    ("method", "path", "methods"),
    [
        ("GET", "/nope", []),
        ("GET", "/buildinfo/", []),
        ("POST", "/buildinfo", ["GET"]),
        ("HEAD", "/buildinfo", ["GET"]),
        ("OPTIONS", "/workspaces", ["GET"]),
        ("DELETE", "/users/me/keys/tokens/x", ["GET"]),
        ("PUT", "/users/me/keys/tokens", ["DELETE", "GET", "POST"]),
    ],
)
def test_a_wrong_path_is_none_and_a_wrong_method_names_the_right_ones(
    method: str, path: str, methods: list[str]
) -> None:
    """Nothing for an unknown path; for a known one the methods it takes."""
    assert match(method, path) == methods


def test_every_route_says_which_endpoint_it_is() -> None:
    """Each call names its method and path in its docstring, so that the table and the code cannot part."""
    for route in ROUTES:
        doc = route.call.__doc__ or ""
        assert route.method in doc, route.pattern
        assert route.pattern.strip("/").rpartition("/")[2] in doc, route.pattern


def test_wrong_paths_and_methods_over_http(client: Client) -> None:
    """404 in JSON with or without a token; 405 with an empty body and no content type, for HEAD too."""
    for token in (client.token, None):
        got = client.ask("/nope", token=token)
        assert (got.status, got.json) == (404, {"message": "Route not found."})
    for method in ("POST", "HEAD", "OPTIONS"):
        got = client.ask("/buildinfo", method=method)
        assert (got.status, got.body, got.header("Content-Type"), got.header("Allow")) == (405, b"", None, "GET")


@pytest.mark.parametrize("path", ["//", "//foo/bar", "//api", "//api/v3/users/me", "//api/v2x"])
def test_outside_of_the_api_everything_is_a_page(client: Client, path: str) -> None:
    """A wrong base URL looks like success, as with a real server, and has no rate limit."""
    got = client.ask(path, headers={"Accept": "application/json"})
    assert (got.status, got.header("Content-Type")) == (200, "text/html; charset=utf-8")
    assert got.header("X-Ratelimit-Limit") is None
    assert client.ask("//healthz").body == b"OK"
