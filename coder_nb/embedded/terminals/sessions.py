"""All terminals of one server: found by agent and id, begun where there is none, ended with their agent.

`close` ends every program with everything it has started, and removes the homes of simulated workspaces.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

from coder_nb.embedded.liveness import presence
from coder_nb.embedded.state import Agent, Workspace
from coder_nb.embedded.terminals.command import arguments, travels
from coder_nb.embedded.terminals.places import Places
from coder_nb.embedded.terminals.process import Process, end_all
from coder_nb.embedded.terminals.session import Attachment, Session

__all__ = ["Terminals", "Wanted"]


class Wanted(NamedTuple):
    """What a client asks for: the session's id, columns and rows, and what to run where there is no such session.

    `container` is the id of a simulated one that runs, "" for none.
    """

    reconnect: str
    size: tuple[int, int]
    command: str = ""
    backend: str = ""
    container: str = ""
    container_user: str = ""


class Terminals:
    """The terminals of one server. Everything happens in its event loop.

    Attributes:
        login_shell: of everybody; "" for the one of who runs this.
    """

    def __init__(self) -> None:
        self.login_shell = ""
        self._places = Places()
        self._sessions: dict[tuple[str, str], Session] = {}
        self._ended: set[int] = set()
        self._reaping: set[asyncio.Task[None]] = set()

    def attach(
        self, workspace: Workspace, agent: Agent, wanted: Wanted, *, url: str, second: float
    ) -> Attachment | None:
        """An attachment, to be left; None where the session ended before it began, as it does without a word.

        Args:
            workspace: the agent's.
            agent: a connected one.
            wanted: by the client.
            url: the deployment's address.
            second: how long a second is.
        """
        key = agent.id, wanted.reconnect
        session = self._sessions.get(key)
        if session is None:
            session = self._begin(key, workspace, agent, wanted, url, second)
        return None if session is None else session.attach(wanted.size, second=second)

    def orphan(self, agent: Agent) -> None:
        """An agent's process is killed: nothing more is said in its terminals, and their ids are free."""
        for key, session in tuple(self._sessions.items()):
            if key[0] == agent.id:
                session.orphan()

    async def close(self) -> None:
        """Ends everything; may be called again."""
        living = {session.process.pid for session in self._sessions.values()}
        end_all(living, self._ended)
        for session in tuple(self._sessions.values()):
            session.process.kill()
        await asyncio.gather(*self._reaping)
        self._ended.clear()
        self._places.close()

    def _begin(
        self, key: tuple[str, str], workspace: Workspace, agent: Agent, wanted: Wanted, url: str, second: float
    ) -> Session | None:
        # GNU screen is never there. Without a terminal of this system nothing can run either.
        if wanted.backend == "screen" or os.name != "posix" or not travels(wanted.command):
            return None
        place = self._places.of(workspace, agent, url, login_shell=self.login_shell)
        if wanted.container:
            place = self._places.inside(place, wanted.container, wanted.container_user)
        program = arguments(wanted.command, place.shell)
        if program is None:
            return None

        def start(output: Callable[[bytes], None], ended: Callable[[], None]) -> Process:
            return Process(program, place.directory, place.environ, wanted.size, output=output, ended=ended)

        def over(session: Session) -> None:
            stop()
            self._sessions.pop(key, None)
            self._reap(session.process)

        try:
            session = Session(start, over, second=second)
        except OSError:
            return None
        self._sessions[key] = session
        stop = _with_agent(workspace, agent, session)
        return session

    def _reap(self, process: Process) -> None:
        self._ended.add(process.pid)
        task = asyncio.get_running_loop().create_task(process.reap())
        self._reaping.add(task)
        task.add_done_callback(self._reaping.discard)


def _with_agent(workspace: Workspace, agent: Agent, session: Session) -> Callable[[], None]:
    """Ends a session as soon as its agent does, or another process has its place; returns what ends that."""
    loop, started = asyncio.get_running_loop(), agent.started_at

    def look() -> None:
        other = started is not None and agent.started_at != started
        if other or presence(agent, workspace.clock.now()).status != "connected":
            session.process.kill()

    def told() -> None:
        # A server that stops may close its loop while a last change is still told.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(look)

    return workspace.changes.listen(told)
