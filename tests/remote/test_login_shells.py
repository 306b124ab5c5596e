"""Commands do not care which login shell a user has: the terminal's own does not even start."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from coder_nb.client import Agent, connect
from coder_nb.embedded.scenario.load import load_scenario
from coder_nb.embedded.server import Embedded


@pytest.fixture(params=["dash", "bash", "busybox", "false"])
def login_shell(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A user's login shell; `false` is that of a user who is not to have one."""
    name = str(request.param)
    path = shutil.which(name)
    if path is None:
        reason = f"no {name} on PATH (apt-get install {name})"
        if os.environ.get("CODER_NB_REQUIRE_SHELLS") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    if name != "busybox":
        return path
    # What it is depends on the name it is called by.
    link = tmp_path / "ash"
    link.symlink_to(path)
    return str(link)


@pytest.fixture
def agent(login_shell: str) -> Iterator[Agent]:
    """An agent whose user has that login shell."""
    with Embedded(load_scenario()) as server:
        server.site.terminals.login_shell = login_shell
        with connect(server.url, token=server.token) as coder:
            yield coder.agent("web")


def test_commands_and_sessions_are_exact(agent: Agent, login_shell: str) -> None:
    """Output, code, input and a long script."""
    script = f": '{'x' * 20_000}'\nprintf '%s' \"$SHELL\"; cat; echo oops >&2; exit 3"
    got = agent.run(script, input=b"\x00\xff\x1e", stderr="separate", text=False, check=False)
    assert got.stdout == login_shell.encode() + b"\x00\xff\x1e"
    assert (got.stderr, got.code) == (b"oops\n", 3)
    with agent.session() as session:
        assert [session.run(f"exit {code}", check=False).code for code in (0, 9, 0)] == [0, 9, 0]
