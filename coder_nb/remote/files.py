"""Files over a line to a workspace: sent, fetched, listed. Each is whole and as it was, or is not there at all.

Speaks with files.sh. Opens nothing by itself, and keeps no file in memory but those asked for as bytes.
"""

from __future__ import annotations

import tarfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib.resources import files as resources
from pathlib import Path, PurePosixPath
from typing import Final

from coder_nb.closing import Closing
from coder_nb.errors import Invalid, ProtocolError
from coder_nb.look import visible
from coder_nb.remote import files_local as here
from coder_nb.remote import files_protocol as protocol
from coder_nb.remote import identity
from coder_nb.remote.files_errors import refused
from coder_nb.remote.files_incoming import Incoming, agreed, too_large
from coder_nb.remote.files_protocol import Checksum, Entry, Sender, sized
from coder_nb.remote.line import Line
from coder_nb.remote.talk import Talk

__all__ = ["PROGRAM", "Copied", "Files"]

PROGRAM: Final = resources("coder_nb.remote").joinpath("files.sh").read_text(encoding="utf-8")
"""What a line is to run before `Files` can speak on it; the line needs signals."""
_PIECE: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Copied:
    """What was copied.

    Attributes:
        source, target: where from, where to.
        size: bytes of the file, or of the files in a folder.
        files: how many.
        checked: the checksum both sides agree on: `sha256`, or `cksum` where the workspace has no other.
        skipped: names left out of a folder: links that lead outside of it, devices.
        seconds: how long it took.
    """

    source: str
    target: str
    size: int
    files: int
    checked: str
    skipped: tuple[str, ...] = ()
    seconds: float = field(default=0.0, compare=False)

    def __repr__(self) -> str:
        many = "" if self.files == 1 else f"{self.files} files, "
        left = f"; left out: {', '.join(self.skipped[:3])}" if self.skipped else ""
        more = f" and {len(self.skipped) - 3} more" if len(self.skipped) > 3 else ""
        return visible(f"{self.source} → {self.target}: {many}{sized(self.size)}, {self.checked}{left}{more}")


