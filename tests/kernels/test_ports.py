"""The sockets here are a kernel's, for those who connect to them."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator

import pytest
import zmq

from coder_nb.kernels.ports import Ports

Taken = queue.Queue[tuple[str, list[bytes]]]


@pytest.fixture
def taken() -> Taken:
    """What clients have said."""
    return queue.Queue()


@pytest.fixture
def ports(taken: Taken) -> Iterator[Ports]:
    """Sockets whose new subscribers are told their topic."""
    with Ports(lambda channel, frames: taken.put((channel, frames)), lambda topic: [topic, b"welcome"]) as ports:
        yield ports


@pytest.fixture
def context() -> Iterator[zmq.Context[zmq.Socket[bytes]]]:
    """A client's sockets."""
    context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
    yield context
    context.destroy(linger=0)


def connected(context: zmq.Context[zmq.Socket[bytes]], kind: int, number: int, name: bytes = b"") -> zmq.Socket[bytes]:
    """A client's socket."""
    socket: zmq.Socket[bytes] = context.socket(kind)
    socket.rcvtimeo = 10_000
    if name:
        socket.setsockopt(zmq.IDENTITY, name)
    socket.connect(f"tcp://127.0.0.1:{number}")
    return socket


@pytest.mark.parametrize("channel", ["shell", "control", "stdin"])
def test_an_answer_finds_who_has_asked(
    ports: Ports, taken: Taken, context: zmq.Context[zmq.Socket[bytes]], channel: str
) -> None:
    """Of several clients, also when one comes back under its name."""
    number = ports.numbers[channel]
    ada, bob = (connected(context, zmq.DEALER, number, name) for name in (b"ada", b"bob"))
    for client, text in ((ada, b"1"), (bob, b"2")):
        client.send_multipart([b"ask", text])
    asked = sorted(taken.get(timeout=10)[1] for _ in range(2))
    assert asked == [[b"ada", b"ask", b"1"], [b"bob", b"ask", b"2"]]
    ports.deliver(channel, [b"bob", b"answer"])
    assert bob.recv_multipart() == [b"answer"]
    again = connected(context, zmq.DEALER, number, b"ada")
    again.send_multipart([b"ask", b"3"])
    assert taken.get(timeout=10) == (channel, [b"ada", b"ask", b"3"])
    ports.deliver(channel, [b"ada", b"answer"])
    assert again.recv_multipart() == [b"answer"]


def test_each_new_subscriber_is_welcomed(ports: Ports, context: zmq.Context[zmq.Socket[bytes]]) -> None:
    """As kernels of today do; then it hears all that is published."""
    for _ in range(2):
        listener = connected(context, zmq.SUB, ports.numbers["iopub"])
        listener.setsockopt(zmq.SUBSCRIBE, b"")
        assert listener.recv_multipart() == [b"", b"welcome"]
        ports.deliver("iopub", [b"topic", b"said"])
        assert listener.recv_multipart() == [b"topic", b"said"]
        listener.close()


def test_an_answer_for_who_has_gone_harms_nobody(
    ports: Ports, taken: Taken, context: zmq.Context[zmq.Socket[bytes]]
) -> None:
    """A kernel would not notice either."""
    ports.deliver("shell", [b"nobody", b"answer"])
    client = connected(context, zmq.DEALER, ports.numbers["shell"], b"ada")
    client.send(b"ask")
    assert taken.get(timeout=10) == ("shell", [b"ada", b"ask"])


def test_the_ports_of_before_are_taken_again(taken: Taken) -> None:
    """Unless somebody else has them by now."""
    with Ports(lambda *_: None, lambda _: []) as before:
        numbers = before.numbers
        with Ports(lambda *_: None, lambda _: [], numbers=numbers) as other:
            assert not set(other.numbers.values()) & set(numbers.values())
    with Ports(lambda *_: None, lambda _: [], numbers=numbers) as again:
        assert again.numbers == numbers
    again.close()
    assert not [thread for thread in threading.enumerate() if thread.name == "coder-nb:kernel-ports"]
