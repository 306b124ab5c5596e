"""A port of this machine that leads into a workspace: a listener on loopback, and connections carried by one relay.

One thread accepts, and moves bytes for all connections. It never listens beyond loopback. A relay that is lost is told
of and fails its connections; the next connection begins another.
"""

from __future__ import annotations

import selectors
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from coder_nb.closing import Closing
from coder_nb.errors import CoderError
from coder_nb.remote.tunnel.listening import LOOPBACK, listening
from coder_nb.remote.tunnel.local import Local
from coder_nb.remote.tunnel.protocol import Target
from coder_nb.remote.tunnel.relay import Relay
from coder_nb.remote.tunnel.stats import Counter, Stats

__all__ = ["Tunnel"]

_READ, _WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE
_PAUSE: Final = 0.5
"""Seconds after a relay that did not begin until another is tried."""
_MOMENT: Final = 0.02

Begin = Callable[[Callable[[str], None]], Relay]
"""Begins a relay, given what is to be told of its end."""


class Tunnel(Closing):
    """A local port that leads to a port or socket of a workspace. Closing it ends its connections.

    >>> with agent.forward(5432) as db:  # doctest: +SKIP
    ...     pandas.read_sql("select 1", f"postgresql://me@127.0.0.1:{db.port}/app")

    Args:
        begin: begins a relay.
        target: where connections lead.
        title: what the workspace is called.
        local_port: where to listen; 0 for any free port.
        tell: is told in a line when a relay is lost, or none begins.
    Attributes:
        port: where it listens on 127.0.0.1.
        target: as it was given.
    Raises:
        Conflict: the port is taken here; the hint names the next free one.
        CoderError: no relay began.
    """

    def __init__(
        self, begin: Begin, target: Target, *, title: str, local_port: int = 0, tell: Callable[[str], None]
    ) -> None:
        self.target = target
        self._begin, self._title, self._tell = begin, title, tell
        self._listener = listening(local_port)
        self.port: int = self._listener.getsockname()[1]
        self._counter = Counter()
        self._lock = threading.Lock()
        self._closed = False
        self._locals: set[Local] = set()
        self._masks: dict[Local, int] = {}
        self._waiting: list[Local] = []
        self._opener: threading.Thread | None = None
        self._failed = 0.0
        self._gone = threading.Event()
        self._relay: Relay | None = None
        self._calls: deque[Callable[[], None]] = deque()
        self._woken, self._waker = socket.socketpair()
        self._found = selectors.DefaultSelector()
        try:
            self._relay = self._begun()
            self._woken.setblocking(False)
            self._waker.setblocking(False)
            self._found.register(self._listener, _READ)
            self._found.register(self._woken, _READ)
            self._thread = threading.Thread(target=self._run, name="coder-nb:tunnel", daemon=True)
            self._thread.start()
        except BaseException:
            self._free()
            raise

    @property
    def url(self) -> str:
        """The address here of what speaks HTTP there."""
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def relay(self) -> str:
        """Which relay it uses or used last: "python3", "perl", "socat" or "busybox nc"."""
        return self._counter.relay

    @property
    def closed(self) -> bool:
        """Whether it was closed."""
        return self._closed

    @property
    def stats(self) -> Stats:
        """How it is and what it has done so far."""
        return self._counter.stats(len(self._locals), "closed" if self._closed else self._state())

    def _state(self) -> str:
        relay = self._relay
        if relay is not None and relay.over is None:
            return "open"
        return "opening" if self._opener is not None else "lost"

    def __repr__(self) -> str:
        return f"Tunnel {self.url} → {self._there}: {self.stats}"

    def _repr_html_(self) -> str:
        from coder_nb import look

        at = look.link(None if self._closed else self.url, f"{LOOPBACK}:{self.port}")
        rows = [("here", at), ("leads to", look.safe(self._there))]
        return look.table([look.dim(name), text] for name, text in [*rows, *self.stats.rows()])

    @property
    def _there(self) -> str:
        where = self.target if isinstance(self.target, str) else f"{self.target[0]}:{self.target[1]}"
        return f"{where} in {self._title}"

    def close(self) -> None:
        """Listens no more, and ends all connections and what runs for them in the workspace. A second time: nothing."""
        with self._lock:
            closed, self._closed = self._closed, True
        if closed:
            return
        self._gone.set()
        self._wake()
        self._thread.join()
        with self._lock:
            opener, relay = self._opener, self._relay
        if relay is not None:
            relay.close()
        if opener is not None:
            opener.join(_PAUSE)

    # What follows runs in the tunnel's thread, unless it says something else.

    def _run(self) -> None:
        try:
            while not self._closed:
                for key, mask in self._found.select():
                    if key.data is not None:
                        self._serve(key.data, mask)
                    elif key.fileobj is self._listener:
                        self._accept()
                    else:
                        with suppress(BlockingIOError):
                            self._woken.recv(4096)
                while self._calls:
                    self._calls.popleft()()
        finally:
            self._free()

    def _serve(self, local: Local, mask: int) -> None:
        if mask & _WRITE:
            local.write()
        if mask & _READ:
            local.read()
        self._watch(local)

    def _accept(self) -> None:
        for _ in range(64):
            try:
                sock, _ = self._listener.accept()
            except BlockingIOError:
                return
            except OSError:  # It has gone already; or too many files are open, which may be over in a moment.
                self._gone.wait(_MOMENT)
                return
            local = Local(sock, changed=self._changed, count=self._counter.moved, lost=self._failed_one)
            self._counter.connections += 1
            self._locals.add(local)
            self._carry(local)

    def _carry(self, local: Local) -> None:
        """Begins a connection, once there is a relay."""
        relay = self._relay
        if relay is not None:
            with suppress(CoderError):
                relay.channel(self.target, local.through)
                self._watch(local)
                return
            self._relay = None
        self._waiting.append(local)
        if self._opener is None:
            self._opener = threading.Thread(target=self._open_again, name="coder-nb:tunnel", daemon=True)
            self._opener.start()

    def _open_again(self) -> None:
        """In a thread of its own, as it can take long."""
        if self._gone.wait(self._failed + _PAUSE - time.monotonic()):
            return
        try:
            relay = self._begun()
        except (CoderError, OSError) as error:
            reason = getattr(error, "message", str(error))
            self._failed = time.monotonic()
            if not self._closed:
                self._tell(f"no tunnel to {self._there}: {reason}")
            self._call(lambda: self._not_begun(reason))
        else:
            with self._lock:
                self._opener = None
                closed = self._closed
                if not closed:
                    self._relay = relay
            if closed:
                relay.close()
            self._call(self._go_on)

    def _begun(self) -> Relay:
        relay = self._begin(self._lost)
        self._counter.began(relay.kind)
        return relay

    def _go_on(self) -> None:
        waiting, self._waiting = self._waiting, []
        for local in waiting:
            self._carry(local)

    def _not_begun(self, reason: str) -> None:
        self._opener = None
        waiting, self._waiting = self._waiting, []
        for local in waiting:
            local.lost(reason, False)

    def _lost(self, reason: str) -> None:
        """Its relay is over; called by any thread, after its connections were told."""
        if reason:
            self._counter.dropped(reason)
            self._tell(f"the tunnel to {self._there} was cut off: {reason}; its next connection opens another terminal")
        self._call(self._forget)

    def _failed_one(self, reason: str, refused: bool) -> None:
        """By any thread."""
        if not self._closed:
            self._counter.lost(reason, refused)

    def _forget(self) -> None:
        if self._relay is not None and self._relay.over is not None:
            # Its threads have ended or are about to; nothing is waited for here.
            self._relay = None

    def _changed(self, local: Local) -> None:
        """By any thread."""
        if threading.current_thread() is self._thread:
            self._watch(local)
        else:
            self._call(lambda: self._watch(local))

    def _watch(self, local: Local) -> None:
        if local not in self._locals:
            return
        # Once: it may change meanwhile, and then this is called again.
        over = local.over
        reading, writing = (False, False) if over else local.waits
        mask = (_READ if reading else 0) | (_WRITE if writing else 0)
        before = self._masks.get(local, 0)
        if mask != before:
            if not before:
                self._found.register(local.socket, mask, local)
            elif mask:
                self._found.modify(local.socket, mask, local)
            else:
                self._found.unregister(local.socket)
            self._masks[local] = mask
        if over:
            self._masks.pop(local, None)
            self._locals.discard(local)
            local.close()

    def _call(self, call: Callable[[], None]) -> None:
        """By any thread: has the tunnel's thread do it."""
        self._calls.append(call)
        self._wake()

    def _wake(self) -> None:
        """By any thread."""
        with suppress(OSError):  # Enough are on their way, or it is over.
            self._waker.send(b"x")

    def _free(self) -> None:
        self._listener.close()
        for local in self._locals:
            local.close()
        self._locals.clear()
        self._found.close()
        self._woken.close()
        self._waker.close()
