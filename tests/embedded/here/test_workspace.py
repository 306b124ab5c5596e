"""Workspace `here`: this machine, for real."""

from __future__ import annotations

import os
import select
import socket
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from threading import Event
from threading import enumerate as threads

import psutil
import pytest

from coder_nb.embedded.here import Here
from coder_nb.embedded.scenario import load_scenario
from coder_nb.embedded.state import Deployment, LogLine

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="scripts need a POSIX shell")

LIMIT = 20.0
"""Seconds after which a wait has failed; nothing takes nearly as long."""


@pytest.fixture(scope="module")
def loaded() -> Deployment:
    """The fleet, loaded once."""
    return load_scenario()


@pytest.fixture
def deployment(loaded: Deployment) -> Deployment:
    """A deployment with the fleet's people and none of its workspaces."""
    return Deployment(loaded.id, loaded.organization, users=loaded.users)


def seen(here: Here, when: Callable[[list[LogLine]], bool]) -> Event:
    """An event that is set once the whole log is as `when` wants it."""
    event = Event()

    def look(lines: Sequence[LogLine]) -> None:
        if when(here.agent.logs.after()):
            event.set()

    here.agent.logs.listen(look)
    return event


def ends(pid: int) -> bool:
    """Waits until a process has ended; one that nobody has collected yet has ended too."""
    try:
        if sys.platform == "linux":
            with os.fdopen(os.pidfd_open(pid)) as process:
                return bool(select.select([process], [], [], LIMIT)[0])
        psutil.Process(pid).wait(LIMIT)
    except (ProcessLookupError, psutil.NoSuchProcess):
        pass
    return True


def texts(here: Here) -> list[str]:
    """The whole log."""
    return [line.output for line in here.agent.logs.after()]


def test_the_startup_script_describes_this_machine(deployment: Deployment) -> None:
    """Its lines are in the log with real times, and the timing and the lifecycle say that it went well."""
    before = datetime.now(UTC)
    here = Here(deployment, deployment.users[0])
    with here:
        assert here.agent.lifecycle_state == "starting"
        beating = seen(here, lambda lines: any(line.output.startswith("load ") for line in lines))
        assert beating.wait(LIMIT)
        assert here.agent.lifecycle_state == "ready"
    log = "\n".join(texts(here))
    python = ".".join(map(str, sys.version_info[:3]))
    assert f"Python {python}" in log and "system" in log and "GiB" in log
    startup = next(one for one in here.workspace.latest.script_timings if one.display_name == "Startup")
    assert (startup.exit_code, startup.status, startup.stage) == (0, "ok", "start")
    assert before <= startup.started_at < startup.ended_at
    assert here.agent.ready_at is not None and here.agent.ready_at >= startup.ended_at
    assert all(before <= line.created_at <= datetime.now(UTC) for line in here.agent.logs.after())


def test_the_log_goes_on_growing(deployment: Deployment) -> None:
    """The heartbeat is a script of its own that runs again and again; only its newest timing is kept."""
    with Here(deployment, deployment.users[0], startup="echo up", heartbeat_seconds=0.05) as here:
        more = seen(here, lambda lines: sum(line.output.startswith("load ") for line in lines) >= 3)
        assert more.wait(LIMIT)
        assert [line.id for line in here.agent.logs.after()] == sorted(line.id for line in here.agent.logs.after())
    assert [one.stage for one in here.workspace.latest.script_timings] == ["start", "cron"]


def test_lines_arrive_while_the_script_still_runs(deployment: Deployment) -> None:
    """A batch a second, not all at the end; stderr has level error; the source is the script's."""
    with Here(deployment, deployment.users[0], startup="echo out; echo err >&2; sleep 600") as here:
        assert seen(here, lambda lines: len(lines) >= 2).wait(LIMIT)
        assert here.agent.lifecycle_state == "starting"
        assert here.agent.containers().containers is None, "containers are looked for after the start scripts"
        assert {(line.level, line.output) for line in here.agent.logs.after()} == {("info", "out"), ("error", "err")}
        assert {line.source_id for line in here.agent.logs.after()} == {here.agent.scripts[0].log_source_id}


def test_a_failing_startup_script_is_a_start_error(deployment: Deployment) -> None:
    """Exit code 3 shows in the timing and in the lifecycle; the agent is connected all the same."""
    with Here(deployment, deployment.users[0], startup="echo no; exit 3", heartbeat_seconds=600) as here:
        assert seen(here, lambda lines: any(line.output.startswith("load ") for line in lines)).wait(LIMIT)
        assert here.agent.lifecycle_state == "start_error"
        assert here.workspace.latest.script_timings[0].exit_code == 3
        assert here.agent.attached


def test_closing_leaves_no_process_and_no_thread(deployment: Deployment) -> None:
    """Whatever the startup script started is gone when close returns; closing twice is fine."""
    # What other tests of this run have under way, such as a deployment of their own, is not ours to end.
    others = set(psutil.Process().children(recursive=True))
    here = Here(deployment, deployment.users[0], startup="sleep 600 & echo $!; sleep 601")
    here.start()
    assert seen(here, bool).wait(LIMIT) or texts(here)
    before = [child for child in psutil.Process().children(recursive=True) if child not in others]
    assert int(texts(here)[0]) in [process.pid for process in before]
    here.close()
    here.close()
    assert [process for process in before if not ends(process.pid)] == []
    assert [child for child in psutil.Process().children() if child not in others] == []
    assert [thread.name for thread in threads() if thread.name.startswith("coder-nb:here")] == []


def test_closing_what_was_never_started_is_fine(deployment: Deployment) -> None:
    """It has nothing to end."""
    Here(deployment, deployment.users[0]).close()


def test_a_machine_without_a_shell_still_has_the_workspace(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The log says why nothing ran, the lifecycle that it went wrong."""
    monkeypatch.setenv("PATH", "/nowhere")
    with Here(deployment, deployment.users[0], heartbeat_seconds=600) as here:
        assert here.agent.lifecycle_state == "start_error"
        assert "cannot run a shell" in texts(here)[0]


def test_a_port_opened_now_is_listed_with_its_process(deployment: Deployment) -> None:
    """The agent's ports are this machine's."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        found = Here(deployment, deployment.users[0]).agent.ports()
        port = server.getsockname()[1]
    assert [one.process_name for one in found if one.port == port] == [psutil.Process().name()]


def test_the_workspace_is_new_and_by_the_real_clock(deployment: Deployment) -> None:
    """Template, owner, a build that succeeded a moment ago, an agent that is there."""
    here = Here(deployment, deployment.users[0])
    assert deployment.workspaces == [here.workspace]
    assert (here.workspace.name, here.workspace.template.name, here.workspace.owner.username) == (
        "here",
        "this-machine",
        "ada",
    )
    assert here.workspace.latest.job.status == "succeeded"
    assert abs(datetime.now(UTC) - here.workspace.clock.now()) < timedelta(seconds=5)
    assert here.agent.attached and here.agent.first_connected_at is not None
    assert [line.stage for line in here.workspace.latest.job.logs][-1] == "Cleaning Up"


def test_its_log_ids_follow_the_fleets() -> None:
    """One sequence for all agents of a deployment."""
    fleet = load_scenario()
    last = max(
        line.id for one in fleet.workspaces for build in one.builds for a in build.agents for line in a.logs.after()
    )
    with Here(fleet, fleet.users[0], startup="echo up", heartbeat_seconds=600) as here:
        assert seen(here, bool).wait(LIMIT) or texts(here)
        assert here.agent.logs.after()[0].id > last
