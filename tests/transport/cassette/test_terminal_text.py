"""A terminal's bytes are readable text in a cassette, and neither a name nor a secret gets lost in a cut."""

from __future__ import annotations

import json
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from coder_nb.credentials import Secret
from coder_nb.remote import identity
from coder_nb.transport.cassette.bodies import unpack
from coder_nb.transport.cassette.exchange import Frame
from coder_nb.transport.cassette.names import Names, fill
from coder_nb.transport.cassette.redaction import Redaction
from coder_nb.transport.cassette.terminal_text import in_words, typed

NONCE = identity.nonce()
SECRET = "a-secret-of-23-letters!"


def redaction() -> Redaction:
    """One that knows the nonce."""
    names = Names()
    names.add("nonce", NONCE)
    return Redaction(names)


def frames(data: bytes, cuts: list[int], *, pause: float = 1.0) -> list[Frame]:
    """What came, cut there, with pauses between."""
    edges = sorted({0, len(data), *(min(cut, len(data)) for cut in cuts)})
    return [Frame(number * pause, False, data[start:end]) for number, (start, end) in enumerate(pairwise(edges))]


@given(st.binary(max_size=30), st.text("é→\x1e", max_size=5), st.lists(st.integers(0, 90), max_size=6))
def test_what_came_comes_back_whatever_it_was_and_wherever_it_was_cut(raw: bytes, text: str, cuts: list[int]) -> None:
    """Bytes that are no text stand beside marks with names."""
    data = text.encode() + f"\x1eE{NONCE}:0\x1e".encode() + raw + f"\x1eZ{NONCE}\x1e".encode()
    words = [line["got"] for _, line in in_words(frames(data, cuts), redaction())]
    again = b"".join(unpack(json.loads(json.dumps(packed))) for packed in words)
    filled = fill(again.decode("utf-8", "surrogateescape"), {"⟨nonce 1⟩": NONCE})
    assert filled.encode("utf-8", "surrogateescape") == data
    assert NONCE not in json.dumps(words)


@given(st.lists(st.integers(0, 60), max_size=8))
def test_a_secret_is_hidden_wherever_it_is_cut(cuts: list[int]) -> None:
    """A program may write one half now and the other later."""
    Secret(SECRET)
    words = list(in_words(frames(f"before {SECRET} after".encode(), cuts), redaction()))
    assert "".join(line["got"] for _, line in words) == "before **** after"


def test_what_comes_after_a_silence_stands_alone() -> None:
    """So that the tempo is kept; what comes at once is one."""
    some = [Frame(0.0, False, b"one "), Frame(0.001, False, b"two "), Frame(5.0, False, b"three")]
    assert list(in_words(some, redaction())) == [(0.001, {"got": "one two "}), (5.0, {"got": "three"})]


def test_what_is_typed_is_text_and_other_messages_stand_in_brackets() -> None:
    """A size is part of what was said."""
    some = [Frame(0.0, True, b'{"data":"ls\\r"}'), Frame(0.1, True, b'{"height":24,"width":80}')]
    assert list(in_words(some, redaction())) == [(0.1, {"sent": 'ls\r⟨{"height":24,"width":80}⟩'})]
    assert typed(b"\xff") == "⟨\ufffd⟩"
