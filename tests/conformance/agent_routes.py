"""What every route under /workspaceagents/{id} has in common, checked in each endpoint's module."""

from __future__ import annotations

import pytest

from coder_nb.api.resource import segment
from coder_nb.errors import AuthenticationError, Invalid, NotFound
from coder_nb.transport.http import Http


def refuses_strangers(route: str, agent_id: str, *clients: Http) -> None:
    """No token (the first client) and a wrong token are refused alike."""
    for http in clients:
        with pytest.raises(AuthenticationError) as caught:
            http.request("GET", route.format(id=agent_id), anonymous=http is clients[0])
        assert caught.value.status == 401


def refuses_bad_ids(route: str, nobody: str, http: Http) -> None:
    """Text that is no uuid is a 400 that repeats it; an unknown uuid is a 404."""
    with pytest.raises(Invalid, match="not-a-uuid"):
        http.request("GET", route.format(id="not-a-uuid"))
    with pytest.raises(NotFound) as caught:
        http.request("GET", route.format(id=nobody))
    assert "Agent doesn't exist with that id" in caught.value.message


def takes_every_form_of_uuid(route: str, agent_id: str, http: Http) -> None:
    """Braces, urn, upper case and no dashes all name the same agent."""
    forms = [agent_id.upper(), agent_id.replace("-", ""), "{" + agent_id + "}", "urn:uuid:" + agent_id]
    for form in forms:
        assert http.request("GET", route.format(id=segment(form))).status == 200
