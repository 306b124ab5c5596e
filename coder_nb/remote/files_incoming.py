"""A file or folder on its way here: its bytes, as they come, and at the end whether they are the right ones."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from coder_nb.errors import Conflict, ProtocolError, TransportError
from coder_nb.look import visible
from coder_nb.remote.files_errors import refused
from coder_nb.remote.files_protocol import Checksum, Unsqueezer, bits, sized
from coder_nb.remote.talk import Talk

__all__ = ["Incoming", "agreed"]


def agreed(said: bytes, checksum: Checksum, path: str) -> str:
    """Compares the workspace's checksum with ours; gives what else it said.

    Raises:
        TransportError: they differ.
    """
    kind, theirs, *more = [*said.decode("utf-8", "replace").split(" "), "", ""]
    if (kind, theirs.strip("\n")) != (checksum.kind, checksum.text()):
        raise TransportError(
            f"it did not arrive as it was sent: {visible(path)} ({checksum.kind} differs)",
            hint="nothing of it was kept; try it again",
        )
    return " ".join(more)


class Incoming:
    """What files.sh answers to `get`; to be read to its end, then checked.

    Args:
        talk: with whom.
        remote: the path asked for.
        said: what the answer's first mark said.
        checksum: of the workspace's kind, unused yet.

    Attributes:
        kind: `file` or `tar`.
        mode: the permissions of it; None where they are not known.
        checksum: of what has come.
    """

    def __init__(self, talk: Talk, remote: str, said: str, checksum: Checksum) -> None:
        kind, squeezed, mode, size = [*said.split(), "", "", "", ""][:4]
        self.kind, self.mode, self.checksum = kind, bits(mode[1:10]), checksum
        self._talk, self._remote = talk, remote
        self._total = f" of {sized(int(size))}" if kind == "file" and size.isdecimal() and size != "0" else ""
        self._pieces = self._plain(Unsqueezer() if squeezed == "z" else None)

    def __iter__(self) -> Iterator[bytes]:
        return self._pieces

    def read(self, size: int = -1, /) -> bytes:
        """The next piece, of any size; b"" at the end."""
        return next(self._pieces, b"")

    def check(self) -> None:
        """Takes what is left, and compares.

        Raises:
            CoderError: it could not be read there, or is not what was read.
        """
        for _ in self._pieces:
            pass
        code = self._talk.said
        why = agreed(self._talk.text(), self.checksum, self._remote)
        if code == "0" or (self.kind == "tar" and code == "1" and "as we read it" in why):
            return
        kind = "denied" if "ermission denied" in why else "failed"
        raise refused(kind, why, self._remote)

    def _plain(self, gzip: Unsqueezer | None) -> Iterator[bytes]:
        try:
            for came in self._talk.until("S"):
                for piece in gzip.pieces(came) if gzip else (came,):
                    self.checksum.update(piece)
                    yield piece
                self._talk.tell(lambda: f"{sized(self.checksum.size)}{self._total}")
        except zlib.error as error:
            raise ProtocolError(f"the workspace sent no gzip: {visible(self._remote)}: {error}") from None


def too_large(remote: str, most: int) -> Conflict:
    """The error for what would not fit into memory."""
    return Conflict(
        f"larger than {sized(most)}: {visible(remote)}", status=409, hint="agent.get puts it into a file here"
    )
