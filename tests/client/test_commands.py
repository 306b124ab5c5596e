"""Commands through an agent: where they run, over which lines, and what is said where they cannot."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from coder_nb.client import Agent, Coder, connect
from coder_nb.credentials import Secret
from coder_nb.embedded.faults import Fault
from coder_nb.embedded.scenario.load import load_scenario
from coder_nb.embedded.server import Embedded
from coder_nb.errors import AgentUnavailable, CommandFailed, ConnectionLost, Invalid, NotFound
from coder_nb.remote.line import LineLimits
from coder_nb.remote.run import Want

PTY = "/api/v2/workspaceagents/*/pty"


@pytest.fixture
def server() -> Iterator[Embedded]:
    """A deployment of this process; every opening of a terminal counts as a fault that does no harm."""
    with Embedded(load_scenario()) as server:
        server.faults.add(Fault("latency", path=PTY, times=None))
        yield server


@pytest.fixture
def coder(server: Embedded) -> Iterator[Coder]:
    """A connection to it."""
    with connect(server.url, token=server.token) as coder:
        yield coder


@pytest.fixture
def agent(coder: Coder) -> Agent:
    """An agent whose workspace has a shell."""
    return coder.agent("web")


@pytest.fixture
def held(server: Embedded, agent: Agent) -> Any:
    """The server's side of that agent."""
    agents = (
        found
        for workspace in server.deployment.workspaces
        for build in workspace.builds
        for resource in build.resources
        for found in resource.agents
    )
    return next(found for found in agents if str(found.id) == agent.id)


def test_a_command_gives_its_result(agent: Agent) -> None:
    """Text, or bytes where they are asked for; check is about the exit code."""
    result = agent.run('printf "%s " "$A"; cat; pwd; echo err >&2', env={"A": Secret("1")}, input="in ", cwd="/")
    assert (result.output, result.code, result.ok, result.where) == ("1 in /\nerr\n", 0, True, "web.main")
    assert agent.run("printf '\\377'", text=False).output == b"\xff"
    assert agent.run("exit 3", check=False).code == 3
    with pytest.raises(CommandFailed, match=r"web\.main: exit code 3: said last") as caught:
        agent.run("echo said last; exit 3")
    assert (caught.value.code, caught.value.output) == (3, "said last\n")


def test_secrets_of_a_command_are_masked_in_what_is_shown(agent: Agent) -> None:
    """In the result's text and in the error's; not in its output."""
    result = agent.run('echo "$T"', env={"T": Secret("geheim")})
    assert (result.output, repr(result)) == ("geheim\n", "****\n[web.main: exit code 0]")
    with pytest.raises(CommandFailed) as caught:
        agent.run('echo "$T"; exit 1', env={"T": Secret("geheim")})
    assert "geheim" not in str(caught.value)


def test_many_in_a_row_open_one_terminal(server: Embedded, agent: Agent) -> None:
    """Far from the server's 512 a minute; at the same time each has its own."""
    for number in range(30):
        assert agent.run(f"echo {number}").output == f"{number}\n"
    assert server.faults.struck == 1
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda n: agent.run(f"echo {n}; sleep 0.1").output, range(16))) == [
            f"{n}\n" for n in range(16)
        ]
    assert 2 <= server.faults.struck <= 9


def test_a_session_is_one_terminal(server: Embedded, agent: Agent) -> None:
    """What it was opened with holds for each command that says nothing else."""
    with agent.session(cwd="/", env={"A": "1", "B": "1"}, shell="bash") as session:
        assert session.run('pwd; echo "$A$B"', env={"B": "2"}).output == "/\n12\n"
        assert session.run("pwd", cwd="/tmp").output == "/tmp\n"
        with pytest.raises(CommandFailed):
            session.run("[ -z $BASH_VERSION ]")
        assert session.run("exit 4", check=False, stderr="separate").code == 4
        assert session.run("print(1)", shell="python").output == "1\n"
        assert server.faults.struck == 1
    with pytest.raises(Invalid, match="closed"):
        session.run("true")


def test_a_session_comes_back_between_commands_only(server: Embedded, agent: Agent, tmp_path: Any) -> None:
    """A line that broke while nothing ran is opened again; within a command its fate is unknown, and it ran once."""
    count = tmp_path / "count"
    script = f"echo x >>'{count}'"
    with agent.session() as session:
        session.run(script)
        session._lines._line.write("\x1c")  # type: ignore[attr-defined]
        session._lines._line.read()  # type: ignore[attr-defined]
        session.run(script)
        assert (count.read_text(), server.faults.struck) == ("x\nx\n", 2)
        with pytest.raises(ConnectionLost, match="unknown") as caught:
            session.run(f"{script}; echo so far; kill -9 $(ps -o ppid= -p $PPID)")
        assert caught.value.output == "so far\n"
        session.run("true")
    assert count.read_text() == "x\nx\nx\n"


