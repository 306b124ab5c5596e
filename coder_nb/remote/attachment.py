"""A terminal session somebody looks at: always read, kept, come back to by its id when the connection breaks.

What was typed is never typed again and a program never started again by itself: whether a session still lives is asked
with a command that only says that it does not.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Condition, Thread, current_thread
from typing import TYPE_CHECKING, Final, Literal

from coder_nb.closing import Closing
from coder_nb.errors import CoderError, ConnectionLost, RateLimited, ServerError, TransportError
from coder_nb.remote import identity
from coder_nb.remote.arrival import REPLAY, Arrival, probe
from coder_nb.remote.keyboard import Keyboard
from coder_nb.remote.pace import Pace
from coder_nb.remote.tape import Tape

if TYPE_CHECKING:
    from coder_nb.api.pty import Pty, Ptys

__all__ = ["Attachment", "Phase", "Where"]

FIRST: Final = 10.0
"""Seconds for a terminal's first word; now and then an open hangs, and another one does not."""
QUIET: Final = 30.0
"""Seconds of silence after which the agent is asked for: a dead one leaves its terminals open and silent."""
LEFT: Final = 300.0
"""Seconds a session lives on when nobody is attached."""
PAUSES: Final = (1.0, 30.0)
"""Seconds between two attempts: at first, and at most."""
MUTE: Final = 3
"""How often in a row a terminal may end without a byte before its session counts as over."""
WELL: Final = 5.0
"""Seconds after which a connection counts as one that goes well."""
_KEPT: Final = 6 * 1024 * 1024
# Whatever the last program left on: other screen, pasting in brackets, mouse, colours.
_AFRESH: Final = b"\x1b[?1049l\x1b[!p\x1b[?2004l\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[0m\r\n"
_TORN: Final = b"\x1b[0m\r\n\x1b[2m[some output was lost with the connection]\x1b[0m\r\n"


@dataclass(frozen=True, slots=True)
class Phase:
    """How far a terminal is.

    Attributes:
        why: in words, "" where it goes without saying.
        retry_at: when it is tried again, as time.time() counts; None where it is not.
    """

    name: Literal["idle", "connecting", "live", "reconnecting", "ended"]
    why: str = ""
    retry_at: float | None = None


@dataclass(frozen=True, slots=True)
class Where:
    """Where a terminal's program runs: beside the agent, or in a container by its name or id, as a user there."""

    container: str | None = None
    user: str | None = None


