"""A kernel in a workspace: starts, computes, is interrupted, outlasts its connection, and leaves nothing.

The workspace needs a Python with ipykernel; nothing is installed.
"""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import pytest

from coder_nb.client import Agent
from coder_nb.kernels import pythons, running
from tests.kernels.conftest import kernel

from .conftest import Target


def test_a_kernel_there(target: Target, agent: Agent, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """From its start to its end."""
    python = pythons.find(agent, None if target.foreign else sys.executable)
    if python is None:
        pytest.skip("no Python of the workspace has ipykernel")
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("JUPYTER_PREFER_ENV_PATH", "0")
    monkeypatch.setenv("CODER_URL", target.url)
    monkeypatch.setenv("CODER_SESSION_TOKEN", target.token.reveal())
    with kernel(target.workspace, target.url, python=python.path) as there:
        assert there.run("import sys; x = 1; sys.executable") == ("ok", repr(python.path))
        assert there.hosted.kept.id in [record.id for record in running.of(agent)]
        assert there.run("print('y' * 3_000_000, end='')")[1] == "y" * 3_000_000
        there.hosted._carrier._connection.close()
        threading.Timer(1.0, there.manager.interrupt_kernel).start()
        assert there.run("import time\ntime.sleep(60)") == ("error", "KeyboardInterrupt: ")
        assert there.run("x") == ("ok", "1")
        id = there.hosted.kept.id
    assert id not in [record.id for record in running.of(agent)]
