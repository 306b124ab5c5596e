"""yamux: its bytes, its windows, and what it does with what is none."""

from __future__ import annotations

import contextlib
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coder_nb.errors import ProtocolError
from coder_nb.rpc.codec.yamux import (
    STREAMS,
    WINDOW,
    Data,
    Event,
    Finished,
    GoneAway,
    Opened,
    Ponged,
    Reset,
    Roomier,
    Yamux,
)


def frame(text: str) -> bytes:
    """Bytes as they are written down."""
    return bytes.fromhex(text.replace(" ", ""))


def taken(side: Yamux, data: bytes) -> list[Event]:
    """All events of some bytes."""
    return list(side.receive(data))


def test_a_stream_is_opened_used_and_finished_in_these_bytes() -> None:
    """Open, 24 bytes of data, our end."""
    side = Yamux()
    assert side.open() == 1
    assert side.take() == frame("00 01 0001 00000001 00000000")
    side.send(1, b"x" * 24)
    assert side.take() == frame("00 00 0000 00000001 00000018") + b"x" * 24
    side.finish(1)
    assert side.take() == frame("00 01 0004 00000001 00000000")
    assert side.open() == 3


def test_what_a_server_says_is_understood() -> None:
    """Acceptance, data, its end, and an abort."""
    side = Yamux()
    side.open(), side.open()
    assert taken(side, frame("00 01 0002 00000001 00000000")) == []
    assert taken(side, frame("00 00 0000 00000001 00000003") + b"abc") == [Data(1, b"abc")]
    assert taken(side, frame("00 01 0004 00000001 00000000")) == [Finished(1)]
    assert taken(side, frame("00 01 0008 00000003 00000000")) == [Reset(3)]
    assert side.room(3) == 0


def test_a_ping_is_answered_with_its_value() -> None:
    """Both ways."""
    side = Yamux()
    assert taken(side, frame("00 02 0001 00000000 00001234")) == []
    assert side.take() == frame("00 02 0002 00000000 00001234")
    side.ping(0)
    assert side.take() == frame("00 02 0001 00000000 00000000")
    assert taken(side, frame("00 02 0002 00000000 00000000")) == [Ponged(0)]


def test_going_away_is_told_and_said() -> None:
    """The reason is a number."""
    side = Yamux()
    side.go_away()
    assert side.take() == frame("00 03 0000 00000000 00000000")
    assert taken(side, frame("00 03 0000 00000000 00000001")) == [GoneAway(1)]


def test_a_stream_that_begins_with_data_is_accepted() -> None:
    """SYN may come with the first bytes."""
    side = Yamux(accepts=True)
    assert taken(side, frame("00 00 0001 00000001 00000002") + b"hi") == [Opened(1), Data(1, b"hi")]
    assert side.take() == frame("00 01 0002 00000001 00000000")


def test_a_server_that_opens_a_stream_is_turned_away() -> None:
    """Nobody asked it to."""
    side = Yamux()
    assert taken(side, frame("00 01 0001 00000002 00000000")) == []
    assert side.take() == frame("00 01 0008 00000002 00000000")


def test_room_is_given_back_when_bytes_have_been_used() -> None:
    """Once that is half a window: 131,084 bytes, in these bytes."""
    side = Yamux()
    for _ in range(9):
        side.open()
    side.take()
    taken(side, frame("00 00 0000 00000011 0002000c") + bytes(131_084))
    assert side.take() == b""
    side.used(17, 131_000)
    assert side.take() == b""
    side.used(17, 84)
    assert side.take() == frame("00 01 0000 00000011 0002000c")


def test_nothing_is_sent_beyond_the_window() -> None:
    """The other side would end the session; room comes with its updates."""
    side = Yamux()
    side.open()
    side.send(1, bytes(WINDOW))
    assert side.room(1) == 0
    with pytest.raises(ValueError):
        side.send(1, b"x")
    assert taken(side, frame("00 01 0000 00000001 00000005")) == [Roomier(1)]
    assert side.room(1) == 5


def test_more_than_the_window_is_refused_before_it_is_kept() -> None:
    """By its announcement."""
    side = Yamux()
    side.open()
    with pytest.raises(ProtocolError, match="262,145 bytes on yamux stream 1"):
        taken(side, frame("00 00 0000 00000001 00040001"))


