"""A stream over connections that end anywhere: all of it arrives, in its order, once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coder_nb.kernels.there.lasting import Broken, Lasting

NAME = bytes(range(16))


class Wire:
    """Two ends, and what is under way between them."""

    def __init__(self) -> None:
        self.ends = (Lasting(NAME, first=True), Lasting(NAME, first=False))
        self.under_way = [b"", b""]
        self.got = [b"", b""]
        self.wrote = [b"", b""]

    def write(self, end: int, data: bytes) -> None:
        """One end says something."""
        self.ends[end].write(data)
        self.wrote[end] += data

    def move(self, end: int, size: int) -> None:
        """Some of what one end sends arrives at the other."""
        self.under_way[end] += self.ends[end].outgoing(7)
        piece, self.under_way[end] = self.under_way[end][:size], self.under_way[end][size:]
        if piece:
            self.got[1 - end] += self.ends[1 - end].feed(piece)

    def drop(self) -> None:
        """The connection ends, and what is under way is gone."""
        self.under_way = [b"", b""]
        for end in self.ends:
            end.connected()

    def finish(self) -> None:
        """All that can arrive does."""
        for end in self.ends:
            end.acknowledge()
        while any(end.has_outgoing() for end in self.ends) or any(self.under_way):
            self.move(0, 1000)
            self.move(1, 1000)


ends = st.integers(0, 1)
step = st.one_of(
    st.tuples(st.just("write"), ends, st.binary(max_size=40)),
    st.tuples(st.just("move"), ends, st.integers(0, 60)),
    st.tuples(st.just("acknowledge"), ends),
    st.tuples(st.just("drop")),
)


@given(st.lists(step, max_size=60))
def test_nothing_is_lost_and_nothing_comes_twice(steps: list[tuple[object, ...]]) -> None:
    """Wherever connections end, and whatever was under way."""
    wire = Wire()
    wire.drop()
    for name, *values in steps:
        if name == "acknowledge":
            wire.ends[int(str(values[0]))].acknowledge()
        else:
            getattr(wire, str(name))(*values)
        for end in (0, 1):
            assert wire.wrote[end].startswith(wire.got[1 - end])
    wire.drop()
    wire.finish()
    assert [wire.got[1], wire.got[0]] == wire.wrote
    wire.finish()
    assert [end.pending for end in wire.ends] == [0, 0]


def test_the_second_waits_to_be_spoken_to() -> None:
    """A shell may read ahead what is typed before its program has said something."""
    first, second = Lasting(NAME, first=True), Lasting(NAME, first=False)
    second.write(b"x")
    assert not second.has_outgoing()
    assert second.outgoing() == b""
    second.feed(first.outgoing())
    assert first.feed(second.outgoing()) == b"x"


def test_what_cannot_be_of_the_stream_breaks_the_connection_only() -> None:
    """What came with it is not counted, and comes again."""
    wire = Wire()
    wire.drop()
    wire.write(0, b"hello")
    second = wire.ends[1]
    with pytest.raises(Broken, match="not a record"):
        second.feed(wire.ends[0].outgoing() + b"X" * 13)
    wire.drop()
    wire.finish()
    assert wire.got[1] == b"hello"


@pytest.mark.parametrize("name", [b"another stream..", b"short"])
def test_another_stream_is_not_taken_for_it(name: bytes) -> None:
    """A keeper of another kernel is no use."""
    other, mine = Lasting(name, first=True), Lasting(NAME, first=False)
    with pytest.raises(Broken):
        mine.feed(other.outgoing())


def test_much_is_acknowledged_unasked() -> None:
    """So that what is kept stays small while both are there."""
    wire = Wire()
    wire.drop()
    wire.write(0, bytes(1_000_000))
    for _ in range(200):
        wire.move(0, 100_000)
        wire.move(1, 100_000)
    assert wire.got[1] == bytes(1_000_000)
    assert wire.ends[0].pending < 300_000
