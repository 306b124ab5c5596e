"""Starting, stopping and waiting: which build is made, whose is joined, and what is an error at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from coder_nb.api import Api
from coder_nb.client import Coder, connect
from coder_nb.embedded import launch
from coder_nb.embedded.faults import Fault
from coder_nb.embedded.scenario import load_scenario
from coder_nb.embedded.server import Embedded
from coder_nb.embedded.state import TemplateVersion, Workspace
from coder_nb.errors import AgentUnavailable, ConfirmationRequired, Conflict, NotFound, PermissionDenied
from coder_nb.transport.http import Http


@pytest.fixture
def server() -> Iterator[Embedded]:
    """A fleet of its own, since it is changed."""
    with Embedded(load_scenario()) as running:
        yield running


@pytest.fixture
def fleet(server: Embedded) -> Iterator[Coder]:
    """Its owner's connection."""
    with connect(server.url, token=server.token) as coder:
        yield coder


def state(server: Embedded, name: str) -> Workspace:
    """What the server holds."""
    return next(one for one in server.deployment.workspaces if one.name == name)


def test_start_waits_until_commands_can_be_run(fleet: Coder) -> None:
    """The agent is connected and ready, the name leads to it at once, and each look is told of."""
    told: list[str] = []
    status = fleet.workspace("archive").start(wait=True, timeout=60, tell=told.append)
    assert (status.build.status, status.notes) == ("running", ())
    assert fleet.agent("archive").record.lifecycle_state == "ready"
    assert told[0] == "build 3: pending" and status.seconds > 0


def test_a_wait_is_told_and_does_not_ask(server: Embedded, fleet: Coder) -> None:
    """The workspace is asked for where nobody tells of it, not again and again."""
    workspace = fleet.workspace("archive")
    server.faults.add(Fault("latency", path=f"/api/v2/workspaces/{workspace.record.id}", times=None))
    workspace.start(wait=True, timeout=60)
    told = server.faults.struck
    workspace.stop(wait=True)
    server.faults.clear()
    server.faults.add(Fault("latency", path=f"/api/v2/workspaces/{workspace.record.id}", times=None))
    for way in ("watch-ws", "watch"):
        server.faults.add(Fault("status", path=f"*/{way}", status=404, times=None))
    before = server.faults.struck
    fleet.workspace("archive").start(wait=True, timeout=60)
    assert told < server.faults.struck - before


def test_what_is_done_already_makes_no_build(fleet: Coder) -> None:
    """Starting what runs and stopping what is stopped say so; an agent that is away is told with what to type."""
    running = fleet.workspace("web").start(wait=True)
    stopped = fleet.workspace("archive").stop(wait=True)
    away = fleet.workspace("laptop").start()
    assert (running.notes, stopped.notes) == (("it is running already",), ("it is stopped already",))
    assert away.notes[1].endswith("%coder restart laptop")
    assert [one.build.build_number for one in (running, stopped, away)] == [2, 2, 1]


def test_a_build_under_way_is_joined(fleet: Coder) -> None:
    """Two who want the same get the same build."""
    first, second = fleet.workspace("web").stop(), fleet.workspace("web").stop()
    assert first.build.id == second.build.id
    assert "no other build was made" in second.notes[0]


def test_one_that_is_being_stopped_is_started_by_who_waits(fleet: Coder) -> None:
    """Without waiting that is a Conflict that names the build."""
    fleet.workspace("web").stop()
    with pytest.raises(Conflict, match="web is being stopped: build 3") as caught:
        fleet.workspace("web").start()
    assert caught.value.hint.startswith("%coder start web --wait")
    assert fleet.workspace("web").start(wait=True).build.build_number == 4


