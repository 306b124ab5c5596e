"""`Feed`: what listeners share of one background stream. The first one starts it, the last one to close stops it.

Where the rows come from is a `Source`; when it is connected again is `following`. A listener reads at its own pace from
what is kept: nobody waits for the slowest, who is told how much is lost instead.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import Generic, Protocol, TypeVar

from coder_nb.closing import Closing
from coder_nb.streams.ring import Gap, Ring
from coder_nb.streams.state import CONNECTING, IDLE, State

__all__ = ["ROWS", "Feed", "Gap", "Listener", "Running", "Source", "State"]

T = TypeVar("T")
In = TypeVar("In", contravariant=True)
Out = TypeVar("Out", covariant=True)

ROWS = 100_000
"""Rows a feed keeps."""
JOIN = 0.5
"""Seconds to wait for a thread that has been told to end. Who reads ends at once, who asks with the answer."""


class Running(Protocol[In]):
    """The feed as its source sees it."""

    @property
    def stopped(self) -> threading.Event:
        """Set when nobody listens any more; whatever blocks is then to be closed."""
        ...

    def came(self, rows: Sequence[In]) -> bool:
        """Rows have come, in order; whether they are kept. They are not once nobody listens any more."""
        ...

    def turn(self, state: State) -> None:
        """The state is another one."""
        ...

    def on_stop(self, close: Callable[[], None] | None) -> None:
        """What ends the read that is about to block, called at once if it is stopped already."""
        ...

    def rest(self, looked_at: float, alone: float) -> None:
        """Waits so many seconds, the first number while somebody looks and the second while nobody does."""
        ...


class Source(Protocol[Out]):
    """Where rows come from. Runs on the feed's thread until it is stopped or there is no more."""

    def run(self, feed: Running[Out]) -> None:
        """Gets rows and states into the feed, reconnecting as it must; returns when it has ended."""
        ...


class Feed(Closing, Generic[T]):
    """One stream, shared.

    Args:
        source: makes where the rows come from, anew each time it is started.
        title: what is followed, for the thread's name.
        rows: how many are kept; 1 for what is a whole snapshot each time.
    """

    def __init__(self, source: Callable[[], Source[T]], *, title: str, rows: int = ROWS) -> None:
        self.title = title
        self.rows = rows
        self._make = source
        self._ring: Ring[T] = Ring(rows)
        self._state = IDLE
        self._listeners: list[Listener[T]] = []
        self._change = threading.Condition()
        self._run: _Run[T] | None = None
        self._over: _Run[T] | None = None

    def __repr__(self) -> str:
        return f"Feed({self.title!r}: {self.state.name})"

    @property
    def state(self) -> State:
        """What it is doing."""
        return self._state

    def listen(self, wake: Callable[[], None] | None = None) -> Listener[T]:
        """Somebody who reads, from the oldest row that is kept; starts the stream if nobody else did.

        Args:
            wake: called from any thread when there is something new, a row or a state; must be quick and not raise.
        """
        with self._change:
            listener = Listener(self, wake, self._ring.start)
            self._listeners.append(listener)
            if self._run is None:
                self._state = CONNECTING
                self._run = _Run(self, self._make())
                self._run.thread.start()
        return listener

    def close(self) -> None:
        """Ends the stream and every listener."""
        self.end()
        self.join(JOIN)

    def end(self) -> None:
        """The same without waiting for what is under way, such as a question to the server."""
        with self._change:
            for listener in self._listeners:
                listener._closed = True
            self._listeners.clear()
        self._left(None)

    def join(self, timeout: float) -> None:
        """Waits until what is under way has ended, too.

        Args:
            timeout: seconds at most.
        """
        if self._over is not None and self._over.thread is not threading.current_thread():
            self._over.thread.join(timeout)

    def _left(self, listener: Listener[T] | None) -> None:
        with self._change:
            if listener in self._listeners:
                self._listeners.remove(listener)
            run = None if self._listeners else self._run
            if run is not None:
                run.stopped.set()
                self._run, self._over, self._state = None, run, IDLE
            self._change.notify_all()
        if run is not None:
            run.stop()

    def _news(self, run: _Run[T], state: State | None, rows: Sequence[T] = ()) -> bool:
        with self._change:
            if run is not self._run:
                return False
            self._ring.add(rows)
            self._state = state or self._state
            self._change.notify_all()
            wakes = [listener.wake for listener in self._listeners if listener.wake]
        for wake in wakes:
            wake()
        return True


