"""Workspace `here` is really stopped and really started."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

import psutil
import pytest

from coder_nb.embedded.here import Here

if TYPE_CHECKING:
    from tests.embedded.conftest import Client, Small

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="scripts need a POSIX shell")

LIMIT = 20.0


def waiter(here: Here) -> Callable[[Callable[[], bool]], bool]:
    """What waits until something is true of the workspace or of its log."""
    changed = threading.Condition()

    def tell(_: object = None) -> None:
        with changed:
            changed.notify_all()

    here.workspace.changes.listen(tell)

    def wait(good: Callable[[], bool]) -> bool:
        here.agent.logs.listen(tell)
        with changed:
            return changed.wait_for(good, LIMIT)

    return wait


def test_a_stop_ends_what_runs_and_a_start_runs_it_again(client: Client, small: Small) -> None:
    """The process the startup script left is gone after the stop; the start has a new agent and another process."""
    with Here(small.deployment, small.ada, startup="sleep 600 & echo $!; wait", heartbeat_seconds=600) as here:
        wait = waiter(here)
        first = here.agent
        assert wait(lambda: bool(first.logs.after()))
        process = psutil.Process(int(first.logs.after()[0].output))
        path = f"/workspaces/{here.workspace.id}/builds"
        assert client.ask(path, method="POST", json_body={"transition": "stop"}).status == 201
        assert wait(lambda: here.workspace.latest.job.status == "succeeded")
        assert (first.attached, first.lifecycle_state) == (False, "off")
        assert not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
        assert client.ask(f"/workspaceagents/{first.id}/listening-ports").status == 400
        assert client.ask(path, method="POST", json_body={"transition": "start"}).status == 201
        assert wait(lambda: here.agent is not first)
        assert wait(lambda: bool(here.agent.logs.after()))
        assert here.agent.id != first.id
        again = psutil.Process(int(here.agent.logs.after()[0].output))
        assert again.is_running() and again.pid != process.pid
    assert not again.is_running() or again.status() == psutil.STATUS_ZOMBIE


def test_a_start_of_what_runs_replaces_the_agent(client: Client, small: Small) -> None:
    """The old agent ends before the new one begins; its log stays to be read."""
    with Here(small.deployment, small.ada, startup="echo up", heartbeat_seconds=600) as here:
        wait = waiter(here)
        first = here.agent
        assert wait(lambda: first.lifecycle_state == "ready")
        client.ask(f"/workspaces/{here.workspace.id}/builds", method="POST", json_body={"transition": "start"})
        assert wait(lambda: here.agent is not first and here.agent.lifecycle_state == "ready")
        assert first.lifecycle_state == "off"
        lines = client.ask(f"/workspaceagents/{first.id}/logs").json
        assert lines[0]["output"] == "up"
        build = client.ask(f"/workspacebuilds/{here.workspace.latest.id}").json
        assert (build["status"], build["build_number"]) == ("running", 2)
