"""A kernel that runs in a workspace, with its sockets here: begun, signalled, restarted, ended, its death noticed.

Outlasts the connection to the workspace, and not the process it is held by: that one's end ends the kernel.
"""

from __future__ import annotations

import atexit
import json
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from coder_nb.closing import Closing
from coder_nb.errors import AgentUnavailable, CoderError, NotFound
from coder_nb.kernels.carrier import Carrier, Connection, Lost
from coder_nb.kernels.keeping import Kept, begin, connect
from coder_nb.kernels.ports import Ports
from coder_nb.kernels.there.lasting import Broken
from coder_nb.kernels.there.messages import KEEPER, note, pack, read_note
from coder_nb.look import visible

if TYPE_CHECKING:
    from jupyter_client.session import Session

    from coder_nb.client import Agent
    from coder_nb.kernels.pythons import Python

__all__ = ["LOST", "Hosted"]

LOST: Final = 1
"""The exit code of a kernel that is gone with its workspace, or was ended with its keeper."""
_BEGIN_SECONDS: Final = 150.0
_END_SECONDS: Final = 3.0


class Hosted(Closing):
    """A kernel there, or a place for one.

    Args:
        find: finds the agent as it is now.
        session: signs what is said here in the kernel's name; its key is the kernel's.
        notice: is told how it goes, for a log.
    """

    def __init__(self, find: Callable[[], Agent], session: Session, notice: Callable[[str], None]) -> None:
        self._find, self._session, self._notice = find, session, notice
        self._news = threading.Condition()
        self._carrier: Carrier | None = None
        self._kept: Kept | None = None
        self._number, self._pid = 0, 0
        self._code: int | None = None
        self._begun = self._gone = self._over = False
        self._failure = ""
        self.ports = Ports(self._pass_on, self._welcome)
        atexit.register(self.close)

    @property
    def kept(self) -> Kept | None:
        """What keeps it there."""
        return self._kept

    @property
    def pid(self) -> int:
        """The kernel's process in the workspace; 0 before there is one."""
        return self._pid

    @property
    def connected(self) -> bool:
        """Whether there is a connection to the workspace now."""
        return self._carrier is not None and self._carrier.connected

    def place(self, choose: Callable[[Agent], Python], *, idle: float) -> None:
        """Makes a place for kernels in the workspace; one that is there is kept.

        Args:
            choose: says which Python is to run them.
            idle: seconds without a connection after which it ends by itself.
        Raises:
            AgentUnavailable: it could not be made.
        """
        if self._carrier is not None and not self._gone:
            return
        self._let_go()
        agent = self._find()
        kept = begin(agent, choose(agent), idle=idle)
        with self._news:
            self._kept, self._gone, self._over = kept, False, False
        self._carrier = Carrier(self._dial, kept.name, received=self._received, lost=self._lose, notice=self._notice)

    def begin(self, arguments: Sequence[str], environ: Mapping[str, str]) -> None:
        """Starts a kernel, and waits until it answers.

        Args:
            arguments: its command line, with {connection_file} in it.
            environ: variables beside those of the workspace.
        Raises:
            AgentUnavailable: it did not begin; the message ends with what it said last.
        """
        carrier = self._carrier
        assert carrier is not None
        with self._news:
            self._number += 1
            self._begun, self._code, self._failure = False, None, ""
            number = self._number
        key, scheme = self._session.key.decode(), self._session.signature_scheme
        connection = {"key": key, "signature_scheme": scheme}
        about = {"arguments": list(arguments), "environ": dict(environ), "connection": connection, "number": number}
        carrier.say(note("begin", **about))
        with self._news:
            self._news.wait_for(lambda: self._begun or self._code is not None, _BEGIN_SECONDS)
            if not self._begun:
                said = visible(" ".join(self._failure.split())[-600:]) or "nothing was heard of it"
                raise AgentUnavailable(f"the kernel in {self._where} did not begin: {said}")

    def poll(self) -> int | None:
        """The exit code of a kernel that has ended; None while it runs, or cannot be heard of."""
        return self._code

    def signal(self, number: int) -> None:
        """Sends a signal to the kernel and what it has started, now or once there is a connection."""
        if self._carrier is not None and self._code is None:
            self._carrier.say(note("signal", number=number))

    def close(self) -> None:
        """Ends the kernel and what keeps it, and unbinds the sockets; a second time does nothing.

        Where there is no connection the keeper ends them by itself, when nobody has returned for long.
        """
        atexit.unregister(self.close)
        if self._carrier is not None and not self._gone:
            self._carrier.say(note("end"))
            with self._news:
                if not self._news.wait_for(lambda: self._over or self._gone, _END_SECONDS):
                    self._notice(f"the kernel in {self._where} could not be told to end; it does so by itself")
        self._let_go()
        self.ports.close()

    @property
    def _where(self) -> str:
        return f"the workspace, kernel {self._kept.id}" if self._kept else "the workspace"

    def _let_go(self) -> None:
        carrier, self._carrier = self._carrier, None
        if carrier is not None:
            carrier.close()

    def _dial(self) -> Connection:
        assert self._kept is not None
        try:
            return connect(self._find(), self._kept)
        except NotFound as error:
            raise Lost(f"the kernel is gone: {error.message}", hint=error.hint) from None

    def _pass_on(self, channel: str, frames: list[bytes]) -> None:
        if self._carrier is not None:
            self._carrier.say(pack(channel, frames))

    def _received(self, channel: str, frames: list[bytes]) -> None:
        if channel != KEEPER:
            self.ports.deliver(channel, frames)
            return
        verb, about = read_note(frames)
        with self._news:
            if verb == "over":
                self._over = True
                if self._code is None:
                    self._code = LOST
            elif about.get("number") == self._number:
                self._hear(verb, about)
            self._news.notify_all()
        if verb == "over":
            self._lose(Lost("the kernel was ended in its workspace", hint="restart it"))

    def _hear(self, verb: str, about: dict[str, Any]) -> None:
        """What the keeper says of the kernel."""
        try:
            if verb == "began":
                self._begun, self._pid = True, int(about["pid"])
            elif verb in ("ended", "failed"):
                self._failure = str(about.get("text", ""))
                self._code = LOST if about["code"] is None else int(about["code"])
            elif verb == "dropped":
                self._tell_dropped(int(about["count"]), json.loads(about["parent"]))
        except (KeyError, TypeError, ValueError):
            raise Broken("not a note about a kernel") from None

    def _lose(self, error: CoderError) -> None:
        with self._news:
            if not self._gone:
                self._gone = True
                if self._code is None:
                    self._code, self._failure = LOST, error.message
                self._news.notify_all()
        self._notice(error.message)

    def _welcome(self, topic: bytes) -> list[bytes]:
        """What kernels of today publish for a new subscriber; ours have one subscriber only."""
        message = self._session.msg("iopub_welcome", {"subscription": topic.decode("utf-8", "replace")})
        frames: list[bytes] = self._session.serialize(message)
        return [topic, *frames] if topic else frames

    def _tell_dropped(self, count: int, parent: Any) -> None:
        """Says among a cell's output that some of it was lost while there was no connection."""
        text = f"[coder_nb: {count} messages of output came while there was no connection, and were too much to keep]\n"
        content = {"name": "stderr", "text": text}
        with suppress(TypeError, KeyError):
            message = self._session.msg("stream", content, parent={"header": parent})
            self.ports.deliver("iopub", self._session.serialize(message, ident=b"stream.stderr"))