class Attachment(Closing):
    """One terminal for as long as somebody wants it. Any thread may call; nothing here waits for the network.

    Args:
        ptys: the calls that open terminals.
        agent_id: the agent's uuid.
        alive: asks for the agent; raises ConnectionLost when it is gone, or another process than before.
        wake: called from any thread when there is output or another phase; to be cheap.
        where: where the program runs.
        reconnect: the id of a session that is there already; None for a new one.
        size: columns and rows.

    Attributes:
        tape: what it has said.
        phase: how far it is.
        session: the id by which one can attach again; "" before there is one.
        where: as it was given, or moved to.
    """

    def __init__(
        self,
        ptys: Ptys,
        agent_id: str,
        *,
        alive: Callable[[], None],
        wake: Callable[[], None],
        where: Where | None = None,
        reconnect: str | None = None,
        size: tuple[int, int] = (80, 24),
    ) -> None:
        self.tape = Tape(_KEPT)
        self.phase = Phase("idle")
        self.session = reconnect or ""
        self.where = where or Where()
        self.size = size
        self._ptys, self._agent_id, self._alive, self._wake = ptys, agent_id, alive, wake
        self._began = reconnect is not None
        self._recent = Tape(REPLAY)
        self._keyboard = Keyboard()
        self._pace = Pace(self.tape)
        self._news = Condition()
        self._pause, self._mute = 0.0, 0
        self._stopping = False
        self._closed = False
        self._pty: Pty | None = None
        self._thread: Thread | None = None

    def start(self) -> None:
        """Attach, or begin; does nothing where that has been done."""
        with self._news:
            if self.phase.name != "idle" or self._closed:
                return
            self._stopping = False
            self.phase = Phase("connecting")
            self._thread = Thread(target=self._run, name="coder-nb:terminal", daemon=True)
            self._thread.start()

    def restart(self, where: Where | None = None, *, reconnect: str | None = None) -> None:
        """Leave what there is, and begin anew.

        Args:
            where: somewhere else than now.
            reconnect: the id of a session there instead of a new one.
        """
        self._leave()
        self.where = where or self.where
        self.session, self._began = reconnect or "", reconnect is not None
        self._recent, self._pause = Tape(REPLAY), 0.0
        if self.tape.end:
            self.tape.add(_AFRESH)
        self.start()

    def type(self, text: str, done: Callable[[], None] = lambda: None) -> None:
        """Type, in order; while it reconnects, what is typed waits.

        Args:
            done: called once it is on its way, or can no longer be, for whoever types much.
        """
        if self.phase.name == "ended":
            done()
        else:
            self._keyboard.type(text, done)

    def resize(self, columns: int, rows: int) -> None:
        """Give it another size."""
        if (columns, rows) != self.size:
            self.size = (columns, rows)
            self._keyboard.resize(self.size)

    def redraw(self) -> None:
        """Have the program draw its screen anew, as it does when the size changes."""
        columns, rows = self.size
        self._keyboard.resize((columns, rows + 1))
        self._keyboard.type("", lambda: self._keyboard.resize(self.size))

    def taken(self, at: int | None) -> None:
        """How much of the output everybody who looks has taken; None while nobody looks, and nothing is waited for."""
        self._pace.taken(at)

    def close(self) -> None:
        """Leave; may be called twice. The program runs on, and is killed five minutes after the last one has left."""
        self._closed = True
        self._leave()
        self._keyboard.close()

    def _leave(self) -> None:
        with self._news:
            self._stopping = True
            thread, pty = self._thread, self._pty
            self._news.notify_all()
        self._pace.release()
        if pty is not None:
            pty.close()
        if thread is not None and thread is not current_thread():
            thread.join()
        self._keyboard.forget()
        self.phase = Phase("ended", "closed here") if self._closed else Phase("idle")

    def _run(self) -> None:
        why = ""
        try:
            why = self._follow()
        except CoderError as error:
            why = error.message
        finally:
            self._unplug()
            self._keyboard.forget()
            if not self._stopping:
                self._become(Phase("ended", why))

    def _follow(self) -> str:
        """From the first attachment to the end of the session; why it ended."""
        self._wake()
        why = self._return() if self._began else self._begin()
        while not why and not self._stopping:
            self._listen()
            if not self._stopping:
                why = self._return()
        return why

    def _begin(self) -> str:
        """A new session; why there is none, "" where there is."""
        self.session, self._began = identity.session(), True
        for again in (True, True, False):
            pty = self._open()
            if self._stopping:
                return ""
            try:
                first = pty.read(FIRST)
            except TimeoutError:
                # By the same id: where it has begun after all, this attaches to it.
                if again:
                    continue
                first = None
            if first == b"":
                where = f" in the container {self.where.container}: is it running?" if self.where.container else ""
                return f"no shell began{where}" if not self._stopping else ""
            self._live(pty, first or b"")
            return ""
        return ""

    def _return(self) -> str:
        """Attach to the session again; why that cannot be done, "" where it is."""
        lost, why = time.monotonic(), "the connection broke"
        while not self._stopping and self._pause_first(why):
            try:
                alive = self._arrive()
                if alive is not None:
                    return "" if alive else "its program has ended"
                why = "nothing came from it"
            except (TransportError, ServerError) as error:
                why = error.message
            except RateLimited as error:
                why, self._pause = error.message, error.retry_after
            if time.monotonic() - lost > LEFT:
                return f"nobody could attach to it for five minutes: {why}"
        return ""

    def _pause_first(self, why: str) -> bool:
        """Waits longer each time, not at all after a while that went well; False when it is to end meanwhile."""
        pause = self._pause
        if pause:
            self._become(Phase("reconnecting", why, time.time() + pause))
            self._wait(pause)
        self._pause = min(PAUSES[1], max(PAUSES[0], 2 * pause)) * random.uniform(0.8, 1.0)  # noqa: S311 - no secret
        return not self._stopping

    def _arrive(self) -> bool | None:
        """Whether the session lives, and then what is new of it is here; None where nothing could be learned."""
        command, mark = probe(identity.nonce())
        known = self._recent.tail(REPLAY)
        arrival = Arrival(mark, known)
        pty = self._open(command)
        deadline = time.monotonic() + FIRST
        news, data = b"", b"?"
        while data and not arrival.settled:
            try:
                data = pty.read(max(0.0, deadline - time.monotonic()))
            except TimeoutError:
                if known:
                    pty.close()
                    return None
                break  # Somebody else's session, which has not said anything yet.
            news = arrival.feed(data) if data else arrival.finish()
        if arrival.gone:
            pty.close()
            return False
        if not data and not arrival.settled:
            # So end connections that break at once, and what cannot even say that it is over, as in a container.
            self._mute += 1
            return None if self._mute < MUTE else False
        self._mute = 0
        if arrival.torn:
            self.tape.add(_TORN)
        self._live(pty, news)
        return True

    def _open(self, command: str = "") -> Pty:
        size, self._pty = self.size, None
        pty = self._ptys.open(
            self._agent_id,
            reconnect=self.session,
            width=size[0],
            height=size[1],
            command=command,
            shell="/bin/sh" if command else None,
            container=self.where.container,
            container_user=self.where.user,
        )
        with self._news:
            self._pty = pty
            if self._stopping:
                pty.close()
        if size != self.size:
            self._keyboard.resize(self.size)
        return pty

    def _live(self, pty: Pty, first: bytes) -> None:
        self._say(first)
        self._keyboard.plug(pty)
        self._become(Phase("live"))

    def _listen(self) -> None:
        """Takes what comes, until the connection ends."""
        pty, since = self._pty, time.monotonic()
        while pty is not None:
            try:
                data = pty.read(QUIET)
            except TimeoutError:
                if self._is_alive():
                    continue
                break
            if not data:
                break
            self._say(data)
        if time.monotonic() - since > WELL:
            self._pause = 0.0
        self._unplug()

    def _unplug(self) -> None:
        self._keyboard.plug(None)
        with self._news:
            pty, self._pty = self._pty, None
        if pty is not None:
            pty.close()

    def _is_alive(self) -> bool:
        try:
            self._alive()
        except ConnectionLost:
            return False
        except CoderError:
            return True  # It could not be asked, which says nothing.
        return True

    def _say(self, data: bytes) -> None:
        if data:
            self._recent.add(data)
            self.tape.add(data)
            self._wake()
            self._pace.keep()

    def _become(self, phase: Phase) -> None:
        self.phase = phase
        self._wake()

    def _wait(self, seconds: float) -> None:
        with self._news:
            self._news.wait_for(lambda: self._stopping, seconds)
