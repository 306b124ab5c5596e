"""`%coder why` in a real shell."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from coder_nb.diagnosis import Diagnosis
from coder_nb.embedded import launch
from coder_nb.errors import NotFound

Run = Callable[[str], Any]


@pytest.fixture
def connected(run: Run, demo: launch.Demo, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A shell that is connected to it."""
    monkeypatch.setenv("CODER_URL", demo.url)
    monkeypatch.setenv("CODER_SESSION_TOKEN", demo.token.reveal())
    run("%coder connect")
    return run


@pytest.mark.parametrize("name", ["grace/cobol-port", "archive", "api-broken"])
def test_any_workspace_can_be_asked_about(connected: Run, name: str) -> None:
    """One whose build failed, one that is stopped, one that runs."""
    why = connected(f"%coder why {name}")
    assert isinstance(why, Diagnosis)
    assert why.title == name and why.causes


def test_an_agents_name_or_uuid_leads_to_it(connected: Run) -> None:
    """And a workspace's uuid to the workspace."""
    agent = connected("%coder why linus/kernel.test")
    assert agent.title == "linus/kernel.test"
    (it,) = agent.facts.agents
    assert connected(f"%coder why {it.agent.id}").title == "linus/kernel.test"
    assert connected(f"%coder why {agent.facts.workspace.id}").title == "linus/kernel"


def test_the_default_is_what_was_chosen(connected: Run) -> None:
    """As with every command."""
    connected("%coder use notebook")
    assert connected("%coder why").title == "notebook"


def test_an_unknown_name_is_told(connected: Run) -> None:
    """With the nearest."""
    with pytest.raises(NotFound, match="no workspace 'noteboo'"):
        connected("%coder why noteboo")


def test_every_next_line_can_be_typed(connected: Run) -> None:
    """The parser takes each, and each names a command there is."""
    from coder_nb.magics.commands import all_commands
    from coder_nb.magics.parser import parse
    from coder_nb.magics.words import split

    commands, lines = all_commands(), set[str]()
    for name in ("web", "api-broken", "notebook", "shop", "devbox", "margaret/landing", "bob/sandbox", "grace/payroll"):
        lines |= {cause.next for cause in connected(f"%coder why {name}").causes}
    assert len(lines) > 20
    for line in lines:
        parse(split(line.removeprefix("%coder "), expand=lambda source: source), commands)
