"""A reader waits for those who look, and not for ever."""

from __future__ import annotations

import time
from threading import Thread

import pytest

from coder_nb.remote import pace
from coder_nb.remote.pace import AHEAD, FREE, Pace
from coder_nb.remote.tape import Tape

CHUNK = b"x" * 1024 * 1024


def test_nobody_looks_and_nothing_waits() -> None:
    """Reading goes on as fast as it comes."""
    tape = Tape(AHEAD)
    it = Pace(tape)
    for _ in range(64):
        tape.add(CHUNK)
        it.keep()


def test_a_reader_waits_until_enough_is_taken() -> None:
    """It stays within the limit of what is not taken yet."""
    tape = Tape(2 * AHEAD)
    it = Pace(tape)
    it.taken(0)
    most = []

    def take() -> None:
        at = 0
        while at < 32 * len(CHUNK):
            at = min(tape.end, at + 512 * 1024)
            most.append(tape.end - at)
            it.taken(at)

    taker = Thread(target=take)
    taker.start()
    for _ in range(32):
        tape.add(CHUNK)
        it.keep()
    taker.join()
    assert max(most) <= AHEAD + len(CHUNK)


def test_who_takes_nothing_does_not_hold_it_up_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """After the window reading goes on freely for a while, and then waits again."""
    monkeypatch.setattr(pace, "WINDOW", 0.2)
    tape = Tape(AHEAD)
    it = Pace(tape)
    it.taken(0)
    waits = []
    for _ in range((AHEAD + 2 * FREE) // len(CHUNK) + 2):
        tape.add(CHUNK)
        began = time.monotonic()
        it.keep()
        waits.append(time.monotonic() - began > 0.1)
    assert 2 <= sum(waits) <= 3


def test_nobody_waits_after_the_release() -> None:
    """A reader that waits goes on at once."""
    tape = Tape(AHEAD)
    it = Pace(tape)
    it.taken(0)
    for _ in range(5):
        tape.add(CHUNK)
    reader = Thread(target=it.keep)
    reader.start()
    it.release()
    reader.join(5)
    assert not reader.is_alive()
