"""GET /buildinfo, /regions, /applications/host, /users/me, keys, login, and paths that lead nowhere"""

from __future__ import annotations

import pytest

from coder_nb.client import Coder
from coder_nb.credentials import Secret
from coder_nb.errors import AuthenticationError, Invalid, NotFound, ProtocolError
from coder_nb.transport.http import Http

from .conftest import Target


def test_buildinfo_needs_no_token(stranger: Http, coder: Coder) -> None:
    """Version and id of the deployment, for anybody; the version is in a header of every answer too."""
    assert stranger.request("GET", "/buildinfo", anonymous=True).status == 200
    build = coder.api.deployment.buildinfo()
    assert build.version and build.deployment_id
    assert coder.api.http.server_version == build.version


def test_there_is_a_primary_region(coder: Coder) -> None:
    """The server itself is the region named primary, and its wildcard host the applications' host."""
    regions = {region.name: region for region in coder.api.deployment.regions()}
    assert regions["primary"].path_app_url
    assert coder.api.deployment.applications_host() == regions["primary"].wildcard_hostname


def test_me_is_found_by_name_too(coder: Coder) -> None:
    """`me`, the user name in any case, and the id are the same user."""
    me = coder.api.users.me()
    assert coder.api.users.get(me.username.upper()).id == coder.api.users.get(me.id).id == me.id
    with pytest.raises(Invalid, match="must be an existing uuid or username"):
        coder.api.users.get("nobody-of-that-name")


def test_a_token_tells_its_own_expiry(coder: Coder, target: Target) -> None:
    """The first part of a token is its public id."""
    key = coder.api.users.key("me", target.token.reveal().partition("-")[0])
    assert key.expires_at > key.created_at
    with pytest.raises(NotFound):
        coder.api.users.key("me", "AAAAAAAAAA")


def test_a_wrong_password_is_a_401(coder: Coder) -> None:
    """The message does not tell whether the address is known."""
    with pytest.raises(AuthenticationError, match="Incorrect email or password"):
        coder.api.users.login("nobody-of-that-name@example.com", Secret("not the password"))
    with pytest.raises(Invalid) as caught:
        coder.api.users.login("no address", Secret("x"))
    assert [validation.field for validation in caught.value.validations] == ["email"]


def test_a_path_that_leads_nowhere(http: Http) -> None:
    """Under the API a 404 in JSON."""
    with pytest.raises(NotFound, match="Route not found"):
        http.request("GET", "/no/such/route")


def test_a_wrong_base_path_is_told_from_a_success(target: Target) -> None:
    """Outside the API a deployment answers 200 with its dashboard's page, which is no answer."""
    http = Http(target.url + "/dashboard", target.token)
    with pytest.raises((ProtocolError, NotFound)) as caught:
        http.request("GET", "/users/me")
    assert caught.value.hint
