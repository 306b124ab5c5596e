"""A connection that is read, written and shut by different threads, plain and in TLS."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator

import pytest
import trustme

from coder_nb.transport.line import Line, Socket

SIZE = 8_000_000
Pair = tuple[Line, Socket]


@pytest.fixture(params=["plain", "tls"])
def pair(request: pytest.FixtureRequest, private_tls: ssl.SSLContext, authority: trustme.CA) -> Iterator[Pair]:
    """A line, and a blocking socket at its other end."""
    here, there = socket.socketpair()
    ends: dict[str, Socket] = {"here": here, "there": there}
    if request.param == "tls":
        client = ssl.create_default_context()
        authority.configure_trust(client)

        def greet() -> None:
            ends["there"] = private_tls.wrap_socket(there, server_side=True)

        greeting = threading.Thread(target=greet)
        greeting.start()
        ends["here"] = client.wrap_socket(here, server_hostname="localhost")
        greeting.join(20)
    line = Line(ends["here"], b"", limit=20)
    yield line, ends["there"]
    line.shut()
    ends["there"].close()


def at_once(*tasks: Callable[[], object]) -> None:
    """Runs these in threads of their own, to their end."""
    threads = [threading.Thread(target=task, daemon=True) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()


def read_all(line: Line, size: int) -> bytes:
    """So many bytes."""
    found = bytearray()
    while len(found) < size and (piece := line.read(100_000, 20)):
        found += piece
    return bytes(found)


def test_both_ways_at_once(pair: Pair) -> None:
    """Neither direction waits for the other, however much each has to carry."""
    line, other = pair
    ours, theirs = b"\x01\x02\x03" * (SIZE // 3), b"\x07\x08" * (SIZE // 2)
    came: dict[str, bytes] = {}

    def echo() -> None:
        # Sends all of its own before it reads a byte.
        other.sendall(theirs)
        found = bytearray()
        while len(found) < len(ours):
            found += bytes(other.recv(100_000) or b"")
        came["there"] = bytes(found)

    at_once(echo, lambda: line.write(ours), lambda: came.update(here=read_all(line, len(theirs))))
    assert came == {"there": ours, "here": theirs}


def test_what_was_taken_before_comes_first() -> None:
    """Bytes that came with the answer's head are the beginning."""
    here, there = socket.socketpair()
    line = Line(here, b"first", limit=1)
    there.sendall(b"second")
    assert [line.read(100, 20), line.read(100, 20)] == [b"first", b"second"]
    there.close()
    assert line.read(100, 20) == b""
    line.shut()


def test_a_wait_has_its_time(pair: Pair) -> None:
    """And leaves the line as it was."""
    line, other = pair
    with pytest.raises(TimeoutError):
        line.read(100, 0.05)
    other.sendall(b"late")
    assert line.read(100, 20) == b"late"


def test_shut_ends_a_read_and_a_write(pair: Pair) -> None:
    """Both at once, and what comes after them."""
    line, _ = pair
    failed: list[type[BaseException]] = []
    waiting = threading.Event()

    def write() -> None:
        waiting.set()
        try:
            line.write(b"x" * 50_000_000)
        except OSError as error:
            failed.append(type(error))

    def shut() -> None:
        assert waiting.wait(20)
        threading.Event().wait(0.1)
        line.shut()
        line.shut()

    started = time.monotonic()
    at_once(write, lambda: line.read(100, None), shut)
    assert time.monotonic() - started < 10
    assert len(failed) == 1 and not issubclass(failed[0], TimeoutError)
    assert line.read(100, None) == b""
    with pytest.raises(OSError, match="shut"):
        line.write(b"more")
    line.post(b"never mind")


def test_the_descriptor_is_kept_while_somebody_waits_on_it() -> None:
    """Closed under them, its number could be given to another connection; it is closed when they are gone."""
    here, there = socket.socketpair()
    line = Line(here, b"", limit=1)
    reader = threading.Thread(target=line.read, args=(100, None), daemon=True)
    reader.start()
    while not line._users:
        pass
    line.shut()
    reader.join(20)
    assert here.fileno() == -1
    assert there.recv(100) == b""
    there.close()


def test_a_write_that_nobody_takes_ends(pair: Pair) -> None:
    """After the limit, counted anew whenever something was taken."""
    line, _ = pair
    line._limit = 0.1
    with pytest.raises(TimeoutError):
        line.write(b"x" * 50_000_000)
