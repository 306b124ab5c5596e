"""One kernel after another, with its sockets: what comes from it is said, what is for it is passed on."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Callable, Sequence
from typing import Any

import zmq

from .messages import note, pack
from .place import Place
from .process import Process
from .sockets import Sockets

__all__ = ["Kernel"]

_BEGIN = 120.0
"""Seconds for a kernel to begin."""
_LISTEN = 1.0
"""Seconds for a kernel that answers to know of its listener; those of today say at once that they do."""
_DRAIN = 200
"""Milliseconds without output after a kernel's end until there is taken to be none."""
_OWN = b"coder-nb-keeper"
_PORTS = {"shell": 1, "iopub": 2, "stdin": 3, "control": 4, "hb": 5}
_DELIMITER = b"<IDS|MSG>"


class Kernel:
    """The kernel there is, if there is one.

    Args:
        place: where its files go, and where it is told how it is.
        poller: is told of its sockets.
        say: says something to the other end.
        room: whether there is room for more of its output.
    """

    def __init__(
        self, place: Place, poller: zmq.Poller, say: Callable[[bytes], None], room: Callable[[], bool]
    ) -> None:
        self._place, self._poller, self._say, self._room = place, poller, say, room
        self._process: Process | None = None
        self._sockets: Sockets | None = None
        self._deadline: float | None = None
        self._answered: float | None = None
        self._listening = False
        self._number = self._dropped = 0
        self._dropped_of = "{}"

    def begin(self, about: dict[str, Any]) -> None:
        """Starts one; what there was is ended. That it has begun, or why not, is said later."""
        self.end()
        self._number = int(about["number"])
        prefix = f"{self._place.sockets}/k{self._number}"
        ports = {f"{channel}_port": port for channel, port in _PORTS.items()}
        connection = {**about["connection"], **ports, "transport": "ipc", "ip": prefix}
        self._place.tell(state="starting")
        try:
            self._process = Process(about["arguments"], about["environ"], connection, self._place.folder, self._number)
        except OSError as error:
            self._tell("failed", text=str(error), code=None)
            return
        self._sockets = Sockets(prefix, _PORTS, self._poller)
        self._deadline, self._listening = time.monotonic() + _BEGIN, False
        # Answered as soon as the kernel listens, however long that takes.
        self._sockets.send("hb", [_OWN, b"", b"began"])
        self._place.tell(kernel=self._process.pid)

    def signal(self, number: int) -> None:
        """Sends a signal to it and what it has started."""
        if self._process is not None:
            self._process.signal(number)

    def pass_on(self, channel: str, frames: Sequence[bytes]) -> None:
        """Gives it a client's message; nobody gets it where there is no kernel."""
        if self._sockets is not None and len(frames) > 1:
            self._sockets.send(channel, frames)

    def handle(self, ready: dict[object, int]) -> None:
        """After waiting: says what has come from it, and whether it has begun or ended."""
        if self._sockets is not None:
            for channel, frames in self._sockets.receive(ready):
                self._heard(channel, frames)
        if self._process is None:
            return
        code = self._process.poll()
        if code is not None:
            self._ended(code)
        elif self._answered is not None and time.monotonic() - self._answered > _LISTEN:
            self._begun()
        elif self._deadline is not None and time.monotonic() > self._deadline:
            self._process.signal(signal.SIGKILL)

    def end(self) -> None:
        """Ends it now, and removes what is left of it."""
        if self._process is not None:
            self._process.kill()
            self._bury()

    def _heard(self, channel: str, frames: list[bytes]) -> None:
        if channel == "hb" and frames[0] == _OWN:
            self._answered = time.monotonic()
            self._deadline = None
            if self._listening:
                self._begun()
            return
        if channel == "iopub":
            self._listening = True
            if self._answered is not None:
                self._begun()
            self._notice(frames)
            if not self._fits(frames):
                return
        self._say(pack(channel, frames))

    def _begun(self) -> None:
        """It answers, and what it publishes is heard: a client's first cell loses nothing."""
        self._answered = None
        self._place.tell(state="idle")
        assert self._process is not None
        self._tell("began", pid=self._process.pid)

    def _notice(self, frames: list[bytes]) -> None:
        """Whether it is at work, for those who list kernels."""
        if frames[0].endswith(b".status") and self._deadline is None:
            try:
                state = json.loads(frames[frames.index(_DELIMITER) + 5]).get("execution_state")
            except (ValueError, IndexError, AttributeError):
                return
            self._place.tell(state="busy" if state == "busy" else "idle")

    def _fits(self, frames: list[bytes]) -> bool:
        """Whether there is room for output; what there is none for is counted, and said once there is."""
        if not self._room():
            self._dropped += 1
            if _DELIMITER in frames[:-3]:
                self._dropped_of = frames[frames.index(_DELIMITER) + 3].decode("utf-8", "replace")
            return False
        if self._dropped:
            self._tell("dropped", count=self._dropped, parent=self._dropped_of)
            self._dropped = 0
        return True

    def _ended(self, code: int) -> None:
        """Says the last of its output, and that it has ended."""
        assert self._process is not None and self._sockets is not None
        while ready := self._sockets.wait(_DRAIN):
            for channel, frames in self._sockets.receive(ready):
                self._heard(channel, frames)
        if self._deadline is None and self._answered is None:
            self._tell("ended", code=code)
        else:
            self._tell("failed", text=self._process.said(), code=code)
        self._bury()

    def _tell(self, verb: str, **about: Any) -> None:
        """Says something about the kernel; its number tells it from the one before."""
        self._say(note(verb, number=self._number, **about))

    def _bury(self) -> None:
        assert self._process is not None
        self._process.forget()
        if self._sockets is not None:
            self._sockets.close()
        self._process = self._sockets = self._deadline = self._answered = None
        self._place.tell(state="dead", kernel=None)
