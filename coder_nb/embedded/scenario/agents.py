"""Makes an agent from its table: its times, its scripts with what they took, and its log."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal, cast

from coder_nb.embedded.ids import uid
from coder_nb.embedded.scenario.apps import read_app, read_app_status, read_metadata
from coder_nb.embedded.scenario.containers import read_containers, read_ports
from coder_nb.embedded.scenario.log import LogError, Stretch, parse_log, received, written
from coder_nb.embedded.scenario.read import Table
from coder_nb.embedded.state import (
    Agent,
    Deployment,
    Disk,
    LogSource,
    LogStore,
    Script,
    ScriptTiming,
)

__all__ = ["Batch", "Loading", "read_agent"]

LIFECYCLES: Final = (
    "created",
    "starting",
    "start_timeout",
    "start_error",
    "ready",
    "shutting_down",
    "shutdown_timeout",
    "shutdown_error",
    "off",
)
ScriptStatus = Literal["ok", "exit_failure", "timed_out", "pipes_left_open"]


@dataclass(frozen=True, slots=True)
class Batch:
    """Log lines a server got at one time."""

    at: datetime
    store: LogStore
    source_id: str
    lines: list[tuple[str, str]]


@dataclass
class Loading:
    """What the parts of a scenario share while it is read."""

    now: datetime
    deployment: Deployment
    agent_version: str
    batches: list[Batch] = field(default_factory=list)


def read_agent(table: Table, path: str, built_at: datetime, loading: Loading) -> tuple[Agent, list[ScriptTiming]]:
    """One agent of a build.

    Args:
        table: the agent's table.
        path: the build's names, `ada/web/2`.
        built_at: when the build had made the agent.
        loading: where its log lines go.
    """
    name = table.text("name")
    path = f"{path}/{name}"
    agent = Agent(id=uid(path), name=name, created_at=built_at, logs=loading.deployment.new_log())
    connected_at = _read_connection(table, agent, loading)
    sources = _read_sources(table, agent, path)
    timings = _read_scripts(table, agent, sources, path, connected_at, loading)
    _read_lifecycle(table, agent, timings)
    _read_looks(table, agent)
    agent.apps = [read_app(app, path) for app in table.tables("apps", "slug")]
    for status in table.tables("statuses", "message"):
        read_app_status(status, agent.apps, path, loading.now)
    agent.metadata = [read_metadata(item, loading.now) for item in table.tables("metadata", "key")]
    agent.ports = read_ports(table)
    agent.containers = read_containers(table, path, agent, sources, loading.now)
    log = table.text("log", "")
    # First of all a misspelt key, because that is what makes the rest look wrong.
    table.done()
    try:
        stretches = parse_log(log, frozenset(sources))
    except LogError as error:
        raise table.wrong(str(error)) from None
    if stretches:
        _write_log(table, stretches, agent, sources, path, loading)
    return agent, timings


def _read_connection(table: Table, agent: Agent, loading: Loading) -> datetime | None:
    agent.connection_timeout_seconds = table.whole("connection_timeout", 120)
    lost_at = table.optional_moment("disconnected", loading.now)
    seen_at = table.optional_moment("last_seen", loading.now) or lost_at
    version, api_version = table.text("version", loading.agent_version), table.text("api_version", "2.6")
    if not table.has("connect"):
        return None
    agent.version, agent.api_version = version, api_version
    agent.first_connected_at = agent.created_at + timedelta(seconds=table.number("connect"))
    agent.attached = lost_at is None
    agent.last_connected_at, agent.disconnected_at = seen_at or loading.now, lost_at
    if agent.first_connected_at > loading.now:
        raise table.wrong("the agent connects after `now`", "make `connect` smaller or the build earlier")
    return agent.first_connected_at


def _read_sources(table: Table, agent: Agent, path: str) -> dict[str, str]:
    sources: dict[str, str] = {}
    for source in (*table.tables("scripts"), *table.tables("sources")):
        key = source.text("key")
        if key in sources:
            raise source.wrong(f"the key {key!r} is there twice")
        sources[key] = uid(path, "source", key)
        agent.log_sources.append(
            LogSource(sources[key], agent.created_at, source.text("name"), source.text("icon", ""))
        )
    for source in table.tables("sources"):
        for known in ("key", "name", "icon"):
            source.has(known)
        source.done()
    return sources


def _read_scripts(
    table: Table, agent: Agent, sources: dict[str, str], path: str, connected_at: datetime | None, loading: Loading
) -> list[ScriptTiming]:
    timings = []
    for script in table.tables("scripts"):
        key, when = script.text("key"), script.one_of("when", ("start", "stop", "cron"), "start")
        name = script.text("name")
        script.has("icon")
        agent.scripts.append(
            Script(
                id=uid(path, "script", key),
                log_source_id=sources[key],
                display_name=name,
                script=script.text("run"),
                log_path=f"/tmp/coder-script-{key}.log",  # noqa: S108 - a name to show, no file
                cron=script.text("cron", ""),
                run_on_start=when == "start",
                run_on_stop=when == "stop",
                start_blocks_login=script.flag("blocks"),
                timeout=script.number("timeout", 0),
            )
        )
        timing = _read_timing(script, agent, name, when, connected_at)
        script.done()
        if timing and timing.ended_at > loading.now:
            raise script.wrong("the script ends after `now`", "leave `seconds` out for one that still runs")
        timings += [timing] if timing else []
    return timings


def _read_timing(
    script: Table, agent: Agent, name: str, when: str, connected_at: datetime | None
) -> ScriptTiming | None:
    at, exit_code = script.number("at", 0.3), script.whole("exit", 0)
    status = script.one_of(
        "status", ("ok", "exit_failure", "timed_out", "pipes_left_open"), "exit_failure" if exit_code else "ok"
    )
    if not script.has("seconds") or connected_at is None:
        return None
    started_at = connected_at + timedelta(seconds=at)
    return ScriptTiming(
        agent_id=agent.id,
        agent_name=agent.name,
        display_name=name,
        started_at=started_at,
        ended_at=started_at + timedelta(seconds=script.number("seconds")),
        exit_code=exit_code,
        stage=cast('Literal["start", "stop", "cron"]', when),
        status=cast("ScriptStatus", status),
    )


def _read_lifecycle(table: Table, agent: Agent, timings: list[ScriptTiming]) -> None:
    connected_at = agent.first_connected_at
    agent.lifecycle_state = table.one_of("lifecycle", LIFECYCLES, "ready" if connected_at else "created")
    if connected_at is None:
        return
    agent.started_at = connected_at + timedelta(milliseconds=49)
    if agent.lifecycle_state not in ("created", "starting"):
        ended = [timing.ended_at for timing in timings if timing.stage == "start"]
        ready_at = max(ended, default=agent.started_at) + timedelta(milliseconds=12)
        agent.ready_at = connected_at + timedelta(seconds=table.number("ready")) if table.has("ready") else ready_at


def _read_looks(table: Table, agent: Agent) -> None:
    agent.operating_system = table.one_of("os", ("linux", "darwin", "windows"), "linux")
    agent.architecture = table.text("arch", "amd64")
    agent.environment_variables = table.mapping("env") or None
    agent.directory = table.text("directory", "~")
    if agent.first_connected_at:
        home = "/Users/dev" if agent.operating_system == "darwin" else "/home/dev"
        agent.expanded_directory = agent.directory.replace("~", home, 1)
    agent.latency_ms = table.number("latency") if table.has("latency") else None
    agent.disk = _read_disk(table)
    agent.troubleshooting_url = table.text("troubleshooting", agent.troubleshooting_url)
    agent.display_apps = table.texts("display_apps", tuple(agent.display_apps))


def _read_disk(table: Table) -> Disk | None:
    if not table.has("disk"):
        return None
    disk, listed = table.table("disk"), table.table("files")
    made = Disk(disk.number("size"), disk.number("used"), {path: listed.number(path) for path in table.values("files")})
    disk.done()
    return made


def _write_log(
    table: Table, stretches: list[Stretch], agent: Agent, sources: dict[str, str], path: str, loading: Loading
) -> None:
    began_at = agent.first_connected_at
    if began_at is None:
        raise table.wrong("a log, but the agent never connects", "add `connect`, or leave the log out")
    for at, source, lines in received(written(stretches, began_at, path), began_at):
        if at > loading.now:
            raise table.wrong(f"the log goes on after `now`, until {at:%H:%M:%S}", "make it shorter")
        loading.batches.append(Batch(at, agent.logs, sources[source], lines))
