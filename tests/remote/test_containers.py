"""Commands in a workspace's containers, or nowhere."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from coder_nb.client import Agent, connect
from coder_nb.embedded.scenario.load import load_scenario
from coder_nb.embedded.server import Embedded
from coder_nb.errors import AgentUnavailable, NotFound


@pytest.fixture
def agent() -> Iterator[Agent]:
    """An agent with containers."""
    with Embedded(load_scenario()) as server, connect(server.url, token=server.token) as coder:
        yield coder.agent("web")


def test_a_command_runs_in_the_container(agent: Agent) -> None:
    """With its host's name, its own home, and the user that was asked for."""
    first = next(one for one in agent.listing().containers or [] if one.running)
    outside = agent.run('echo "$HOME"').output
    got = agent.run('echo "$HOSTNAME $USER"; pwd', container=first.name, user="root").output.splitlines()
    assert got[0] == f"{first.id[:12]} root"
    assert got[1] not in outside
    with agent.session(container=first.id[:12]) as session:
        assert session.run("echo $HOSTNAME").output == f"{first.id[:12]}\n"


def test_files_of_two_containers_are_two(agent: Agent) -> None:
    """What is written in one is not in the other, and stays for the next command."""
    names = [one.name for one in agent.listing().containers or [] if one.running][:2]
    for name in names:
        agent.run(f"echo {name} > here", container=name)
    assert [agent.run("cat here", container=name).output for name in names] == [f"{name}\n" for name in names]


def test_an_unknown_user_or_container_runs_nothing(agent: Agent) -> None:
    """And says which it is, as far as that can be known."""
    first = next(one for one in agent.listing().containers or [] if one.running)
    with pytest.raises(AgentUnavailable, match="the user has to be there"):
        agent.run("true", container=first.name, user="nobody-like-that")
    with pytest.raises(NotFound, match="no container"):
        agent.run("true", container="nosuch")
