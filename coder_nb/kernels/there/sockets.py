"""The kernel's five sockets, as its clients elsewhere would have them if they were here.

A client is known by the name its own socket has there. Its shell and its standard input share one, which is how a
kernel finds whom to ask.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence

import zmq

__all__ = ["Sockets"]

_CLIENTS = 256
"""Clients of a channel that are kept open; those heard least lately go first."""
_SHAKE = 2000
"""Milliseconds at most for the kernel to know a client's socket for standard input."""


class Sockets:
    """Sockets that are connected to one kernel.

    Args:
        prefix: the beginning of the paths of its sockets.
        ports: the ending of each channel's.
        poller: is told of each of them.
    """

    def __init__(self, prefix: str, ports: dict[str, int], poller: zmq.Poller) -> None:
        self._poller = poller
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context.instance()
        self._urls = {channel: f"ipc://{prefix}-{port}" for channel, port in ports.items()}
        self._clients: OrderedDict[tuple[str, bytes], zmq.Socket[bytes]] = OrderedDict()
        self._names: dict[object, tuple[str, bytes]] = {}
        self._iopub = self._open(zmq.SUB)
        self._iopub.setsockopt(zmq.SUBSCRIBE, b"")
        self._iopub.connect(self._urls["iopub"])
        self._poller.register(self._iopub, zmq.POLLIN)

    def close(self) -> None:
        """Ends them; what was not received yet is gone."""
        for socket in [self._iopub, *self._clients.values()]:
            self._poller.unregister(socket)
            socket.close()
        self._names.clear()
        self._clients.clear()

    def send(self, channel: str, frames: Sequence[bytes]) -> None:
        """Passes a client's message on to the kernel; its first frame is the client."""
        client = frames[0]
        if channel in ("shell", "stdin"):
            self._client("stdin", client)
        self._client(channel, client).send_multipart(frames[1:])

    def receive(self, ready: Iterable[object]) -> Iterator[tuple[str, list[bytes]]]:
        """What has come: channel and frames, for a client the client first.

        Args:
            ready: what the poller found; others' are ignored.
        """
        for socket in ready:
            if socket is self._iopub:
                for frames in _all(self._iopub):
                    yield "iopub", frames
            elif socket in self._names:
                channel, client = self._names[socket]
                for frames in _all(self._clients[channel, client]):
                    yield channel, [client, *frames]

    def wait(self, timeout: int) -> list[object]:
        """Those of its sockets on which something has come within so many milliseconds."""
        poller = zmq.Poller()
        for socket in [self._iopub, *self._clients.values()]:
            poller.register(socket, zmq.POLLIN)
        return [socket for socket, _ in poller.poll(timeout)]

    def _client(self, channel: str, client: bytes) -> zmq.Socket[bytes]:
        known = self._clients.get((channel, client))
        if known is not None:
            self._clients.move_to_end((channel, client))
            return known
        self._make_room(channel)
        socket = self._open(zmq.DEALER)
        # Names that sockets give themselves begin with a zero byte, which no name given to one may.
        socket.setsockopt(zmq.IDENTITY, b"client-" + client.hex().encode() if client[:1] == b"\0" else client)
        if channel == "stdin":
            _connect_whole(socket, self._urls[channel])
        else:
            socket.connect(self._urls[channel])
        self._clients[channel, client] = socket
        self._names[socket] = channel, client
        self._poller.register(socket, zmq.POLLIN)
        return socket

    def _make_room(self, channel: str) -> None:
        of_channel = [key for key in self._clients if key[0] == channel]
        if len(of_channel) >= _CLIENTS:
            oldest = self._clients.pop(of_channel[0])
            del self._names[oldest]
            self._poller.unregister(oldest)
            oldest.close()

    def _open(self, kind: int) -> zmq.Socket[bytes]:
        socket = self._context.socket(kind)
        socket.linger = 0
        socket.rcvhwm = socket.sndhwm = 0
        return socket


def _connect_whole(socket: zmq.Socket[bytes], url: str) -> None:
    """Connects, and waits until the kernel knows the socket: a question to one it does not know is lost."""
    monitor = socket.get_monitor_socket(zmq.EVENT_HANDSHAKE_SUCCEEDED)
    socket.connect(url)
    monitor.poll(_SHAKE)
    socket.disable_monitor()


def _all(socket: zmq.Socket[bytes]) -> Iterator[list[bytes]]:
    try:
        while True:
            yield socket.recv_multipart(zmq.NOBLOCK)
    except zmq.Again:
        return
