"""Building a dev container of an agent anew, by its name, and waiting for how that ends.

How it ends is told in the agent's list only, where a failure shows as a status: so the list is asked again and again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from coder_nb import look
from coder_nb.api.containers import ContainerListing, Devcontainer
from coder_nb.client.names import suggest
from coder_nb.client.waiting import Going, Tell, until
from coder_nb.errors import AgentUnavailable, Conflict, NotFound

if TYPE_CHECKING:
    from coder_nb.client.agent import Agent

__all__ = ["Recreated", "recreate"]

STARTING = "starting"


@dataclass(frozen=True, slots=True)
class Recreated:
    """A dev container whose build was begun, or waited for.

    Attributes:
        title: the agent it belongs to.
        devcontainer: the record, as of then.
        joined: it was being built already.
    """

    title: str
    devcontainer: Devcontainer
    joined: bool = False

    def rows(self) -> list[tuple[str, str]]:
        """Label and text of each line a person sees."""
        dev = self.devcontainer
        rows = [("agent", self.title), ("folder", dev.workspace_folder)]
        if dev.container is not None:
            rows.append(("container", f"{dev.container.name}, {dev.container.status}"))
        if self.joined:
            rows.append(("note", "it was being built already, so no other build was begun"))
        return rows

    def __repr__(self) -> str:
        rows = [f"  {label:<14} {text}" for label, text in self.rows()]
        head = f"dev container {self.devcontainer.name}: {self.devcontainer.status}"
        return "\n".join(look.visible(line) for line in [head, *rows])

    def _repr_html_(self) -> str:
        name, status = look.safe(self.devcontainer.name), look.state(self.devcontainer.status)
        return f"<div>dev container <b>{name}</b>&ensp;{status}</div>{look.pairs(self.rows())}"


def recreate(agent: Agent, name: str, *, wait: bool, timeout: float | None, tell: Tell | None) -> Recreated:
    """Begins to build a dev container anew, or joins the build that is under way."""
    found = _named(agent, agent.listing(), name)
    joined = False
    try:
        agent.ask_to_recreate(found.id)
    except Conflict:
        joined = True

    def see() -> Devcontainer | Going:
        now = _by_id(agent, found)
        return Going(f"dev container {now.name}: {now.status}") if now.status == STARTING else now

    if not wait:
        return Recreated(agent.title, _by_id(agent, found), joined)
    logs = f"%coder logs {agent.title} --tail 50"
    what = f"dev container {found.name} of {agent.title} is not built"
    pause = agent._coder.api.http.pause
    now = until(see, what=what, hint=logs, timeout=timeout, tell=tell, rest=lambda seconds, left: pause(seconds))
    if now.status == "error":
        why = look.visible(now.error) or "no reason was given"
        raise AgentUnavailable(f"dev container {now.name} of {agent.title} could not be built: {why}", hint=logs)
    return Recreated(agent.title, now, joined)


def _named(agent: Agent, listing: ContainerListing, name: str) -> Devcontainer:
    known = listing.devcontainers or []
    found = [dev for dev in known if name in (dev.name, dev.id)]
    if len(found) == 1:
        return found[0]
    if found:
        raise NotFound(
            f"{agent.title} has {len(found)} dev containers called {name!r}",
            status=404,
            hint="by id: " + ", ".join(f"{dev.id} ({dev.workspace_folder})" for dev in found),
        )
    names = {dev.name: dev.name for dev in known}
    otherwise = f"there are: {', '.join(names)}" if names else f"%coder containers {agent.title}"
    raise NotFound(f"{agent.title} has no dev container {name!r}", status=404, hint=suggest(name, names, otherwise))


def _by_id(agent: Agent, wanted: Devcontainer) -> Devcontainer:
    found = next((dev for dev in agent.listing().devcontainers or [] if dev.id == wanted.id), None)
    if found is None:
        raise NotFound(
            f"dev container {wanted.name} of {agent.title} is gone",
            status=404,
            hint=f"%coder containers {agent.title}",
        )
    return found
