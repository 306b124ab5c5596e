"""Every rule finds what it is for, and nothing in facts that are nearly the same."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import pytest

from coder_nb.diagnosis import RULES, Facts, diagnose
from coder_nb.diagnosis.cause import LEVELS
from tests.diagnosis.made import (
    ago,
    app,
    build,
    build_lines,
    container,
    dev,
    facts,
    item,
    lines,
    listing,
    provisioners,
    run,
    said,
)


class Case(NamedTuple):
    """Facts a rule finds something in, words of what it says, and facts it finds nothing in."""

    shows: Facts
    says: str
    not_in: Facts


BEFORE = build(build_number=1)
CASES: dict[str, Case] = {
    "build-failed": Case(
        facts(build("failed", error="exit status 1"), build_log=build_lines("Error: no such machine")),
        "build 2 (start) failed: Error: no such machine",
        facts(build("succeeded")),
    ),
    "build-waiting": Case(
        facts(build("pending", matched_provisioners=provisioners(0))),
        "no provisioner that may run it is available",
        facts(build("running")),
    ),
    "build-canceled": Case(facts(build("canceled")), "was cancelled", facts(build("failed"))),
    "build-running": Case(facts(build("running", "stop")), "it is being stopped", facts(build("succeeded", "stop"))),
    "stopped": Case(facts(build("succeeded", "stop")), "it is stopped, for 1 h now", facts(build("succeeded"))),
    "dormant": Case(
        facts(workspace={"dormant_at": ago(days=14), "deleting_at": ago(days=-16)}),
        "deleted on 2026-03-28",
        facts(workspace={"dormant_at": None}),
    ),
    "agent-timeout": Case(
        facts(agent={"status": "timeout"}), "has never connected", facts(agent={"status": "connecting"})
    ),
    "agent-disconnected": Case(
        facts(agent={"status": "disconnected", "disconnected_at": ago(minutes=38)}),
        "disconnected, for 38 min now",
        facts(build("succeeded", "stop"), agent={"status": "disconnected"}),
    ),
    "disk-full": Case(
        facts(it={"metadata": [item("Home disk", "36/40 GiB (90%)")]}),
        "Home disk: 90% full",
        facts(it={"metadata": [item("Home disk", "35.9/40 GiB (89%)")]}),
    ),
    "disk-out": Case(
        facts(it={"logs": lines("write: no space left on device")}),
        "a disk is full",
        facts(it={"logs": lines("write: no space left on device", level="info")}),
    ),
    "memory-out": Case(
        facts(it={"logs": lines("torch.OutOfMemoryError: CUDA out of memory")}),
        "memory ran out",
        facts(it={"logs": lines("memory: 3 GiB")}),
    ),
    "refused": Case(
        facts(it={"logs": lines("connect ECONNREFUSED 127.0.0.1:5433"), "ports": frozenset({5432})}),
        "nothing listens on 127.0.0.1:5433",
        facts(it={"logs": lines("connect ETIMEDOUT 127.0.0.1:5433"), "ports": frozenset({5432})}),
    ),
    "name-unknown": Case(
        facts(it={"logs": lines("fatal: Could not resolve host: git.example.com")}),
        "a host's name could not be resolved",
        facts(it={"logs": lines("resolved git.example.com")}),
    ),
    "file-watchers": Case(
        facts(it={"logs": lines("ENOSPC: System limit for number of file watchers reached")}),
        "watched files",
        facts(it={"logs": lines("ENOSPC: no space left on device")}),
    ),
    "script-failed": Case(
        facts(it={"timings": [run(exit_code=127, status="exit_failure")]}),
        "exit code 127 (a command was not found)",
        facts(it={"timings": [run()]}),
    ),
    "script-timeout": Case(
        facts(it={"timings": [run(exit_code=255, status="timed_out")]}),
        "its time was up",
        facts(it={"timings": [run(exit_code=255, status="exit_failure")]}),
    ),
    "output-open": Case(
        facts(it={"timings": [run(status="pipes_left_open")]}), "left its output open", facts(it={"timings": [run()]})
    ),
    "devcontainer-error": Case(
        facts(it={"listing": listing(devs=(dev("error", error="no such image"),))}),
        "dev container app is in error",
        facts(it={"listing": listing(devs=(dev("starting"),))}),
    ),
    "app-failed": Case(
        facts(agent={"apps": [app(statuses=[said("failure", "3 tests failed"), said("working", minutes=9)])]}),
        "app API says that it failed",
        facts(agent={"apps": [app(statuses=[said("failure", minutes=9), said("complete")])]}),
    ),
    "app-unhealthy": Case(
        facts(agent={"apps": [app("unhealthy")]}), "app API is unhealthy", facts(agent={"apps": [app("initializing")]})
    ),
    "metadata-error": Case(
        facts(it={"metadata": [item("Kernels", error="exit status 7")]}),
        "metadata Kernels cannot be measured",
        facts(it={"metadata": [item("Kernels", "3")]}),
    ),
    "metadata-stale": Case(
        facts(it={"metadata": [item("Branch", "main", age=3600, interval=60)]}),
        "was not measured for 1 h",
        facts(it={"metadata": [item("Branch", "main", age=3600, interval=3600)]}),
    ),
    "memory-high": Case(
        facts(it={"metadata": [item("Memory", "7.8/8 GiB")]}),
        "Memory: 97.5% used",
        facts(it={"metadata": [item("Shared memories", "7.8/8 GiB")]}),
    ),
    "container-exited": Case(
        facts(it={"listing": listing(container(status="exited with code 137"))}),
        "exit code 137 (killed, as when memory runs out)",
        facts(it={"listing": listing(container(status="exited successfully"))}),
    ),
    "container-warning": Case(
        facts(it={"listing": listing(warnings=("host port 8000 is mapped twice",))}),
        "containers want the same port",
        facts(it={"listing": listing()}),
    ),
    "log-full": Case(
        facts(agent={"logs_overflowed": True, "logs_length": 1_048_576}, it={"logs": lines("the last", level="debug")}),
        "what came later is lost",
        facts(agent={"logs_length": 1_048_576}),
    ),
    "startup-slower": Case(
        facts(before=BEFORE, it={"timings": [run(seconds=60)], "before": [run(seconds=40, started_at=ago(days=7))]}),
        "took 1 min, 40.0 s in the start before",
        facts(before=BEFORE, it={"timings": [run(seconds=59)], "before": [run(seconds=40, started_at=ago(days=7))]}),
    ),
    "rate-limited": Case(
        facts(it={"logs": lines("HTTP 429 Too Many Requests")}),
        "too many requests",
        facts(it={"logs": lines("429 packages are looking for funding")}),
    ),
    "shutting-down": Case(
        facts(build("succeeded", "stop"), agent={"lifecycle_state": "shutdown_error"}),
        "a stop script failed",
        facts(build("succeeded", "stop"), agent={"lifecycle_state": "off"}),
    ),
    "agent-connecting": Case(
        facts(agent={"status": "connecting", "created_at": ago(seconds=20)}),
        "has not connected yet, 20.0 s after the build",
        facts(agent={"status": "connected"}),
    ),
    "scripts-running": Case(
        facts(agent={"lifecycle_state": "starting"}, it={"timings": []}),
        "its start scripts still run: Startup",
        facts(agent={"lifecycle_state": "ready"}, it={"timings": []}),
    ),
    "cpu-busy": Case(
        facts(it={"metadata": [item("CPU usage", "3.8/4 cores (95%)")]}),
        "CPU usage: 95% used",
        facts(it={"metadata": [item("CPU usage", "3.8/4 cores (9.5%)")]}),
    ),
    "devcontainer-dirty": Case(
        facts(it={"listing": listing(devs=(dev(dirty=True),))}),
        "older than its configuration",
        facts(it={"listing": listing(devs=(dev(),))}),
    ),
    "devcontainer-stopped": Case(
        facts(it={"listing": listing(devs=(dev("stopped"),))}),
        "dev container app is stopped",
        facts(it={"listing": listing(devs=(dev("running"),))}),
    ),
    "agent-old": Case(
        facts(agent={"version": "v2.24.9"}), "older than the server", facts(agent={"version": "v2.26.0-devel+3f0c5d1"})
    ),
    "outdated": Case(
        facts(workspace={"outdated": True}), "template plain has a newer version", facts(workspace={"outdated": False})
    ),
    "error-lines": Case(
        facts(it={"logs": lines("oops", "    at line 3")}),
        "2 lines of level error",
        facts(it={"logs": lines("oops", level="warn")}),
    ),
}
NAMES = [rule.name for rule in RULES]


def test_every_rule_has_its_case() -> None:
    """And no name is used twice."""
    assert list(CASES) == NAMES
    assert len(set(NAMES)) == len(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_rule_finds_what_it_is_for(name: str) -> None:
    """It says what, shows why, and has a line to type."""
    case = CASES[name]
    (cause,) = [cause for cause in diagnose(case.shows) if cause.rule == name]
    assert case.says in cause.what
    assert cause.evidence and all(one.what and one.text for one in cause.evidence)
    assert cause.next.startswith("%coder ") and "dev" in cause.next
    assert cause.where == "dev"


@pytest.mark.parametrize("name", NAMES)
def test_a_rule_finds_nothing_in_what_only_looks_alike(name: str) -> None:
    """Nor in a workspace that is well."""
    assert [cause.what for cause in diagnose(CASES[name].not_in) if cause.rule == name] == []
    assert diagnose(facts()) == ()


@pytest.mark.parametrize("name", NAMES)
def test_a_rule_says_nothing_where_facts_are_missing(name: str) -> None:
    """An agent that could be asked for nothing is no fault of the workspace."""
    shows = CASES[name].shows
    bare = [replace(it, timings=(), before=(), logs=(), metadata=(), listing=None, ports=None) for it in shows.agents]
    diagnose(replace(shows, agents=bare, build_log=(), before=None))
    assert diagnose(replace(shows, agents=(), build_log=(), before=None, workspace=None, build=None)) == ()


def test_the_gravest_come_first_and_causes_before_what_follows_from_them() -> None:
    """Of one level in the order of the table."""
    seen = facts(
        agent={"apps": [app("unhealthy")]},
        workspace={"outdated": True},
        it={
            "metadata": [item("Kernels", error="exit status 7"), item("Home disk", "97%")],
            "logs": lines("no space left on device", "npm warn deprecated"),
        },
    )
    ranked = diagnose(seen)
    assert [cause.rule for cause in ranked] == [
        *("disk-full", "disk-out", "app-unhealthy"),
        "metadata-error",
        *("outdated", "error-lines"),
    ]
    levels = [LEVELS.index(cause.level) for cause in ranked]
    assert levels == sorted(levels) == [0, 0, 0, 1, 2, 2]