def test_frames_of_a_stream_that_is_no_more_are_passed_over() -> None:
    """Bodies too, and without being kept."""
    side = Yamux()
    side.open()
    side.forget(1)
    late = frame("00 00 0000 00000001 00000003") + b"abc" + frame("00 01 0004 00000001 00000000")
    assert taken(side, late + frame("00 02 0002 00000000 00000007")) == [Ponged(7)]


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        ("09 00 0000 00000001 00000000", "version 9"),
        ("00 04 0000 00000001 00000000", "type 4"),
        ("00 00 0000 00000000 00000001", "no stream"),
        ("00 01 0000 00000000 00000001", "no stream"),
        ("00 01 0000 00000001 ffffffff", "window"),
        ("00 01 0001 00000001 00000000", "a second time"),
    ],
)
def test_what_is_no_yamux_is_refused(bad: str, why: str) -> None:
    """With what is wrong about it."""
    side = Yamux(accepts=bad.startswith("00 01 0001"))
    if bad.startswith("00 01 0001"):
        taken(side, frame(bad))
    else:
        side.open()
    with pytest.raises(ProtocolError, match=why):
        taken(side, frame(bad))


def test_streams_beyond_the_limit_are_turned_away() -> None:
    """A client cannot make a server keep as many as it likes."""
    side = Yamux(accepts=True)
    opened = 0
    for number in range(1, 2 * STREAMS + 3, 2):
        opened += len(taken(side, b"\0\1\0\1" + number.to_bytes(4, "big") + bytes(4)))
    assert opened == STREAMS
    assert side.take().endswith(b"\0\1\0\x08" + (2 * STREAMS + 1).to_bytes(4, "big") + bytes(4))


@given(st.binary(max_size=400), st.booleans())
def test_any_bytes_end_in_events_or_an_error(data: bytes, accepts: bool) -> None:
    """Never in anything else, and what is to be sent is no more than a few times what came."""
    side = Yamux(accepts=accepts)
    if not accepts:
        side.open()
    with contextlib.suppress(ProtocolError):
        taken(side, data)
    assert len(side.take()) <= 2 * len(data) + 24


@given(st.lists(st.binary(min_size=1, max_size=2000), max_size=8), st.data())
@settings(max_examples=60)
def test_how_bytes_are_cut_makes_no_difference(parts: list[bytes], data: st.DataObject) -> None:
    """One side's bytes, cut anywhere, are the same to the other."""
    client, server = Yamux(), Yamux(accepts=True)
    number = client.open()
    for part in parts:
        client.send(number, part)
    client.finish(number)
    wire = client.take()
    got: list[Event] = []
    while wire:
        cut = data.draw(st.integers(1, len(wire)))
        got += taken(server, wire[:cut])
        wire = wire[cut:]
    assert b"".join(event.data for event in got if isinstance(event, Data)) == b"".join(parts)
    assert got[0] == Opened(number) and got[-1] == Finished(number)


@given(st.lists(st.sampled_from("sdufrp"), max_size=60), st.lists(st.binary(min_size=12, max_size=12), max_size=20))
@settings(max_examples=60)
def test_two_sides_stay_within_each_others_windows(steps: list[str], _: list[bytes]) -> None:
    """Whatever they send and use, in whatever order, neither refuses the other."""
    client, server = Yamux(), Yamux(accepts=True)
    number, unused = client.open(), 0
    for step in steps:
        if step == "s" and (room := client.room(number)):
            client.send(number, bytes(min(room, 100_000)))
        elif step == "d":
            unused += sum(len(one.data) for one in taken(server, client.take()) if isinstance(one, Data))
        elif step == "u":
            server.used(number, unused)
            unused = 0
        elif step == "p":
            client.ping(1)
        taken(client, server.take())
    assert 0 <= client.room(number) <= WINDOW


def test_an_announcement_costs_no_memory() -> None:
    """Four gigabytes of a stream that is no more are passed over piece by piece."""
    side = Yamux()
    taken(side, frame("00 00 0000 00000009 ffffffff"))
    piece = bytes(1 << 20)
    tracemalloc.start()
    for _ in range(64):
        taken(side, piece)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 << 20
