"""Where a command's output goes as it comes: what is kept, what is only counted, who is told. Bounded in memory."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from pathlib import Path
from typing import Any

from coder_nb.closing import Closing
from coder_nb.remote.reply import Stream

__all__ = ["Sink"]


class Sink(Closing):
    """Takes output.

    Args:
        kept: bytes that are kept, of both streams together: the first ones.
        spool: a file that gets all of standard output, however much; what it held is replaced.
        tell: is given standard output as it comes.
        as_text: whether `tell` takes text, whole characters of it; else bytes.

    Attributes:
        left_out: bytes that were not kept.
    """

    def __init__(self, *, kept: int, spool: Path | None, tell: Callable[[Any], object] | None, as_text: bool) -> None:
        self._room, self._tell = kept, tell
        self._parts: dict[Stream, list[bytes]] = {"out": [], "err": []}
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace") if as_text else None
        self._file = spool.open("wb") if spool is not None else None
        self.left_out = 0

    def put(self, stream: Stream, data: bytes) -> None:
        """More output."""
        if self._file is not None and stream == "out":
            self._file.write(data)
        if len(data) > self._room:
            self.left_out += len(data) - self._room
            kept = data[: self._room]
        else:
            kept = data
        if kept:
            self._room -= len(kept)
            self._parts[stream].append(kept)
        if stream == "out" and self._tell is not None:
            self._say(data)

    def close(self) -> None:
        """No more comes."""
        if self._file is not None:
            self._file.close()

    def finish(self) -> None:
        """Tells what was held back of a character that was never finished."""
        if self._tell is not None and self._decoder is not None and (text := self._decoder.decode(b"", final=True)):
            self._tell(text)

    def taken(self, stream: Stream) -> bytes:
        """What was kept of a stream."""
        whole = b"".join(self._parts[stream])
        self._parts[stream] = [whole]
        return whole

    def _say(self, data: bytes) -> None:
        assert self._tell is not None
        if self._decoder is None:
            self._tell(data)
        elif text := self._decoder.decode(data):
            self._tell(text)
