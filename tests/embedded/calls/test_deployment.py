"""What is said about the deployment as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.embedded.conftest import Client, Small


def test_addresses_are_the_servers_own(client: Client) -> None:
    """Build information, regions and the relay all name where this server listens."""
    assert client.ask("/buildinfo").json["dashboard_url"] == client.server.url
    assert client.ask("/regions").json["regions"][0]["path_app_url"] == client.server.url
    relay = client.ask("/workspaceagents/connection").json["derp_map"]["Regions"]["999"]["Nodes"][0]
    assert relay["DERPPort"] == client.server.port
    assert client.ask("/applications/host").json == {"host": ""}


@pytest.mark.parametrize("organization", ["coder", "CODER", "default"])
def test_templates_are_found_by_organization_and_name(client: Client, small: Small, organization: str) -> None:
    """By name in any case, by id, and in both lists."""
    wanted = client.ask(f"/templates/{small.template.id}").json
    assert wanted["name"] == "docker"
    assert client.ask(f"/organizations/{organization}/templates/Docker").json == wanted
    assert client.ask("/templates").json == client.ask(f"/organizations/{organization}/templates").json == [wanted]


def test_unknown_organizations_and_templates_are_404(client: Client) -> None:
    """Like everything that is not there."""
    nothing = "00000000-0000-0000-0000-000000000001"
    for path in (
        f"/templates/{nothing}",
        "/organizations/x",
        "/organizations/x/templates",
        "/organizations/coder/templates/x",
    ):
        assert client.ask(path).status == 404


def test_a_template_counts_the_owners_of_its_workspaces(client: Client, small: Small) -> None:
    """Two workspaces of one person are one user."""
    small.workspace("a")
    small.workspace("b")
    assert client.ask("/templates").json[0]["active_user_count"] == 1
