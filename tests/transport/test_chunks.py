"""The body of an answer without an end: any cut of the bytes gives the same body, and nonsense is refused."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coder_nb.errors import ProtocolError
from coder_nb.transport.chunks import Chunks

CHUNKED = {"Transfer-Encoding": "chunked"}
STREAM = b"6\r\nevent:\r\n0A;name=value\r\n ping\n\nabc\r\n1\r\nd\r\n0\r\nX-Trailer: 1\r\n\r\n"
MEANING = b"event: ping\n\nabcd"


def read(*pieces: bytes, headers: dict[str, str] = CHUNKED) -> tuple[bytes, bool]:
    """The body that came in these pieces, and whether it is complete."""
    chunks = Chunks(headers)
    return b"".join([part for piece in pieces for part in chunks.feed(piece)]), chunks.done


@given(st.lists(st.integers(0, len(STREAM)), max_size=8))
def test_chunks_in_any_pieces(cuts: list[int]) -> None:
    """Where the bytes were cut does not show, and what follows the end is none of it."""
    places = sorted({0, *cuts, len(STREAM)})
    pieces = [STREAM[a:b] for a, b in pairwise(places)]
    assert read(*pieces, b"HTTP/1.1 200 OK") == (MEANING, True)


def test_a_chunk_is_given_before_it_is_whole() -> None:
    """What is in the middle of a large chunk may be an event already."""
    chunks = Chunks(CHUNKED)
    assert b"".join(chunks.feed(b"ffffff\r\nevent: ping\n\n")) == b"event: ping\n\n"
    assert not chunks.done


@pytest.mark.parametrize("data", [b"event: data\n", b"-1\r\n", b"\xff\r\n", b"g\r\n", b"1" * 16 + b"\r\n", b"1" * 9999])
def test_what_is_no_chunk_is_refused(data: bytes) -> None:
    """In bounded memory, line end or not."""
    with pytest.raises(ProtocolError, match="no HTTP"):
        read(data)


def test_endless_trailers_are_refused() -> None:
    """They are not kept either."""
    with pytest.raises(ProtocolError, match="no HTTP"):
        read(b"0\r\n", *[b"X: y" * 500 + b"\r\n"] * 50)


def test_a_body_without_chunks() -> None:
    """Of a length that was announced, or up to the end of the connection."""
    assert read(b"abc", b"def", headers={"Content-Length": "5"}) == (b"abcde", True)
    assert read(b"abc", b"def", headers={}) == (b"abcdef", False)
    assert read(headers={"Content-Length": "0"}) == (b"", True)


@pytest.mark.parametrize("headers", [{"Content-Encoding": "gzip"}, {"Transfer-Encoding": "gzip, chunked"}])
def test_an_encoding_nobody_asked_for_is_refused(headers: dict[str, str]) -> None:
    """A stream cannot wait for the end of what packs it."""
    with pytest.raises(ProtocolError, match="gzip"):
        Chunks(headers)
