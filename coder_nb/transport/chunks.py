"""The body of an HTTP/1.1 answer that has no end yet, protocol only: bytes in, in pieces of any size, the body's out.

For answers that are read as they come; `bodies` reads those that are read whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from coder_nb.errors import ProtocolError

__all__ = ["Chunks"]

_LINE = 4096
_TRAILERS = 64 * 1024


class Chunks:
    """An incremental decoder of one body: in chunks, of a length that was announced, or up to the end.

    Args:
        headers: of the answer.

    Attributes:
        done: whether the body is complete, by its own account.

    Raises:
        ProtocolError: encoded in a way that was not asked for.
    """

    def __init__(self, headers: Mapping[str, str]) -> None:
        transfer = headers.get("Transfer-Encoding", "").strip().lower()
        content = headers.get("Content-Encoding", "identity").strip().lower()
        if transfer not in ("", "chunked") or content != "identity":
            raise ProtocolError(
                f"a stream came encoded ({transfer or content})", hint="does something in front of Coder compress?"
            )
        length = headers.get("Content-Length", "")
        self._chunked = bool(transfer)
        # Of the chunk that is coming, or of the whole; None where only the end of the connection tells.
        self._left = 0 if self._chunked else int(length) if length.isascii() and length.isdecimal() else None
        self._rest = b""
        self._trailers = 0
        self._ending = False
        self.done = self._left == 0 and not self._chunked

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The pieces of the body that are in these bytes.

        Raises:
            ProtocolError: these are no chunks. What was good before is given first.
        """
        if self._chunked:
            self._rest += data
            while not self.done and (piece := self._next()) is not None:
                yield piece
        elif self._left is None:
            yield data
        else:
            yield data[: self._left]
            self._left = max(0, self._left - len(data))
            self.done = not self._left

    def _next(self) -> bytes | None:
        """The next piece of the body, empty for a line between the chunks; None for lack of bytes."""
        if self._left:
            piece, self._rest = self._rest[: self._left], self._rest[self._left :]
            self._left -= len(piece)
            # The line end behind a chunk is read as an empty line before the next one.
            return piece or None
        line, found, rest = self._rest.partition(b"\n")
        if len(line) > _LINE:
            raise _broken()
        if not found:
            return None
        self._rest = rest
        self._heading(line.strip())
        return b""

    def _heading(self, line: bytes) -> None:
        if self._ending:
            self._trailers += len(line)
            self.done = not line
            if self._trailers > _TRAILERS:
                raise _broken()
        elif line:
            size = line.partition(b";")[0].strip()
            if not size or size.strip(b"0123456789abcdefABCDEF") or len(size) > 15:
                raise _broken()
            self._left = int(size, 16)
            self._ending = not self._left


def _broken() -> ProtocolError:
    return ProtocolError("something that is no HTTP", hint="try again")
