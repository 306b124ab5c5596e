"""Frames are read in whatever pieces they come, and nothing but frames is."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coder_nb.remote.tunnel.programs.python3_typed import plain
from coder_nb.remote.tunnel.protocol import (
    BLOCK,
    LONGEST,
    Armour,
    Frame,
    Frames,
    Garbled,
    Kind,
    credit,
    credited,
    frame,
    spelled,
)

IDS = st.integers(0, 2**32 - 1)
FRAMES = st.lists(st.tuples(st.sampled_from(Kind), IDS, st.binary(max_size=300)), max_size=12)


def pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    """Data, cut where it is told to be."""
    at = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    return [data[a:b] for a, b in pairwise(at)]


def joined(frames: list[Frame]) -> list[Frame]:
    """Frames with neighbouring data of one connection as one, and none without data."""
    found: list[Frame] = []
    for it in frames:
        if it.kind == Kind.DATA and found and found[-1][:2] == it[:2]:
            it = Frame(it.kind, it.id, found.pop().payload + it.payload)
        if it.kind != Kind.DATA or it.payload:
            found.append(it)
    return found


@given(FRAMES, st.lists(st.integers(0, 10_000), max_size=30))
def test_frames_are_the_same_wherever_they_are_cut(said: list[tuple[Kind, int, bytes]], cuts: list[int]) -> None:
    """Data may come in more frames than it was sent in, but no byte is lost, repeated or another connection's."""
    reader = Frames()
    data = b"".join(frame(*it) for it in said)
    heard = [it for piece in pieces(data, cuts) for it in reader.feed(piece)]
    assert joined(heard) == joined([Frame(*it) for it in said])


def test_data_is_given_on_before_all_of_it_has_come() -> None:
    """As much as there is."""
    reader = Frames()
    whole = frame(Kind.DATA, 7, b"x" * 1000)
    assert list(reader.feed(whole[:100])) == [Frame(Kind.DATA, 7, b"x" * 91)]
    assert list(reader.feed(whole[100:])) == [Frame(Kind.DATA, 7, b"x" * 909)]


@given(st.binary(min_size=9, max_size=64))
def test_what_is_no_frame_is_refused_and_not_kept(data: bytes) -> None:
    """Whatever it is, it is read as frames, or told to be none."""
    reader = Frames()
    try:
        for it in reader.feed(data):
            assert it.kind in Kind and len(it.payload) <= len(data)
    except Garbled:
        assert data[0] not in set(Kind) or int.from_bytes(data[5:9], "big") > LONGEST or len(data) > 9


@pytest.mark.parametrize("kind", [0, 11, 255])
def test_an_unknown_kind_is_garbled(kind: int) -> None:
    """After what was good before it."""
    reader = Frames()
    heard = reader.feed(frame(Kind.PONG, 0) + bytes((kind,)) + bytes(8))
    assert next(heard) == Frame(Kind.PONG, 0)
    with pytest.raises(Garbled, match="kind"):
        next(heard)


def test_a_length_beyond_what_is_allowed_is_refused_before_anything_is_kept() -> None:
    """When it is announced."""
    with pytest.raises(Garbled, match="bytes"):
        list(Frames().feed(frame(Kind.RESET, 1)[:5] + (LONGEST + 1).to_bytes(4, "big")))


@given(IDS, IDS)
def test_credit_is_a_number(id: int, size: int) -> None:
    """And nothing else is."""
    (heard,) = Frames().feed(credit(id, size))
    assert (heard.kind, heard.id, credited(heard.payload)) == (Kind.CREDIT, id, size)
    with pytest.raises(Garbled):
        credited(heard.payload + b"\0")


def armoured(data: bytes) -> str:
    """Frames as a line that any relay reads."""
    return Armour(squeezes=False).line(data)


@given(
    st.one_of(st.binary(max_size=BLOCK), st.binary(max_size=40).map(lambda data: (data * 1300)[:BLOCK])), st.booleans()
)
def test_a_line_is_text_that_json_leaves_alone(data: bytes, squeezes: bool) -> None:
    """One line, no character that would be escaped, and the same bytes again."""
    line = Armour(squeezes=squeezes).line(data)
    assert line.endswith("\n") and line.count("\n") == 1
    assert not set(line[:-1]) & set('"\\<>&') and line[:-1].isascii() and line[:-1].isprintable()
    assert plain(bytearray(line[:-1].encode())) == data


def test_a_block_of_frames_fits_into_one_message() -> None:
    """With its newline and the JSON around it."""
    assert len(armoured(bytes(BLOCK))) + len('{"data":"\\n"}') <= 64 * 1024


def test_what_can_be_made_smaller_is() -> None:
    """And what cannot is left as it is, without being tried each time; until it can again."""
    armour, text, noise = Armour(squeezes=True), b"select * from a table;\n" * 2000, random.Random(0).randbytes(BLOCK)
    assert len(armour.line(text)) < len(text) / 20
    for _ in range(40):
        assert len(armour.line(noise)) == len(armoured(noise))
    lines = [armour.line(text) for _ in range(20)]
    assert len(lines[0]) > len(text) > 20 * len(lines[-1])
    assert all(plain(bytearray(line[:-1].encode())) == text for line in lines)
    assert not armour.line(b"x" * 100).startswith("~")


def test_targets_are_spelled_as_relays_read_them() -> None:
    """A host and a port, or a path with whatever is in it."""
    assert spelled(("::1", 80)) == b"tcp ::1 80"
    assert spelled("/run/my app\udcff.sock") == b"unix /run/my app\xff.sock"
