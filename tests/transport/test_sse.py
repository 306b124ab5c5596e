"""Server-sent events: any cut of the bytes gives the same events."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coder_nb.errors import ProtocolError
from coder_nb.transport.sse import Event, Events

STREAM = (
    "\ufeff: hello\nevent: data\ndata: [1]\n\nevent: ping\n\ndata: a\r\ndata:  b\r\nid: 3\r\n\r\ndata\r\rdata: é\n\n"
).encode()
MEANING = [
    Event("data", "[1]"),
    Event("ping", ""),
    Event("message", "a\n b"),
    Event("message", ""),
    Event("message", "é"),
]


def parse(*pieces: bytes) -> list[Event]:
    """All events of a stream that comes in these pieces."""
    events = Events()
    return [event for piece in pieces for event in events.feed(piece)]


def test_a_whole_stream() -> None:
    """BOM, comment, ping without data, several data lines, CRLF, lone CR, a field without a colon."""
    assert parse(STREAM) == MEANING


@pytest.mark.parametrize("at", range(len(STREAM)))
def test_a_cut_at_every_byte_changes_nothing(at: int) -> None:
    """Inside a character, a CRLF, a field name."""
    assert parse(STREAM[:at], STREAM[at:]) == MEANING


def test_one_byte_at_a_time() -> None:
    """The slowest network."""
    assert parse(*(bytes([byte]) for byte in STREAM)) == MEANING


def test_an_unfinished_event_is_none() -> None:
    """What the connection's end cuts off is not given."""
    assert parse(b"event: data\ndata: [1]\n") == []


def test_an_endless_event_ends_in_an_error() -> None:
    """Neither one long line nor many lines of one event fill the memory."""
    for piece in (b"x" * 100, b"data: x\n" * 20):
        events = Events(largest=1000)
        with pytest.raises(ProtocolError, match="1,000 characters"):
            for _ in range(100):
                list(events.feed(piece))


@given(st.binary(max_size=200), st.integers(1, 20))
def test_any_bytes_in_any_pieces_mean_the_same(data: bytes, size: int) -> None:
    """Nothing crashes it, and the cut never matters."""
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    assert parse(*pieces) == parse(data)


RECORDED = Path(__file__).resolve().parents[3] / "shared" / "recorded" / "streams"


@pytest.mark.skipif(not RECORDED.is_dir(), reason="no recorded exchanges beside this checkout")
@pytest.mark.parametrize(
    "name", ["watch-metadata-agent-connects", "watch-metadata-no-metadata", "workspace-watch", "reinit"]
)
def test_recorded_streams(name: str) -> None:
    """Each recorded event is one event, named data or ping, and its data is JSON."""
    lines = [json.loads(line) for line in (RECORDED / f"{name}.jsonl").read_text().splitlines()[1:]]
    wire = [line["data"].encode() for line in lines if line["kind"] == "sse"]
    found = parse(*wire)
    assert len(found) == len(wire) > 0
    for event in found:
        assert event.name == "ping" or json.loads(event.data) is not None
