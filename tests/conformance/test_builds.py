"""POST /workspaces/{id}/builds, and what a build answers afterwards.

Bodies that are refused spoil nothing; the builds themselves run only where a case may spoil something.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from coder_nb.api.builds import WorkspaceBuild
from coder_nb.client import Agent, Coder
from coder_nb.errors import ApiError, AuthenticationError, Conflict, Invalid, NotFound
from coder_nb.transport.http import Http

from .waiting import until

if TYPE_CHECKING:
    from .conftest import Target

ACTIVE = ("pending", "running", "canceling")


@pytest.fixture
def id(coder: Coder, target: Target) -> str:
    """The workspace under test."""
    return coder.workspace(target.workspace).record.id


@pytest.fixture
def spoil(coder: Coder, target: Target) -> Iterator[None]:
    """For cases that stop and start the workspace under test."""
    if not target.destructive:
        pytest.skip("stops and starts the workspace: CODER_NB_TEST_DESTRUCTIVE=1 allows it")
    yield
    # What its name led to has been replaced.
    coder.workspace(target.workspace).forget()


def post(http: Http, id: str, **body: Any) -> Any:
    """A request for a build that must not succeed, so that nothing is sent twice by a helping client."""
    return http.request("POST", f"/workspaces/{id}/builds", body=body)


def ended(coder: Coder, build: WorkspaceBuild) -> WorkspaceBuild:
    """The build, once its job has ended."""
    get = coder.api.builds.get
    return until(lambda: get(build.id), lambda now: now.job.status not in ACTIVE, seconds=600)


@pytest.mark.parametrize(("field", "value"), [("transition", "restart"), ("transition", ""), ("reason", "notebook")])
def test_a_value_that_is_none_of_the_choices_is_named(http: Http, id: str, field: str, value: str) -> None:
    """400 with the field and the rule."""
    with pytest.raises(Invalid) as caught:
        post(http, id, **({"transition": "start"} | {field: value}))
    [wrong] = caught.value.validations
    assert wrong == (field, f'Validation failed for tag "oneof" with value: "{value}"')


def test_a_start_cannot_leave_things_behind(http: Http, id: str) -> None:
    """Orphans are for deleting only."""
    with pytest.raises(Invalid, match="Orphan is only permitted when deleting"):
        post(http, id, transition="start", orphan=True)


def test_debugging_has_to_be_allowed_by_the_deployment(http: Http, id: str) -> None:
    """It is not by default."""
    with pytest.raises(Invalid, match="debug mode is disabled"):
        post(http, id, transition="start", log_level="debug")


def test_a_version_has_to_be_a_known_uuid(http: Http, id: str, nobody: str) -> None:
    """Text that is none is bad JSON to the server; one that nothing has does not exist."""
    with pytest.raises(Invalid, match="must be valid JSON") as caught:
        post(http, id, transition="start", template_version_id="x")
    assert caught.value.detail == "invalid UUID length: 1"
    with pytest.raises(Invalid, match="template version does not exist"):
        post(http, id, transition="start", template_version_id=nobody)


def test_a_workspace_nobody_has_is_a_404(http: Http, nobody: str) -> None:
    """The same as for one that may not be seen."""
    with pytest.raises(NotFound):
        post(http, nobody, transition="start")
    with pytest.raises(Invalid, match="Invalid UUID"):
        post(http, "not-a-uuid", transition="start")


def test_strangers_are_refused(forger: Http, id: str) -> None:
    """A wrong token builds nothing."""
    with pytest.raises(AuthenticationError):
        post(forger, id, transition="start")


def test_parameters_of_the_latest_build_are_told(coder: Coder, target: Target) -> None:
    """By name; a template may have none."""
    latest = coder.workspace(target.workspace).record.latest_build
    assert all(isinstance(value, str) for value in coder.api.builds.parameters(latest.id).values())


@pytest.mark.usefixtures("spoil")
def test_stop_and_start(coder: Coder, http: Http, id: str, agent: Agent) -> None:
    """A build is answered before it begins, refuses another beside it, has a log and timings, and new agents."""
    create, api = coder.api.builds.create, coder.api
    number = api.workspaces.get(id).latest_build.build_number
    try:
        stop = create(id, transition="stop")
        assert (stop.build_number, stop.transition, stop.resources) == (number + 1, "stop", [])
        assert stop.template_version_name == "" and stop.job.status in ACTIVE
        with pytest.raises(Conflict, match="A workspace build is already active"):
            create(id, transition="start")
        assert ended(coder, stop).status == "stopped"
        assert api.builds.logs(stop.id)[-1].stage == "Cleaning Up"
        again = ended(coder, create(id, transition="stop"))
        assert again.status == "stopped", "stopping what is stopped is no error"
    finally:
        start = create(id, transition="start", reason="cli", parameters={"no-such-parameter": "1"})
        done = ended(coder, start)
    assert (done.status, done.reason) == ("running", "cli")
    assert done.template_version_id and done.template_version_name
    [new] = [one for one in done.agents if one.name == agent.name]
    assert new.id != agent.id
    old = until(agent.refresh, lambda record: record.status == "disconnected", seconds=60)
    assert old.lifecycle_state in ("off", "ready", "start_error", "start_timeout")
    settled = ("ready", "start_error", "start_timeout")
    until(lambda: api.agents.get(new.id), lambda record: record.lifecycle_state in settled, seconds=300)
    timings = api.builds.timings(done.id)
    assert [one.workspace_agent_id for one in timings.agent_connection_timings] == [new.id]


@pytest.mark.usefixtures("spoil")
def test_starting_what_runs_replaces_its_agents(coder: Coder, id: str, agent: Agent) -> None:
    """It is no error, and applies the template again."""
    done = ended(coder, coder.api.builds.create(id, transition="start"))
    assert done.status == "running"
    assert agent.id not in [one.id for one in done.agents]
    until(
        lambda: [coder.api.agents.get(one.id).status for one in done.agents],
        lambda states: set(states) == {"connected"},
        seconds=120,
    )


def test_a_deleted_workspace_is_built_and_stays_deleted(fleet: Coder) -> None:
    """Which is why it has to be asked for first."""
    workspace = fleet.workspace("old-demo").record
    assert ended(fleet, fleet.api.builds.create(workspace.id, transition="delete")).status == "deleted"
    with pytest.raises(NotFound) as caught:
        fleet.api.workspaces.get(workspace.id)
    assert caught.value.status == 410
    assert ended(fleet, fleet.api.builds.create(workspace.id, transition="start")).status == "running"
    with pytest.raises(NotFound):
        fleet.api.workspaces.get(workspace.id)
    assert fleet.api.workspaces.get(workspace.id, include_deleted=True).id == workspace.id


@pytest.mark.parametrize("body", [b"", b"{"])
def test_a_body_that_is_no_json_is_refused(target: Target, id: str, body: bytes) -> None:
    """An empty one too: the least is an object."""
    import json
    from urllib.error import HTTPError
    from urllib.request import Request, urlopen

    request = Request(f"{target.url}/api/v2/workspaces/{id}/builds", data=body, method="POST")
    request.add_header("Coder-Session-Token", target.token.reveal())
    with pytest.raises(HTTPError) as caught:
        urlopen(request, timeout=30)
    with caught.value as answer:
        told = json.loads(answer.read())
    assert (answer.code, told["message"]) == (400, "Request body must be valid JSON.")
    assert told["detail"] == ("EOF" if not body else "unexpected EOF")


def test_only_the_version_of_the_template_counts(fleet: Coder) -> None:
    """Another template's version is refused, whatever the status says exactly."""
    other = fleet.workspace("ml").record.latest_build.template_version_id
    with pytest.raises(ApiError) as caught:
        fleet.api.builds.create(fleet.workspace("web").record.id, transition="start", template_version_id=other)
    assert caught.value.status == 400
    assert uuid.UUID(other)
