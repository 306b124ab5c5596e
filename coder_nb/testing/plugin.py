"""The pytest plugin: notebook cells that fail are failures, and tests never reach a real deployment.

In `pyproject.toml` of a project with runbooks: `[tool.pytest.ini_options]`, `coder_isolate = true`. Then
`pytest --nbval runbooks/` checks each cell, and a test may take the fixture `coder_demo`. Without that line only the
notebook guard is active; `-o coder_nbval_guard=false` or `-p no:coder_nb` turns it off.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING

import pytest

from coder_nb.testing import isolation, notebook_guard

if TYPE_CHECKING:
    from coder_nb.client import Coder


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the switches: `coder_isolate` (off), `--coder-isolate` and `coder_nbval_guard` (on)."""
    group = parser.getgroup("coder_nb", "Coder deployments and notebooks")
    group.addoption(
        "--coder-isolate",
        action="store_true",
        help="hide CODER_* and the home directory from tests and the kernels they start",
    )
    parser.addini("coder_isolate", "the same as --coder-isolate, for every run", type="bool", default=False)
    parser.addini("coder_nbval_guard", "fail nbval cells whose execution failed silently", type="bool", default=True)


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Isolate before any conftest.py is read, and put the environment back when pytest is done."""
    if early_config.known_args_namespace.coder_isolate or early_config.getini("coder_isolate"):
        early_config.add_cleanup(isolation.enter())


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, object, object]:
    """Tell the kernel nbval starts for a notebook which one it is: no front end does, and a runbook lists its steps."""
    if not notebook_guard.is_cell(item):
        return (yield)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CODER_NB_RUNBOOK", str(item.path))
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Watch what the kernel answers while nbval runs a cell."""
    if not (notebook_guard.is_cell(item) and item.config.getini("coder_nbval_guard")):
        return (yield)
    with notebook_guard.listening(item) as replies:
        result = yield
    notebook_guard.judge(item, replies)
    return result


@pytest.fixture(scope="session")
def coder_demo() -> Iterator[Coder]:
    """A client of the demo deployment, the same one for the whole test session.

    Yields:
        The `Coder` that `coder_nb.connect("demo")` gives: user `ada`, a simulated fleet with a frozen clock (`web`,
        `ml`, `api-broken`, …) and this machine as workspace `here`.
    """
    from coder_nb.client import connect

    with connect("demo") as coder:
        yield coder
