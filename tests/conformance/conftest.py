"""The same cases against the deployment that comes along, or against any real one.

A real one is named by CODER_NB_TEST_URL, CODER_NB_TEST_TOKEN (a session token), CODER_NB_TEST_WORKSPACE (running, its
agent connected) and, for the agent's own endpoints, CODER_NB_TEST_AGENT_TOKEN and CODER_NB_TEST_EXTERNAL_AUTH (the id
of a configured service). What spoils things runs there only with CODER_NB_TEST_DESTRUCTIVE=1.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from coder_nb.client import Agent, Coder, connect
from coder_nb.credentials import Secret
from coder_nb.embedded import launch
from coder_nb.transport.http import Http
from coder_nb.within import Inside, inside

from .waiting import until


@dataclass(frozen=True)
class Target:
    """The deployment under test."""

    url: str
    token: Secret
    workspace: str
    foreign: bool
    agent_token: Secret | None = None

    @property
    def destructive(self) -> bool:
        """Whether a case may spoil something for others: always on our own deployment."""
        return not self.foreign or os.environ.get("CODER_NB_TEST_DESTRUCTIVE") == "1"


@pytest.fixture(scope="session")
def target() -> Iterator[Target]:
    """The deployment under test: a real one where it is named, else our own in a child process."""
    url = os.environ.get("CODER_NB_TEST_URL")
    if url:
        token = Secret(os.environ["CODER_NB_TEST_TOKEN"])
        own = os.environ.get("CODER_NB_TEST_AGENT_TOKEN")
        agent = Secret(own) if own else None
        yield Target(url, token, os.environ["CODER_NB_TEST_WORKSPACE"], foreign=True, agent_token=agent)
        return
    with launch.start() as demo:
        yield Target(demo.url, demo.token, "here", foreign=False, agent_token=demo.agent_token)


@pytest.fixture(scope="session")
def coder(target: Target) -> Iterator[Coder]:
    """A connection to it."""
    with connect(target.url, token=target.token) as coder:
        yield coder


@pytest.fixture(scope="session")
def http(coder: Coder) -> Http:
    """Its transport, for requests that no typed call would send."""
    return coder.api.http


@pytest.fixture
def agent(coder: Coder, target: Target) -> Agent:
    """The connected agent of the workspace under test, once its start scripts are through."""
    agent = coder.agent(target.workspace)
    done = ("ready", "start_error", "start_timeout")
    until(agent.refresh, lambda record: record.lifecycle_state in done and record.logs_length > 0, seconds=60)
    return agent


@pytest.fixture
def stranger(target: Target) -> Iterator[Http]:
    """The same deployment with no token at all."""
    http = Http(target.url, None)
    yield http
    http.close()


@pytest.fixture
def forger(target: Target) -> Iterator[Http]:
    """The same deployment with a token that looks right and is not."""
    http = Http(target.url, Secret("AAAAAAAAAA-BBBBBBBBBBBBBBBBBBBBBB"))
    yield http
    http.close()


@pytest.fixture
def nobody() -> str:
    """A uuid that nothing has."""
    return str(uuid.uuid4())


@pytest.fixture
def fleet(target: Target, coder: Coder) -> Coder:
    """The simulated fleet, whose contents are known."""
    if target.foreign:
        pytest.skip("the simulated fleet is only on the deployment that comes along")
    return coder


@pytest.fixture
def me(target: Target) -> Iterator[Inside]:
    """A process in the workspace under test, as its agent."""
    if target.agent_token is None:
        pytest.skip("CODER_NB_TEST_AGENT_TOKEN, the token of the workspace's agent, is not set")
    environ = {"CODER_AGENT_URL": target.url, "CODER_AGENT_TOKEN": target.agent_token.reveal()}
    with inside(environ=environ, notify=lambda line: None) as me:
        yield me
