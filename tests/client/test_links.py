"""Addresses of apps and ports: only where they can work, and never with a token in them."""

from __future__ import annotations

from typing import Any

import pytest

from coder_nb.api.agents import WorkspaceApp
from coder_nb.client.links import Links

PATH = Links(base="https://coder.example.com", wildcard="", owner="ada", workspace="dev", agent="main")
HOST = Links(
    base="https://coder.example.com", wildcard="*--apps.example.com:8443", owner="ada", workspace="dev", agent="main"
)


def app(**fields: Any) -> WorkspaceApp:
    """An app with a slug."""
    return WorkspaceApp(id="1", slug="web", **fields)


def test_an_app_by_path() -> None:
    """Owner, workspace with agent, slug, and the slash that saves a redirect."""
    assert PATH.app(app(url="http://localhost:1")) == "https://coder.example.com/@ada/dev.main/apps/web/"


def test_an_app_by_subdomain() -> None:
    """The label the server composed, on the wildcard host with its port."""
    one = app(subdomain=True, subdomain_name="web--main--dev--ada")
    assert HOST.app(one) == "https://web--main--dev--ada--apps.example.com:8443/"
    assert PATH.app(one) is None


def test_a_port_needs_a_wildcard_host() -> None:
    """There is no path for a port."""
    assert HOST.port(8080) == "https://8080--main--dev--ada--apps.example.com:8443/"
    assert PATH.port(8080) is None


@pytest.mark.parametrize("agent", ["a--b", "a" * 60])
def test_a_label_that_cannot_resolve_gives_no_link(agent: str) -> None:
    """Two dashes would be read as a border, and DNS ends a label at 63 characters."""
    assert Links(base="https://c", wildcard="*.x", owner="ada", workspace="dev", agent=agent).port(80) is None


@pytest.mark.parametrize(
    ("url", "link"),
    [
        ("https://docs.example.com/a?b=1", "https://docs.example.com/a?b=1"),
        ("javascript:alert(1)", None),
        ("vscode://x?token=$SESSION_TOKEN", None),
        ("https://x/?t=$SESSION_TOKEN", None),
    ],
)
def test_an_external_app_is_linked_only_to_the_web_and_without_a_token(url: str, link: str | None) -> None:
    """A link that would need a fresh token is no link."""
    assert PATH.app(app(external=True, url=url)) == link


def test_a_terminal_command_has_no_address() -> None:
    """It opens a terminal, not a page."""
    assert PATH.app(app(command="htop")) is None
