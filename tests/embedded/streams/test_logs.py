"""Logs that are followed: what comes when, and what ends them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from coder_nb.embedded.state import Build, JobLogLine, LogLine
from tests.embedded.raw import RawSocket, connect

if TYPE_CHECKING:
    from tests.embedded.conftest import Client, Small

Dial = Callable[..., RawSocket]
NOW = datetime(2026, 3, 12, 9, 30, tzinfo=UTC)
LAST = LogLine(7, NOW, "last", "info", "source")


def line(id: int, output: str = "x") -> JobLogLine:
    """A line of a build."""
    return JobLogLine(id, NOW, "provisioner", "info", "Starting workspace", output)


def test_a_log_is_followed_from_a_line_on(small: Small, dial: Dial) -> None:
    """The first message has what is there already, or is empty; each batch comes once."""
    agent = small.workspace("dev").latest.agents[0]
    agent.logs.append("source", [("info", "one"), ("warn", "two")], at=small.now)
    after_all = dial(f"/workspaceagents/{agent.id}/logs?follow&after=2")
    after_one = dial(f"/workspaceagents/{agent.id}/logs?follow=0&after=1")
    assert after_all.value() == []
    assert [one["output"] for one in after_one.value()] == ["two"]
    agent.logs.append("source", [("error", "three")], at=small.now)
    for raw in (after_all, after_one):
        [one] = raw.value()
        assert (one["id"], one["output"], one["level"]) == (3, "three", "error")


def test_a_long_log_comes_whole_at_first_and_in_parts_later(small: Small, dial: Dial) -> None:
    """The history is one message; what is written at once later comes in several, in order, to the last line."""
    it = small.workspace("dev")
    agent = it.latest.agents[0]
    agent.logs.append("source", [("info", "x")] * 2500, at=small.now)
    raw = dial(f"/workspaceagents/{agent.id}/logs?follow")
    assert len(raw.value()) == 2500
    agent.logs.append("source", [("info", "x")] * 2000, at=small.now)
    it.builds.append(small.build(number=2))
    it.changes.tell()
    parts = []
    while (said := raw.next()).kind == "text":
        parts.append([one["id"] for one in said.json])
    assert said.close == (1000, "")
    assert [id for part in parts for id in part] == list(range(2501, 4501))
    assert max(map(len, parts)) <= 1000


def test_a_log_ends_when_another_build_is_posted(client: Client, small: Small, dial: Dial) -> None:
    """At once and with 1000, long before the build has an end; the agent itself may still be there."""
    it = small.workspace("dev")
    agent = it.latest.agents[0]
    raw = dial(f"/workspaceagents/{agent.id}/logs?follow")
    raw.next()
    got = client.ask(f"/workspaces/{it.id}/builds", method="POST", json_body={"transition": "stop"})
    assert got.status == 201
    assert raw.ended() == (1000, "")
    assert it.latest.job.completed_at is None


def test_a_replaced_agent_is_noticed_without_being_told(client: Client, small: Small, dial: Dial) -> None:
    """After the re-check; what was written last is in a last message."""
    client.server.site.second = 0.001
    it = small.workspace("dev")
    agent = it.latest.agents[0]
    raw = dial(f"/workspaceagents/{agent.id}/logs?follow")
    raw.next()
    agent.logs._lines.append(LAST)
    it.builds.append(small.build(number=2))
    assert [one["id"] for one in raw.value()] == [7]
    assert raw.ended() == (1000, "")


def test_a_bad_place_to_begin_is_refused_before_the_handshake(client: Client, small: Small) -> None:
    """400 as JSON, for agents below zero too."""
    it = small.workspace("dev")
    for path in (
        f"/workspaceagents/{it.latest.agents[0].id}/logs?follow&after=-1",
        f"/workspacebuilds/{it.latest.id}/logs?follow&after=x",
    ):
        got, raw = connect(client, path)
        raw.close()
        assert got.status == 400
        assert b'"field":"after"' in got.body


def test_a_running_build_is_followed_to_its_end(small: Small, dial: Dial) -> None:
    """What is there, then each line as it comes, then `done` when the job has ended."""
    build = _running(small)
    it = small.workspace("dev", build)
    build.job.logs.append(line(5, "early"))
    raw = dial(f"/workspacebuilds/{build.id}/logs?follow&after=-1")
    assert raw.value()["output"] == "early"
    build.job.logs += [line(6, ""), line(7, "late")]
    it.changes.tell()
    assert [raw.value()["id"] for _ in range(2)] == [6, 7]
    build.job.logs.append(line(8, "last"))
    build.job.completed_at = small.now
    it.changes.tell()
    assert raw.value()["output"] == "last"
    assert raw.ended() == (1000, "done")


def test_a_build_is_followed_from_a_line_on(small: Small, dial: Dial) -> None:
    """Only lines with a greater id."""
    build = small.build(small.agent())
    build.job.logs = [line(5), line(6), line(7)]
    small.workspace("dev", build)
    raw = dial(f"/workspacebuilds/{build.id}/logs?follow&after=6")
    assert raw.value()["id"] == 7
    assert raw.ended() == (1000, "done")


def test_a_build_made_here_is_followed_while_it_is_made(client: Client, small: Small, dial: Dial) -> None:
    """From its order to `done`, with the log it keeps."""
    it = small.workspace("dev")
    made = client.ask(f"/workspaces/{it.id}/builds", method="POST", json_body={"transition": "stop"}).json
    raw = dial(f"/workspacebuilds/{made['id']}/logs?follow")
    seen = []
    while (said := raw.next()).kind == "text":
        seen.append(said.json)
    assert said.close == (1000, "done")
    assert seen == client.ask(f"/workspacebuilds/{made['id']}/logs").json
    assert len(seen) > 1


def _running(small: Small) -> Build:
    build = small.build(small.agent(), job_status="running")
    build.job.completed_at = None
    return build