def test_a_kept_line_whose_agent_died_is_not_trusted(server: Embedded, agent: Agent, monkeypatch: Any) -> None:
    """After a while it is asked first; what does not answer is left, and the command runs on another."""
    monkeypatch.setattr("coder_nb.remote.kept._TRUSTED", 0.0)
    monkeypatch.setattr("coder_nb.remote.kept._ANSWER", 0.2)
    agent.run("true")
    assert agent.run("echo kept").output == "kept\n"
    assert server.faults.struck == 1
    [kept] = agent._coder._lines._kept
    kept.line.write("sleep 30\n")
    assert agent.run("echo on").output == "on\n"
    assert server.faults.struck == 2


def test_kept_lines_go_after_a_moment(server: Embedded, agent: Agent, monkeypatch: Any) -> None:
    """An open terminal counts as somebody at work; and none is left of a closed connection."""
    monkeypatch.setattr("coder_nb.remote.kept.FOR", 0.05)
    agent.run("true")
    closer = agent._coder._lines._closer
    assert closer is not None
    closer.join(10)
    assert not agent._coder._lines._kept
    monkeypatch.setattr("coder_nb.remote.kept.FOR", 60.0)
    agent.run("true")
    agent._coder.close()
    assert not {"coder-nb:pty", "coder-nb:lines"} & {thread.name for thread in threading.enumerate()}


@pytest.mark.parametrize(
    "dies",
    [
        lambda held: setattr(held, "attached", False),
        lambda held: setattr(held, "started_at", held.started_at + timedelta(hours=1)),
    ],
)
def test_an_agent_that_dies_silently_is_found_out(
    server: Embedded, agent: Agent, held: Any, dies: Callable[[Any], None]
) -> None:
    """Its socket stays open, and so only asking tells; also when another process has taken its place."""
    agent._limits = LineLimits(silence=0.1)
    held.started_at = held.first_connected_at

    def gone(text: str) -> None:
        held.last_connected_at, held.disconnected_at = None, held.first_connected_at
        dies(held)

    with pytest.raises(ConnectionLost, match="is dead: its agent") as caught:
        agent.run("echo so far; sleep 20", on_output=gone)
    assert caught.value.output == "so far\n"


def test_a_silent_command_is_waited_for(agent: Agent) -> None:
    """As long as its agent is there."""
    agent._limits = LineLimits(silence=0.05)
    assert agent.run("sleep 0.5; echo done").output == "done\n"


@pytest.mark.parametrize(
    ("name", "why"), [("laptop", "disconnected"), ("archive", "stopped"), ("git-mirror", "connect")]
)
def test_an_agent_that_is_not_there_is_explained(coder: Coder, name: str, why: str) -> None:
    """In its own words, not the server's."""
    owner = "linus/" if name == "git-mirror" else ""
    with pytest.raises(AgentUnavailable, match=why):
        coder.agent(f"{owner}{name}").run("true")


def test_windows_is_refused_by_name(agent: Agent, held: Any) -> None:
    """Nothing is opened there."""
    held.operating_system = "windows"
    with pytest.raises(AgentUnavailable, match=r"web\.main runs Windows"):
        agent.run("true")


def test_time_that_is_up_ends_what_does_not_listen(agent: Agent, tmp_path: Any, monkeypatch: Any) -> None:
    """For good: neither that process nor its children are left."""
    monkeypatch.setattr("coder_nb.remote.session.Want", partial(Want, grace=0.2))
    file = tmp_path / "pid"
    with pytest.raises(CommandFailed, match="timed out"):
        agent.run(f"trap '' INT QUIT HUP TERM; echo $$ >'{file}'; sleep 60", timeout=0.2)
    # Some inits do not collect what they inherit.
    assert agent.run(f"ps -o stat= -p {file.read_text().strip()} || true").output.strip() in ("", "Z")


def test_a_container_has_to_be_there_and_to_run(server: Embedded, agent: Agent, held: Any) -> None:
    """Nothing is opened before that is known; the nearest name is told."""
    with pytest.raises(NotFound, match="no container 'web-postgres'") as caught:
        agent.run("true", container="web-postgres")
    assert "web-postgres-1" in caught.value.hint
    with pytest.raises(AgentUnavailable, match="web-redis-1 does not run"):
        agent.run("true", container="web-redis-1")
    with pytest.raises(Invalid, match="in a container only"):
        agent.run("true", user="postgres")
    assert server.faults.struck == 0


def test_what_does_not_run_in_the_container_does_not_run(
    server: Embedded, agent: Agent, held: Any, monkeypatch: Any, tmp_path: Any
) -> None:
    """An agent may ignore that one was asked for; that is found out before the script is sent."""
    monkeypatch.setattr("coder_nb.embedded.calls.pty._has_containers", lambda it: False)
    with pytest.raises(AgentUnavailable, match=r"nothing was run.*beside them"):
        agent.run(f": >'{tmp_path}/ran'", container="web-postgres-1")
    assert not list(tmp_path.iterdir())


def test_what_runs_in_the_container_is_run(server: Embedded, agent: Agent, held: Any, monkeypatch: Any) -> None:
    """Its host's name is the beginning of its id; which may be given in place of its name."""
    monkeypatch.setattr("coder_nb.embedded.calls.pty._has_containers", lambda it: False)
    first = next(iter(held.containers().containers))
    held.environment_variables = {"HOSTNAME": first.id[:12]}
    for name in (first.name, first.id, first.id[:12]):
        assert agent.run("echo in", container=name, user="root").output == "in\n"
