"""What the scenario loader refuses, and what the fleet that comes with the package holds."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from coder_nb.embedded.liveness import presence, unhealthy_because
from coder_nb.embedded.scenario import load_scenario
from coder_nb.embedded.state import QUOTA_BYTES, Agent, AgentError, Build, Deployment, LogLine, Workspace
from coder_nb.errors import ConfigurationError

SMALL = """
now = 2026-03-12T09:30:00Z
organization = "coder"
agent_version = "v2.25.1"

[[users]]
name = "ada"
created = "-9d"
seen = "-1m"

[templates.plain]
versions = ["1", "2"]
resources = [{ type = "vm", name = "dev", seconds = 2, agents = true }]

[[workspaces]]
name = "dev"
owner = "ada"
template = "plain"
used = "-1h"

[[workspaces.builds]]
at = "-2h"
seconds = 20

[[workspaces.builds.agents]]
name = "main"
connect = 5
scripts = [{ key = "start", name = "Startup", run = "make", seconds = 9 }]
log = '''
1  start  info  x3/6 | step {n}/{of}
'''
"""


@pytest.fixture(scope="module")
def fleet() -> Deployment:
    """The fleet that comes with the package."""
    return load_scenario()


def workspace(fleet: Deployment, name: str) -> Workspace:
    """One workspace of the fleet."""
    return next(one for one in fleet.workspaces if one.name == name)


def builds(fleet: Deployment) -> Iterator[tuple[Workspace, Build]]:
    """Every build of the fleet."""
    return ((one, build) for one in fleet.workspaces for build in one.builds)


def agents(fleet: Deployment) -> Iterator[tuple[Workspace, Agent]]:
    """Every agent of the fleet."""
    return ((one, agent) for one, build in builds(fleet) for agent in build.agents)


def source_lines(agent: Agent, name: str) -> list[LogLine]:
    """The lines of one of an agent's log sources."""
    source = next(source for source in agent.log_sources if source.display_name == name)
    return [line for line in agent.logs.after() if line.source_id == source.id]


def digest(fleet: Deployment) -> str:
    """A hash over everything that shows."""
    told: list[object] = [fleet.id, fleet.organization.id, sorted(user.id for user in fleet.users)]
    for one, build in builds(fleet):
        told += [one.id, one.last_used_at, build.id, build.job.logs, build.provisioner_timings, build.script_timings]
    for _, agent in agents(fleet):
        told += [agent.id, agent.logs.after(), agent.apps, agent.metadata, agent.scripts, list(agent.ports())]
        told.append(None if agent.parent_id else agent.containers())
    return hashlib.sha256(repr(told).encode()).hexdigest()


