"""What a terminal of an agent needs to know before it is shown: that it can be, where it may run, and who is dead."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from coder_nb.client.unavailable import unavailable
from coder_nb.errors import CoderError, ConfirmationRequired, Invalid, ServerError

if TYPE_CHECKING:
    from collections.abc import Callable

    from coder_nb.client.agent import Agent
    from coder_nb.remote.attachment import Attachment
    from coder_nb.widgets.terminal_view import TerminalView

__all__ = ["attach", "terminal"]


def terminal(agent: Agent, container: str | None, user: str | None, reconnect: str | None) -> TerminalView:
    """A terminal as a widget; see `AgentViews.terminal`."""
    from coder_nb.widgets.terminal_view import TerminalView

    make = attach(agent, container, user, reconnect)
    return TerminalView(make, title=agent.title, places=_places(agent), again=f"%coder terminal {agent.title}")


def attach(
    agent: Agent, container: str | None = None, user: str | None = None, reconnect: str | None = None
) -> Callable[[Callable[[], None]], Attachment]:
    """What makes a terminal's attachment, given what it is to call when there is news.

    Raises:
        AgentUnavailable: the agent is not connected, or the container does not run.
        NotFound: no such container.
        Invalid: not the id of a session.
        ConfirmationRequired: a dry run.
    """
    from coder_nb.remote.attachment import Attachment, Where

    coder = agent._coder
    if coder.api.http.dry_run:
        raise ConfirmationRequired(
            f"dry run: no terminal of {agent.title} was opened", hint="leave out the dry run to open it"
        )
    session = _session(reconnect) if reconnect else None
    _check_connected(agent)
    where = Where(*agent._checked_place(container, user))
    then = agent.record

    def alive() -> None:
        nonlocal then
        try:
            agent._check_alive(then)
        finally:
            # Another process than before is noticed once: a terminal begun in it is not dead for that.
            then = agent.record

    def make(wake: Callable[[], None]) -> Attachment:
        it = Attachment(coder.api.pty, agent.id, alive=alive, wake=wake, where=where, reconnect=session)
        coder._terminals.add(it)
        return it

    return make


def _session(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        raise Invalid(
            f"not the id of a terminal session: {text[:80]!r}", status=400, hint="leave it out for a new one"
        ) from None


def _check_connected(agent: Agent) -> None:
    record = agent.refresh()
    if record.status == "connected":
        return
    workspace = agent.workspace.refresh().record if agent.workspace else None
    refused = ServerError(f"no terminal: {agent.title} is {record.status}, not connected", status=502)
    raise unavailable(record, agent.title, workspace, refused) or refused


def _places(agent: Agent) -> list[tuple[str, str]]:
    """Containers that run; none where the agent does not tell."""
    try:
        listed = agent.listing().containers or []
    except CoderError:
        return []
    return [(it.id, it.name) for it in listed if it.running]
