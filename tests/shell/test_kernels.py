"""`%coder kernel` in a real shell: what runs in workspaces, and ending it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from coder_nb.embedded.launch import Demo
from coder_nb.errors import ConfirmationRequired, NotFound
from tests.kernels.conftest import Running, kernel

Run = Callable[[str], Any]


@pytest.fixture
def running(demo: Demo, bare: object, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Running]:
    """A kernel in a workspace of the deployment that the environment names."""
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("JUPYTER_PREFER_ENV_PATH", "0")
    monkeypatch.setenv("CODER_URL", demo.url)
    monkeypatch.setenv("CODER_SESSION_TOKEN", demo.token.reveal())
    with kernel("web", demo.url) as running:
        yield running


def test_what_runs_is_listed_and_ended(running: Running, run: Run) -> None:
    """In one workspace, and in all of one's own; ending asks first."""
    running.run("1")
    frame = run("%coder kernel web")
    id = running.hosted.kept.id
    assert frame[["workspace", "agent", "id", "pid", "connected"]].to_numpy().tolist() == [
        ["web", "main", id, running.hosted.pid, True]
    ]
    assert frame.python[0] == sys.executable
    assert id in run("%coder kernel").id.tolist()
    with pytest.raises(ConfirmationRequired, match=rf"End kernel {id} in web\.main\? Its variables are lost"):
        run(f"%coder kernel --stop {id}")
    with pytest.raises(NotFound, match="no kernel 'abcdefgh' runs"):
        run("%coder kernel web --stop abcdefgh --yes")
    assert len(run(f"%coder kernel --stop {id} --yes")) == 0
    assert len(run("%coder kernel web")) == 0
