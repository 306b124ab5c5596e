"""GET /workspaceagents/me/external-auth"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from urllib.request import Request, urlopen

import pytest

from coder_nb.embedded import launch
from coder_nb.errors import Invalid, NotFound
from coder_nb.within import Inside, inside

from .conftest import Target
from .me_routes import refuses_other_tokens, with_agent_token

PATH = "/workspaceagents/me/external-auth"
UNKNOWN = "no-such-service.example"


@pytest.fixture
def service(target: Target) -> str:
    """The id of a service that is configured."""
    if not target.foreign:
        return "github"
    if "CODER_NB_TEST_EXTERNAL_AUTH" not in os.environ:
        pytest.skip("CODER_NB_TEST_EXTERNAL_AUTH, the id of a configured service, is not set")
    return os.environ["CODER_NB_TEST_EXTERNAL_AUTH"]


def test_a_service_is_a_login_or_a_link(me: Inside, target: Target, service: str) -> None:
    """Not logged in is no error; every key is there in either case."""
    got = with_agent_token(target, "GET", f"{PATH}?id={service}")
    assert got.status == 200
    assert set(got.body) >= {"access_token", "token_extra", "url", "type", "username", "password"}
    auth = me.api.me.external_auth(id=service)
    assert bool(auth.url) != bool(auth.access_token)
    if auth.url:
        assert auth.url.endswith(f"/external-auth/{service}")
        assert not (auth.type or auth.username or auth.password)
        assert got.body["token_extra"] is None


def test_an_empty_parameter_is_none(me: Inside, target: Target, service: str) -> None:
    """And the first of several counts."""
    assert with_agent_token(target, "GET", f"{PATH}?match=&id={service}").status == 200
    assert with_agent_token(target, "GET", f"{PATH}?id={service}&id=zz").status == 200
    assert with_agent_token(target, "GET", f"{PATH}?match=").status == 400


@pytest.mark.parametrize("ask", [lambda me: me.external_auth(), lambda me: me.external_auth(match="", id="")])
def test_neither_is_refused(me: Inside, ask: Callable[[object], object]) -> None:
    """A service has to be named."""
    with pytest.raises(Invalid, match="'url' or 'id' must be provided!"):
        ask(me.api.me)


def test_both_are_refused(me: Inside) -> None:
    """By one of the two."""
    with pytest.raises(Invalid, match="cannot be provided together!"):
        me.api.me.external_auth(match="github.com", id="github")


def test_a_service_that_is_none_is_not_found(me: Inside) -> None:
    """The message repeats what was to be matched, which is nothing for an id."""
    with pytest.raises(NotFound, match=f'for the url "{UNKNOWN}"'):
        me.api.me.external_auth(match=UNKNOWN)
    with pytest.raises(NotFound, match='for the url ""'):
        me.api.me.external_auth(id=UNKNOWN)


def test_the_old_parameter_counts_where_the_new_one_is_empty(me: Inside, target: Target) -> None:
    """`url` was what `match` is."""
    old = with_agent_token(target, "GET", f"{PATH}?url={UNKNOWN}")
    assert old.status == 404 and UNKNOWN in old.message
    both = with_agent_token(target, "GET", f"{PATH}?match={UNKNOWN}&url=other.example")
    assert both.status == 404 and UNKNOWN in both.message


def test_other_tokens_are_refused(me: Inside, target: Target) -> None:
    """It is for agents only."""
    refuses_other_tokens(target, "GET", f"{PATH}?id=github")


def test_listening_answers_when_somebody_has_logged_in(target: Target) -> None:
    """And for a login that is there at once; the credentials for git come along."""
    if target.foreign:
        pytest.skip("a login needs a person at a browser")
    with launch.start(scenario=None) as demo:
        assert demo.agent_token is not None
        environ = {"CODER_AGENT_URL": demo.url, "CODER_AGENT_TOKEN": demo.agent_token.reveal()}
        with inside(environ=environ) as me:
            page = me.api.me.external_auth(match="https://github.com/ada/app").url
            timer = threading.Timer(0.1, lambda: urlopen(Request(page, method="POST"), timeout=30).close())
            timer.start()
            auth = me.api.me.external_auth(match="github.com", listen=True)
            timer.join()
            assert (auth.url, auth.type) == ("", "github")
            assert auth.username == auth.access_token and not auth.password
            assert me.api.me.external_auth(id="github", listen=True) == auth
