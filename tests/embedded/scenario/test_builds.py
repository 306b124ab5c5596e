"""What a build of the fleet tells: its job's log, its resources, and what took how long."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from coder_nb.embedded.scenario import load_scenario
from coder_nb.embedded.state import Build, Deployment


@pytest.fixture(scope="module")
def fleet() -> Deployment:
    """The fleet that comes with the package."""
    return load_scenario()


def builds(fleet: Deployment, *statuses: str) -> Iterator[Build]:
    """The builds whose job is in one of these states."""
    return (build for one in fleet.workspaces for build in one.builds if build.job.status in statuses)


def build(fleet: Deployment, workspace: str, number: int) -> Build:
    """One build."""
    return next(one for one in fleet.workspaces if one.name == workspace).builds[number - 1]


def test_what_a_build_did_happened_during_the_build(fleet: Deployment) -> None:
    """Log lines and provisioner timings lie between the job's creation and its end."""
    for one in builds(fleet, "succeeded"):
        end = one.job.completed_at
        assert end is not None and one.provisioner_timings
        assert all(one.created_at <= line.created_at <= end for line in one.job.logs)
        assert all(one.created_at <= timing.started_at < timing.ended_at <= end for timing in one.provisioner_timings)
        assert {timing.stage for timing in one.provisioner_timings} >= {"init", "plan", "graph"}


def test_a_finished_log_ends_with_cleaning_up(fleet: Deployment) -> None:
    """An empty line marks the start of a stage and comes from the daemon; all others are the provisioner's."""
    for one in builds(fleet, "succeeded", "failed", "canceled"):
        assert (one.job.logs[0].stage, one.job.logs[-1].stage) == ("Setting up", "Cleaning Up")
        for line in one.job.logs:
            assert (line.log_source == "provisioner_daemon") == (line.output == "")


def test_each_transition_names_its_own_stage(fleet: Deployment) -> None:
    """Starting and stopping a workspace are told apart in the log."""
    assert "Starting workspace" in {line.stage for line in build(fleet, "archive", 1).job.logs}
    assert "Stopping workspace" in {line.stage for line in build(fleet, "archive", 2).job.logs}


def test_only_a_succeeded_build_has_resources(fleet: Deployment) -> None:
    """Where there is an agent its resource comes first; a stop build has the volumes, and no agent."""
    assert not any(one.resources for one in builds(fleet, "failed", "pending", "running", "canceled"))
    assert [resource.name for resource in build(fleet, "web", 2).resources] == ["workspace", "home", "base"]
    assert build(fleet, "web", 2).resources[0].agents
    stopped = build(fleet, "archive", 2)
    assert [resource.name for resource in stopped.resources] == ["home"]
    assert stopped.agents == []


def test_a_failed_build_says_why(fleet: Deployment) -> None:
    """The job's error is short, the reason is in its log."""
    one = build(fleet, "cobol-port", 1)
    assert one.job.error == "terraform apply: exit status 1"
    assert any("does not exist in zone" in line.output for line in one.job.logs if line.log_level == "error")


def test_a_pending_build_waits_for_a_provisioner(fleet: Deployment) -> None:
    """It has a place in the queue, a tag nobody serves, no start, and nothing in its log."""
    job = build(fleet, "payroll", 1).job
    assert (job.queue_position, job.tags, job.started_at, job.logs) == (1, {"zone": "private"}, None, [])


def test_script_timings_name_an_agent_of_their_build(fleet: Deployment) -> None:
    """They begin after that agent has connected, and name a script it has."""
    for one in builds(fleet, "succeeded"):
        agents = {agent.id: agent for agent in one.agents}
        for timing in one.script_timings:
            agent = agents[timing.agent_id]
            assert agent.first_connected_at is not None and timing.started_at > agent.first_connected_at
            assert timing.display_name in {script.display_name for script in agent.scripts}
            assert (timing.exit_code == 0) == (timing.status in ("ok", "pipes_left_open"))
