"""Makes a build from its table: the job with its log, the resources with their agents, and what took how long."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, cast

from coder_nb.embedded.ids import uid
from coder_nb.embedded.scenario.agents import Loading, read_agent
from coder_nb.embedded.scenario.log import LogError, parse_log, written
from coder_nb.embedded.scenario.read import Table
from coder_nb.embedded.state import (
    Agent,
    Build,
    Job,
    JobLogLine,
    ProvisionerTiming,
    Resource,
    Template,
    TemplateVersion,
    User,
)

__all__ = ["Blueprint", "Part", "read_build"]

STAGES: Final = {"setup": "Setting up", "plan": "Planning infrastructure", "clean": "Cleaning Up"}
JobStatus = Literal["pending", "running", "succeeded", "canceling", "canceled", "failed"]
JOB_STATUSES: Final = ("pending", "running", "succeeded", "canceling", "canceled", "failed")


@dataclass(frozen=True)
class Part:
    """A resource as its template declares it; `seconds` is how long it takes to make."""

    type: str
    name: str
    icon: str
    seconds: float
    hide: bool
    daily_cost: int
    agents: bool


@dataclass(frozen=True)
class Blueprint:
    """A template with its versions, oldest first, and the resources it makes."""

    template: Template
    versions: Sequence[TemplateVersion]
    parts: Sequence[Part]


def read_build(table: Table, names: tuple[str, str, int], blueprint: Blueprint, owner: User, loading: Loading) -> Build:
    """One build of a workspace.

    Args:
        table: the build's table.
        names: the owner's name, the workspace's and the build's number.
        blueprint: the workspace's template.
        owner: who started it.
        loading: the scenario being read.
    """
    path = "/".join(map(str, names))
    transition = cast(
        "Literal['start', 'stop', 'delete']", table.one_of("transition", ("start", "stop", "delete"), "start")
    )
    created_at = table.moment("at", loading.now)
    job = _read_job(table, path, created_at, loading.now)
    build = Build(
        id=uid(path),
        number=names[2],
        transition=transition,
        created_at=created_at,
        updated_at=job.completed_at or job.started_at or created_at,
        initiator=owner,
        template_version=_read_version(table, blueprint),
        job=job,
        reason=table.text("reason", "initiator"),
        deadline=table.optional_moment("deadline", loading.now),
    )
    build.max_deadline = build.deadline
    agents = _read_agents(table, build, path, loading)
    if job.status == "succeeded" and job.completed_at:
        build.resources = _resources(build, path, blueprint, agents, job.completed_at)
        build.provisioner_timings = _provisioner_timings(build, blueprint)
    elif agents:
        raise table.wrong(f"agents, but the build is {job.status}", "only a build that succeeded has agents")
    _read_job_log(table, build, path, blueprint, loading)
    table.done()
    return build


def _read_job(table: Table, path: str, created_at: datetime, now: datetime) -> Job:
    status = cast("JobStatus", table.one_of("status", JOB_STATUSES, "succeeded"))
    position = table.whole("queue", 0)
    job = Job(
        id=uid(path, "job"),
        created_at=created_at,
        status=status,
        error=table.text("error", ""),
        file_id=uid(path, "file"),
        tags=table.mapping("tags"),
        queue_position=position,
        queue_size=position,
    )
    if status != "pending":
        job.started_at = created_at + timedelta(seconds=0.041)
        job.worker_id = uid("provisioner")
    if status in ("succeeded", "failed", "canceled"):
        job.completed_at = created_at + timedelta(seconds=table.number("seconds"))
        job.canceled_at = job.completed_at - timedelta(seconds=2) if status == "canceled" else None
        if job.completed_at > now:
            raise table.wrong("the build ends after `now`", 'make `seconds` smaller, or say status = "running"')
    return job


def _read_version(table: Table, blueprint: Blueprint) -> TemplateVersion:
    name = table.text("version", blueprint.template.active.name)
    for version in blueprint.versions:
        if version.name == name:
            return version
    known = ", ".join(version.name for version in blueprint.versions)
    raise table.wrong(f"template {blueprint.template.name!r} has no version {name!r}", f"known: {known}")


def _read_agents(table: Table, build: Build, path: str, loading: Loading) -> list[Agent]:
    agents: list[Agent] = []
    for entry in table.tables("agents"):
        parent = entry.text("parent", "")
        agent, timings = read_agent(entry, path, build.job.completed_at or build.created_at, loading)
        if parent:
            host = next((one for one in agents if one.name == parent), None)
            if host is None:
                raise entry.wrong(f"no agent {parent!r} before this one", "put the parent first")
            agent.parent_id = host.id
        agents.append(agent)
        build.script_timings += timings
    return agents


def _resources(build: Build, path: str, blueprint: Blueprint, agents: list[Agent], made_at: datetime) -> list[Resource]:
    resources = [
        Resource(
            id=uid(path, "resource", part.type, part.name),
            created_at=made_at,
            type=part.type,
            name=part.name,
            icon=part.icon,
            hide=part.hide,
            daily_cost=part.daily_cost if build.transition == "start" else 0,
            agents=agents if part.agents else [],
        )
        for part in blueprint.parts
        if build.transition == "start" or not part.agents
    ]
    return sorted(resources, key=lambda resource: not resource.agents)


def _provisioner_timings(build: Build, blueprint: Blueprint) -> list[ProvisionerTiming]:
    if build.transition == "delete" or not build.job.started_at or not build.job.completed_at:
        return []
    start, whole = build.job.started_at, (build.job.completed_at - build.job.started_at).total_seconds()

    def spent(stage: Literal["init", "plan", "graph"], since: float, until: float) -> ProvisionerTiming:
        times = (start + timedelta(seconds=since), start + timedelta(seconds=until))
        return ProvisionerTiming(*times, stage, "terraform", "read", f"state file {stage}")

    applied = max(part.seconds for part in blueprint.parts)
    begin = min(whole * 0.3, max(1.0, whole - applied - 0.6))
    timings = [
        spent("init", 0.05, begin * 0.5),
        spent("plan", begin * 0.5, begin * 0.9),
        spent("graph", begin * 0.9, begin),
    ]
    action = "create" if build.transition == "start" else "delete"
    for part in blueprint.parts:
        seconds = part.seconds * min(1.0, (whole - begin - 0.3) / applied)
        since = start + timedelta(seconds=begin + 0.1)
        until = since + timedelta(seconds=seconds)
        provider = part.type.partition("_")[0]
        timings.append(ProvisionerTiming(since, until, "apply", provider, action, f"{part.type}.{part.name}"))
    return timings


def _read_job_log(table: Table, build: Build, path: str, blueprint: Blueprint, loading: Loading) -> None:
    text = table.text("log") if table.has("log") else _usual_log(build, blueprint)
    verb = {"start": "Starting", "stop": "Stopping", "delete": "Deleting"}[build.transition]
    stages = STAGES | {"apply": f"{verb} workspace"}
    try:
        stretches = parse_log(text, frozenset(stages))
    except LogError as error:
        raise table.wrong(str(error)) from None
    for line in written(stretches, build.created_at, path):
        at = build.created_at + timedelta(milliseconds=round(line.seconds * 1000))
        if at > loading.now:
            raise table.wrong(f"the build's log goes on after `now`, at {line.seconds:.0f} s", "make it shorter")
        # Ids are given when every build has been read, in the order of time.
        source: Literal["provisioner", "provisioner_daemon"] = "provisioner" if line.output else "provisioner_daemon"
        build.job.logs.append(JobLogLine(0, at, source, line.level, stages[line.source], line.output))


def _usual_log(build: Build, blueprint: Blueprint) -> str:
    lines = ["0.05 setup info |", "0.4 plan info | {bold}Initializing provider plugins...{off}"]
    lines += [
        "0.6 plan info | - Using previously-installed coder/coder v2.4.1",
        "0.9 plan debug | terraform plan -refresh=true",
    ]
    for timing in build.provisioner_timings:
        if timing.stage != "apply":
            continue
        since = (timing.started_at - build.created_at).total_seconds()
        until = (timing.ended_at - build.created_at).total_seconds()
        making, made = ("Creating", "Creation") if build.transition == "start" else ("Destroying", "Destruction")
        lines.append(f"{since:.2f} apply info | {timing.resource}: {making}...")
        lines.append(
            f"{until:.2f} apply info | {timing.resource}: {made} complete after {until - since:.0f}s [id={{hex:12}}]"
        )
    count = len(blueprint.parts)
    plan = f"Plan: {count} to add, 0 to change, 0 to destroy."
    lines.append(f"1.0 plan info | {plan}" if build.transition == "start" else f"1.0 plan info | {count} to destroy.")
    if build.job.completed_at:
        end = (build.job.completed_at - build.created_at).total_seconds()
        lines.append(f"{end - 0.1:.2f} apply info | {{green}}Apply complete!{{off}}")
        lines.append(f"{end - 0.02:.2f} clean info |")
    return "\n".join(lines)
