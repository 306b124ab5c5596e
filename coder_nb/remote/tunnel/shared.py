"""A relay that carries any number of connections over one terminal.

One thread reads the terminal (`Line`'s), one writes to it and watches over it. When the line is lost, so are all
connections, each with the reason; nothing is opened again by itself, and no byte is sent twice.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from coder_nb import look
from coder_nb.errors import CoderError, ConnectionLost
from coder_nb.remote.line import Line
from coder_nb.remote.tunnel.channel import Channel, Receiver
from coder_nb.remote.tunnel.programs import SQUEEZED
from coder_nb.remote.tunnel.protocol import ALL, BLOCK, Armour, Frame, Frames, Garbled, Kind, Target, frame, spelled
from coder_nb.remote.tunnel.relay import Relay

__all__ = ["RelayLimits", "Shared"]

_WAITING: Final = 512 * 1024
"""Bytes of data that wait to be sent, from which on connections are not to be read."""


@dataclass(frozen=True, slots=True)
class RelayLimits:
    """Times in seconds.

    Attributes:
        busy: without a word of the relay, with open connections, until it is asked whether it is there.
        idle: the same where there are none.
        answer: for its answer; then the server is asked for the agent, and again after as long.
        dead: without a word until the relay counts as lost, whatever the server says.
        patience: without a word from here until the relay ends by itself.
        goodbye: for the relay's end when it is closed.
    """

    busy: float = 3.0
    idle: float = 15.0
    answer: float = 3.0
    dead: float = 45.0
    patience: float = 120.0
    goodbye: float = 2.0


class Shared(Relay):
    """A relay that runs in a workspace, python3's or perl's.

    Args:
        line: its terminal, on which it has said that it is ready.
        kind: which relay it is: "python3" or "perl".
        limits: how long what may take.
        over: called once, by any thread, when no connection can be made any more, with the reason; "" where it was
            closed here.
        dismiss: ends what runs on the terminal of a line that was lost; called in a thread of the relay's own.
    """

    def __init__(
        self,
        line: Line,
        kind: str,
        *,
        limits: RelayLimits | None = None,
        over: Callable[[str], None] | None = None,
        dismiss: Callable[[], None] | None = None,
    ) -> None:
        self.kind = kind
        self._line, self._limits = line, limits or RelayLimits()
        self._told, self._dismiss = over or (lambda reason: None), dismiss
        self._frames, self._armour = Frames(), Armour(squeezes=kind in SQUEEZED)
        self._channels: dict[int, Channel] = {}
        self._last = ALL
        self._news = threading.Condition()
        self._queue: deque[bytes] = deque()
        self._waiting = 0
        self._short = False
        self._closing = self._left = False
        self._over: str | None = None
        self._asked: float | None = None
        self._writer = threading.Thread(target=self._write, name="coder-nb:tunnel", daemon=True)
        self._writer.start()
        line.hand_over(self._take)

    @property
    def open(self) -> int:
        return len(self._channels)

    @property
    def over(self) -> str | None:
        return self._over

    def channel(self, target: Target, receiver: Callable[[Channel], Receiver]) -> Channel:
        with self._news:
            if self._over is not None:
                raise ConnectionLost(f"the relay in the workspace is gone: {self._over or 'it was closed'}")
            self._last += 1
            made = Channel(self._last, receiver, self._say, self._room, self._forget)
            self._channels[made.id] = made
            self._put(frame(Kind.OPEN, made.id, spelled(target)))
        return made

    def close(self) -> None:
        """Ends the relay and all connections; what was sent before still reaches its target. A second time: nothing."""
        with self._news:
            self._closing = True
            if self._over is None:
                self._put(frame(Kind.GOODBYE, ALL))
                self._news.wait_for(lambda: self._over is not None, self._limits.goodbye)
            self._left = self._over is None
        if self._left:
            # Nothing gets through any more: the terminal is left, and ended another way.
            self._end("")
            self._line.cut()
        self._line.close()
        if threading.current_thread() is not self._writer:
            self._writer.join(self._limits.goodbye)

    def _say(self, said: bytes) -> None:
        with self._news:
            self._put(said)

    def _put(self, said: bytes) -> None:
        if self._over is None:
            self._queue.append(said)
            self._waiting += len(said)
            self._news.notify_all()

    def _room(self) -> int:
        with self._news:
            room = _WAITING - self._waiting
            self._short = self._short or room <= 0
        return room

    def _take(self, data: bytes) -> None:
        """What comes from the terminal."""
        if not data:
            self._end(self._line.ending or "the line ended")
            return
        try:
            for heard in self._frames.feed(data):
                self._hear(heard)
        except Garbled as error:
            self._end(f"the relay in the workspace sent {error}")

    def _hear(self, heard: Frame) -> None:
        if heard.kind == Kind.GOODBYE:
            self._end("" if self._closing else f"the relay in the workspace ended: {look.visible(heard.text)}")
        elif (channel := self._channels.get(heard.id)) is not None:
            channel.hear(heard)

    def _forget(self, id: int) -> None:
        with self._news:
            self._channels.pop(id, None)

    def _write(self) -> None:
        """Sends what waits to be sent, and asks the relay whether it is there when it is silent."""
        try:
            while (block := self._next()) is not None:
                if block:
                    self._line.write(self._armour.line(block))
                    self._recall()
        except ConnectionLost as error:
            self._end(error.message)
        except CoderError as error:
            # Who reads knows better why, and soon.
            with self._news:
                self._news.wait_for(lambda: self._over is not None, self._limits.goodbye)
            self._end(error.message)
        if self._over or self._left:
            self._line.cut()
            if self._dismiss is not None:
                self._dismiss()

    def _next(self) -> bytes | None:
        """The next frames to send; b"" where there may be others in a moment, None at the end."""
        with self._news:
            while not self._queue:
                if self._over is not None:
                    return None
                due = self._due()
                if due <= 0:
                    break
                self._news.wait(due)
            else:
                return self._joined()
        self._doubt()
        return b""

    def _joined(self) -> bytes:
        size, frames = 0, list[bytes]()
        while self._queue and (not frames or size + len(self._queue[0]) <= BLOCK):
            frames.append(self._queue.popleft())
            size += len(frames[-1])
        self._waiting -= size
        return b"".join(frames)

    def _due(self) -> float:
        """Seconds until the relay's silence is to be looked into."""
        limits, since = self._limits, self._line.heard
        if self._asked is not None and since < self._asked:
            return self._asked + limits.answer - time.monotonic()
        self._asked = None
        return since + (limits.busy if self._channels else limits.idle) - time.monotonic()

    def _doubt(self) -> None:
        """Asks the relay; where it has been asked already, the server.

        Raises:
            ConnectionLost: the agent is gone, or has been silent for too long.
        """
        if self._asked is not None:
            self._line.ask()
            silent = time.monotonic() - self._line.heard
            if silent > self._limits.dead:
                raise ConnectionLost(f"nothing came from the workspace for {silent:.0f} s, though its agent is there")
        self._asked = time.monotonic()
        self._say(frame(Kind.PING, ALL))

    def _recall(self) -> None:
        """Tells those who wait for room, once there is much."""
        with self._news:
            if not self._short or self._waiting > _WAITING // 2:
                return
            self._short = False
            channels = list(self._channels.values())
        for channel in channels:
            channel.recall()

    def _end(self, reason: str) -> None:
        with self._news:
            if self._over is not None:
                return
            self._over = reason
            channels = list(self._channels.values())
            self._channels.clear()
            self._queue.clear()
            self._waiting = 0
            self._news.notify_all()
        for channel in channels:
            channel.lose(reason or "the tunnel was closed")
        self._told(reason)