@pytest.mark.parametrize(
    ("before", "after", "message", "hint"),
    [
        ('name = "dev"\nowner', "owner", r"workspaces 1: 'name' is missing", "add name"),
        ("connect = 5", "conect = 5", r"agents 'main': unknown key 'conect'", "did you mean 'connect'"),
        ("connect = 5", 'connect = "5"', r"'connect' is a str, not a float", "correct"),
        ('template = "plain"', 'template = "plane"', r"'template' is 'plane'", "one of: plain"),
        ('owner = "ada"', 'owner = "eve"', r"'owner' is 'eve'", "one of: ada"),
        ('at = "-2h"', 'at = "yesterday"', r"'at': 'yesterday' is no duration", "correct"),
        ("seconds = 20", "seconds = 9000", r"the build ends after `now`", "smaller"),
        ("seconds = 20", 'seconds = 20\nversion = "3"', r"template 'plain' has no version '3'", "known: 1, 2"),
        ("seconds = 20", 'seconds = 20\nstatus = "failed"', r"agents, but the build is failed", "succeeded"),
        ("seconds = 9 }", "seconds = 9000 }", r"scripts 'Startup': the script ends after `now`", "still runs"),
        ("x3/6", "x3/9h", r"the log goes on after `now`", "shorter"),
        ("  info", "  loud", r"log line 1: unknown level 'loud'", "correct"),
        ("1  start", "1  starts", r"log line 1: unknown source 'starts'; known: start", "correct"),
        ("{of}", "{off:}{off}{offf}", r"log line 1: unknown placeholder \{offf\}", "correct"),
        ("{n}/{of}", "{n", r"log line 1: a lone '\{'", "correct"),
        ("{of}", "{int:9:1}", r"log line 1: bad arguments in \{int:9:1\}", "correct"),
        ("09:30:00Z", "09:30:00", r"'now' has no offset", "write 2026"),
        ("now =", "now = = ", r"Invalid value", "correct"),
        ("connect = 5", "lifecycle = 'created'", r"a log, but the agent never connects", "connect"),
    ],
)
def test_a_bad_scenario_is_refused(tmp_path: Path, before: str, after: str, message: str, hint: str) -> None:
    """The message names the file, the place and what is wrong there; the hint says what would be right."""
    assert before in SMALL
    path = tmp_path / "small.toml"
    path.write_text(SMALL.replace(before, after, 1), "utf-8")
    with pytest.raises(ConfigurationError, match=r"^bad scenario: small\.toml.*" + message) as caught:
        load_scenario(path)
    assert hint in caught.value.hint


def test_a_small_scenario_is_enough(tmp_path: Path) -> None:
    """A file of one's own, given by its path, makes a deployment with its defaults filled in."""
    path = tmp_path / "small.toml"
    path.write_text(SMALL, "utf-8")
    (agent,) = load_scenario(str(path)).workspaces[0].latest.agents
    assert agent.lifecycle_state == "ready"
    assert [line.output for line in agent.logs.after()] == ["step 1/3", "step 2/3", "step 3/3"]
    assert agent.ready_at == datetime(2026, 3, 12, 7, 30, 34, 312000, UTC)


def test_an_unknown_scenario_is_refused(tmp_path: Path) -> None:
    """Neither a name that is not there nor a path that is not there ends in a traceback."""
    with pytest.raises(ConfigurationError, match="no scenario is called 'float'"):
        load_scenario("float")
    with pytest.raises(ConfigurationError, match="cannot read the scenario"):
        load_scenario(tmp_path / "gone.toml")


def test_ids_are_unique(fleet: Deployment) -> None:
    """No id stands for two things."""
    ids = [user.id for user in fleet.users] + [template.id for template in fleet.templates]
    for one, build in builds(fleet):
        ids += [build.id, build.job.id, *(resource.id for resource in build.resources)]
        ids += [one.id] if build is one.latest else []
    for _, agent in agents(fleet):
        ids += [agent.id, *(app.id for app in agent.apps), *(source.id for source in agent.log_sources)]
        ids += [script.id for script in agent.scripts]
    assert [uid for uid, count in Counter(ids).items() if count > 1] == []


def test_log_ids_and_times_rise_within_an_agent_and_over_all(fleet: Deployment) -> None:
    """One sequence counts the lines of all agents as they arrive."""
    lines = [line for _, agent in agents(fleet) for line in agent.logs.after()]
    ids = [line.id for line in lines]
    assert len(set(ids)) == len(ids)
    times = [line.created_at for line in sorted(lines, key=lambda line: line.id)]
    assert times == sorted(times)
    web = [line.id for line in workspace(fleet, "web").latest.agents[0].logs.after()]
    assert web == sorted(web)
    assert web[-1] - web[0] >= len(web), "other agents' lines come in between"


def test_build_log_ids_rise(fleet: Deployment) -> None:
    """A build's log has its own sequence, in the order of time."""
    ids = [line.id for _, build in builds(fleet) for line in build.job.logs]
    assert len(set(ids)) == len(ids)
    assert all(line.id > 0 for _, build in builds(fleet) for line in build.job.logs)
    for _, build in builds(fleet):
        assert [line.id for line in build.job.logs] == sorted(line.id for line in build.job.logs)
        assert [line.created_at for line in build.job.logs] == sorted(line.created_at for line in build.job.logs)


