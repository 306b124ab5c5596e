"""The end of what a terminal has said."""

from __future__ import annotations

from coder_nb.remote.tape import Tape


def test_what_is_kept_keeps_its_numbers() -> None:
    """Bytes are found by number after others have gone, and what is gone is said."""
    tape = Tape(1000)
    said = bytes(range(256)) * 40
    for at in range(0, len(said), 100):
        tape.add(said[at : at + 100])
    assert tape.end == len(said)
    assert len(said) - 1250 <= tape.start <= len(said) - 1000
    assert tape.read(0, 50) == (tape.start, said[tape.start : tape.start + 50])
    assert tape.read(len(said) - 10, 100) == (len(said) - 10, said[-10:])
    assert tape.read(len(said), 100) == (len(said), b"")
    assert tape.tail(3) == said[-3:]
    assert tape.tail(0) == b""


def test_a_new_view_begins_with_a_line() -> None:
    """The first one after the cut; all there is where that is little; somewhere where there are no lines."""
    tape = Tape(1000)
    tape.add(b"one\r\ntwo\r\nthree")
    assert tape.line_start(100) == 0
    assert tape.line_start(9) == 10
    tape.add(b"x" * 900)
    assert tape.line_start(800) == tape.end - 800
