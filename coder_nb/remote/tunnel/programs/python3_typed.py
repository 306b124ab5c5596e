"""What python3's relay is told: lines of base64, and the frames in them. Bytes in, values out; no terminal.

Its text goes along with that of `python3`. It imports nothing of this package.
"""

from __future__ import annotations

import binascii
import zlib

from coder_nb.remote.tunnel.programs.python3_said import GOODBYE, HEADER, OPEN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST = 65536


class Over(Exception):
    """The end, and why."""


class Typed:
    """Reads what is typed, in whatever pieces it comes."""

    def __init__(self) -> None:
        self.line = bytearray()
        self.rest = b""

    def add(self, data: bytes) -> None:
        """Takes the next piece."""
        self.line += data

    def frames(self) -> Iterator[tuple[int, int, memoryview]]:
        """The kind, connection and payload of each frame that is whole by now.

        Raises:
            Over: it is told to leave, or that is none of ours. What was good before is given first.
        """
        if b"\n" not in self.line:
            return
        *lines, self.line = self.line.split(b"\n")
        for line in lines:
            if line == b"!":
                raise Over("it was told to leave")
            try:
                data = self.rest + plain(line)
            except (binascii.Error, zlib.error):
                raise Over("what came is no base64") from None
            at, end, view = 0, len(data), memoryview(data)
            while at + HEADER.size <= end:
                kind, id, length = HEADER.unpack_from(data, at)
                begins = at + HEADER.size
                if not OPEN <= kind <= GOODBYE or length > LONGEST:
                    raise Over("what came is no frame")
                if begins + length > end:
                    break
                at = begins + length
                yield kind, id, view[begins:at]
            self.rest = data[at:]


def plain(line: bytearray) -> bytes:
    """What a line says: base64, and after a `~` what zlib has made smaller before."""
    if not line.startswith(b"~"):
        return binascii.a2b_base64(line)
    return zlib.decompressobj().decompress(binascii.a2b_base64(line[1:]), LONGEST)
