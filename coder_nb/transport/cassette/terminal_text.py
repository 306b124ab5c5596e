"""A terminal's frames as text for a cassette: bytes that were cut anywhere, joined so that names and secrets are whole.

Only where it makes no difference to what is hidden does a cut stay, for the tempo.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, Final

from coder_nb.transport.cassette.bodies import Packed, lines
from coder_nb.transport.cassette.exchange import Frame
from coder_nb.transport.cassette.names import numbered
from coder_nb.transport.cassette.redaction import Redaction

__all__ = ["in_words", "typed"]

_BREATH: Final = 0.02
"""Seconds of silence after which what comes is something new."""


def typed(message: bytes) -> str:
    """What a message types, of a terminal; another message as it is, in brackets.

    >>> typed(b'{"data":"ls\\\\r"}'), typed(b'{"height":24,"width":80}')
    ('ls\\r', '⟨{"height":24,"width":80}⟩')
    """
    try:
        said = json.loads(message)
    except ValueError:
        said = None
    if isinstance(said, dict) and set(said) == {"data"} and isinstance(said["data"], str):
        return said["data"]
    return f"⟨{message.decode('utf-8', 'replace')}⟩"


def in_words(frames: Sequence[Frame], redaction: Redaction) -> Iterator[tuple[float, dict[str, Any]]]:
    """The frames of a terminal for a cassette, each with the second it is of."""
    for sent, run in groupby(frames, key=lambda frame: frame.sent):
        turn = list(run)
        if sent:
            text = redaction.text("".join(typed(frame.data) for frame in turn))
            yield turn[-1].at, {"sent": lines(text)}
            continue
        for at, text in _pieces(turn, redaction):
            for packed in _packed(text):
                yield at, {"got": packed}


def _pieces(turn: Sequence[Frame], redaction: Redaction) -> list[tuple[float, str]]:
    """What came in one go, and then after a silence."""
    pieces: list[list[Frame]] = []
    for frame in turn:
        if pieces and frame.at - pieces[-1][-1].at < _BREATH:
            pieces[-1].append(frame)
        else:
            pieces.append([frame])
    whole = [(turn[-1].at, _text(turn, redaction))]
    if len(pieces) == 1:
        return whole
    cut = [(piece[-1].at, _text(piece, redaction)) for piece in pieces]
    # A name, a secret or a character that lies across a cut is found in the whole only.
    return cut if "".join(text for _, text in cut) == whole[0][1] else whole


def _text(frames: Sequence[Frame], redaction: Redaction) -> str:
    return redaction.text(b"".join(frame.data for frame in frames).decode("utf-8", "surrogateescape"))


def _packed(text: str) -> Iterator[Packed]:
    """Text as it is; bytes that are none as base64, but for the names between them."""
    if _is_text(text):
        yield lines(text)
        return
    for name in numbered(text):
        before, _, text = text.partition(name)
        yield from _plain(before)
        yield name
    yield from _plain(text)


def _plain(text: str) -> Iterator[Packed]:
    if text and _is_text(text):
        yield lines(text)
    elif text:
        yield {"base64": b64encode(text.encode("utf-8", "surrogateescape")).decode("ascii")}


def _is_text(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
