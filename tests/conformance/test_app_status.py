"""PATCH /workspaceagents/me/app-status"""

from __future__ import annotations

import pytest

from coder_nb.api.agents import AppStatus
from coder_nb.client import Agent
from coder_nb.errors import Invalid
from coder_nb.within import Inside

from .conftest import Target
from .me_routes import refuses_bodies_that_are_none, refuses_other_tokens, with_agent_token

PATH = "/workspaceagents/me/app-status"


@pytest.fixture
def app(agent: Agent) -> str:
    """The slug of one of the agent's apps."""
    if not agent.record.apps:
        pytest.skip("the agent of the workspace under test has no app")
    return agent.record.apps[0].slug


def newest(agent: Agent, app: str) -> AppStatus:
    """The app's last status."""
    found = next(one for one in agent.refresh().apps if one.slug == app)
    return max(found.statuses, key=lambda status: status.created_at)


@pytest.mark.parametrize("state", ["working", "idle", "complete", "failure"])
def test_a_status_is_seen_with_the_agent(me: Inside, agent: Agent, app: str, state: str) -> None:
    """Its state, message and link; the link is kept as it is."""
    me.api.me.patch_app_status(app_slug=app, state=state, message=f"now {state}", uri="not a url")
    status = newest(agent, app)
    assert (status.state, status.message, status.uri) == (state, f"now {state}", "not a url")


def test_a_message_is_tidied(me: Inside, agent: Agent, app: str) -> None:
    """No tags, escapes, line breaks or repeated blanks."""
    me.api.me.patch_app_status(app_slug=app, state="working", message="Doing   it <b>now</b>\x1b[31m red\x1b[0m\n ok")
    assert newest(agent, app).message == "Doing it now red ok"


def test_the_answer_is_null(me: Inside, target: Target, app: str) -> None:
    """And what follows the body, or is unknown in it, does no harm."""
    body = f'{{"app_slug":"{app}","state":"idle","icon":"x","needs_user_attention":true,"new":1}} and more'
    assert with_agent_token(target, "PATCH", PATH, body.encode()) == (200, None)


def test_a_message_has_160_bytes(me: Inside, app: str) -> None:
    """Bytes, not characters."""
    me.api.me.patch_app_status(app_slug=app, state="idle", message="x" * 160)
    for message in ("x" * 161, "é" * 81):
        with pytest.raises(Invalid, match="Message is too long") as caught:
            me.api.me.patch_app_status(app_slug=app, state="idle", message=message)
        assert [validation.field for validation in caught.value.validations] == ["message"]


@pytest.mark.parametrize("state", ["sleeping", "", "WORKING"])
def test_a_state_that_is_none_is_refused(me: Inside, app: str, state: str) -> None:
    """The missing one too."""
    with pytest.raises(Invalid, match="Invalid state provided") as caught:
        me.api.me.patch_app_status(app_slug=app, state=state)
    assert [validation.field for validation in caught.value.validations] == ["state"]


def test_an_app_that_is_none_is_refused_first(me: Inside, target: Target) -> None:
    """Before the message and the state are looked at; an empty object names the app ""."""
    with pytest.raises(Invalid, match='No app found with slug "zzz"') as caught:
        me.api.me.patch_app_status(app_slug="zzz", state="nope", message="x" * 200)
    assert not caught.value.validations
    assert with_agent_token(target, "PATCH", PATH, {}).detail == 'No app found with slug ""'


def test_bodies_that_are_none_are_refused(me: Inside, target: Target) -> None:
    """With what is wrong with them."""
    refuses_bodies_that_are_none(target, "PATCH", PATH)
    assert "app_slug of type string" in with_agent_token(target, "PATCH", PATH, {"app_slug": 1}).detail


def test_other_tokens_are_refused(me: Inside, target: Target) -> None:
    """It is for agents only."""
    refuses_other_tokens(target, "PATCH", PATH)
