"""What comes first from a terminal that was attached to again, protocol only: bytes in, what is new of them out.

Servers repeat the last 64 KiB and do not mark where they end. A session that is over would begin anew, so a command is
sent along whose output shows that it ran: then there is nothing to come back to.
"""

from __future__ import annotations

from typing import Final

__all__ = ["REPLAY", "Arrival", "probe"]

REPLAY: Final = 65536
"""Bytes of its output that a session tells whoever attaches; all, where it has said less."""
_ANCHOR: Final = 16
"""Bytes that are the same at least where something is taken for a repetition; fewer are the same by chance."""


def probe(nonce: str) -> tuple[str, bytes]:
    """A command for /bin/sh that does nothing but show it ran, and what it shows."""
    return f"printf 'no-session:%s' {nonce}", f"no-session:{nonce}".encode()


class Arrival:
    """The first bytes after attaching again.

    Args:
        mark: what is shown where the session was over.
        known: the last bytes that had come before, at most `REPLAY`; all, where there were fewer.

    Attributes:
        gone: the session was over.
        torn: between what was known and what is new something is missing.
        settled: it is clear which of these it is, and what is new.
    """

    def __init__(self, mark: bytes, known: bytes) -> None:
        self.gone = False
        self.torn = False
        self._mark = mark
        self._known = known
        self._came = bytearray()
        self.settled = False

    def feed(self, data: bytes) -> bytes:
        """More came; what is new of all of it, as soon as that is clear."""
        if self.settled:
            return b"" if self.gone else data
        self._came += data
        if self._came.startswith(self._mark):
            self.gone = self.settled = True
            return b""
        if self._mark.startswith(self._came) or len(self._came) < len(self._known):
            return b""
        return self._news()

    def finish(self) -> bytes:
        """Nothing more comes; what is new of what was held back. Where nothing came at all, nothing is settled."""
        if self.settled or not self._came:
            return b""
        if self._mark.startswith(self._came):
            # A program that ends at once may lose what it said last.
            self.gone = self.settled = True
            return b""
        return self._news()

    def _news(self) -> bytes:
        self.settled = True
        came, known = bytes(self._came), self._known
        self._came.clear()
        if not known:
            return came
        # Output that repeats itself fits in several places; the longest overlap repeats nothing on the screen.
        anchor = came[: min(_ANCHOR, len(known))]
        at = known.find(anchor)
        while at >= 0:
            overlap = min(len(known) - at, len(came))
            if known[at : at + overlap] == came[:overlap]:
                return came[overlap:]
            at = known.find(anchor, at + 1)
        self.torn = True
        return came
