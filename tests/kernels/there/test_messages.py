"""Messages in a stream: found wherever it is cut, and refused where they cannot be."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coder_nb.kernels.there.lasting import Broken
from coder_nb.kernels.there.messages import CHANNELS, Unpacker, note, pack, read_note

messages = st.lists(st.tuples(st.sampled_from(CHANNELS), st.lists(st.binary(max_size=30), max_size=8)), max_size=8)


@given(messages, st.lists(st.integers(1, 50), max_size=30))
def test_they_come_out_as_they_went_in(said: list[tuple[str, list[bytes]]], cuts: list[int]) -> None:
    """Frames that are empty, and none at all, included."""
    stream = b"".join(pack(channel, frames) for channel, frames in said)
    unpacker, found, at = Unpacker(), [], 0
    for size in [*cuts, len(stream) + 1]:
        found += unpacker.feed(stream[at : at + size])
        at += size
    assert found == said


@pytest.mark.parametrize(
    "stream",
    [
        struct.pack("!QBI", 1 << 40, 1, 1),
        struct.pack("!QBI", 8, 99, 1) + bytes(8),
        struct.pack("!QBI", 8, 1, 5) + bytes(8),
        struct.pack("!QBI", 9, 1, 1) + struct.pack("!Q", 7) + b"x",
    ],
    ids=["too large", "no channel", "too many frames", "frames of other sizes"],
)
def test_what_is_no_message_is_refused(stream: bytes) -> None:
    """Before anything is kept for it."""
    with pytest.raises(Broken):
        Unpacker().feed(stream)


def test_a_note_is_a_word_and_what_is_said_about_it() -> None:
    """What is none is refused."""
    ((channel, frames),) = Unpacker().feed(note("began", pid=7))
    assert (channel, read_note(frames)) == ("keeper", ("began", {"pid": 7}))
    for wrong in ([b"began"], [b"began", b"[]"], [b"began", b"{"], [b"\xff", b"{}"]):
        with pytest.raises(Broken):
            read_note(wrong)