class Files(Closing):
    """A workspace's files, one question at a time.

    Args:
        line: a line that runs `PROGRAM`; closed with this.
        timeout: seconds for everything; None for as long as it takes.
        tell: is told how far it is.
    """

    def __init__(self, line: Line, *, timeout: float | None = None, tell: Callable[[str], None] | None = None) -> None:
        self._talk = Talk(line, refused=refused, timeout=timeout, tell=tell, last="clean")
        self._began = time.monotonic()
        try:
            answer = self._talk.ask("begin", "files")
        except BaseException:
            self._talk.close()
            raise
        self._kind, self._gzip = answer.said, bool(answer.text)

    def close(self) -> None:
        """Ends it. What was under way is undone on both sides."""
        self._talk.close()

    def send(self, local: str, remote: str) -> Copied:
        """Sends a file or a folder.

        Args:
            local: what.
            remote: its path there, or a folder to put it in; see `files_protocol.into`.
        """
        path = Path(local).expanduser()
        try:
            return self._send_folder(path, remote) if path.is_dir() else self._send_file(path, remote)
        except OSError as error:
            raise here.local_error(error, path) from None

    def write(self, data: bytes, remote: str) -> Copied:
        """Writes bytes to a file, which keeps its mode where it is there already."""
        pieces = (data[at : at + _PIECE] for at in range(0, len(data), _PIECE))
        size = self._put(pieces, remote, size=len(data), squeeze=protocol.pays(data))
        return self._copied("bytes", remote, size, 1)

    def fetch(self, remote: str, local: str) -> Copied:
        """Fetches a file or a folder.

        Args:
            remote: its path there.
            local: its path here, or a folder to put it in; see `files_protocol.into`.
        """
        content = self._content(remote)
        place = Path(local).expanduser()
        if protocol.into(local) or (content.kind == "file" and place.is_dir()):
            place /= _name(remote)
        try:
            if content.kind == "tar":
                return self._fetch_folder(content, remote, place)
            with here.file_beside(place, content.mode) as file:
                for piece in content:
                    file.write(piece)
                content.check()
        except OSError as error:
            raise here.local_error(error, place) from None
        return self._copied(remote, str(place), content.checksum.size, 1)

    def read(self, remote: str, *, most: int) -> bytes:
        """What is in a file.

        Args:
            remote: its path there.
            most: bytes beyond which it is refused.
        """
        content, kept, size = self._content(remote, only="file"), [], 0
        for piece in content:
            size += len(piece)
            if size > most:
                raise too_large(remote, most)
            kept.append(piece)
        content.check()
        return b"".join(kept)

    def list(self, path: str) -> list[Entry]:
        """What is in a folder; or the file of that name; or the names a pattern finds."""
        found = protocol.has_pattern(path)
        words = protocol.pattern(path) if found else protocol.word(path)
        _, said = self._talk.begin(f"g={'g' if found else ''}\nlist {words}", path)
        listed = self._talk.text("M")
        links = self._talk.text()
        try:
            return protocol.entries(listed, links, octal=said == "octal")
        except ValueError:
            raise ProtocolError(f"the workspace answered no listing: {visible(path)}") from None

    def _send_file(self, path: Path, remote: str) -> Copied:
        with path.open("rb") as file:
            info = path.stat()
            first = file.read(_PIECE)

            def pieces() -> Iterator[bytes]:
                piece = first
                while piece:
                    yield piece
                    piece = file.read(_PIECE)

            mode = f"{info.st_mode & 0o777:o}"
            squeeze = protocol.pays(first)
            size = self._put(pieces(), remote, size=info.st_size, squeeze=squeeze, name=path.name, mode=mode)
        return self._copied(str(path), remote, size, 1)

    def _send_folder(self, path: Path, remote: str) -> Copied:
        name = path.resolve().name if protocol.into(remote) else ""
        sender = self._sender("unpack", remote, size=0, squeeze=True, name=name)

        def passed(name: str) -> None:
            self._talk.tell(lambda: f"{sized(sender.checksum.size)}: {name.removeprefix('./')}")

        count, size = here.pack(path, sender.write, passed)
        self._settle(sender, remote, "settle")
        return self._copied(f"{path}/", remote, size, count)

    def _fetch_folder(self, content: Incoming, remote: str, place: Path) -> Copied:
        try:
            with here.folder_beside(place) as folder:
                count, size, skipped = here.unpack(content, folder)
                content.check()
        except tarfile.TarError as error:
            raise ProtocolError(
                f"the workspace packed what is not to be unpacked: {visible(remote)}: {error}"
            ) from None
        return self._copied(f"{remote.rstrip('/')}/", str(place), size, count, skipped)

    def _put(
        self, pieces: Iterable[bytes], remote: str, *, size: int, squeeze: bool, name: str = "", mode: str = ""
    ) -> int:
        sender = self._sender("put", remote, size=size, squeeze=squeeze, name=name, mode=mode)
        for piece in pieces:
            sender.write(piece)
            self._talk.tell(lambda: f"{sized(sender.checksum.size)} of {sized(size)}")
        self._settle(sender, remote, "keep")
        return sender.checksum.size

    def _sender(self, verb: str, remote: str, *, size: int, squeeze: bool, name: str = "", mode: str = "") -> Sender:
        squeeze = squeeze and self._gzip
        program = (
            f"f={protocol.word(remote)} b={protocol.word(name) if name else ''}\n"
            f"i={identity.short()} n={size} m={mode} z={'z' if squeeze else ''}\n{verb}"
        )
        letter, _ = self._talk.begin(program, remote)
        if letter != "R":
            raise ProtocolError(f"the workspace answered {letter}, not R: {visible(remote)}")
        return Sender(self._talk.write, Checksum(self._kind), squeeze=squeeze)

    def _settle(self, sender: Sender, remote: str, verb: str) -> None:
        sender.finish()
        agreed(self._talk.ask("", remote).text, sender.checksum, remote)
        self._talk.ask(verb, remote)

    def _content(self, remote: str, only: str = "") -> Incoming:
        squeeze = "z" if self._gzip else ""
        _, said = self._talk.begin(f"f={protocol.word(remote)} o={only} z={squeeze}\nget", remote)
        return Incoming(self._talk, remote, said, Checksum(self._kind))

    def _copied(self, source: str, target: str, size: int, files: int, skipped: Sequence[str] = ()) -> Copied:
        seconds = time.monotonic() - self._began
        return Copied(source, target, size, files, self._kind, tuple(skipped), seconds)


def _name(remote: str) -> str:
    name = PurePosixPath(remote).name
    if name in ("", ".", "..", "~"):
        raise Invalid(
            f"what shall {visible(remote)} be called here?", status=400, hint="name the folder: get(…, 'here')"
        )
    return name
