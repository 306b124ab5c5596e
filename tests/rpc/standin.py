"""A server that says what a test has it say, over a real connection; and a client's session with it."""

from __future__ import annotations

import socket
from collections import deque
from contextlib import ExitStack

from wsproto.connection import Connection, ConnectionType
from wsproto.events import BytesMessage, CloseConnection, TextMessage

from coder_nb.rpc.codec.drpc import Packet, Packets, Speaker
from coder_nb.rpc.codec.yamux import Data, Event, Finished, Opened, Yamux
from coder_nb.rpc.session import Session
from coder_nb.transport.limits import Limits
from coder_nb.transport.line import Line
from coder_nb.transport.websocket import WebSocket

SECONDS = 10.0


class Standin(ExitStack):
    """The server's side of one session, by hand; `session` is the client's."""

    def __init__(self) -> None:
        super().__init__()
        ours, theirs = socket.socketpair()
        self.sock = self.enter_context(theirs)
        self.sock.settimeout(SECONDS)
        self.frames = Connection(ConnectionType.SERVER)
        self.yamux = Yamux(accepts=True)
        self.events: deque[Event] = deque()
        self.readers: dict[int, Packets] = {}
        self.packets: dict[int, deque[Packet]] = {}
        self.cut = 1 << 30
        self.session = Session(WebSocket(Line(ours, b"", limit=SECONDS), "GET /api/v2/test", Limits()))
        self.callback(self.session.close)

    def raw(self, data: bytes) -> None:
        """Sends bytes as messages of at most `cut` bytes."""
        for start in range(0, len(data), self.cut):
            self.sock.sendall(self.frames.send(BytesMessage(data[start : start + self.cut])))

    def text(self, text: str) -> None:
        """Sends text."""
        self.sock.sendall(self.frames.send(TextMessage(text)))

    def bye(self, code: int, reason: str = "") -> None:
        """Sends a close frame."""
        self.sock.sendall(self.frames.send(CloseConnection(code, reason)))

    def flush(self) -> None:
        """Sends what the session has to say."""
        if out := self.yamux.take():
            self.raw(out)

    def more(self) -> None:
        """Takes what the client sends next."""
        data = self.sock.recv(1 << 16)
        assert data, "the client has left"
        self.frames.receive_data(data)
        for message in self.frames.events():
            if isinstance(message, BytesMessage):
                for event in self.yamux.receive(bytes(message.data)):
                    self._note(event)
        self.flush()

    def _note(self, event: Event) -> None:
        self.events.append(event)
        if isinstance(event, Data):
            self.yamux.used(event.stream, len(event.data))
            reader = self.readers.setdefault(event.stream, Packets())
            self.packets.setdefault(event.stream, deque()).extend(reader.feed(event.data))

    def packet(self, stream: int) -> Packet:
        """The client's next packet on a stream."""
        while not self.packets.get(stream):
            self.more()
        return self.packets[stream].popleft()

    def seen(self, wanted: Event) -> None:
        """Waits for an event of the client."""
        while wanted not in self.events:
            self.more()

    def asked(self) -> int:
        """Waits for a whole call with one request; its stream."""
        while not any(isinstance(event, Opened) for event in self.events):
            self.more()
        stream = max(event.stream for event in self.events if isinstance(event, Opened))
        for _ in range(3):
            self.packet(stream)
        return stream

    def say(self, stream: int, data: bytes) -> None:
        """Sends bytes on a stream, as the client makes room."""
        while data:
            while not (room := self.yamux.room(stream)):
                self.more()
            self.yamux.send(stream, data[:room])
            data = data[room:]
            self.flush()

    def answer(self, stream: int, *messages: bytes) -> Speaker:
        """Sends messages."""
        speaker = Speaker()
        for message in messages:
            self.say(stream, speaker.message(message))
        return speaker

    def finished(self, stream: int) -> None:
        """Waits for the client's end of a stream."""
        self.seen(Finished(stream))
