"""A workspace at a glance, as text and as HTML: its state, agents, apps, scripts, dev containers and versions.

Made from records alone, so it looks the same wherever it is shown again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from coder_nb import look
from coder_nb.api.agents import WorkspaceAgent
from coder_nb.api.builds import ScriptTiming
from coder_nb.api.containers import ContainerListing
from coder_nb.api.resource import happened
from coder_nb.api.workspaces import Workspace

__all__ = ["AgentPart", "Show"]


@dataclass(frozen=True, slots=True)
class AgentPart:
    """One agent and what is known around it. `listing` is None where the agent could not be asked."""

    agent: WorkspaceAgent
    timings: Sequence[ScriptTiming]
    listing: ContainerListing | None
    urls: Mapping[str, str | None]

    def lines(self) -> Iterator[tuple[str, str, str, str | None]]:
        """Group, state word, text and link of each thing that belongs to the agent."""
        ran = {timing.display_name: timing for timing in self.timings}
        for app in self.agent.apps:
            if not app.hidden:
                yield (
                    "apps",
                    "" if app.health == "disabled" else app.health,
                    app.display_name or app.slug,
                    self.urls.get(app.slug),
                )
        for script in self.agent.scripts:
            timing = ran.get(script.display_name)
            yield (
                "scripts",
                timing.status if timing else "",
                script.display_name + (_took(timing) if timing else ", not run"),
                None,
            )
        for dev in (self.listing.devcontainers if self.listing else None) or []:
            yield (
                "dev containers",
                dev.status,
                dev.name + (", dirty" if dev.dirty else "") + (f": {dev.error}" if dev.error else ""),
                None,
            )
        running = [c for c in (self.listing.containers if self.listing else None) or [] if c.running]
        if running:
            yield "containers", "running", ", ".join(container.name for container in running), None

    def about(self) -> str:
        """System, version and the state of the logs, in one line."""
        agent = self.agent
        logs = f"{agent.logs_length:,} bytes of logs" + (
            ", overflowed: later lines are lost" if agent.logs_overflowed else ""
        )
        return " · ".join(
            part for part in (f"{agent.operating_system}/{agent.architecture}", agent.version, logs) if part
        )


@dataclass(frozen=True)
class Show:
    """What `%coder show` gives.

    Attributes:
        workspace: the record, as of `fetched_at`.
        title: what a person calls it.
        agents: its agents; of a stopped workspace, those of its last start.
    """

    workspace: Workspace
    title: str
    agents: Sequence[AgentPart]
    fetched_at: datetime | None

    def facts(self) -> list[tuple[str, str]]:
        """What is true of the whole workspace: label and text."""
        ws, build = self.workspace, self.workspace.latest_build
        version = build.template_version_name + (" (the template has a newer version)" if ws.outdated else "")
        rows = [
            ("owner", ws.owner_name),
            ("template", " ".join(part for part in (ws.template_display_name or ws.template_name, version) if part)),
            ("build", f"{build.build_number}, {build.transition} by {build.initiator_name}, {build.job.status}"),
            ("last used", _ago(ws.last_used_at, self.fetched_at)),
        ]
        if ws.latest_app_status:
            said = ws.latest_app_status
            rows.append(("says", f"{said.state}: {said.message}" if said.message else said.state))
        if build.job.error:
            rows.append(("error", build.job.error))
        if build.deadline and happened(build.deadline):
            rows.append(("stops at", f"{build.deadline:%Y-%m-%d %H:%M} UTC"))
        return rows

    def __repr__(self) -> str:
        text = [f"{self.title}: {self.workspace.latest_build.status}"]
        text += [f"  {label:<14} {value}" for label, value in self.facts()]
        for part in self.agents:
            agent = part.agent
            text += [
                "",
                f"  agent {agent.name}: {agent.status}, {agent.lifecycle_state}, {_health(agent)}",
                f"    {part.about()}",
            ]
            text += [f"    {group:<14} {word or '-':<13} {what}" for group, word, what, _ in part.lines()]
        return "\n".join(look.visible(line) for line in text)

    def _repr_html_(self) -> str:
        name, status = look.safe(self.title), look.state(self.workspace.latest_build.status)
        head = f'<div style="font-size:1.15em;margin:2px 0"><b>{name}</b>&ensp;{status}</div>'
        agents = "".join(map(_agent_html, self.agents))
        return f'<div style="line-height:1.5">{head}{look.pairs(self.facts())}{agents}</div>'


def _agent_html(part: AgentPart) -> str:
    agent = part.agent
    health = look.state("healthy" if agent.health.healthy else "unhealthy")
    why = look.dim(f" {agent.health.reason}") if agent.health.reason else ""
    parent = look.dim(" in a dev container") if agent.parent_id else ""
    states = f"{look.state(agent.status)}&ensp;{look.state(agent.lifecycle_state)}&ensp;{health}{why}"
    head = f"<b>{look.safe(agent.name)}</b>{parent}&ensp;{states}"
    rows: list[list[str]] = []
    group = ""
    for name, word, what, url in part.lines():
        rows.append([look.dim(name) if name != group else "", look.state(word), look.link(url, what)])
        group = name
    return (
        '<div style="border-left:3px solid #8888;padding-left:10px;margin:8px 0">'
        f"<div>{head}</div><div>{look.dim(part.about())}</div>{look.table(rows)}</div>"
    )


def _health(agent: WorkspaceAgent) -> str:
    return "healthy" if agent.health.healthy else f"unhealthy: {agent.health.reason}"


def _took(timing: ScriptTiming) -> str:
    seconds = (timing.ended_at - timing.started_at).total_seconds()
    return f", {seconds:.1f} s" + (f", exit code {timing.exit_code}" if timing.exit_code else "")


def _ago(time: datetime, now: datetime | None) -> str:
    stamp = f"{time:%Y-%m-%d %H:%M} UTC"
    if now is None or happened(time) is None:
        return stamp if happened(time) else "never"
    gone = max(now - time, timedelta())
    for unit, seconds in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if (count := int(gone.total_seconds() // seconds)) >= 1:
            return f"{stamp}, {count} {unit}{'s' if count > 1 else ''} before"
    return f"{stamp}, just before"