def test_a_race_that_is_lost_is_a_build_to_join(fleet: Coder, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody else's build came between our look and our order: the server's 409 leads to it."""
    workspace = fleet.workspace("web")
    create = fleet.api.builds.create

    def late(*args: Any, **options: Any) -> Any:
        create(*args, **options)
        return create(*args, **options)

    monkeypatch.setattr(fleet.api.builds, "create", late)
    status = workspace.stop()
    assert (status.build.transition, status.build.build_number) == ("stop", 3)
    assert "no other build was made" in status.notes[0]


def test_restart_stops_first(server: Embedded, fleet: Coder) -> None:
    """A stop, then a start, with new agents."""
    before = fleet.agent("web").id
    status = fleet.workspace("web").restart(wait=True)
    assert [build.transition for build in state(server, "web").builds[-2:]] == ["stop", "start"]
    assert status.agents[0].id != before


def test_the_templates_active_version_is_used_where_it_is_demanded(server: Embedded) -> None:
    """The default version is refused with 403; the second order names the active one. Twice refused stays refused."""
    template = state(server, "sandbox").template
    template.active = TemplateVersion("00000000-0000-4000-8000-000000000002", "v99")
    template.require_active_version = True
    with connect(server.url, token=server.token_for("bob")) as bob:
        assert bob.workspace("sandbox").stop(wait=True).build.template_version_id == template.active.id
        with pytest.raises(PermissionDenied):
            other = state(server, "sandbox").builds[0].template_version.id
            bob.workspace("sandbox").start(template_version_id=other)


def test_a_failing_start_script_is_told_not_raised(fleet: Coder) -> None:
    """Commands can be run there all the same."""
    status = fleet.workspace("api-broken").restart(wait=True)
    assert status.agents[0].lifecycle_state == "start_error"
    assert "%coder logs api-broken.main --level error" in status.notes[-1]


def test_a_failed_build_is_told_in_the_provisioners_words(fleet: Coder) -> None:
    """The last error lines, without escapes."""
    with pytest.raises(AgentUnavailable) as caught:
        fleet.workspace("grace/cobol-port").start(wait=True)
    assert "build 2 (start) of grace/cobol-port failed: terraform apply: exit status 1" in caught.value.message
    assert "does not exist in zone" in caught.value.message and "\x1b" not in caught.value.message
    assert caught.value.hint == "%coder logs grace/cobol-port --provisioner"


def test_a_cancelled_build_is_an_error_for_who_waits(fleet: Coder) -> None:
    """It will never be ready by itself."""
    workspace = fleet.workspace("grace/payroll")
    fleet.api.builds.cancel(workspace.record.latest_build.id)
    with pytest.raises(AgentUnavailable, match="was canceled"):
        workspace.wait()


@pytest.mark.parametrize(
    ("name", "goal", "says", "hint"),
    [
        ("archive", "ready", "archive is stopped and nothing starts it", "%coder start archive"),
        ("archive", "connected", "archive is stopped and nothing starts it", "%coder start archive"),
        ("web", "stopped", "web is running and nothing stops it", "%coder stop web"),
        ("linus/git-mirror", "ready", "main of linus/git-mirror did not connect within 120 s", "never-connects"),
    ],
)
def test_waiting_for_what_nobody_has_begun_ends_at_once(
    coder: Coder, name: str, goal: Any, says: str, hint: str
) -> None:
    """The error says what is, and what to type."""
    with pytest.raises(AgentUnavailable) as caught:
        coder.workspace(name).wait(goal, timeout=60)
    assert says in caught.value.message and hint in caught.value.hint


def test_time_that_is_up_says_how_far_it_was(coder: Coder) -> None:
    """A disconnected agent may come back, so that is waited for."""
    with pytest.raises(AgentUnavailable, match=r"laptop is not ready after 0\.1 s: agent main: disconnected"):
        coder.workspace("laptop").wait(timeout=0.1)


def test_only_the_agent_that_is_named_counts(coder: Coder) -> None:
    """Dev containers' agents count when they are named; `connected` does not look at scripts."""
    assert coder.workspace("docs").wait("ready", agent="site", timeout=1).workspace.name == "docs"
    assert coder.workspace("fresh").wait("connected", timeout=1).agents[0].lifecycle_state == "starting"
    with pytest.raises(AgentUnavailable, match="agent main: starting"):
        coder.workspace("fresh").wait(timeout=0.1)


def test_a_deleted_workspace_is_not_built(fleet: Coder) -> None:
    """The server would: so it is asked first whether there still is one."""
    workspace = fleet.workspace("old-demo")
    fleet.api.builds.create(workspace.record.id, transition="delete")
    workspace.wait("stopped", timeout=60)
    with pytest.raises(NotFound, match="old-demo is deleted"):
        workspace.start()


def test_a_dry_run_sends_nothing_that_changes(server: Embedded) -> None:
    """Looking is allowed, building is not."""
    http = Http(server.url, server.token, dry_run=True)
    api = Api(http)
    id = api.workspaces.by_name("me", "web").id
    with pytest.raises(ConfirmationRequired):
        api.builds.create(id, transition="stop")
    agent = api.workspaces.get(id).latest_build.agents[0]
    dev = (api.containers.list(agent.id).devcontainers or [])[0]
    with pytest.raises(ConfirmationRequired):
        api.containers.recreate(agent.id, dev.id)
    assert len(state(server, "web").builds) == 2
    http.close()


def test_ctrl_c_ends_the_waiting_at_once() -> None:
    """A real signal to a real process that waits for ever: it is gone at once, and the server still runs the build."""
    import os
    import signal
    import subprocess
    import sys

    code = (
        "import sys, coder_nb as cn\n"
        "coder = cn.connect()\n"
        "coder.workspace('grace/payroll').wait(tell=lambda text: print(text, flush=True))\n"
    )
    with launch.start(here=False) as demo:
        environ = os.environ | {"CODER_URL": demo.url, "CODER_SESSION_TOKEN": demo.token.reveal()}
        with subprocess.Popen([sys.executable, "-c", code], env=environ, stdout=-1, stderr=-1, text=True) as process:
            assert process.stdout is not None
            assert "in the queue" in process.stdout.readline()
            threading.Timer(0.5, process.send_signal, [signal.SIGINT]).start()
            _, errors = process.communicate(timeout=10)
        assert "KeyboardInterrupt" in errors
        with connect(demo.url, token=demo.token) as coder:
            assert coder.workspace("grace/payroll").record.latest_build.job.status == "pending"
