"""The relay for workspaces that have python3: many connections over one terminal.

It is sent as text, with those of the modules beside it, and run as `python3 -c`, by Python 3.7 or newer. It connects
only where it is told to, and waits no longer than it is told to for a client that has gone silent.
"""

from __future__ import annotations

import errno
import os
import selectors
import socket
import struct
import sys
import time

from coder_nb.remote.tunnel.programs.python3_names import WINDOW, Connection, Names, at_once
from coder_nb.remote.tunnel.programs.python3_said import (
    CREDIT,
    DATA,
    END,
    GOODBYE,
    OPEN,
    OPENED,
    PING,
    PONG,
    REFUSED,
    RESET,
    Said,
)
from coder_nb.remote.tunnel.programs.python3_typed import Over, Typed

FULL = 128 * 1024
"""Bytes waiting for the terminal at which no connection is read."""
PIECE = 32 * 1024
READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE
LAST = 1.0
"""Seconds for what connections have not taken yet when all is over."""


class Relay:
    """All connections, and the terminal between them and the client.

    Its descriptors are one that is read, one that writes without ever waiting, and one that may wait.
    """

    def __init__(self, patience: float, way_in: int = 0, quick: int = 1, way_out: int = 1) -> None:
        self.patience, self.way_in = patience, way_in
        self.heard = time.monotonic()
        self.found = selectors.SelectSelector() if sys.platform == "darwin" else selectors.DefaultSelector()
        self.found.register(way_in, READ, self)
        self.connections: dict[int, Connection] = {}
        self.typed = Typed()
        self.full = False
        self.turn = 0
        self.names = Names()
        self.said = Said(quick, way_out, self.names.wake)
        self.found.register(self.names.woken, READ, None)

    def run(self) -> None:
        """Relays until the client says goodbye, or is heard of no more."""
        while True:
            left = self.patience - (time.monotonic() - self.heard)
            if left <= 0:
                raise Over(f"nothing was heard of the client for {self.patience:g} s")
            events = self.found.select(left)
            # Whoever is late in the list is early in the next: what there is room for goes round.
            self.turn = (self.turn + 1) % max(1, len(events))
            for key, mask in events[self.turn :] + events[: self.turn]:
                if key.data is self:
                    self.listen()
                elif key.data is None:
                    self.name()
                elif key.data.socket is key.fileobj:
                    self.serve(key.data, mask)
            self.flush()

    def listen(self) -> None:
        """Reads what the client has typed."""
        for _ in range(16):
            try:
                data = os.read(self.way_in, 4096)
            except BlockingIOError:
                break
            if not data:
                raise Over("the terminal has hung up")
            self.typed.add(data)
        self.heard = time.monotonic()
        for kind, id, payload in self.typed.frames():
            self.obey(kind, id, payload)

    def obey(self, kind: int, id: int, payload: memoryview) -> None:
        """Does what one frame says."""
        if kind == OPEN:
            self.connect(id, str(payload, "utf-8", "surrogateescape"))
        elif kind == PING:
            self.said.say(PONG, id, payload)
        elif kind == GOODBYE:
            raise Over("")
        connection = self.connections.get(id)
        if connection is None:
            return
        if kind == DATA:
            self.pass_on(connection, payload)
        elif kind == END:
            connection.ends = True
            self.pass_on(connection)
        elif kind == RESET:
            self.drop(connection, reset=True)
        elif kind == CREDIT:
            connection.credit += int.from_bytes(payload, "big")
            self.watch(connection)

    def connect(self, id: int, target: str) -> None:
        """Begins a connection."""
        kind, _, rest = target.partition(" ")
        connection = self.connections[id] = Connection(id, [])
        if kind == "unix":
            connection.targets = [(socket.AF_UNIX, rest)]
            self.attempt(connection, "")
            return
        host, _, port = rest.rpartition(" ")
        targets = at_once(host, int(port))
        if targets:
            connection.targets = targets
            self.attempt(connection, "")
        else:
            self.names.look_up(id, host, int(port))

    def name(self) -> None:
        """Goes on with names that were looked up."""
        for id, targets, why in self.names.found():
            connection = self.connections.get(id)
            if connection is not None:
                connection.targets = targets
                self.attempt(connection, why)

    def attempt(self, connection: Connection, why: str) -> None:
        """Tries the next address; refuses after the last."""
        self.let_go(connection)
        while connection.targets:
            family, address = connection.targets.pop(0)
            try:
                connection.socket = socket.socket(family, socket.SOCK_STREAM)
                connection.socket.setblocking(False)
                code = connection.socket.connect_ex(address)
            except (OSError, ValueError, OverflowError) as error:
                code, why = -1, str(getattr(error, "strerror", None) or error)
            if code in (0, errno.EINPROGRESS):
                self.watch(connection)
                return
            why = why if code == -1 else os.strerror(code)
            self.let_go(connection)
        del self.connections[connection.id]
        self.said.say(REFUSED, connection.id, why.encode("utf-8", "replace")[:400])

    def serve(self, connection: Connection, mask: int) -> None:
        """Does what a connection is ready for."""
        found = connection.socket
        if found is None:
            return
        if not connection.open:
            code = found.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if code:
                self.attempt(connection, os.strerror(code))
                return
            connection.open = True
            if found.family != socket.AF_UNIX:
                found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.said.say(OPENED, connection.id)
            self.pass_on(connection)
        elif mask & WRITE:
            self.pass_on(connection)
        if mask & READ and connection.socket is not None and len(self.said.waiting) < FULL:
            self.take(connection)

    def take(self, connection: Connection) -> None:
        """Reads what a target says."""
        assert connection.socket is not None
        if connection.over or not connection.credit:
            return
        try:
            data = connection.socket.recv(min(PIECE, connection.credit))
        except BlockingIOError:
            return
        except OSError as error:
            self.fail(connection, error)
            return
        if data:
            connection.credit -= len(data)
            self.said.say(DATA, connection.id, data)
            if connection.credit:
                return
        else:
            connection.over = True
            self.said.say(END, connection.id)
        self.settle(connection)

    def pass_on(self, connection: Connection, payload: bytes | memoryview = b"") -> None:
        """Gives a target what waits for it and what has come, as far as it takes it."""
        found, sent = connection.socket if connection.open else None, 0
        try:
            while found is not None and connection.waiting:
                done = found.send(connection.waiting[:PIECE])
                del connection.waiting[:done]
                connection.taken += done
            while found is not None and sent < len(payload):
                sent += found.send(payload[sent:])
            if found is not None and connection.ends and not connection.ended:
                connection.ended = True
                found.shutdown(socket.SHUT_WR)
        except BlockingIOError:
            pass
        except OSError as error:
            self.fail(connection, error)
            return
        connection.taken += sent
        connection.waiting += payload[sent:]
        if len(connection.waiting) > WINDOW:
            raise Over("more came than was allowed")
        if connection.taken >= WINDOW // 4:
            self.said.say(CREDIT, connection.id, struct.pack(">I", connection.taken))
            connection.taken = 0
        self.settle(connection)

    def fail(self, connection: Connection, error: OSError) -> None:
        """A connection that has broken."""
        self.said.say(RESET, connection.id, (error.strerror or str(error)).encode("utf-8", "replace"))
        self.drop(connection, reset=False)

    def settle(self, connection: Connection) -> None:
        """Forgets a connection that is over both ways, and else watches it for what it may do."""
        if connection.over and connection.ended:
            self.drop(connection, reset=False)
        else:
            self.watch(connection)

    def watch(self, connection: Connection) -> None:
        """Watches for what a connection may do now."""
        found = connection.socket
        if found is None:
            return
        if connection.open:
            mask = READ if connection.credit and not connection.over and not self.full else 0
            mask |= WRITE if connection.waiting else 0
        else:
            mask = WRITE
        if mask == connection.mask:
            return
        if not connection.mask:
            self.found.register(found, mask, connection)
        elif mask:
            self.found.modify(found, mask, connection)
        else:
            self.found.unregister(found)
        connection.mask = mask

    def let_go(self, connection: Connection) -> None:
        """Closes a connection's socket."""
        found, connection.socket = connection.socket, None
        if found is not None:
            if connection.mask:
                self.found.unregister(found)
                connection.mask = 0
            found.close()

    def drop(self, connection: Connection, reset: bool) -> None:
        """Ends a connection; with `reset` its target is told that this is no proper end."""
        if reset and connection.socket is not None:
            connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.let_go(connection)
        self.connections.pop(connection.id, None)

    def flush(self) -> None:
        """Has what was said written; while much waits, connections are not read."""
        self.said.flush()
        if self.said.hung_up:
            raise Over("the terminal has hung up")
        full = len(self.said.waiting) >= FULL
        if full != self.full:
            self.full = full
            for connection in self.connections.values():
                self.watch(connection)

    def end(self, why: str) -> None:
        """Says goodbye, having given targets what waits for them, as far as they take it soon."""
        until = time.monotonic() + LAST
        for connection in list(self.connections.values()):
            if connection.socket is not None and connection.open:
                try:
                    connection.socket.settimeout(max(0.01, until - time.monotonic()))
                    connection.socket.sendall(connection.waiting)
                except OSError:
                    pass
            self.let_go(connection)
        self.said.say(GOODBYE, 0, why.encode("utf-8", "replace")[:400])
        self.said.end()


def main() -> None:
    """Arguments: what marks this as the relay that was meant, and the seconds after which a silent client is gone."""
    os.write(1, b"\x1eT%s:python3\x1e" % sys.argv[1].encode())
    # From here on the terminal is for frames alone.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    try:
        # The same terminal a second time: reading is not to wait, writing is.
        out = os.open("/proc/self/fd/1", os.O_WRONLY | os.O_NOCTTY)
    except OSError:
        out = 1
    os.set_blocking(0, False)
    relay = Relay(float(sys.argv[2]), way_out=out)
    try:
        relay.run()
    except Over as over:
        relay.end(str(over))
    except Exception as error:
        relay.end(f"{type(error).__name__}: {error}")
    # The shell has the same terminal, and reads it after this.
    os.set_blocking(0, True)


if __name__ == "__main__":
    main()
