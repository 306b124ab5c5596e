"""Commands in a workspace's containers, or nowhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from coder_nb.client import Agent, connect
from coder_nb.embedded.scenario.load import load_scenario
from coder_nb.embedded.server import Embedded
from coder_nb.embedded.state import AgentError, ContainerListing
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


def test_an_agent_that_forgets_its_containers_runs_nothing_beside_them(tmp_path: Path) -> None:
    """It lists them and then, its feature turned off, would run commands on the host without a sign of it."""
    with Embedded(load_scenario()) as server, connect(server.url, token=server.token) as coder:
        agent = coder.agent("web")
        workspaces = server.deployment.workspaces
        [theirs] = [one for it in workspaces for build in it.builds for one in build.agents if one.id == agent.id]
        listed = theirs.containers()
        first = next(one for one in listed.containers or () if one.running)
        asked: list[None] = []

        def once() -> ContainerListing:
            asked.append(None)
            if len(asked) == 1:
                return listed
            raise AgentError("not enabled", status=403)

        theirs.containers = once
        with pytest.raises(AgentUnavailable, match="beside them"):
            agent.run(f"touch '{tmp_path}/ran'", container=first.name)
        assert len(asked) > 1
    assert not (tmp_path / "ran").exists()