def test_every_line_is_one_a_server_could_have_stored(fleet: Deployment) -> None:
    """At most 1024 characters, no newline, no NUL, a known source, 1 MiB an agent, nothing after now."""
    for _, agent in agents(fleet):
        sources = {source.id for source in agent.log_sources}
        assert agent.logs.length <= QUOTA_BYTES
        for line in agent.logs.after():
            assert len(line.output) <= 1024
            assert not {"\n", "\0"} & set(line.output)
            assert line.source_id in sources
            assert line.created_at <= fleet.clock.now()


def test_batches_share_their_time(fleet: Deployment) -> None:
    """Lines of one source within a second arrive together."""
    lines = source_lines(workspace(fleet, "web").latest.agents[0], "Install dependencies")
    assert len({line.created_at for line in lines}) < len(lines) / 2


def test_the_same_file_gives_the_same_fleet_on_every_machine(fleet: Deployment) -> None:
    """Another process with another hash seed tells the very same story."""
    folder = str(Path(__file__).parent)
    code = f"import sys; sys.path.insert(0, {folder!r}); import test_fleet as t; print(t.digest(t.load_scenario()))"
    other = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONHASHSEED": "7", "TZ": "Pacific/Auckland"},
    )
    assert other.stdout.strip() == digest(fleet)


def test_the_fleet_is_the_one_the_notebooks_speak_of(fleet: Deployment) -> None:
    """Twenty-three workspaces; these names and owners are used in documents and tests."""
    assert len(fleet.workspaces) == 23
    mine = {one.name for one in fleet.workspaces if one.owner.username == "ada"}
    assert mine >= {"web", "ml", "api-broken", "chatty", "archive", "laptop", "fresh", "docs"}
    assert [user.username for user in fleet.users if user.owner] == ["ada"]
    assert [one.name for one in fleet.workspaces if one.owner.username == "bob"] == ["sandbox"]


@pytest.mark.parametrize(
    ("name", "status", "reason"),
    [
        ("web", "connected", ""),
        ("api-broken", "connected", "agent startup script exited with an error"),
        ("laptop", "disconnected", "agent has lost connection"),
        ("fresh", "connected", ""),
        ("git-mirror", "timeout", "agent is taking too long to connect"),
        ("apollo", "connected", "agent startup script exited with an error"),
        ("bisect", "connected", ""),
    ],
)
def test_agents_are_in_the_states_they_are_there_for(fleet: Deployment, name: str, status: str, reason: str) -> None:
    """Each way to be unhealthy has its workspace."""
    agent = workspace(fleet, name).latest.agents[0]
    assert presence(agent, fleet.clock.now()).status == status
    assert unhealthy_because(agent, status) == reason


def test_builds_are_in_the_states_they_are_there_for(fleet: Deployment) -> None:
    """Failed, pending, running, cancelled and stopped builds, and outdated ones."""
    states = {one.name: (one.latest.transition, one.latest.job.status) for one in fleet.workspaces}
    assert states["cobol-port"] == ("start", "failed")
    assert states["payroll"] == ("start", "pending")
    assert states["experiment"] == ("stop", "running")
    assert states["old-demo"] == ("start", "canceled")
    assert states["archive"] == ("stop", "succeeded")
    outdated = [one.name for one in fleet.workspaces if one.latest.template_version is not one.template.active]
    assert "notebook" in outdated
    assert workspace(fleet, "landing").dormant_at is not None


