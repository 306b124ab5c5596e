"""Rules about the workspace and its latest build."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from coder_nb.api.builds import WorkspaceBuild
from coder_nb.api.resource import happened
from coder_nb.diagnosis.cause import Evidence, Found
from coder_nb.diagnosis.facts import Facts
from coder_nb.diagnosis.telling import ago, long, shorter

__all__ = ["canceled", "dormant", "failed", "outdated", "stopped", "under_way", "waiting"]

_DOING = {"start": "started", "stop": "stopped", "delete": "deleted"}
_WORST = 4


def failed(facts: Facts) -> Iterator[Found]:
    """The latest build failed; its own errors say why."""
    build = _latest(facts, "failed")
    if build is None:
        return
    errors = [line for line in facts.build_log if line.log_level == "error" and line.output.strip()]
    shown = tuple(Evidence(f"build log, {line.stage}", shorter(line.output), line.created_at) for line in errors)
    said = (Evidence("job", shorter(build.job.error), _ended(build)),) if build.job.error else ()
    why = f": {shorter(errors[0].output)}" if errors else ""
    yield Found(
        facts.title,
        f"build {build.build_number} ({build.transition}) failed{why}",
        (*shown[:_WORST], *said),
        f"%coder logs {facts.title} --provisioner",
        at=_ended(build),
    )


def canceled(facts: Facts) -> Iterator[Found]:
    """The latest build was cancelled, so nothing runs."""
    build = _latest(facts, "canceled")
    if build is None:
        return
    warned = [line for line in facts.build_log if line.log_level in ("warn", "error") and line.output.strip()]
    shown = tuple(Evidence(f"build log, {line.stage}", shorter(line.output), line.created_at) for line in warned)
    yield Found(
        facts.title,
        f"build {build.build_number} ({build.transition}) was cancelled",
        (_who(build), *shown[-_WORST:]),
        f"%coder {'start' if build.transition == 'start' else build.transition} {facts.title} --wait",
        at=_ended(build),
    )


def waiting(facts: Facts) -> Iterator[Found]:
    """The latest build waits for a provisioner."""
    build = _latest(facts, "pending")
    if build is None:
        return
    job, matched = build.job, build.matched_provisioners
    shown = [Evidence("waiting", long((facts.now - job.created_at).total_seconds()), job.created_at)]
    if job.queue_size:
        shown.append(Evidence("queue", f"{job.queue_position} of {job.queue_size}"))
    nobody = matched is not None and not matched.available
    if matched is not None:
        shown.append(Evidence("provisioners", f"{matched.count} match its tags, {matched.available} of them available"))
    yield Found(
        facts.title,
        f"build {build.build_number} waits: "
        + ("no provisioner that may run it is available" if nobody else "no provisioner has taken it yet"),
        tuple(shown),
        f"%coder logs {facts.title} --provisioner",
        at=job.created_at,
        level="problem" if nobody else "note",
    )


def under_way(facts: Facts) -> Iterator[Found]:
    """A build runs at this moment; what else is seen may be over in a minute."""
    build = _latest(facts, "running") or _latest(facts, "canceling")
    if build is None:
        return
    goal = "stopped" if build.transition == "stop" else "connected"
    yield Found(
        facts.title,
        f"it is being {_DOING.get(build.transition, 'built')}: build {build.build_number} is {build.job.status}",
        (_who(build), Evidence("running for", long((facts.now - build.created_at).total_seconds()), build.created_at)),
        f"%coder wait {facts.title} --for {goal}",
        at=build.created_at,
    )


def stopped(facts: Facts) -> Iterator[Found]:
    """It is stopped, so nothing in it can be reached; by whom tells whether that was meant."""
    build = _latest(facts, "succeeded")
    if build is None or build.transition != "stop":
        return
    at = _ended(build) or build.created_at
    yield Found(
        facts.title,
        f"it is stopped, for {long((facts.now - at).total_seconds())} now",
        (_who(build),),
        f"%coder start {facts.title} --wait",
        at=at,
    )


def dormant(facts: Facts) -> Iterator[Found]:
    """It is dormant, and may be deleted at a time that is set."""
    workspace = facts.workspace
    since = happened(workspace.dormant_at) if workspace else None
    if workspace is None or since is None:
        return
    shown = [Evidence("last used", ago(workspace.last_used_at, facts.now), workspace.last_used_at)]
    doomed = happened(workspace.deleting_at)
    if doomed:
        shown.insert(0, Evidence("will be deleted", f"in {long((doomed - facts.now).total_seconds())}", doomed))
    yield Found(
        facts.title,
        "it is dormant" + (f", and will be deleted on {doomed:%Y-%m-%d}" if doomed else ""),
        tuple(shown),
        f"%coder start {facts.title} --wait",
        at=since,
    )


def outdated(facts: Facts) -> Iterator[Found]:
    """Its template has a newer version than it was built with."""
    if facts.workspace is None or facts.build is None or not facts.workspace.outdated:
        return
    template = facts.workspace.template_display_name or facts.workspace.template_name
    yield Found(
        facts.title,
        f"its template {template} has a newer version",
        (Evidence("built with", facts.build.template_version_name, facts.build.created_at),),
        f"%coder show {facts.title}",
    )


def _latest(facts: Facts, status: str) -> WorkspaceBuild | None:
    build = facts.build
    return build if build is not None and build.job.status == status else None


def _who(build: WorkspaceBuild) -> Evidence:
    why = f", {build.reason}" if build.reason else ""
    return Evidence(
        f"build {build.build_number}", f"{build.transition} by {build.initiator_name}{why}", build.created_at
    )


def _ended(build: WorkspaceBuild) -> datetime | None:
    return happened(build.job.completed_at) or happened(build.job.canceled_at)
