"""Messages in a stream of bytes: a channel of the kernel's and its frames, as they were. Protocol only.

What it takes for a message is at most a GiB; a stream that announces more is broken.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from typing import Any

from .lasting import Broken

__all__ = ["CHANNELS", "KEEPER", "Unpacker", "note", "pack", "read_note"]

KEEPER = "keeper"
CHANNELS = (KEEPER, "hb", "shell", "control", "stdin", "iopub")
"""The kernel's five channels, and what the two ends tell each other."""

_HEAD = struct.Struct("!QBI")
_LENGTH = struct.Struct("!Q")
_MOST = 1 << 30


def pack(channel: str, frames: Sequence[bytes]) -> bytes:
    """A message as bytes."""
    lengths = b"".join(_LENGTH.pack(len(frame)) for frame in frames)
    body = b"".join([lengths, *frames])
    return _HEAD.pack(len(body), CHANNELS.index(channel), len(frames)) + body


def note(verb: str, **about: Any) -> bytes:
    """What one end tells the other, as bytes: a word, and JSON."""
    return pack(KEEPER, [verb.encode(), json.dumps(about).encode()])


def read_note(frames: Sequence[bytes]) -> tuple[str, dict[str, Any]]:
    """The word and what is said about it.

    Raises:
        Broken: it is no note.
    """
    try:
        verb, about = frames
        said = json.loads(about)
        if isinstance(said, dict):
            return verb.decode("ascii"), said
    except ValueError:
        pass
    raise Broken("not a note")


class Unpacker:
    """Finds the messages in a stream, wherever its pieces are cut."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._size = 0
        self._wanted = _HEAD.size

    def feed(self, data: bytes) -> list[tuple[str, list[bytes]]]:
        """The messages a piece completes: channel and frames.

        Raises:
            Broken: what comes is no message.
        """
        self._pieces.append(data)
        self._size += len(data)
        if self._size < self._wanted:
            return []
        whole, at, found = b"".join(self._pieces), 0, []
        self._wanted = _HEAD.size
        while len(whole) - at >= _HEAD.size:
            size, channel, count = _HEAD.unpack_from(whole, at)
            if size > _MOST or channel >= len(CHANNELS) or count * _LENGTH.size > size:
                raise Broken("not a message")
            end = at + _HEAD.size + size
            if len(whole) < end:
                self._wanted = end - at
                break
            found.append((CHANNELS[channel], _frames(whole[at + _HEAD.size : end], count)))
            at = end
        self._pieces, self._size = [whole[at:]], len(whole) - at
        return found


def _frames(body: bytes, count: int) -> list[bytes]:
    frames, at = [], count * _LENGTH.size
    for (length,) in _LENGTH.iter_unpack(body[:at]):
        frames.append(body[at : at + length])
        at += length
    if at != len(body):
        raise Broken("not the frames of a message")
    return frames
