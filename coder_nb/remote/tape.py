"""What a terminal has said, numbered by byte. Keeps the end of it, and says what is not kept; reads none of it."""

from __future__ import annotations

from threading import Lock

__all__ = ["Tape"]


class Tape:
    """The end of a stream of bytes. Any thread may use it.

    Args:
        keep: bytes to keep at least, once there are so many.
    """

    def __init__(self, keep: int) -> None:
        self._keep = keep
        self._data = bytearray()
        self._start = 0
        self._lock = Lock()

    @property
    def end(self) -> int:
        """How many bytes have come in all."""
        return self._start + len(self._data)

    @property
    def start(self) -> int:
        """The number of the first byte that is still kept."""
        return self._start

    def add(self, data: bytes) -> None:
        """More has come."""
        with self._lock:
            self._data += data
            # Seldom, and much at once: what is cut off in front is moved over.
            if len(self._data) > self._keep + self._keep // 4:
                cut = len(self._data) - self._keep
                del self._data[:cut]
                self._start += cut

    def read(self, at: int, most: int) -> tuple[int, bytes]:
        """Bytes from a number on.

        Returns:
            the number of the first one, which is greater than `at` where that one is gone, and at most `most` bytes.
        """
        with self._lock:
            at = max(at, self._start)
            offset = at - self._start
            return at, bytes(self._data[offset : offset + most])

    def tail(self, most: int) -> bytes:
        """The last bytes."""
        with self._lock:
            return bytes(self._data[-most:]) if most else b""

    def line_start(self, back: int) -> int:
        """Where a line begins, about `back` bytes before the end; all where there is no more than that."""
        with self._lock:
            if len(self._data) <= back and not self._start:
                return 0
            offset = max(0, len(self._data) - back)
            newline = self._data.find(b"\n", offset, offset + 4096)
            return self._start + (newline + 1 if newline >= 0 else offset)
