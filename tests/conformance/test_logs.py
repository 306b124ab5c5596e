"""GET /workspaceagents/{id}/logs, and startup-logs, its old name"""

from __future__ import annotations

import pytest

from coder_nb.api.logs import Logs
from coder_nb.client import Agent, Coder
from coder_nb.errors import ApiError, Invalid
from coder_nb.transport.http import Http

from .agent_routes import refuses_bad_ids, refuses_strangers

ROUTES = ["/workspaceagents/{id}/logs", "/workspaceagents/{id}/startup-logs"]


@pytest.fixture
def logs(coder: Coder) -> Logs:
    """The calls under test."""
    return coder.api.logs


def test_ids_rise(logs: Logs, agent: Agent) -> None:
    """Lines come in the order of their ids, none twice."""
    ids = [line.id for line in logs.list(agent.id)]
    assert ids and ids == sorted(set(ids))


def test_both_names_give_the_same(logs: Logs, agent: Agent) -> None:
    """The old name is an alias."""
    old = logs.startup(agent.id)
    assert [line for line in logs.list(agent.id) if line.id <= old[-1].id] == old


def test_after_is_exclusive(logs: Logs, agent: Agent) -> None:
    """Asking after a line gives the next ones only."""
    every = logs.list(agent.id)
    middle = every[len(every) // 2].id
    newer = logs.list(agent.id, after=middle)
    assert [line.id for line in newer][: len(every)] == [line.id for line in every if line.id > middle] + [
        line.id for line in newer if line.id > every[-1].id
    ]


def test_after_the_last_there_is_nothing(logs: Logs, agent: Agent) -> None:
    """An id beyond all is an empty list, not an error."""
    assert logs.list(agent.id, after=2**62) == []


def test_before_is_applied_by_the_client(logs: Logs, agent: Agent, http: Http) -> None:
    """Servers ignore `before`, even a malformed one; the call applies it."""
    every = logs.list(agent.id)
    assert logs.list(agent.id, before=every[1].id) == every[:1]
    assert http.request("GET", ROUTES[0].format(id=agent.id), query={"before": "garbage"}).status == 200


@pytest.mark.parametrize("after", ["-1", "1.5", "abc", str(2**63)])
@pytest.mark.parametrize("route", ROUTES)
def test_a_bad_after_is_refused(http: Http, agent: Agent, route: str, after: str) -> None:
    """Negative, fractional, no number, too large: one text for all, and the field is named."""
    with pytest.raises(Invalid, match='"after" must be an integer greater than or equal to zero') as caught:
        http.request("GET", route.format(id=agent.id), query={"after": after})
    assert [validation.field for validation in caught.value.validations] == ["after"]


@pytest.mark.parametrize("follow", ["", "true", "false"])
def test_follow_over_plain_http_wants_an_upgrade(http: Http, agent: Agent, follow: str) -> None:
    """The parameter's presence counts, not its value; the answer's body is no JSON."""
    with pytest.raises(ApiError) as caught:
        http.request("GET", ROUTES[0].format(id=agent.id), query={"follow": follow})
    assert caught.value.status == 426


@pytest.mark.parametrize("route", ROUTES)
def test_strangers_are_refused(route: str, agent: Agent, stranger: Http, forger: Http) -> None:
    """Without a good token there are no logs."""
    refuses_strangers(route, agent.id, stranger, forger)


@pytest.mark.parametrize("route", ROUTES)
def test_bad_ids_are_refused(route: str, http: Http, nobody: str) -> None:
    """Not a uuid, and nobody's uuid."""
    refuses_bad_ids(route, nobody, http)


def test_a_stopped_workspace_keeps_its_last_log(fleet: Coder) -> None:
    """The agent of the last start is found, and its log can be read."""
    agent = fleet.agent("archive")
    assert fleet.api.logs.list(agent.id)


def test_a_log_over_its_quota_says_so(fleet: Coder) -> None:
    """The flag is set, what was stored before stays, and it is within 1 MiB."""
    agent = fleet.agent("chatty")
    lines = fleet.api.logs.list(agent.id)
    assert agent.record.logs_overflowed
    assert 0 < sum(len(line.output.encode()) for line in lines) <= 1 << 20
    assert max(len(line.output) for line in lines) <= 1024
