"""The rules, as one table: its order is the rank of causes of one level, causes before their consequences.

A rule looks at facts and finds causes. It asks nobody, and where facts are missing it finds nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from coder_nb.diagnosis import of_agents, of_builds, of_containers, of_scripts
from coder_nb.diagnosis.cause import LEVELS, Cause, Found, Level
from coder_nb.diagnosis.facts import Facts
from coder_nb.diagnosis.of_logs import error_lines, overflowed, refused, signed
from coder_nb.diagnosis.of_measures import at_threshold, failing, stale

__all__ = ["RULES", "Rule", "diagnose"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule.

    Attributes:
        name: what it is called in `Cause.rule`.
        level: of what it finds, unless that says otherwise.
        about: what it finds, for the page of rules.
        shown: a workspace of the demo it finds it in.
        find: finds it.
    """

    name: str
    level: Level
    about: str
    shown: str
    find: Callable[[Facts], Iterator[Found]]


RULES: tuple[Rule, ...] = (
    Rule("build-failed", "problem", "the latest build failed", "grace/cobol-port", of_builds.failed),
    Rule("build-waiting", "note", "the latest build waits for a provisioner", "grace/payroll", of_builds.waiting),
    Rule("build-canceled", "problem", "the latest build was cancelled", "old-demo", of_builds.canceled),
    Rule("build-running", "note", "a build runs at this moment", "experiment", of_builds.under_way),
    Rule("stopped", "note", "it is stopped: by whom, and why", "archive", of_builds.stopped),
    Rule("dormant", "warning", "it is dormant, and may be deleted", "margaret/landing", of_builds.dormant),
    Rule("agent-timeout", "problem", "the agent has never connected", "linus/git-mirror", of_agents.never_connected),
    Rule("agent-disconnected", "problem", "the agent was there and is no more", "laptop", of_agents.disconnected),
    Rule("disk-full", "warning", "metadata: a disk at 90%; from 95% a problem", "notebook", at_threshold("disk-full")),
    Rule("disk-out", "problem", "log: no space left", "notebook", signed("disk-out")),
    Rule("memory-out", "problem", "log: out of memory", "ml", signed("memory-out")),
    Rule("refused", "warning", "log: connections refused, and who listens there now", "api-broken", refused),
    Rule("name-unknown", "warning", "log: a host's name is not known", "margaret/landing", signed("name-unknown")),
    Rule("file-watchers", "warning", "log: the limit of watched files is reached", "chatty", signed("file-watchers")),
    Rule("script-failed", "problem", "a script ended with another exit code than 0", "api-broken", of_scripts.failed),
    Rule("script-timeout", "problem", "a script was ended: its time was up", "linus/bisect", of_scripts.too_long),
    Rule("output-open", "problem", "a script left its output open", "margaret/apollo", of_scripts.left_open),
    Rule("devcontainer-error", "problem", "a dev container is in error", "devbox", of_containers.failed),
    Rule("app-failed", "problem", "an app says that it failed", "shop", of_agents.app_failed),
    Rule("app-unhealthy", "problem", "an app does not answer its checks", "notebook", of_agents.app_unhealthy),
    Rule("metadata-error", "warning", "something cannot be measured", "notebook", failing),
    Rule("metadata-stale", "warning", "something was not measured for long", "devbox", stale),
    Rule("memory-high", "warning", "metadata: memory at 90% or more", "shop", at_threshold("memory-high")),
    Rule("container-exited", "warning", "a container ended in failure", "web", of_containers.exited),
    Rule("container-warning", "warning", "the server warns of containers", "bob/sandbox", of_containers.warned),
    Rule("log-full", "warning", "the log is full, later lines are lost", "chatty", overflowed),
    Rule("startup-slower", "warning", "a start script took much longer than before", "shop", of_scripts.slower),
    Rule("rate-limited", "warning", "log: too many requests", "shop", signed("rate-limited")),
    Rule("shutting-down", "note", "the agent shuts down, or did so badly", "margaret/landing", of_agents.shutting_down),
    Rule("agent-connecting", "note", "the agent has not connected yet", "grace/linker", of_agents.connecting),
    Rule("scripts-running", "note", "start scripts still run", "fresh", of_scripts.running),
    Rule("cpu-busy", "note", "metadata: the CPU at 90% or more", "fresh", at_threshold("cpu-busy")),
    Rule("devcontainer-dirty", "note", "a dev container's configuration was changed", "devbox", of_containers.dirty),
    Rule("devcontainer-stopped", "note", "a dev container does not run", "devbox", of_containers.stopped),
    Rule("agent-old", "note", "the agent is older than the server", "notebook", of_agents.old_version),
    Rule("outdated", "note", "the template has a newer version", "notebook", of_builds.outdated),
    Rule("error-lines", "note", "other lines of level error in the log", "web", error_lines),
)


def diagnose(facts: Facts) -> tuple[Cause, ...]:
    """All causes, the gravest first; of one level in the order of the rules."""
    found = [
        Cause(rule.name, one.level or rule.level, one.where, one.what, one.evidence, one.next, one.at)
        for rule in RULES
        for one in rule.find(facts)
    ]
    return tuple(sorted(found, key=lambda cause: LEVELS.index(cause.level)))
