"""A connection of python3's relay, and how its addresses are found: names are looked up beside all else.

Its text goes along with that of `python3`. It imports nothing of this package.
"""

from __future__ import annotations

import contextlib
import socket
import threading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Address = tuple[int, Any]


WINDOW = 1024 * 1024


class Connection:
    """One connection: to its target by a socket, to the client by frames."""

    def __init__(self, id: int, targets: list[Address]) -> None:
        self.id = id
        self.targets = targets
        self.socket: socket.socket | None = None
        self.open = False
        self.waiting = bytearray()
        self.credit = WINDOW
        self.taken = 0
        self.ends = False
        self.ended = False
        self.over = False
        self.mask = 0


def at_once(host: str, port: int) -> list[Address]:
    """The addresses of a host that need not be looked up; none where it must be."""
    if host == "localhost":
        return [(socket.AF_INET, ("127.0.0.1", port)), (socket.AF_INET6, ("::1", port))]
    try:
        return resolved(host, port, socket.AI_NUMERICHOST)
    except OSError:
        return []


def resolved(host: str, port: int, flags: int) -> list[Address]:
    """The addresses of a host, as many families as it has."""
    found = socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM, 0, flags)
    return [(family, address) for family, _, _, _, address in found]


class Names:
    """Names that are looked up, and those that have been."""

    def __init__(self) -> None:
        self.woken, self.waker = socket.socketpair()
        self.woken.setblocking(False)
        self.done: list[tuple[int, list[Address], str]] = []

    def look_up(self, id: int, host: str, port: int) -> None:
        """Begins to look for a name; `woken` can be read when it was found, or not."""
        threading.Thread(target=self.work, args=(id, host, port), daemon=True).start()

    def work(self, id: int, host: str, port: int) -> None:
        """Looks for a name, in a thread of its own."""
        try:
            self.done.append((id, resolved(host, port, 0), ""))
        except (OSError, UnicodeError) as error:
            self.done.append((id, [], f"{host}: {getattr(error, 'strerror', None) or error}"))
        self.wake()

    def wake(self) -> None:
        """Has who waits look, from any thread."""
        self.waker.send(b"x")

    def found(self) -> list[tuple[int, list[Address], str]]:
        """For what connection, which addresses, and why none."""
        with contextlib.suppress(BlockingIOError):
            self.woken.recv(4096)
        found, self.done = self.done, []
        return found
