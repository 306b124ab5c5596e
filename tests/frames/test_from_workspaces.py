"""Workspace records as a frame."""

from __future__ import annotations

from typing import Any

import pytest

from coder_nb import frames


def test_a_workspace_is_a_row(make: Any) -> None:
    """Name, owner, states, template, agent, build and times."""
    row = frames.workspaces([make.workspace()], attrs={}).iloc[0]
    assert row[["name", "owner", "status", "template", "agent", "agent_status", "lifecycle"]].tolist() == [
        *("web", "ada", "running", "docker", "main", "connected", "ready")
    ]
    assert (row["health"], row["outdated"], row["build"]) == (True, False, 3)
    assert row["created"].isoformat() == "2026-11-20T08:00:00.123456+00:00"


def test_never_used_is_nat(make: Any) -> None:
    """Go's zero time means that nobody used it yet."""
    df = frames.workspaces([make.workspace(last_used_at="0001-01-01T00:00:00Z")], attrs={})
    assert df["last_used"].isna().all()


def test_a_workspace_without_agents_has_no_health(make: Any) -> None:
    """The server calls a stopped workspace healthy, since no agent is unhealthy; we say nothing."""
    row = frames.workspaces([make.workspace(agents=[], status="stopped")], attrs={}).isna().iloc[0]
    assert row[["health", "agent", "agent_status", "lifecycle"]].all()


def test_a_dev_containers_agent_is_not_the_workspaces(make: Any) -> None:
    """Agents with a parent do not count."""
    agents = [make.agent("inner", parent_id="main", status="disconnected"), make.agent("main")]
    row = frames.workspaces([make.workspace(agents=agents)], attrs={}).iloc[0]
    assert (row["agent"], row["agent_status"]) == ("main", "connected")


@pytest.mark.parametrize("worst", ["timeout", "disconnected", "connecting", "asleep"])
def test_of_several_agents_the_worst_state_shows(make: Any, worst: str) -> None:
    """One disconnected agent is not hidden behind a connected one; a state we do not know is no better than known."""
    agents = [make.agent("a"), make.agent("b", status=worst, lifecycle_state="off")]
    row = frames.workspaces([make.workspace(agents=agents)], attrs={}).iloc[0]
    assert row["agent"] == "a, b"
    expected = ("connected", "ready") if worst == "asleep" else (worst, "off")
    assert (row["agent_status"], row["lifecycle"]) == expected


def test_an_unknown_status_survives(make: Any) -> None:
    """A status of a newer server is shown as it came."""
    df = frames.workspaces([make.workspace(status="hibernating")], attrs={})
    assert df["status"].tolist() == ["hibernating"]
