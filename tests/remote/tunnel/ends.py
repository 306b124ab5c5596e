"""Both ends of connections in tests: servers of this machine, clients, and what has been told and is left running."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import psutil

from coder_nb.client import Agent
from coder_nb.remote.tunnel.opening import begin
from coder_nb.remote.tunnel.shared import RelayLimits
from coder_nb.remote.tunnel.tunnel import Tunnel

SECONDS = 30.0

Handler = Callable[[socket.socket], None]


class Told(list[str]):
    """Lines for people; one can wait for the next."""

    def __init__(self) -> None:
        super().__init__()
        self._news = threading.Condition()

    def append(self, line: str) -> None:
        """Takes one."""
        with self._news:
            super().append(line)
            self._news.notify_all()

    def wait(self, count: int) -> None:
        """Returns when there are as many."""
        with self._news:
            assert self._news.wait_for(lambda: len(self) >= count, SECONDS), list(self)


@contextmanager
def listening(handle: Handler, *, family: int = socket.AF_INET, at: object = ("127.0.0.1", 0)) -> Iterator[int]:
    """A server that handles each connection in a thread of its own; gives its port. Waits for them at the end."""
    threads: list[threading.Thread] = []
    found = socket.socket(family, socket.SOCK_STREAM)
    found.bind(at)  # type: ignore[arg-type]
    found.listen(256)

    def one(sock: socket.socket) -> None:
        with sock, suppress(OSError):
            handle(sock)

    def accept() -> None:
        with suppress(OSError):
            while True:
                sock, _ = found.accept()
                sock.settimeout(SECONDS)
                thread = threading.Thread(target=one, args=(sock,), daemon=True)
                thread.start()
                threads.append(thread)

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield found.getsockname()[1] if family != socket.AF_UNIX else 0
    finally:
        with suppress(OSError):
            found.shutdown(socket.SHUT_RDWR)
        found.close()
        for one_of_them in threads:
            one_of_them.join(SECONDS)


def echo(sock: socket.socket) -> None:
    """Says everything back, and ends when its client does."""
    while data := sock.recv(65536):
        sock.sendall(data)


def dial(port: int) -> socket.socket:
    """A client's connection."""
    found = socket.create_connection(("127.0.0.1", port), timeout=SECONDS)
    found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return found


def read_all(sock: socket.socket) -> bytes:
    """Everything up to the end."""
    return b"".join(iter(lambda: sock.recv(262144), b""))


def said(port: int) -> bytes:
    """All that comes from a port of this machine."""
    with dial(port) as sock:
        return read_all(sock)


def read(sock: socket.socket, size: int) -> bytes:
    """So many bytes, or what there is up to the end."""
    data = b""
    while len(data) < size and (piece := sock.recv(size - len(data))):
        data += piece
    return data


def there_and_back(port: int, data: bytes) -> bytes:
    """What comes back of data, sent and read at once, and then ended."""
    with dial(port) as sock:

        def send() -> None:
            with suppress(OSError):
                sock.sendall(data)
                sock.shutdown(socket.SHUT_WR)

        sender = threading.Thread(target=send, daemon=True)
        sender.start()
        try:
            return read_all(sock)
        finally:
            sender.join(SECONDS)


def is_reset(port: int, said: bytes = b"") -> bool:
    """Whether a connection is reset without a word, having said something or nothing."""
    try:
        # A reset can be there before connecting has returned.
        with dial(port) as sock:
            sock.sendall(said)
            sock.recv(1)
    except ConnectionResetError:
        return True
    return False


BEFORE: set[psutil.Process] = set()
"""What this process had started before a test: another module's browser, say."""


def running() -> list[psutil.Process]:
    """The programs of the terminals that a test has opened."""
    begun = [child for child in psutil.Process().children() if child not in BEFORE]
    return begun + [program for child in begun for program in _below(child)]


def _below(program: psutil.Process) -> list[psutil.Process]:
    try:
        return program.children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def ended(programs: list[psutil.Process]) -> bool:
    """Whether all of them end soon."""
    _, alive = psutil.wait_procs(programs, timeout=SECONDS)
    return not alive


def tunnel_to(agent: Agent, port: int, told: Told, **limits: float) -> Tunnel:
    """A tunnel with limits of its own."""
    way = agent._way(None, None)
    return Tunnel(
        lambda over: begin(way, limits=RelayLimits(**limits), over=over),
        ("127.0.0.1", port),
        title=way.title,
        tell=told.append,
    )
