"""Why an agent cannot be asked: each state has its own sentence and its own next step."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from coder_nb.api.agents import WorkspaceAgent
from coder_nb.api.builds import ProvisionerJob, WorkspaceBuild, WorkspaceResource
from coder_nb.api.workspaces import Workspace
from coder_nb.client.unavailable import unavailable
from coder_nb.errors import Invalid, ServerError

T = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
REFUSED = Invalid("Agent state is …", status=400)


def agent(status: str, **fields: Any) -> WorkspaceAgent:
    """An agent in some state."""
    return WorkspaceAgent(
        id="a", name="main", status=status, lifecycle_state="ready", created_at=T, updated_at=T, resource_id="r",
        operating_system="linux", architecture="amd64", **fields,
    )  # fmt: skip


def workspace(transition: str, status: str, *agents: WorkspaceAgent) -> Workspace:
    """A workspace whose latest build has these agents."""
    resource = WorkspaceResource(id="r", type="vm", name="dev", agents=list(agents))
    job = ProvisionerJob(id="j", created_at=T, status="succeeded")
    build = WorkspaceBuild(
        id="b", workspace_id="w", build_number=3, transition=transition, status=status, job=job, created_at=T,
        updated_at=T, resources=[resource],
    )  # fmt: skip
    return Workspace(
        id="w", name="dev", owner_id="u", owner_name="ada", template_id="t", template_name="t", latest_build=build,
        created_at=T, updated_at=T, last_used_at=T,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("status", "fields", "says", "hint"),
    [
        ("disconnected", {"disconnected_at": T}, "disconnected since 2026-01-02 03:04:05 UTC", "%coder logs dev.main"),
        ("timeout", {"connection_timeout_seconds": 120}, "did not connect within 120 s", "%coder logs dev.main"),
        ("connecting", {}, "has not connected yet", "%coder wait dev"),
        ("asleep", {}, "the agent is asleep", "%coder logs dev.main"),
    ],
)
def test_states_of_the_agent(status: str, fields: dict[str, Any], says: str, hint: str) -> None:
    """The state in words, and what to type."""
    one = agent(status, **fields)
    error = unavailable(one, "dev.main", workspace("start", "running", one), REFUSED)
    assert error is not None
    assert says in error.message and hint in error.hint


@pytest.mark.parametrize(
    ("status", "says"), [("stopped", "is stopped"), ("stopping", "is stopping"), ("deleted", "is deleted")]
)
def test_a_workspace_that_does_not_run_explains_its_agent(status: str, says: str) -> None:
    """That the agent is disconnected too would be no news."""
    error = unavailable(agent("disconnected"), "dev.main", workspace("stop", status), REFUSED)
    assert error is not None and says in error.message


def test_an_agent_of_an_older_build_is_told() -> None:
    """The one that runs now is another one."""
    error = unavailable(agent("disconnected"), "dev.main", workspace("start", "running"), REFUSED)
    assert error is not None and "older build; the latest is 3" in error.message


def test_a_connected_agent_that_does_not_answer() -> None:
    """The server's report is up to 30 s old."""
    one = agent("connected")
    silent = ServerError("Internal error dialing workspace agent.", status=500, detail="agent is unreachable")
    error = unavailable(one, "dev.main", workspace("start", "running", one), silent)
    assert error is not None and "did not answer" in error.message


def test_other_refusals_of_a_connected_agent_stay_what_they_are() -> None:
    """No docker is not a state of the agent."""
    one = agent("connected")
    docker = ServerError("Could not get containers.", status=500, detail="docker: not found")
    assert unavailable(one, "dev.main", workspace("start", "running", one), docker) is None
    assert unavailable(one, "dev.main", None, REFUSED) is None
