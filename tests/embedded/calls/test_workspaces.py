"""Workspaces and their builds: who sees what, deleted ones, pages."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from coder_nb.embedded.state import JobLogLine

if TYPE_CHECKING:
    from tests.embedded.conftest import Client, Small

NOT_FOUND = {"message": "Resource not found or you do not have access to this resource"}


def test_a_member_sees_only_their_own_workspaces(client: Client, bob: Client, small: Small) -> None:
    """Ada's workspace and everything in it is 404 for bob, exactly as what does not exist; the owner sees bob's."""
    adas, bobs = small.workspace("web"), small.workspace("dev", owner=small.bob)
    nothing = "00000000-0000-0000-0000-000000000001"
    for way in ("", "/builds", "/timings"):
        assert bob.ask(f"/workspaces/{bobs.id}{way}").status == 200
        assert client.ask(f"/workspaces/{bobs.id}{way}").status == 200
        assert bob.ask(f"/workspaces/{adas.id}{way}").json == NOT_FOUND
        assert bob.ask(f"/workspaces/{nothing}{way}").json == NOT_FOUND
    for way in ("", "/logs", "/timings", "/parameters", "/resources"):
        assert bob.ask(f"/workspacebuilds/{bobs.latest.id}{way}").status == 200
        assert bob.ask(f"/workspacebuilds/{adas.latest.id}{way}").json == NOT_FOUND
    assert bob.ask("/users/ada/workspace/web").json == NOT_FOUND
    assert bob.ask("/users/ada/workspace/web/builds/1").json == NOT_FOUND
    assert [it["name"] for it in bob.ask("/workspaces").json["workspaces"]] == ["dev"]
    assert client.ask("/workspaces").json["count"] == 2


def test_a_page_says_how_many_there_are_in_all(client: Client, small: Small) -> None:
    """`count` is before paging, also beyond the end."""
    for name in ("c", "a", "b"):
        small.workspace(name)
    page = client.ask("/workspaces?limit=2&offset=1").json
    assert ([it["name"] for it in page["workspaces"]], page["count"]) == (["b", "c"], 3)
    assert client.ask("/workspaces?offset=9").json == {"workspaces": [], "count": 3}
    assert client.ask("/workspaces?limit=0").json["count"] == 3


@pytest.mark.parametrize("text", ["name:web status:running", 'name:"web" has-agent:connected', "ada/web"])
def test_a_search_text_goes_through_the_query(client: Client, small: Small, text: str) -> None:
    """Blanks, quotes and slashes survive the URL."""
    small.workspace("web")
    small.workspace("other")
    assert client.ask(f"/workspaces?q={quote(text)}").json["count"] == 1


def test_deleted_workspaces_are_410_by_id_and_404_by_name_unless_asked_for(client: Client, small: Small) -> None:
    """`include_deleted` shows them; a living one of the same name comes first."""
    gone = small.workspace("web", small.build(transition="delete"))
    assert client.ask(f"/workspaces/{gone.id}").status == 410
    assert client.ask(f"/workspaces/{gone.id}?include_deleted=t").json["latest_build"]["status"] == "deleted"
    assert client.ask("/users/me/workspace/web").status == 404
    assert client.ask("/users/me/workspace/WEB?include_deleted=1").json["id"] == gone.id
    living = small.workspace("web")
    assert client.ask("/users/me/workspace/web?include_deleted=1").json["id"] == living.id
    for path, field in ((f"/workspaces/{living.id}", "deleted"), ("/users/me/workspace/web", "include_deleted")):
        got = client.ask(f"{path}?include_deleted=x")
        assert (got.status, got.json["validations"][0]["field"]) == (400, field)


def test_only_its_owner_sees_a_favourite(client: Client, bob: Client, small: Small) -> None:
    """A favourite of bob is none for ada."""
    it = small.workspace("dev", owner=small.bob, favorite=True)
    assert bob.ask(f"/workspaces/{it.id}").json["favorite"] is True
    assert client.ask(f"/workspaces/{it.id}").json["favorite"] is False


def test_resources_show_only_when_the_job_has_succeeded(client: Client, small: Small) -> None:
    """A running build has none yet, and its own list of resources is refused."""
    build = small.build(small.agent(), job_status="running")
    build.job.completed_at = None
    it = small.workspace("web", build)
    shown = client.ask(f"/workspaces/{it.id}").json["latest_build"]
    assert (shown["status"], shown["resources"], "has_ai_task" in shown) == ("starting", [], False)
    assert client.ask(f"/workspacebuilds/{build.id}/resources").message == "Job hasn't completed!"


@pytest.mark.parametrize(
    ("job", "transition", "status"),
    [
        ("pending", "start", "pending"),
        ("running", "stop", "stopping"),
        ("succeeded", "stop", "stopped"),
        ("canceling", "start", "canceling"),
        ("canceled", "stop", "canceled"),
        ("failed", "start", "failed"),
        ("unknown", "start", "failed"),
    ],
)
def test_a_builds_status_follows_from_job_and_transition(
    client: Client, small: Small, job: str, transition: str, status: str
) -> None:
    """Seven of the ways a build can be."""
    it = small.workspace("web", small.build(job_status=job, transition=transition))
    assert client.ask(f"/workspaces/{it.id}").json["latest_build"]["status"] == status


def test_unhealthy_agents_make_a_workspace_unhealthy(client: Client, small: Small) -> None:
    """The failing agents are listed by id."""
    bad = small.agent(lifecycle_state="start_error")
    it = small.workspace("web", small.build(small.agent("other"), bad))
    assert client.ask(f"/workspaces/{it.id}").json["health"] == {"healthy": False, "failing_agents": [bad.id]}


def test_builds_come_newest_first_by_page_and_since(client: Client, small: Small) -> None:
    """Limit, offset, `since`, and `after_id`, which must be a build's."""
    it = small.workspace("web", *(small.build(number=number) for number in (1, 2, 3)))

    def numbers(query: str) -> list[int]:
        return [one["build_number"] for one in client.ask(f"/workspaces/{it.id}/builds?{query}").json]

    assert numbers("") == [3, 2, 1]
    assert numbers("limit=1&offset=1") == [2]
    assert numbers(
        f"since={(it.builds[1].created_at - timedelta(milliseconds=1)).isoformat()}".replace("+", "%2B")
    ) == [3, 2]
    assert numbers(f"after_id={it.builds[0].id}") == [3, 2]
    assert client.ask(f"/workspaces/{it.id}/builds?after_id={it.id}").status == 400
    assert client.ask(f"/workspaces/{it.id}/builds?since=yesterday").message == "bad `since` format, must be RFC3339"
    assert client.ask("/users/me/workspace/web/builds/2").json["id"] == it.builds[1].id
    assert client.ask("/users/me/workspace/web/builds/9").message == 'Workspace "web" Build 9 does not exist.'


def test_a_builds_log_takes_any_integer(client: Client, small: Small) -> None:
    """A negative `after` means all here; what is no number is refused."""
    it = small.workspace("web")
    it.latest.job.logs = [
        JobLogLine(number, small.now, "provisioner", "info", "Planning", str(number)) for number in (7, 9)
    ]

    def ids(query: str) -> list[int]:
        return [line["id"] for line in client.ask(f"/workspacebuilds/{it.latest.id}/logs?{query}").json]

    assert (ids(""), ids("after=-3"), ids("after=7")) == ([7, 9], [7, 9], [9])
    assert client.ask(f"/workspacebuilds/{it.latest.id}/logs?after=1.5").status == 400
    assert client.ask(f"/workspacebuilds/{it.latest.id}/logs?follow").status == 426


def test_parameters_are_told_by_build(client: Client, small: Small) -> None:
    """Names and values, in their order."""
    it = small.workspace("web", small.build(parameters={"size": "8", "region": "eu"}))
    body = client.ask(f"/workspacebuilds/{it.latest.id}/parameters").json
    assert body == [{"name": "size", "value": "8"}, {"name": "region", "value": "eu"}]
