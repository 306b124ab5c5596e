"""What is new after attaching again, told apart from what servers repeat."""

from __future__ import annotations

import random

import pytest

from coder_nb.remote.arrival import REPLAY, Arrival, probe

MARK = probe("0123")[1]


def noise(size: int) -> bytes:
    """Bytes that fit nowhere by chance."""
    return random.Random(7).randbytes(size)


@pytest.mark.parametrize("piece", [7, 1000, 10**6])
@pytest.mark.parametrize("known", [0, 1, 15, 40, 5000, 65535, 65536, 70000, 200_000])
@pytest.mark.parametrize("new", [0, 1, 20, 6000, 65520])
def test_nothing_is_lost_and_nothing_repeated(known: int, new: int, piece: int) -> None:
    """Whatever had come, whatever came meanwhile, and however it is cut."""
    said = noise(known + new)
    arrival = Arrival(MARK, said[:known][-REPLAY:])
    later = b"and then some"
    replay = said[-REPLAY:] + later
    got = b"".join(arrival.feed(replay[at : at + piece]) for at in range(0, len(replay), piece))
    assert got + arrival.finish() == said[known:] + later
    assert not arrival.gone and not arrival.torn


def test_what_cannot_be_joined_is_torn() -> None:
    """More was said meanwhile than servers repeat."""
    said = noise(200_000)
    arrival = Arrival(MARK, said[:100_000][-REPLAY:])
    assert arrival.feed(said[-REPLAY:]) == said[-REPLAY:]
    assert arrival.torn


def test_output_that_repeats_itself_is_not_repeated() -> None:
    """It fits in many places; the one that shows nothing twice is taken."""
    said = b"y\r\n" * 40_000
    arrival = Arrival(MARK, said[-REPLAY:])
    assert arrival.feed(said[-REPLAY:]) == b""
    assert arrival.settled and not arrival.torn


@pytest.mark.parametrize("known", [b"", b"$ ", noise(70_000)[-REPLAY:]])
@pytest.mark.parametrize("piece", [1, 100])
def test_a_mark_says_that_it_was_over(known: bytes, piece: int) -> None:
    """However it is cut, and nothing of it is shown."""
    arrival = Arrival(MARK, known)
    said = MARK + b"\r\n"
    assert b"".join(arrival.feed(said[at : at + piece]) for at in range(0, len(said), piece)) == b""
    assert arrival.gone


def test_nothing_at_all_says_nothing() -> None:
    """So ends a connection that breaks at once, too."""
    arrival = Arrival(MARK, b"$ ")
    assert arrival.finish() == b""
    assert not arrival.gone and not arrival.settled


def test_a_mark_may_lose_its_end() -> None:
    """A program that ends at once may lose what it said last."""
    arrival = Arrival(MARK, b"$ ")
    assert arrival.feed(MARK[:-1]) == b""
    assert not arrival.gone
    assert arrival.finish() == b""
    assert arrival.gone


def test_a_connection_that_ends_within_the_repetition() -> None:
    """What had come of it is all known."""
    said = noise(30_000)
    arrival = Arrival(MARK, said)
    assert arrival.feed(said[:20_000]) == b""
    assert arrival.finish() == b""
    assert arrival.settled and not arrival.gone