def test_ml_has_14000_lines_over_two_builds_that_differ(fleet: Deployment) -> None:
    """The second build's image changed what a comparison of the logs finds."""
    first, second = (build.agents[0] for build in workspace(fleet, "ml").builds)
    assert len(first.logs.after()) + len(second.logs.after()) == 14_000
    texts = ["\n".join(line.output for line in agent.logs.after()) for agent in (first, second)]
    for old, new in [
        ("550.54.15", "560.35.03"),
        ("/dev/shm: 16 GiB", "/dev/shm: 64 MiB"),
        ("precision=bf16", "precision=fp16"),
    ]:
        assert old in texts[0] and old not in texts[1]
        assert new in texts[1] and new not in texts[0]
    assert "loss is nan" in texts[1] and "loss is nan" not in texts[0]
    assert "OutOfMemoryError" in texts[1] and "OutOfMemoryError" not in texts[0]
    assert all("\r" in text for text in texts)


def test_api_broken_can_be_investigated(fleet: Deployment) -> None:
    """A loud script that succeeded, the one that failed, its cause, its consequence, and a build that worked."""
    before, now = workspace(fleet, "api-broken").builds
    agent = now.agents[0]
    assert len(agent.logs.after()) == 800
    failed = [timing.display_name for timing in now.script_timings if timing.exit_code]
    assert failed == ["Database migrations"]
    errors = [line for line in agent.logs.after() if line.level == "error"]
    assert errors[0] in source_lines(agent, "Install dependencies")
    refused = [line for line in errors if "ECONNREFUSED 127.0.0.1:5433" in line.output]
    assert refused[0] in source_lines(agent, "Database migrations")
    assert not any("ECONNREFUSED" in line.output for line in before.agents[0].logs.after())
    published = [port.host_port for container in agent.containers().containers or [] for port in container.ports]
    assert 5432 in published and 5433 not in published
    last = [line for line in errors if line.created_at > errors[0].created_at.replace(minute=52)]
    assert len(last) > len(errors) / 2 and not set(last) - set(source_lines(agent, "API server"))


def test_chatty_stopped_at_the_quota(fleet: Deployment) -> None:
    """The batch that did not fit is gone, and so is everything after it."""
    logs = workspace(fleet, "chatty").latest.agents[0].logs
    assert logs.overflowed
    assert QUOTA_BYTES - 2048 < logs.length <= QUOTA_BYTES
    assert [one.name for one, agent in agents(fleet) if agent.logs.overflowed] == ["chatty"]


def test_docs_has_an_agent_inside_its_dev_container(fleet: Deployment) -> None:
    """The sub-agent, its parent and the dev container agree with each other; the sub-agent itself refuses."""
    main, site = workspace(fleet, "docs").latest.agents
    assert (main.parent_id, site.parent_id) == (None, main.id)
    (devcontainer,) = main.containers().devcontainers or ()
    assert devcontainer.agent is not None
    assert (devcontainer.agent.id, devcontainer.agent.name) == (site.id, "site")
    assert devcontainer.id in {script.id for script in main.scripts}
    with pytest.raises(AgentError) as refused:
        site.containers()
    assert refused.value.status == 403


def test_containers_are_not_looked_for_before_the_start_scripts_ended(fleet: Deployment) -> None:
    """A starting agent answers null for both lists."""
    listing = workspace(fleet, "fresh").latest.agents[0].containers()
    assert (listing.containers, listing.devcontainers) == (None, None)


def test_hostile_text_is_there_to_be_escaped(fleet: Deployment) -> None:
    """Markup in logs, apps, labels, images and process names; terminal codes and junk in logs."""
    web, sandbox = workspace(fleet, "web").latest.agents[0], workspace(fleet, "sandbox").latest.agents[0]
    log = "\n".join(line.output for line in web.logs.after())
    assert "<script>" in log and "\x1b[32m" in log and "\r" in log and "\ufffd" in log
    assert any("<script>" in app.display_name for app in web.apps)
    assert any("<u>" in port.process_name for port in sandbox.ports())
    listing = sandbox.containers()
    assert any("<script>" in value for one in listing.containers or [] for value in (one.labels or {}).values())
    assert listing.warnings