class _Run(Generic[T]):
    """One life of a feed: its thread, from the first listener to the last."""

    def __init__(self, feed: Feed[T], source: Source[T]) -> None:
        self._feed = feed
        self._source = source
        self._close: Callable[[], None] | None = None
        self._closing = threading.Lock()
        self.stopped = threading.Event()
        self.thread = threading.Thread(target=self._work, name=f"coder-nb:{feed.title}", daemon=True)

    def _work(self) -> None:
        try:
            self._source.run(self)
        except Exception as error:  # The thread's last word: without it a feed would look alive for ever.
            self.turn(State("ended", f"{type(error).__name__}: {error}"))

    def rest(self, looked_at: float, alone: float) -> None:
        feed, began = self._feed, time.monotonic()
        with feed._change:
            while not self.stopped.is_set():
                looking = any(listener.looking for listener in feed._listeners)
                left = began + (looked_at if looking else alone) - time.monotonic()
                if left <= 0:
                    return
                feed._change.wait(left)

    def came(self, rows: Sequence[T]) -> bool:
        return self._feed._news(self, None, rows)

    def turn(self, state: State) -> None:
        self._feed._news(self, state)

    def on_stop(self, close: Callable[[], None] | None) -> None:
        with self._closing:
            self._close = close
        if close is not None and self.stopped.is_set():
            close()

    def stop(self) -> None:
        with self._closing:
            self.stopped.set()
            close = self._close
        if close is not None:
            close()


class Listener(Closing, Generic[T]):
    """One reader of a feed, at its own pace. One thread at a time takes."""

    def __init__(self, feed: Feed[T], wake: Callable[[], None] | None, position: int) -> None:
        self._feed = feed
        self._position = position
        self._seen: State | None = None
        self._closed = False
        self._looking = True
        self.wake = wake

    @property
    def state(self) -> State:
        """What the feed is doing."""
        return self._feed.state

    @property
    def closed(self) -> bool:
        """Whether it reads no more, because it was closed, or its feed."""
        return self._closed

    @property
    def looking(self) -> bool:
        """Whether somebody looks at what it reads. If nobody does, a feed that has to ask the server asks less."""
        return self._looking

    @looking.setter
    def looking(self, looking: bool) -> None:
        with self._feed._change:
            self._looking = looking
            self._feed._change.notify_all()

    @property
    def waiting(self) -> int:
        """How many rows have come and are not taken yet."""
        return self._feed._ring.end - self._position

    def take(self, limit: int | None = None) -> list[T | Gap]:
        """What has come since the last time, in order.

        Args:
            limit: how many rows at most; the rest stays for the next time.
        Returns:
            Rows, with a Gap in front where some were forgotten before they were taken. Of snapshots only the newest,
            and never a Gap.
        """
        with self._feed._change:
            ring = self._feed._ring
            position, self._seen = self._position, self._feed.state
            if self._feed.rows == 1:
                position = max(position, ring.start)
            found = ring.read(position, limit)
            lost = sum(item.lost for item in found if isinstance(item, Gap))
            rows = len(found) - (1 if lost else 0)
            self._position = position + lost + rows
        return found

    def wait(self, timeout: float | None = None) -> bool:
        """Blocks until there is something new, a row or a state; whether there is.

        Args:
            timeout: seconds; None for as long as it takes. Ctrl-C ends it within 0.1 s, `close` at once.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        # Not every system lets Ctrl-C into a wait; only the main thread hears of it.
        slice_ = 0.1 if threading.current_thread() is threading.main_thread() else 3600.0
        with self._feed._change:
            while not self._news():
                left = slice_ if deadline is None else min(slice_, deadline - time.monotonic())
                if left <= 0 or self._closed:
                    return False
                self._feed._change.wait(left)
        return True

    def close(self) -> None:
        """Reads no more; the last one to close ends the stream."""
        self._closed = True
        self._feed._left(self)
        if self._feed.state.name == "idle":
            self._feed.join(JOIN)

    def _news(self) -> bool:
        return self._feed._ring.end > self._position or self._feed.state != self._seen
