"""What an earlier build or agent wrote, told again at a later time: log lines and timings, moved."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Final, Literal, NamedTuple

from coder_nb.embedded.state import Agent, Build, JobLogLine, ProvisionerTiming, ScriptTiming

__all__ = ["Batch", "batches", "job_log", "provisioner_timings", "script_timings"]

Line = tuple[timedelta, JobLogLine]
"""A line of a build's log, and how long after the build was made it came."""

SPAN: Final = timedelta(minutes=10)
LINES: Final = 2000
"""How much of an agent's log is told again: what it wrote while it started."""

_VERBS: Final = {"start": "Starting", "stop": "Stopping", "delete": "Deleting"}


class Batch(NamedTuple):
    """Log lines that came at one time, so long after their agent had connected."""

    after: timedelta
    source_id: str
    lines: list[tuple[str, str]]


def job_log(build: Build, pattern: Build | None, whole: timedelta) -> list[Line]:
    """The log of a build that takes `whole`; its ids and times are to be set when the lines come."""
    if pattern is not None:
        return [(line.created_at - pattern.created_at, line) for line in pattern.job.logs]
    stage = f"{_VERBS[build.transition]} workspace"
    told: list[tuple[float, Literal["provisioner_daemon", "provisioner"], str, str]] = [
        (0.02, "provisioner_daemon", "Setting up", ""),
        (0.2, "provisioner", "Planning infrastructure", "Terraform has been initialized"),
        (0.4, "provisioner_daemon", stage, ""),
        (0.9, "provisioner", stage, "Apply complete!"),
        (1.0, "provisioner_daemon", "Cleaning Up", ""),
    ]
    return [
        (whole * part, JobLogLine(0, build.created_at, source, "info", stage, output))
        for part, source, stage, output in told
    ]


def provisioner_timings(build: Build, pattern: Build | None) -> list[ProvisionerTiming]:
    """How long each step took: as long as in the build it goes like, else one step for all."""
    if pattern is not None:
        moved = build.created_at - pattern.created_at
        return [
            step._replace(started_at=step.started_at + moved, ended_at=step.ended_at + moved)
            for step in pattern.provisioner_timings
        ]
    if build.transition == "delete" or not build.job.started_at or not build.job.completed_at:
        return []
    action = "create" if build.transition == "start" else "delete"
    return [ProvisionerTiming(build.job.started_at, build.job.completed_at, "apply", "coder", action, "workspace")]


def batches(source: Agent) -> list[Batch]:
    """What an agent wrote while it started."""
    if source.first_connected_at is None:
        return []
    began = source.first_connected_at
    lines = [line for line in source.logs.after()[:LINES] if line.created_at - began <= SPAN]
    return [
        Batch(at - began, source_id, [(line.level, line.output) for line in group])
        for (at, source_id), group in groupby(lines, key=lambda line: (line.created_at, line.source_id))
    ]


def script_timings(timings: Sequence[ScriptTiming], source: Agent, agent: Agent) -> list[ScriptTiming]:
    """How long the start scripts of an agent took, told of another."""
    if source.first_connected_at is None or agent.first_connected_at is None:
        return []
    moved = agent.first_connected_at - source.first_connected_at
    return [
        run._replace(agent_id=agent.id, started_at=run.started_at + moved, ended_at=run.ended_at + moved)
        for run in timings
        if run.agent_id == source.id and run.stage == "start"
    ]


def later(moment: datetime, than: datetime) -> timedelta:
    """How far a moment lies ahead; nothing for one that has passed."""
    return max(moment - than, timedelta())
