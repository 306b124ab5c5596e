"""Builds of simulated workspaces happen step by step, one at a time, and always the same way."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from coder_nb.embedded.scenario import load_scenario
from coder_nb.embedded.state import Agent, Deployment, Workspace

if TYPE_CHECKING:
    from tests.embedded.conftest import Client, Small

LIMIT = 15.0
Serve = Callable[[Deployment], "Client"]
Story = tuple[str, ...]


class Watch:
    """What a workspace went through, as those are told who listen to its changes."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._changed = threading.Condition()
        self.story: list[Story] = []
        workspace.changes.listen(self._look)

    def _look(self) -> None:
        latest = self._workspace.latest
        agents = [f"{agent.name} {agent.lifecycle_state}" for agent in latest.agents]
        now = (latest.transition, latest.job.status, *agents)
        with self._changed:
            if not self.story or self.story[-1] != now:
                self.story.append(now)
            self._changed.notify_all()

    def until(self, *wanted: str) -> list[Story]:
        """The story, once it has come to this."""
        with self._changed:
            assert self._changed.wait_for(lambda: wanted in self.story, LIMIT), self.story
            return list(self.story)


def named(deployment: Deployment, name: str) -> Workspace:
    """The workspace of that name."""
    return next(workspace for workspace in deployment.workspaces if workspace.name == name)


def order(client: Client, workspace: Workspace, transition: str) -> Any:
    """Begins a build."""
    return client.ask(f"/workspaces/{workspace.id}/builds", method="POST", json_body={"transition": transition})


def test_a_stop_and_a_start_go_through_every_state(serve: Serve, small: Small) -> None:
    """Pending, running, succeeded; the old agent ends as off, the new one starts and gets ready."""
    old = small.agent()
    it = small.workspace("dev", small.build(old))
    client, watch = serve(small.deployment), Watch(it)
    assert order(client, it, "stop").status == 201
    story = watch.until("stop", "succeeded")
    assert story == [("stop", "pending"), ("stop", "running"), ("stop", "succeeded")]
    assert (old.attached, old.lifecycle_state) == (False, "off")
    assert old.disconnected_at is not None
    order(client, it, "start")
    story = watch.until("start", "succeeded", "main ready")
    assert story[3:] == [
        ("start", "pending"),
        ("start", "running"),
        ("start", "succeeded", "main created"),
        ("start", "succeeded", "main starting"),
        ("start", "succeeded", "main ready"),
    ]
    [new] = it.latest.agents
    assert new.id != old.id and new.attached
    assert [build.number for build in it.builds] == [1, 2, 3]


def test_another_build_waits_for_no_one(serve: Serve, small: Small) -> None:
    """While one is active there is a 409; once it has ended, and not before, the next is taken."""
    it = small.workspace("dev")
    client, watch = serve(small.deployment), Watch(it)
    order(client, it, "stop")
    refused = order(client, it, "start")
    assert (refused.status, refused.message) == (409, "A workspace build is already active.")
    watch.until("stop", "succeeded")
    assert order(client, it, "stop").status == 201, "stopping what is stopped is no error"


def test_the_same_orders_give_the_same_times_and_ids(serve: Serve) -> None:
    """Two fleets that are treated alike stay alike, to the microsecond; a fleet's other workspaces notice nothing."""

    def treat() -> list[object]:
        deployment = load_scenario()
        it, watch = named(deployment, "api-broken"), None
        client, watch = serve(deployment), Watch(it)
        order(client, it, "stop")
        watch.until("stop", "succeeded")
        order(client, it, "start")
        watch.until("start", "succeeded", "main start_error")
        [agent] = it.latest.agents
        lines = [(line.created_at, line.output) for line in agent.logs.after()]
        assert named(deployment, "web").clock.now() == deployment.clock.now() != it.clock.now()
        return [it.latest.id, it.latest.created_at, it.latest.job.logs, agent.id, agent.ready_at, lines, it.clock.now()]

    assert treat() == treat()


