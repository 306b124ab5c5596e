"""The one place that holds what `%coder` remembers: the connection, the default target, and words for completion.

Completion reads only what is kept here; it never asks a server.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING
from weakref import WeakSet

from coder_nb.errors import CoderError, ConfigurationError, InvalidCommand
from coder_nb.magics.prompts import ask_secret

if TYPE_CHECKING:
    from coder_nb.client import Agent, Coder
    from coder_nb.client.forwarded import Forwarded
    from coder_nb.client.recording import Recorder

__all__ = ["Session"]


class Session:
    """What `%coder` remembers between two lines.

    Attributes:
        coder: the connection; None before the first one.
        target: the name `%coder use` was given; None before.
        recording: the recording that takes down each connection; its name before there is a connection, None without.
    """

    def __init__(self) -> None:
        self.coder: Coder | None = None
        self.target: str | None = None
        self.recording: Recorder | str | None = None
        self._made: WeakSet[Coder] = WeakSet()
        self._seen: dict[str, dict[str, None]] = {}
        self._lock = threading.Lock()

    def connect(
        self, target: str | None = None, *, ca: str | None = None, insecure: bool = False, tempo: float = 0.0
    ) -> Coder:
        """Connects, and makes it the connection of the lines to come; the one before still serves who holds it.

        Raises:
            ConfigurationError: no URL, no token, nobody to ask for one.
        """
        return self._use(target, ask_secret, ca, insecure, tempo)

    def record(self, name: str) -> Recorder | None:
        """Records the connection there is, and each that is made; None where there is none yet, or a replay.

        Raises:
            Conflict: the connection is recorded already.
            ConfigurationError: no name for a file.
        """
        self.recording = name if self.coder is None or self.coder.replayed else self.coder.record(name)
        return None if isinstance(self.recording, str) else self.recording

    def _use(
        self,
        target: str | None,
        ask: Callable[[str], str] | None,
        ca: str | None = None,
        insecure: bool = False,
        tempo: float = 0.0,
    ) -> Coder:
        from coder_nb.client import connect

        record = self._recorded_as()
        coder = connect(target, ca=ca, insecure=insecure, ask=ask, notify=_say, record=record, tempo=tempo)
        self.recording = coder.recorder
        self._forget()
        self.coder = coder
        self._made.add(coder)
        with suppress(CoderError):  # Only completion is the poorer without.
            for workspace in coder.api.workspaces.iterate("owner:me"):
                self.remember("names", [workspace.name])
                self.remember("names", (f"{workspace.name}.{agent.name}" for agent in workspace.latest_build.agents))
        return coder

    def _recorded_as(self) -> str | None:
        if self.recording is None or isinstance(self.recording, str):
            return self.recording
        return None if self.recording.closed else str(self.recording.path)

    def connected(self) -> Coder:
        """The connection; the first command makes one from the environment where there are credentials.

        Raises:
            ConfigurationError: not connected, and nothing to connect with.
        """
        if self.coder is not None:
            return self.coder
        try:
            return self._use(None, None)
        except ConfigurationError as error:
            raise ConfigurationError(f"not connected: {error.message}", hint=error.hint) from None

    def name(self, name: str | None, *, usage: str) -> str:
        """The target a line means: the one it names, else the default.

        Raises:
            InvalidCommand: neither; the hint is what to type.
        """
        if name or self.target:
            return name or self.target or ""
        self.connected()
        known = list(self.names())[:3]
        such = f", such as {', '.join(known)}" if known else ""
        raise InvalidCommand(
            f"which workspace? The line names none{such}", hint=f"{usage}, or first %coder use WORKSPACE"
        )

    def agent(self, name: str | None, *, build: int | None = None, usage: str = "%coder show WORKSPACE") -> Agent:
        """The agent a line means."""
        return self.connected().agent(self.name(name, usage=usage), build=build)

    def tunnels(self) -> list[Forwarded]:
        """The tunnels that this session's connections have open, oldest first."""
        found = [tunnel for coder in list(self._made) for tunnel in coder.open_tunnels()]
        return sorted(found, key=lambda tunnel: tunnel.number)

    def close(self) -> None:
        """Ends every connection made here and forgets everything."""
        self._forget()
        for coder in list(self._made):
            coder.close()

    def _forget(self) -> None:
        self.coder = self.target = None
        with self._lock:
            self._seen.clear()

    def notice(self, value: object) -> None:
        """Keeps the words of a command's result that a later line may want completed."""
        attrs = getattr(value, "attrs", None)
        if not isinstance(attrs, dict):
            return
        for kind, column in _WORTH.get(str(attrs.get("frame", "")), ()):
            self.remember(kind, value[column].dropna().unique())  # type: ignore[index]

    def remember(self, kind: str, words: Iterable[object]) -> None:
        """Keeps words of one kind for completion."""
        with self._lock:
            self._seen.setdefault(kind, {}).update((str(word), None) for word in words)

    def names(self) -> Iterator[str]:
        """What can be typed as a workspace or agent, as far as it is known here."""
        yield from dict.fromkeys([*(self.coder.names() if self.coder else ()), *self.seen("names")])

    def seen(self, kind: str) -> Iterator[str]:
        """The words of one kind, from what earlier commands returned."""
        with self._lock:
            return iter(list(self._seen.get(kind, ())))


def _say(what: str) -> None:
    print(what, file=sys.stderr)


_WORTH = {
    "workspaces": (("owners", "owner"), ("templates", "template")),
    "logs": (("sources", "source"),),
    "ports": (("ports", "port"),),
    "containers": (("containers", "name"), ("devcontainers", "devcontainer")),
    "container_ports": (("containers", "container"),),
    "scripts": (("sources", "name"),),
}
"""By kind of frame: which column gives words of which kind."""
