"""One real IPython shell for all tests of this folder, as new for each of them."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from coder_nb.embedded.launch import Demo, start
from coder_nb.magics.extension import CoderMagics

Run = Callable[[str], Any]
Shell = Any  # Most of IPython's shell has no types.


@pytest.fixture(scope="session")
def the_shell() -> Iterator[Shell]:
    """The process's one shell, without a history file and without colours."""
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    config.TerminalInteractiveShell.simple_prompt = True
    yield InteractiveShell.instance(config=config)
    InteractiveShell.clear_instance()


@pytest.fixture
def bare(the_shell: Shell, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shell]:
    """The shell without the extension, without variables and without a deployment in its environment."""
    for name in ("CODER_URL", "CODER_SESSION_TOKEN", "CODER_AGENT_URL", "CODER_AGENT_TOKEN", "CODER_CONFIG_DIR"):
        monkeypatch.delenv(name, raising=False)
    the_shell.reset(new_session=True)
    yield the_shell
    the_shell.extension_manager.unload_extension("coder_nb")
    gc.collect()


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    """A deployment with the simulated fleet, whose workspaces have real shells on this machine."""
    with start(here=False) as running:
        yield running


@pytest.fixture
def environment(demo: Demo, bare: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment names the deployment, so that the first command connects by itself."""
    monkeypatch.setenv("CODER_URL", demo.url)
    monkeypatch.setenv("CODER_SESSION_TOKEN", demo.token.reveal())


@pytest.fixture
def shell(bare: Shell) -> Shell:
    """The shell with the extension loaded."""
    bare.run_cell("%load_ext coder_nb").raise_error()
    return bare


@pytest.fixture
def magics(shell: Shell) -> CoderMagics:
    """The extension's object in the shell."""
    found = shell.magics_manager.registry["CoderMagics"]
    assert isinstance(found, CoderMagics)
    return found


@pytest.fixture
def run(shell: Shell) -> Run:
    """Runs a cell as a person would; raises what it raised, returns what it would show."""

    def run_cell(code: str) -> Any:
        result = shell.run_cell(code, store_history=True)
        result.raise_error()
        return result.result

    return run_cell
