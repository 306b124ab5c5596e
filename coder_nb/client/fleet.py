"""One script in many workspaces at once: `Coder.run_all`. What happens in one is a row, and no exception."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from coder_nb import frames
from coder_nb.client.agent import Agent
from coder_nb.client.waiting import Tell
from coder_nb.client.workspace import Workspace
from coder_nb.errors import CoderError, ConnectionLost, Invalid

if TYPE_CHECKING:
    from pandas import DataFrame

    from coder_nb.client.coder import Coder

__all__ = ["run_all"]

_FOR_ONE = ("check", "on_output", "on_wait", "background", "text", "spool", "stderr")
"""What `Agent.run` takes and makes no sense for many."""


class _Stopped(BaseException):
    """Ctrl-C was pressed while this one ran."""


@dataclass(frozen=True, slots=True)
class Row:
    """How it went in one workspace."""

    workspace: str
    agent: str | None
    status: str
    code: int | None = None
    seconds: float | None = None
    output: str | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """Where it is to run: an agent, or what did not lead to one and why."""

    title: str
    agent: Agent | None = None
    error: str | None = None

    def row(self, status: str, **more: Any) -> Row:
        """A row about it."""
        workspace = self.agent.workspace if self.agent else None
        title = workspace.title if workspace else self.title
        return Row(title, self.agent.name if self.agent else None, status, **more)


def run_all(
    coder: Coder,
    agents: str | Iterable[str | Agent] | DataFrame,
    script: str,
    *,
    at_once: int,
    tell: Tell | None,
    how: dict[str, Any],
) -> DataFrame:
    """Runs a script in each; `Coder.run_all` explains it."""
    from coder_nb.remote.many import Many

    if wrong := [name for name in _FOR_ONE if name in how]:
        raise Invalid(f"{wrong[0]} is for one workspace", status=400, hint="agent.run takes it")
    targets, rows = list(_targets(coder, agents)), dict[int, Row]()
    # As of when it began: workspaces of the demo have clocks of their own, and which answers last is chance.
    attrs = coder._attrs()

    def work(target: Target) -> Row:
        return _row(target, script, lambda: many.stopped, how)

    with Many(targets, work, at_once=at_once) as many:
        many.begin()
        while True:
            try:
                while (came := many.take()) is not None:
                    rows[came[0]] = came[1]
                    if tell is not None:
                        tell(f"{len(rows)} of {len(targets)}: {came[1].workspace} {came[1].status}")
                break
            except KeyboardInterrupt:
                # What is done is kept. A second one, while what had begun comes to its end, is raised.
                if many.stopped:
                    raise
                many.stop()
    every = (rows.get(number) or target.row("not_run") for number, target in enumerate(targets))
    return frames.runs(list(every), attrs=attrs)


def _row(target: Target, script: str, stopped: Callable[[], bool], how: dict[str, Any]) -> Row:
    if target.agent is None:
        return target.row("unavailable", error=target.error)

    def go_on(_: object) -> None:
        if stopped():
            raise _Stopped

    try:
        result = target.agent.run(script, check=False, on_output=go_on, on_wait=go_on, **how)
    except _Stopped:
        return target.row("unknown", error="ended by Ctrl-C")
    except ConnectionLost as error:
        return target.row("unknown", output=str(error.output), error=error.message)
    except CoderError as error:
        return target.row("unavailable", error=error.message)
    except Exception as error:  # A row, whatever it is: the others are worth having.
        return target.row("unknown", error=f"{type(error).__name__}: {error}")
    status = "ok" if result.ok else "timed_out" if result.timed_out else "failed"
    output = result.masks(result.output)
    return target.row(status, code=result.code, seconds=round(result.seconds, 3), output=output)


def _targets(coder: Coder, agents: str | Iterable[str | Agent] | DataFrame) -> Iterator[Target]:
    if isinstance(agents, str):
        found = list(coder.api.workspaces.iterate(agents))
        coder._learn(found)
        for record in found:
            yield from _hosts(Workspace(coder, record))
        return
    for one in _names(agents) if hasattr(agents, "columns") else agents:
        if isinstance(one, Agent):
            yield Target(one.title, one)
            continue
        try:
            yield Target(one, coder.agent(one))
        except CoderError as error:
            yield Target(one, error=error.message)


def _hosts(workspace: Workspace) -> Iterator[Target]:
    """A workspace's agents but those of dev containers."""
    try:
        found = workspace.agents()
    except CoderError as error:
        yield Target(workspace.title, error=error.message)
        return
    for agent in [one for one in found if one.record.parent_id is None] or found:
        yield Target(agent.title, agent)


def _names(frame: Any) -> Iterator[str]:
    """The names in a frame of workspaces, or of runs: those to run it in again."""
    if {"workspace", "agent"} <= set(frame.columns):
        for workspace, agent in zip(frame["workspace"], frame["agent"], strict=True):
            yield f"{workspace}.{agent}" if isinstance(agent, str) else str(workspace)
    elif {"owner", "name"} <= set(frame.columns):
        yield from (f"{owner}/{name}" for owner, name in zip(frame["owner"], frame["name"], strict=True))
    else:
        raise Invalid(
            "that frame names no workspaces", status=400, hint="coder.workspaces(…), or what run_all returned"
        )
