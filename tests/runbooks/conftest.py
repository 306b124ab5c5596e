"""A real shell for each test, as tests/shell has it, whose runs are kept in a folder of the test's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from coder_nb.embedded.scenario import load_scenario
from coder_nb.embedded.server import Embedded
from coder_nb.runbooks.current import Current
from coder_nb.runbooks.here import here
from coder_nb.runbooks.journal import StepRecord
from tests.shell.conftest import Shell, bare, magics, run, shell, the_shell

__all__ = ["bare", "magics", "run", "shell", "the_shell"]


@pytest.fixture(autouse=True)
def runs_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where runs are kept; no runner's word is in the environment."""
    for name in ("RUNBOOK", "RUN", "RUN_MODE", "YES"):
        monkeypatch.delenv(f"CODER_NB_{name}", raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state" / "coder-nb" / "runs"


@pytest.fixture
def current(shell: Shell) -> Current:
    """The run of the shell."""
    return here()


@pytest.fixture(scope="module")
def deployment() -> Iterator[Embedded]:
    """A deployment with the simulated fleet, in this process."""
    with Embedded(load_scenario()) as server:
        yield server


def states(current: Current) -> list[tuple[str, str]]:
    """The steps' titles and statuses."""
    return [(step.title, step.status) for step in current.run.steps]


def the_step(current: Current, title: str) -> StepRecord:
    """The step of that title."""
    return next(step for step in current.run.steps if step.title == title)
