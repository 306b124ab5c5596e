"""GET /workspaceagents/me/rpc, over WebSocket: calls

Whoever dials this counts as the agent, which looks disconnected when the call is over, until its next heartbeat. So all
cases but the refused ones share one session, and what follows waits for the agent to be back.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from coder_nb.client import Coder
from coder_nb.credentials import Secret
from coder_nb.errors import AuthenticationError, ConfigurationError, Invalid
from coder_nb.rpc.agent import AgentCalls, Manifest
from coder_nb.rpc.dialling import Rpc
from coder_nb.transport.http import Http

from .conftest import Target
from .waiting import until

SECONDS = 20.0
AWAY = 30.0
"""Seconds after which an agent's heartbeat is sure to have come."""


@pytest.fixture(scope="module")
def token(target: Target) -> Secret:
    """The agent's."""
    if target.agent_token is None:
        pytest.skip("CODER_NB_TEST_AGENT_TOKEN, the token of the workspace's agent, is not set")
    return target.agent_token


@pytest.fixture(scope="module")
def own(target: Target, token: Secret) -> Iterator[Http]:
    """The transport of a process in the workspace."""
    http = Http(target.url, token)
    yield http
    http.close()


@pytest.fixture(scope="module")
def calls(target: Target, own: Http, coder: Coder) -> Iterator[AgentCalls]:
    """A session as the agent; it is away for a while afterwards."""
    if not target.destructive:
        pytest.skip("it makes the agent look disconnected for up to 15 s: CODER_NB_TEST_DESTRUCTIVE=1 allows that")
    session = Rpc(own).agent(disturb_agent=True)
    yield session
    session.close()
    until(coder.agent(target.workspace).refresh, lambda record: record.status == "connected", seconds=AWAY)


@pytest.fixture(scope="module")
def manifest(calls: AgentCalls) -> Manifest:
    """What the agent is told of itself."""
    return calls.manifest()


def test_an_agent_is_told_what_it_is(manifest: Manifest, coder: Coder, target: Target) -> None:
    """As its owner sees it."""
    agent = coder.agent(target.workspace)
    assert agent.workspace is not None
    assert (manifest.agent_id, manifest.agent_name) == (agent.id, agent.name)
    assert (manifest.workspace_id, manifest.workspace_name) == (agent.workspace.record.id, agent.workspace.name)
    assert manifest.owner_name == agent.workspace.owner and manifest.parent_id == agent.record.parent_id


def test_it_is_told_what_to_run_and_to_measure(manifest: Manifest, coder: Coder, target: Target) -> None:
    """Scripts and metadata by their ids and keys, in seconds."""
    agent = coder.agent(target.workspace)
    assert {one.log_source_id for one in manifest.scripts} == {one.log_source_id for one in agent.record.scripts}
    described = {item.description.key: item.description for item in coder.api.metadata.snapshot(agent.id)}
    assert {one.key for one in manifest.metadata} == set(described)
    assert all(one.interval == described[one.key].interval for one in manifest.metadata)
    assert set(manifest.apps) == {app.slug for app in agent.record.apps}


def test_its_relays_are_the_deployments(manifest: Manifest, calls: AgentCalls) -> None:
    """In the manifest and as a call of their own."""
    with calls.derp_maps() as maps:
        assert maps.receive(SECONDS) == manifest.relays and manifest.relays.regions


def test_secrets_are_not_shown(manifest: Manifest) -> None:
    """Its environment may hold some."""
    assert "environment" not in repr(manifest) and all(isinstance(one, Secret) for one in manifest.environment.values())


def test_the_other_calls_that_only_read(calls: AgentCalls) -> None:
    """Announcements, and how memory and volumes are watched."""
    assert isinstance(calls.banners(), list)
    monitoring = calls.monitoring()
    assert monitoring.datapoints > 0 and monitoring.interval_seconds > 0


def test_the_own_agent_is_not_disturbed(own: Http, token: Secret, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unless that is said; nothing is sent."""
    monkeypatch.setenv("CODER_AGENT_TOKEN", token.reveal().upper())
    with pytest.raises(ConfigurationError, match="look disconnected for up to 15 s") as caught:
        Rpc(own).agent()
    assert "disturb_agent=True" in caught.value.hint and token.reveal() not in str(caught.value)


def test_a_token_in_a_file_counts_too(
    own: Http, token: Secret, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """An agent may be started with one."""
    path = tmp_path / "token"
    path.write_text(token.reveal() + "\n", encoding="utf-8")
    monkeypatch.delenv("CODER_AGENT_TOKEN", raising=False)
    monkeypatch.setenv("CODER_AGENT_TOKEN_FILE", str(path))
    with pytest.raises(ConfigurationError, match="depends on"):
        Rpc(own).agent()


def test_tokens_that_are_no_agents_are_refused(target: Target, coder: Coder) -> None:
    """An unknown one by the server, a person's before it is sent."""
    stranger = Http(target.url, Secret(str(uuid.uuid4())))
    with pytest.raises(AuthenticationError):
        Rpc(stranger).agent()
    stranger.close()
    with pytest.raises(ConfigurationError):
        coder.rpc.agent()


def test_a_version_that_is_not_spoken(own: Http) -> None:
    """Refused before anybody counts as the agent."""
    with pytest.raises(Invalid, match="Unknown or unsupported API version"):
        own.websocket("/workspaceagents/me/rpc", query={"version": "2.99"})
