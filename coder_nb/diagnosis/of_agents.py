"""Rules about the agent itself: whether it is there, how far it is, and what its apps say."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

from coder_nb.api.resource import happened
from coder_nb.diagnosis.cause import Evidence, Found
from coder_nb.diagnosis.facts import Facts
from coder_nb.diagnosis.telling import ago, evidence, long, shorter

__all__ = [
    "app_failed",
    "app_unhealthy",
    "connecting",
    "disconnected",
    "never_connected",
    "old_version",
    "shutting_down",
]

_LAST = 3


def never_connected(facts: Facts) -> Iterator[Found]:
    """It did not connect in time: what it runs on does not start, or cannot reach the server."""
    for it in facts.live():
        agent = it.agent
        if agent.status != "timeout":
            continue
        shown = [
            Evidence("built", ago(agent.created_at, facts.now), agent.created_at),
            Evidence("time it has", f"{agent.connection_timeout_seconds} s"),
        ]
        page = agent.troubleshooting_url
        shown += [Evidence("see", page)] if page.startswith("https://") else []
        yield Found(
            it.title,
            "its agent has never connected",
            tuple(shown),
            f"%coder logs {facts.title} --provisioner",
            at=agent.created_at,
        )


def disconnected(facts: Facts) -> Iterator[Found]:
    """It was there and is no more; its last words may say why."""
    for it in facts.live():
        agent = it.agent
        if agent.status != "disconnected":
            continue
        since = happened(agent.disconnected_at) or happened(agent.last_connected_at)
        seen = happened(agent.last_connected_at)
        yield Found(
            it.title,
            "its agent is disconnected" + (f", for {long((facts.now - since).total_seconds())} now" if since else ""),
            (*evidence(it.last(_LAST)), Evidence("last seen", ago(seen, facts.now) if seen else "never", seen)),
            f"%coder restart {facts.title} --wait",
            at=since,
        )


def connecting(facts: Facts) -> Iterator[Found]:
    """It has not connected yet, and still has time to."""
    for it in facts.live():
        agent = it.agent
        if agent.status != "connecting":
            continue
        gone = (facts.now - agent.created_at).total_seconds()
        yield Found(
            it.title,
            f"its agent has not connected yet, {long(gone)} after the build",
            (Evidence("time it has", f"{agent.connection_timeout_seconds} s", agent.created_at),),
            f"%coder wait {facts.title} --for connected",
            at=agent.created_at,
        )


def shutting_down(facts: Facts) -> Iterator[Found]:
    """It runs its stop scripts, or they went wrong; afterwards it is gone."""
    for it in facts.agents:
        state = it.agent.lifecycle_state
        if state not in ("shutting_down", "shutdown_timeout", "shutdown_error"):
            continue
        bad = {"shutdown_timeout": "its stop scripts took too long", "shutdown_error": "a stop script failed"}
        runs = [run for run in it.timings if run.stage == "stop" and run.status != "ok"]
        shown = tuple(Evidence(f"script {run.display_name}", _ended_how(run.exit_code), run.ended_at) for run in runs)
        failed = {run.display_name for run in runs}
        wrote = [line for line in it.loud if line.source in failed]
        yield Found(
            it.title,
            bad.get(state, "its agent is shutting down"),
            (
                Evidence("lifecycle", state),
                *shown,
                *evidence(wrote[-_LAST:]),
            ),
            f"%coder logs {it.title} --tail 20",
            at=runs[-1].ended_at if runs else None,
            level="warning" if state in bad else "note",
        )


def app_unhealthy(facts: Facts) -> Iterator[Found]:
    """An app does not answer the checks of the agent."""
    for it in facts.connected():
        for app in it.agent.apps:
            if app.health != "unhealthy":
                continue
            check = app.healthcheck
            yield Found(
                it.title,
                f"app {app.display_name or app.slug} is unhealthy",
                (Evidence("checked", f"{check.url} every {check.interval} s, {check.threshold} times in vain"),),
                f"%coder run {it.title} -- curl -sS -m 5 {shlex.quote(check.url)}",
            )


def app_failed(facts: Facts) -> Iterator[Found]:
    """The last an app said of itself is that it failed."""
    for it in facts.live():
        for app in it.agent.apps:
            said = max(app.statuses, key=lambda status: status.created_at, default=None)
            if said is None or said.state != "failure":
                continue
            yield Found(
                it.title,
                f"app {app.display_name or app.slug} says that it failed",
                (Evidence("says", shorter(said.message), said.created_at),),
                f"%coder logs {it.title} --tail 50",
                at=said.created_at,
            )


def old_version(facts: Facts) -> Iterator[Found]:
    """The agent is older than the server: it was downloaded when its machine last started."""
    server = _version(facts.server_version)
    for it in facts.connected():
        agent = _version(it.agent.version)
        if server and agent and agent < server:
            yield Found(
                it.title,
                "its agent is older than the server",
                (Evidence("agent", it.agent.version, it.agent.started_at), Evidence("server", facts.server_version)),
                f"%coder restart {facts.title} --wait",
            )


def _ended_how(code: int) -> str:
    return f"exit code {code}" if code else "did not end well, with exit code 0"


def _version(text: str) -> tuple[int, int] | None:
    found = re.match(r"v?(\d+)\.(\d+)\.", text)
    return (int(found[1]), int(found[2])) if found else None
