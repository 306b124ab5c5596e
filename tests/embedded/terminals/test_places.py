"""Where programs of a terminal find themselves."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from coder_nb.credentials import Secret
from coder_nb.embedded.terminals.places import Places

if TYPE_CHECKING:
    from tests.embedded.conftest import Small

URL = "http://127.0.0.1:1"


def test_a_simulated_workspace_has_a_home_that_outlives_its_agents(small: Small) -> None:
    """One for each name of an agent, gone when all is closed."""
    it = small.workspace("dev", small.build(small.agent(), small.agent("side")))
    places = Places()
    main, side = (places.of(it, agent, URL) for agent in it.latest.agents)
    assert main.directory == main.environ["HOME"] != side.directory
    assert places.of(it, small.agent(), URL).directory == main.directory
    (Path(main.directory) / "file").write_text("x")
    places.close()
    places.close()
    assert not Path(main.directory).exists()
    assert not Path(side.directory).exists()


def test_nothing_of_this_machine_is_told_to_a_simulated_one(small: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither its secrets nor its user; what the template says is."""
    monkeypatch.setenv("CODER_SESSION_TOKEN", "AbCdEfGhIj-0123456789abcdefghij01")
    monkeypatch.setenv("CLOUD_PASSWORD", "hush")
    it = small.workspace("dev", small.build(small.agent(environment_variables={"EDITOR": "vi"})))
    places = Places()
    environ = places.of(it, it.latest.agents[0], URL).environ
    places.close()
    assert not {"CODER_SESSION_TOKEN", "CLOUD_PASSWORD", "CODER_AGENT_TOKEN"} & set(environ)
    assert {name: environ[name] for name in ("USER", "LOGNAME", "EDITOR", "TERM", "CODER")} == {
        "USER": "ada",
        "LOGNAME": "ada",
        "EDITOR": "vi",
        "TERM": "xterm-256color",
        "CODER": "true",
    }


def test_here_is_this_machine_without_the_deployments_own_secrets(
    small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The user's home and variables; of tokens only the agent's own."""
    monkeypatch.setenv("CODER_SESSION_TOKEN", "AbCdEfGhIj-0123456789abcdefghij01")
    monkeypatch.setenv("COLUMNS", "10")
    monkeypatch.setenv("MINE", "yes")
    token = Secret("7f1f0b4e-2b0a-4f57-9d0e-1c2d3e4f5a6b")
    home = os.environ["HOME"]
    it = small.workspace("here", small.build(small.agent(token=token, expanded_directory=home)))
    it.runner = cast(Any, object())
    place = Places().of(it, it.latest.agents[0], URL)
    assert "CODER_SESSION_TOKEN" not in place.environ
    assert "COLUMNS" not in place.environ
    assert place.environ["MINE"] == "yes"
    assert place.environ["CODER_AGENT_TOKEN"] == token.reveal()
    assert place.environ["CODER_AGENT_URL"] == f"{URL}/"
    assert place.environ["SHELL"] == place.shell
    assert place.directory == place.environ["HOME"] == home
