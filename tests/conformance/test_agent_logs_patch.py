"""PATCH /workspaceagents/me/logs"""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from coder_nb.api.logs import AgentLog
from coder_nb.api.me import EXTERNAL, AgentLine
from coder_nb.client import Agent, Coder, connect
from coder_nb.embedded import launch
from coder_nb.errors import Invalid, ServerError, TooLarge
from coder_nb.within import Inside, inside

from .conftest import Target
from .me_routes import refuses_bodies_that_are_none, refuses_other_tokens, with_agent_token

PATH = "/workspaceagents/me/logs"


@pytest.fixture
def source(me: Inside) -> str:
    """A log source of this test's own, so that its lines are told from others."""
    id = str(uuid.uuid4())
    me.api.me.create_log_source(id=id, display_name="Conformance")
    return id


def lines(agent: Agent, source: str) -> list[AgentLog]:
    """What the agent's log has of a source."""
    logs = agent._coder.api.logs
    return [line for line in logs.list(agent.id) if line.source_id == source]


def test_lines_are_stored_in_order(me: Inside, agent: Agent, source: str) -> None:
    """With their levels, under their source, with the server's time: one for the batch."""
    levels = ["trace", "debug", "info", "warn", "error"]
    me.api.me.patch_logs([AgentLine(output=f"at {level}", level=level) for level in levels], log_source_id=source)
    stored = lines(agent, source)
    assert [(line.level, line.output) for line in stored] == [(level, f"at {level}") for level in levels]
    assert [line.id for line in stored] == sorted({line.id for line in stored})
    assert len({line.created_at for line in stored}) == 1


def test_a_line_without_a_level_is_info(me: Inside, agent: Agent, source: str) -> None:
    """As is one whose level is empty."""
    me.api.me.patch_logs([AgentLine(output="none")], log_source_id=source)
    assert [line.level for line in lines(agent, source)] == ["info"]


def test_a_time_must_be_one_and_does_not_count(me: Inside, target: Target, agent: Agent, source: str) -> None:
    """The server's own is stored."""
    line = {"output": "old", "created_at": "2001-01-01T00:00:00Z"}
    assert with_agent_token(target, "PATCH", PATH, {"log_source_id": source, "logs": [line]}) == (200, None)
    assert lines(agent, source)[0].created_at.year > 2001
    got = with_agent_token(target, "PATCH", PATH, {"logs": [{"output": "x", "created_at": "yesterday"}]})
    assert got.status == 400 and 'parsing time "yesterday"' in got.detail


def test_lines_of_no_source_are_external(me: Inside, agent: Agent) -> None:
    """A source that is made when it is first needed."""
    mark = str(uuid.uuid4())
    me.api.me.patch_logs([AgentLine(output=mark)])
    assert mark in [line.output for line in lines(agent, EXTERNAL)]
    assert {source.id: source.display_name for source in agent.refresh().log_sources}[EXTERNAL] == "External"


def test_an_unknown_source_is_taken(me: Inside, agent: Agent) -> None:
    """Its lines have no name."""
    unknown = str(uuid.uuid4())
    me.api.me.patch_logs([AgentLine(output="orphan")], log_source_id=unknown)
    assert [line.output for line in lines(agent, unknown)] == ["orphan"]
    assert unknown not in {one.id for one in agent.refresh().log_sources}


def test_a_long_line_is_cut_and_others_are_kept_as_they_are(me: Inside, agent: Agent, source: str) -> None:
    """At 1,024 characters; empty lines and line breaks are stored."""
    outputs = ["L" * 1500, "é" * 1100, "", "one\ntwo\r\n"]
    me.api.me.patch_logs([AgentLine(output=output) for output in outputs], log_source_id=source)
    assert [line.output for line in lines(agent, source)] == ["L" * 1024, "é" * 1024, "", "one\ntwo\r\n"]


def test_no_lines_are_refused(me: Inside, target: Target) -> None:
    """An empty list and none."""
    with pytest.raises(Invalid, match="No logs provided"):
        me.api.me.patch_logs([])
    assert with_agent_token(target, "PATCH", PATH, {}).message == "No logs provided."


@pytest.mark.parametrize("level", ["loud", "INFO"])
def test_a_level_that_is_none_is_refused(me: Inside, level: str) -> None:
    """Lower case only."""
    with pytest.raises(Invalid, match=f'invalid log level: "{level}"'):
        me.api.me.patch_logs([AgentLine(output="x", level=level)])


def test_one_nul_costs_the_batch(me: Inside, agent: Agent, source: str) -> None:
    """Which is why ours never send one."""
    with pytest.raises(ServerError, match="Failed to upload logs"):
        me.api.me.patch_logs([AgentLine(output="good"), AgentLine(output="b\0d")], log_source_id=source)
    assert lines(agent, source) == []


def test_bodies_that_are_none_are_refused(me: Inside, target: Target) -> None:
    """With what is wrong with them."""
    refuses_bodies_that_are_none(target, "PATCH", PATH)
    assert "logs of type []agentsdk.Log" in with_agent_token(target, "PATCH", PATH, {"logs": "x"}).detail
    got = with_agent_token(target, "PATCH", PATH, {"log_source_id": "x", "logs": [{"output": "y"}]})
    assert (got.status, got.detail) == (400, "invalid UUID length: 1")


def test_other_tokens_are_refused(me: Inside, target: Target) -> None:
    """It is for agents only."""
    refuses_other_tokens(target, "PATCH", PATH)


@pytest.fixture
def spoilable(target: Target, me: Inside, coder: Coder) -> Iterator[tuple[Inside, Agent]]:
    """An agent whose log may be filled for good."""
    if target.foreign:
        if not target.destructive:
            pytest.skip("it fills the agent's log for good: CODER_NB_TEST_DESTRUCTIVE is not set")
        yield me, coder.agent(target.workspace)
        return
    with launch.start(scenario=None) as demo, connect(demo.url, token=demo.token) as owner:
        assert demo.agent_token is not None
        environ = {"CODER_AGENT_URL": demo.url, "CODER_AGENT_TOKEN": demo.agent_token.reveal()}
        with inside(environ=environ) as own:
            yield own, owner.agent("here")


def test_a_batch_that_does_not_fit_is_refused_whole(spoilable: tuple[Inside, Agent]) -> None:
    """And the log counts as overflowed from then on; a smaller batch may still fit."""
    me, agent = spoilable
    thousand = AgentLine(output="x" * 1000)
    with pytest.raises(TooLarge) as first:
        for _ in range(40):
            me.api.me.patch_logs([thousand] * 60)
    assert (first.value.message, first.value.detail) == ("Logs limit exceeded", "")
    with pytest.raises(TooLarge) as second:
        me.api.me.patch_logs([thousand] * 60)
    assert second.value.detail
    assert agent.refresh().logs_overflowed
    me.api.me.patch_logs([AgentLine(output="small")])
    assert agent.logs().text.iloc[-1] == "small"
    assert agent.refresh().logs_overflowed
