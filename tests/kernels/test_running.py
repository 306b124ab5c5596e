"""The kernels that run in workspaces are listed, in one and in all, and ended."""

from __future__ import annotations

import json
import os
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest

from coder_nb.client import Coder
from coder_nb.errors import NotFound, ProtocolError
from coder_nb.kernels import running
from coder_nb.kernels.running import _LIST
from tests.kernels.conftest import Begin


def test_one_is_listed_as_it_is(coder: Coder, begin: Begin) -> None:
    """Where, since when, at work or not, and whether somebody is connected."""
    kernel = begin()
    pid = int(kernel.run("import os; os.getpid()")[1])
    told = time.monotonic() + 20
    agent = coder.agent("web")
    while (record := running.of(agent)[0]).state != "idle":
        assert time.monotonic() < told, record
    assert (record.workspace, record.agent, record.pid, record.connected) == ("web", "main", pid, True)
    assert record.id == kernel.hosted.kept.id
    assert abs(record.started - datetime.now(UTC)) < timedelta(minutes=2)
    kernel.client.execute("import time; time.sleep(30)")
    while running.of(agent)[0].state != "busy":
        assert time.monotonic() < told


def test_all_of_ones_own_are_listed(coder: Coder, begin: Begin) -> None:
    """Of workspaces that cannot be asked there are none."""
    begin("web")
    begin("ml")
    assert {(record.workspace, record.agent) for record in running.everywhere(coder)} == {
        ("web", "main"),
        ("ml", "main"),
    }


def test_one_is_ended(coder: Coder, begin: Begin) -> None:
    """Who is connected to it sees it die."""
    kernel = begin()
    agent = coder.agent("web")
    record = running.chosen(running.of(agent), kernel.hosted.kept.id)
    running.stop(agent, record)
    assert running.of(agent) == []
    deadline = time.monotonic() + 20
    while kernel.manager.is_alive():
        assert time.monotonic() < deadline
        threading.Event().wait(0.02)
    with pytest.raises(NotFound, match=f"no kernel '{record.id}' runs"):
        running.chosen(running.of(agent), record.id)


def test_a_number_that_is_another_process_by_now_is_no_kernel(coder: Coder) -> None:
    """As after a restart of the workspace's machine."""
    agent = coder.agent("web")
    about = {"id": "0f0f0f0f", "python": "python3", "kernel": 1, "started": 1.0, "state": "idle", "connected": False}
    for born, expected in (("1", 0), ("", 1)):
        said = json.dumps({**about, "keeper": os.getpid(), "born": born})
        agent.run("mkdir -p ~/.cache/coder-nb/kernels/x && cat >~/.cache/coder-nb/kernels/x/about.json", input=said)
        assert len(running.of(agent)) == expected


@pytest.mark.parametrize("said", ['{"keeper": %d}', '{"keeper": %d, "born": "", "id": "../x"}', '"keeper": %d'])
def test_what_is_no_kernel_is_refused(coder: Coder, said: str) -> None:
    """A workspace can say anything."""
    agent = coder.agent("web")
    path = "~/.cache/coder-nb/kernels/x"
    agent.run(f"mkdir -p {path} && cat >{path}/about.json", input=said % os.getpid())
    with pytest.raises(ProtocolError, match="did not answer which kernels"):
        running.of(agent)
    assert "eval" not in _LIST
