"""What is listened to beside its reader is what the reader gets, wherever it is cut."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from coder_nb.transport.cassette.taps import EventsTap, WebSocketTap
from coder_nb.transport.websocket_protocol import (
    Message,
    binary_frame,
    close_frame,
    ping_frame,
    servers_close_frame,
    servers_frame,
)

MESSAGES = st.lists(st.builds(Message, st.booleans(), st.binary(max_size=300)), max_size=5)


def cut(data: bytes, at: list[int]) -> list[bytes]:
    """Some bytes in pieces."""
    edges = sorted({0, len(data), *(edge % (len(data) + 1) for edge in at)})
    return [data[begin:end] for begin, end in pairwise(edges)]


@given(MESSAGES, st.lists(st.integers(0, 2000), max_size=6))
def test_messages_are_heard_whole(messages: list[Message], at: list[int]) -> None:
    """And the word they end with."""
    tap = WebSocketTap()
    data = b"".join(map(servers_frame, messages)) + servers_close_frame(1001, "Ping failed")
    assert [message for piece in cut(data, at) for message in tap.feed(piece)] == messages
    assert tap.closed == (1001, "Ping failed")


@given(st.binary(max_size=70_000))
def test_what_is_sent_is_heard(data: bytes) -> None:
    """Under its mask; signals are no messages."""
    tap = WebSocketTap()
    assert tap.sent(binary_frame(data)) == Message(False, data)
    assert tap.sent(ping_frame(data[:100])) is None and tap.sent(close_frame(1000)) is None


def test_what_is_against_the_protocol_is_not_heard() -> None:
    """The reader refuses it; nothing else happens."""
    tap = WebSocketTap()
    assert list(tap.feed(b"\xff" * 100)) == [] and list(tap.feed(servers_frame(Message(True, b"x")))) == []


@given(
    st.lists(st.sampled_from(["event: ping\n\n", "data: é\n\n", "data: 1\ndata: 2\n\n"])), st.lists(st.integers(0, 900))
)
def test_events_are_heard_one_by_one(events: list[str], at: list[int]) -> None:
    """Of a body in chunks, which are cut elsewhere."""
    tap = EventsTap({"Transfer-Encoding": "chunked"})
    body = "".join(events).encode()
    data = (
        b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in cut(body, [edge // 2 for edge in at]))
        + b"0\r\n\r\n"
    )
    heard = [message.data.decode() for piece in cut(data, at) for message in tap.feed(piece)]
    assert heard == events and tap.closed == (1000, "")


def test_the_rest_of_an_event_is_heard_at_the_end() -> None:
    """Of a body that ends with its connection."""
    tap = EventsTap({})
    assert list(tap.feed(b"data: 1\n\ndata")) == [Message(True, b"data: 1\n\n")]
    assert list(tap.feed(b"")) == [Message(True, b"data")] and tap.closed is None
