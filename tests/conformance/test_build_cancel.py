"""PATCH /workspacebuilds/{id}/cancel"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import pytest

from coder_nb.client import Coder
from coder_nb.errors import ApiError, AuthenticationError, Invalid, NotFound
from coder_nb.transport.http import Http

from .waiting import until

if TYPE_CHECKING:
    from .conftest import Target


def latest(coder: Coder, name: str) -> str:
    """The id of a workspace's latest build."""
    return coder.workspace(name).record.latest_build.id


@pytest.mark.parametrize("expect_status", [None, "running"])
def test_one_that_has_ended_cannot_be_cancelled(
    coder: Coder, target: Target, expect_status: Literal["running"] | None
) -> None:
    """Nor with a state that is expected of it."""
    ended = next(
        build
        for build in coder.workspace(target.workspace).builds()
        if build.job.status in ("succeeded", "failed", "canceled")
    )
    with pytest.raises(Invalid, match="Job has already completed!"):
        coder.api.builds.cancel(ended.id, expect_status=expect_status)


def test_a_state_that_does_not_exist_is_refused(coder: Coder, http: Http, target: Target) -> None:
    """Only running and pending can be expected."""
    path = f"/workspacebuilds/{latest(coder, target.workspace)}/cancel"
    with pytest.raises(Invalid, match="Only 'running' or 'pending' are allowed"):
        http.request("PATCH", path, query={"expect_status": "zzz"})


def test_bad_ids_and_strangers_are_refused(http: Http, forger: Http, nobody: str) -> None:
    """Not a uuid, nobody's uuid, a wrong token."""
    with pytest.raises(Invalid, match="Invalid UUID"):
        http.request("PATCH", "/workspacebuilds/not-a-uuid/cancel")
    with pytest.raises(NotFound):
        http.request("PATCH", f"/workspacebuilds/{nobody}/cancel")
    with pytest.raises(AuthenticationError):
        forger.request("PATCH", f"/workspacebuilds/{nobody}/cancel")


def test_a_running_one_ends_soon_and_once(fleet: Coder) -> None:
    """The state expected must be the one it is in; a second time is refused."""
    id = latest(fleet, "experiment")
    with pytest.raises(ApiError) as caught:
        fleet.api.builds.cancel(id, expect_status="pending")
    assert caught.value.status == 412
    fleet.api.builds.cancel(id, expect_status="running")
    with pytest.raises(Invalid):
        fleet.api.builds.cancel(id)
    done = until(lambda: fleet.api.builds.get(id), lambda build: build.job.status == "canceled")
    assert done.job.canceled_at and done.job.completed_at


def test_a_waiting_one_is_cancelled_at_once(fleet: Coder) -> None:
    """Nobody has taken it up, so there is nothing to end."""
    id = latest(fleet, "grace/payroll")
    fleet.api.builds.cancel(id, expect_status="pending")
    assert fleet.api.builds.get(id).status == "canceled"
