"""GET /workspaces, /workspaces/{id}, /users/{user}/workspace/{name}, and their builds, logs and timings"""

from __future__ import annotations

import pytest

from coder_nb.client import Coder
from coder_nb.errors import AuthenticationError, Invalid, NotFound
from coder_nb.transport.http import Http

from .conftest import Target


def test_the_workspace_under_test_is_listed_and_found(coder: Coder, target: Target) -> None:
    """The same workspace by list, by id and by name in any case."""
    record = coder.workspace(target.workspace).record
    assert record.id in {workspace.id for workspace in coder.api.workspaces.iterate()}
    assert coder.api.workspaces.get(record.id).name == record.name
    assert coder.api.workspaces.by_name(record.owner_name, record.name.upper()).id == record.id
    assert coder.api.workspaces.by_name("me", record.name).id == record.id


def test_pages_cover_all_and_count_all(coder: Coder) -> None:
    """`count` is the total before paging, also beyond the end."""
    whole = coder.api.workspaces.list()
    assert whole.count == len(whole.workspaces)
    first = coder.api.workspaces.list(limit=1)
    assert (len(first.workspaces), first.count) == (1, whole.count)
    beyond = coder.api.workspaces.list(limit=1, offset=whole.count + 5)
    assert (beyond.workspaces, beyond.count) == ([], whole.count)
    assert {w.id for w in coder.api.workspaces.iterate(page=1)} == {w.id for w in whole.workspaces}


@pytest.mark.parametrize("q", ["nonsense:1", "status:sleeping", "name:a name:b", "one two", ":x", "x:"])
def test_a_bad_query_is_refused(coder: Coder, q: str) -> None:
    """Unknown keys and values, keys twice and two free words are told, not ignored."""
    with pytest.raises(Invalid, match="Invalid workspace search query") as caught:
        coder.api.workspaces.list(q)
    assert caught.value.validations


@pytest.mark.parametrize("field", ["limit", "offset"])
@pytest.mark.parametrize("value", ["-1", "x", str(2**31)])
def test_bad_paging_is_refused(http: Http, field: str, value: str) -> None:
    """Negative, no number, too large."""
    with pytest.raises(Invalid):
        http.request("GET", "/workspaces", query={field: value})


def test_unknown_workspaces(coder: Coder, nobody: str) -> None:
    """By id and by name a 404, with text that is no uuid a 400, with an unknown owner a 400."""
    with pytest.raises(NotFound):
        coder.api.workspaces.get(nobody)
    with pytest.raises(NotFound):
        coder.api.workspaces.by_name("me", "no-such-workspace-anywhere")
    with pytest.raises(Invalid):
        coder.api.workspaces.get("not-a-uuid")
    with pytest.raises(Invalid, match="must be an existing uuid or username"):
        coder.api.workspaces.by_name("nobody-of-that-name", "x")


def test_strangers_are_told_why(stranger: Http, forger: Http) -> None:
    """These routes say whether a token was missing or wrong."""
    with pytest.raises(AuthenticationError) as missing:
        stranger.request("GET", "/workspaces", anonymous=True)
    with pytest.raises(AuthenticationError) as wrong:
        forger.request("GET", "/workspaces")
    assert missing.value.detail != wrong.value.detail


def test_builds_are_newest_first_and_found_each_way(coder: Coder, target: Target) -> None:
    """By list, id and number."""
    workspace = coder.workspace(target.workspace).record
    builds = coder.api.builds.list(workspace.id)
    numbers = [build.build_number for build in builds]
    assert numbers == sorted(numbers, reverse=True) and builds[0].id == workspace.latest_build.id
    assert coder.api.builds.list(workspace.id, limit=1) == builds[:1]
    oldest = builds[-1]
    assert coder.api.builds.get(oldest.id).build_number == oldest.build_number
    assert coder.api.builds.by_number("me", workspace.name, oldest.build_number).id == oldest.id


def test_build_logs_rise_and_can_be_continued(coder: Coder, target: Target) -> None:
    """`after` is exclusive, and here a negative one means all."""
    build = coder.workspace(target.workspace).record.latest_build
    lines = coder.api.builds.logs(build.id)
    ids = [line.id for line in lines]
    assert ids and ids == sorted(set(ids))
    assert coder.api.builds.logs(build.id, after=ids[0]) == lines[1:]
    assert coder.api.builds.logs(build.id, after=-5) == lines
    assert {line.log_source for line in lines} <= {"provisioner", "provisioner_daemon"}


def test_a_bad_after_of_build_logs_is_refused(http: Http, coder: Coder, target: Target) -> None:
    """Text that is no integer."""
    build = coder.workspace(target.workspace).record.latest_build
    with pytest.raises(Invalid, match='"after" must be an integer'):
        http.request("GET", f"/workspacebuilds/{build.id}/logs", query={"after": "x"})


def test_unknown_builds(coder: Coder, target: Target, nobody: str) -> None:
    """A 404 by id and by number."""
    with pytest.raises(NotFound):
        coder.api.builds.get(nobody)
    with pytest.raises(NotFound):
        coder.api.builds.by_number("me", target.workspace, 99_999)


def test_timings_are_the_latest_builds(coder: Coder, target: Target) -> None:
    """A workspace's timings are those of its latest build."""
    workspace = coder.workspace(target.workspace).refresh().record
    assert coder.api.workspaces.timings(workspace.id) == coder.api.builds.timings(workspace.latest_build.id)