def test_a_start_goes_like_the_one_before(serve: Serve) -> None:
    """A failed one fails with the same error and log; one whose agent never connected times out again."""
    deployment = load_scenario()
    client = serve(deployment)
    failing, silent = named(deployment, "cobol-port"), named(deployment, "git-mirror")
    before = failing.latest
    watch, other = Watch(failing), Watch(silent)
    order(client, failing, "start")
    order(client, silent, "start")
    watch.until("start", "failed")
    assert failing.latest.job.error == before.job.error
    assert [line.output for line in failing.latest.job.logs] == [line.output for line in before.job.logs]
    other.until("start", "succeeded", "main created")
    agents = client.ask(f"/workspaces/{silent.id}").json["latest_build"]["resources"][0]["agents"]
    assert agents[0]["name"] == "main" and agents[0]["status"] in ("connecting", "timeout")


def test_sub_agents_follow_their_new_parent(serve: Serve) -> None:
    """A dev container's agent has a new id, and both its parent and the container listing say so."""
    deployment = load_scenario()
    client, it = serve(deployment), named(deployment, "docs")
    watch = Watch(it)
    old = {agent.name: agent.id for agent in it.latest.agents}
    order(client, it, "start")
    watch.until("start", "succeeded", "main ready", "site ready")
    agents: dict[str, Agent] = {agent.name: agent for agent in it.latest.agents}
    assert not {agent.id for agent in agents.values()} & set(old.values())
    assert agents["site"].parent_id == agents["main"].id
    listed = client.ask(f"/workspaceagents/{agents['main'].id}/containers").json["devcontainers"]
    assert [dev["agent"]["id"] for dev in listed] == [agents["site"].id]


def test_a_deleted_workspace_stays_deleted(serve: Serve, small: Small) -> None:
    """A build of it is taken, and even runs, while the workspace itself goes on answering 410."""
    it = small.workspace("dev")
    client, watch = serve(small.deployment), Watch(it)
    order(client, it, "delete")
    watch.until("delete", "succeeded")
    assert client.ask(f"/workspaces/{it.id}").status == 410
    assert order(client, it, "start").status == 201
    watch.until("start", "succeeded", "main created")
    assert client.ask(f"/workspaces/{it.id}").status == 410
    assert client.ask("/workspaces").json["count"] == 0


def test_a_waiting_build_is_cancelled_at_once_and_a_running_one_soon(serve: Serve) -> None:
    """Twice is an error, and so is one that has ended; the one after waits for ever again."""
    deployment = load_scenario()
    client = serve(deployment)
    waiting, running = named(deployment, "payroll"), named(deployment, "experiment")
    watch = Watch(running)
    assert client.ask(f"/workspacebuilds/{waiting.latest.id}/cancel", method="PATCH").status == 200
    assert waiting.latest.job.status == "canceled"
    path = f"/workspacebuilds/{running.latest.id}/cancel"
    assert client.ask(f"{path}?expect_status=pending", method="PATCH").status == 412
    assert client.ask(path, method="PATCH").status == 200
    assert client.ask(path, method="PATCH").message == "Job has already been marked as canceled!"
    watch.until("stop", "canceled")
    assert client.ask(path, method="PATCH").message == "Job has already completed!"
    assert order(client, waiting, "start").json["status"] == "pending"
    assert order(client, waiting, "start").status == 409


def test_a_template_that_forbids_it_lets_members_cancel_nothing_that_runs(
    client: Client, bob: Client, small: Small
) -> None:
    """What still waits they may cancel, and the owner of the site anything."""
    small.template.allow_user_cancel_workspace_jobs = False
    it = small.workspace("dev", small.build(job_status="running"), owner=small.bob)
    it.latest.job.completed_at = None
    path = f"/workspacebuilds/{it.latest.id}/cancel"
    assert bob.ask(path, method="PATCH").status == 403
    assert bob.ask(f"{path}?expect_status=pending", method="PATCH").status == 412
    assert client.ask(path, method="PATCH").status == 200


@pytest.mark.parametrize("transition", ["start", "stop"])
def test_a_template_can_demand_its_active_version(transition: str, client: Client, bob: Client, small: Small) -> None:
    """A member gets 403 for the version of the build before, and 201 for the active one."""
    from coder_nb.embedded.state import TemplateVersion

    it = small.workspace("dev", owner=small.bob)
    small.template.active = TemplateVersion("00000000-0000-4000-8000-000000000002", "v2")
    small.template.require_active_version = True
    assert order(bob, it, transition).status == 403
    body = {"transition": transition, "template_version_id": small.template.active.id}
    made = bob.ask(f"/workspaces/{it.id}/builds", method="POST", json_body=body)
    assert (made.status, made.json["template_version_id"]) == (201, small.template.active.id)
