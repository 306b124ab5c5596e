"""WebSocket frames: any cut of the bytes gives the same messages, and what is too large is refused unread."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coder_nb.transport import websocket_protocol as protocol
from coder_nb.transport.websocket_protocol import Broken, Close, Message, Parser, Ping
from tests.transport.hostile import BINARY, CLOSE, PING, PONG, TEXT, frame

STREAM = b"".join(
    [
        frame(TEXT, b"[1]\n"),
        frame(PING, b"1"),
        frame(TEXT, b"[2,", final=False),
        frame(PONG, b"?"),
        frame(0, b"3", final=False),
        frame(PING, b"2"),
        frame(0, b"", final=False),
        frame(0, b"]"),
        frame(BINARY, b"x" * 200, final=False),
        frame(0, b""),
        frame(TEXT, b""),
        frame(BINARY, b"y" * 70_000),
        frame(TEXT, b"\xff\xfe"),
        frame(CLOSE, (1001).to_bytes(2, "big") + b"Ping failed"),
    ]
)
MEANING = [
    Message(True, b"[1]\n"),
    Ping(b"1"),
    Ping(b"2"),
    Message(True, b"[2,3]"),
    Message(False, b"x" * 200),
    Message(True, b""),
    Message(False, b"y" * 70_000),
    Message(True, b"\xff\xfe"),
    Close(1001, "Ping failed"),
]


def parse(*pieces: bytes, largest: int = 1 << 20) -> list[Message | Ping | Close]:
    """All events of a stream that comes in these pieces."""
    parser = Parser(largest=largest)
    return [event for piece in pieces for event in parser.feed(piece)]


def test_a_whole_stream_in_one_piece() -> None:
    """Messages in frames of all sizes, signals between the frames of one, pongs left out."""
    assert parse(STREAM) == MEANING


def test_a_stream_byte_by_byte() -> None:
    """Every place where a stream can be cut is one."""
    assert parse(*(STREAM[at : at + 1] for at in range(len(STREAM)))) == MEANING


@given(st.lists(st.integers(0, len(STREAM)), max_size=6))
def test_a_stream_in_any_pieces(cuts: list[int]) -> None:
    """Where it was cut does not show."""
    places = sorted({0, *cuts, len(STREAM)})
    assert parse(*(STREAM[a:b] for a, b in pairwise(places))) == MEANING


@pytest.mark.parametrize(
    "data",
    [
        b"\x82\x7f" + (1 << 40).to_bytes(8, "big"),
        b"\x82\x7e" + (1001).to_bytes(2, "big"),
        frame(TEXT, b"a" * 600, final=False) + frame(0, b"a" * 500, final=False)[:4],
        frame(TEXT, b"a" * 1000, final=False) + frame(0, b"a")[:2],
    ],
    ids=["frame", "just too large", "continuations", "last continuation"],
)
def test_what_is_too_large_is_refused_by_its_heading(data: bytes) -> None:
    """Not a byte of the frame's payload has come yet."""
    with pytest.raises(Broken, match="more than 1,000 bytes") as raised:
        parse(data, largest=1000)
    assert raised.value.code == 1009


def test_the_limit_is_for_each_message() -> None:
    """As large as allowed is allowed, again and again."""
    pieces = frame(TEXT, b"a" * 600, final=False) + frame(0, b"a" * 400) + frame(BINARY, b"b" * 1000)
    assert parse(pieces * 3, largest=1000) == 3 * [Message(True, b"a" * 1000), Message(False, b"b" * 1000)]


@pytest.mark.parametrize(
    "data",
    [
        frame(0, b"a"),
        frame(TEXT, b"a", final=False) + frame(TEXT, b"b"),
        frame(3, b"a"),
        frame(11, b"a"),
        frame(PING, b"a", final=False),
        frame(PING, b"a" * 126),
        bytes((0x80 | 0x40 | TEXT, 1)) + b"a",
        bytes((0x80 | TEXT, 0x80 | 1)) + b"mask" + b"a",
        frame(CLOSE, b"\x03"),
        frame(CLOSE, (999).to_bytes(2, "big")),
        frame(CLOSE, (1006).to_bytes(2, "big")),
        b"HTTP/1.1 200 OK\r\n",
    ],
    ids=[
        "continues nothing",
        "within another",
        "unknown data",
        "unknown control",
        "ping in pieces",
        "long ping",
        "compressed",
        "masked",
        "half a code",
        "code 999",
        "code 1006",
        "http",
    ],
)
def test_what_is_against_the_protocol_is_refused(data: bytes) -> None:
    """With the code that says so."""
    with pytest.raises(Broken) as raised:
        parse(data)
    assert raised.value.code == 1002


def test_what_was_whole_before_a_fault_is_still_given() -> None:
    """A good message does not vanish because of what follows it."""
    found = []
    with pytest.raises(Broken):
        for event in Parser(largest=100).feed(frame(TEXT, b"good") + frame(3)):
            found.append(event)
    assert found == [Message(True, b"good")]


def test_a_close_frame_may_be_empty_and_its_reason_broken() -> None:
    """The code for "none" stands in, and bad UTF-8 cannot hide the code."""
    assert parse(frame(CLOSE)) == [Close(1005, "")]
    assert parse(frame(CLOSE, (4000).to_bytes(2, "big") + b"\xff")) == [Close(4000, "\N{REPLACEMENT CHARACTER}")]


@pytest.mark.parametrize("size", [0, 1, 3, 4, 125, 126, 65_535, 65_536])
def test_our_frames_are_masked(size: int) -> None:
    """Undoing the mask gives the payload, for every way to write a length."""
    data = bytes(at % 251 for at in range(size))
    sent = protocol.binary_frame(data)
    head = 6 if size < 126 else 8 if size < 65_536 else 14
    mask, body = sent[head - 4 : head], sent[head:]
    assert sent[0] == 0x80 | BINARY and sent[1] & 0x80
    assert bytes(byte ^ mask[at % 4] for at, byte in enumerate(body)) == data


def test_two_masks_differ() -> None:
    """A mask that can be guessed would be none."""
    assert len({protocol.ping_frame() for _ in range(20)}) == 20
