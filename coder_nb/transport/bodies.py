"""An answer's body in bounded memory: a limit on what is taken in, counted after decompression.

Keeps no more of an error than is needed to explain it, and closes the connection on the rest.
"""

from __future__ import annotations

import io
import zlib
from typing import TYPE_CHECKING

from urllib3.exceptions import ReadTimeoutError

from coder_nb.errors import ProtocolError

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse

__all__ = ["read_body"]

_PIECE = 256 * 1024


def read_body(response: BaseHTTPResponse, most: int, *, cut: bool, endpoint: str) -> bytes:
    """The body of an answer.

    Args:
        response: the answer, its body neither read nor decoded.
        most: bytes to take in, after decompression.
        cut: whether to leave out what is beyond, or does not come in time, instead of refusing it all.
        endpoint: for the error's text.
    Raises:
        ProtocolError: larger than `most`, or compressed in a way that was not asked for and cannot be undone.
    """
    unpack = _Unpacker(response.headers.get("Content-Encoding", ""), endpoint)
    body = io.BytesIO()
    announced = response.headers.get("Content-Length", "")
    too_large = not cut and announced.isascii() and announced.isdecimal() and int(announced) > most
    late = False
    try:
        while not too_large and (piece := response.read1(_PIECE, decode_content=False)):
            body.write(unpack.take(piece, most + 1 - body.tell()))
            too_large = body.tell() > most
    except (TimeoutError, ReadTimeoutError):
        if not cut:
            raise
        late = True
    if too_large or late:
        # Unread data stays in the connection: it can carry no further answer.
        response.close()
        if not cut:
            raise ProtocolError(
                f"{endpoint} answered with more than {_size(most)}",
                hint="ask for less at once; Limits(answer=…) raises the limit",
            )
        body.truncate(most)
    elif not cut:
        unpack.finish()
    response.release_conn()
    # Hands over the buffer itself: the largest answers are not held twice.
    return body.getvalue()


class _Unpacker:
    """Undoes gzip and deflate piece by piece. The API never compresses; something in front of it may, unasked."""

    def __init__(self, encoding: str, endpoint: str) -> None:
        names = [name for name in (part.strip().lower() for part in encoding.split(",")) if name != "identity"]
        self._endpoint = endpoint
        self._inflate = None
        if any(names):
            if names not in (["gzip"], ["x-gzip"], ["deflate"]):
                raise self._wrong("in a compression that was not asked for")
            # 32 + MAX_WBITS: tells gzip and zlib by their headers.
            self._inflate = zlib.decompressobj(32 + zlib.MAX_WBITS)

    def take(self, piece: bytes, room: int) -> bytes:
        """The next piece, unpacked, of which no more than `room` bytes are made."""
        if self._inflate is None:
            return piece
        try:
            return self._inflate.decompress(piece, room)
        except zlib.error:
            raise self._wrong("with compressed data that is damaged") from None

    def finish(self) -> None:
        """Refuse data that stopped in the middle."""
        if self._inflate is not None and not self._inflate.eof:
            raise self._wrong("with compressed data that ends too early")

    def _wrong(self, how: str) -> ProtocolError:
        return ProtocolError(
            f"{self._endpoint} answered {how}",
            hint="something between here and Coder changes its answers: a proxy, or a web application firewall",
        )


def _size(count: int) -> str:
    return f"{count / 1024**2:g} MiB" if count >= 1024**2 else f"{count / 1024:g} KiB"
