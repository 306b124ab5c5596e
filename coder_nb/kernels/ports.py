"""The five sockets that Jupyter connects to, as if the kernel were here. One thread has them all.

They listen on loopback, as those of a kernel of this machine do; whoever connects still has to sign every message.
"""

from __future__ import annotations

import socket
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Final

import zmq

from coder_nb.closing import Closing

__all__ = ["Ports"]

ADDRESS: Final = "127.0.0.1"
_KINDS: Final = {"shell": zmq.ROUTER, "control": zmq.ROUTER, "stdin": zmq.ROUTER, "hb": zmq.ROUTER, "iopub": zmq.XPUB}
_LINGER: Final = 200
"""Milliseconds for the last messages to leave."""


class Ports(Closing):
    """Sockets that are bound, and a thread that serves them.

    Args:
        taken: called in the thread with a client's message: its channel, and its frames, the first of which is the
            client.
        welcome: the frames to publish for a new subscriber to a topic.
        numbers: the ports of before, by channel; any free ones where they are taken, or by default.

    Attributes:
        numbers: the ports by channel.
    """

    def __init__(
        self,
        taken: Callable[[str, list[bytes]], None],
        welcome: Callable[[bytes], list[bytes]],
        *,
        numbers: Mapping[str, int] | None = None,
    ) -> None:
        self._taken, self._welcome = taken, welcome
        self._waiting: deque[tuple[str, Sequence[bytes]]] = deque()
        self._closed = False
        self._context = zmq.Context()
        self._woken, self._waker = socket.socketpair()
        for end in (self._woken, self._waker):
            end.setblocking(False)
        self._sockets = {channel: self._open(kind) for channel, kind in _KINDS.items()}
        self.numbers = {channel: _bind(it, (numbers or {}).get(channel, 0)) for channel, it in self._sockets.items()}
        self._thread = threading.Thread(target=self._serve, name="coder-nb:kernel-ports", daemon=True)
        self._thread.start()

    def deliver(self, channel: str, frames: Sequence[bytes]) -> None:
        """Passes on what the kernel said, to the client that the first frame is, or to all who listen."""
        self._waiting.append((channel, frames))
        self._wake()

    def close(self) -> None:
        """Ends the thread and unbinds the sockets; a second time does nothing."""
        self._closed = True
        self._wake()
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def _open(self, kind: int) -> zmq.Socket[bytes]:
        it: zmq.Socket[bytes] = self._context.socket(kind)
        # A kernel's own sockets drop what a slow client does not take; what came this far is not to be lost.
        it.sndhwm = it.rcvhwm = 0
        if kind == zmq.ROUTER:
            it.setsockopt(zmq.ROUTER_HANDOVER, 1)
        else:
            it.setsockopt(zmq.XPUB_VERBOSE, 1)
        return it

    def _wake(self) -> None:
        with suppress(OSError):
            self._waker.send(b"!")

    def _serve(self) -> None:
        poller = zmq.Poller()
        names = {it: channel for channel, it in self._sockets.items()}
        for it in [*names, self._woken.fileno()]:
            poller.register(it, zmq.POLLIN)
        while not self._closed:
            for ready, _ in poller.poll():
                if ready in names:
                    self._receive(names[ready])
                else:
                    with suppress(BlockingIOError):
                        self._woken.recv(4096)
            self._send()
        self._send()
        self._context.destroy(linger=_LINGER)
        self._woken.close()
        self._waker.close()

    def _receive(self, channel: str) -> None:
        for frames in _all(self._sockets[channel]):
            if channel != "iopub":
                self._taken(channel, frames)
            elif frames[0][:1] == b"\x01":
                self._sockets[channel].send_multipart(self._welcome(frames[0][1:]))

    def _send(self) -> None:
        while self._waiting:
            channel, frames = self._waiting.popleft()
            # A client that has gone is no error: a kernel would not notice either.
            with suppress(zmq.ZMQError):
                self._sockets[channel].send_multipart(frames)


def _bind(it: zmq.Socket[bytes], number: int) -> int:
    if number:
        with suppress(zmq.ZMQError):
            it.bind(f"tcp://{ADDRESS}:{number}")
            return number
    return int(it.bind_to_random_port(f"tcp://{ADDRESS}"))


def _all(it: zmq.Socket[bytes]) -> Iterator[list[bytes]]:
    with suppress(zmq.Again):
        while True:
            yield it.recv_multipart(zmq.NOBLOCK)
