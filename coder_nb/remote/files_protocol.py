"""What files.sh is told and what it answers, protocol only: values in, text and bytes out. No socket, no file.

Input to a terminal is text, so what goes there is base64, squeezed by gzip first where that pays.
"""

from __future__ import annotations

import base64
import hashlib
import re
import shlex
import stat
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Final, NamedTuple

from coder_nb.errors import Invalid

__all__ = [
    "BLOCK",
    "Checksum",
    "Entry",
    "Sender",
    "Unsqueezer",
    "bits",
    "entries",
    "has_pattern",
    "into",
    "pattern",
    "pays",
    "sized",
    "word",
]

BLOCK: Final = 48 * 1024 - 48
"""Bytes sent at a time: as base64 they and their newline fit into one message."""

_PATTERN: Final = re.compile(r"[*?]|\[[^]]+\]")
_SAMPLE: Final = 256 * 1024
_PAYS: Final = 0.75
_MOST: Final = 1024 * 1024
_REVERSED: Final = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
_KINDS: Final = {stat.S_IFREG: "file", stat.S_IFDIR: "folder", stat.S_IFLNK: "link"}


def word(path: str) -> str:
    """A path as a word of a shell's; `~` at its beginning is home.

    Raises:
        Invalid: empty, or has a NUL.
    """
    if not path or "\0" in path:
        raise Invalid(f"not a path: {path!r}", status=400, hint="such as data/a.csv, ~/notes.txt or /etc/hosts")
    if path == "~" or path.startswith("~/"):
        return '"$HOME"' + (_quoted(path[1:]) if path[1:] else "")
    return _quoted(f"./{path}" if path.startswith("-") else path)


def has_pattern(path: str) -> bool:
    """Whether a path has `*`, `?` or `[…]`."""
    return _PATTERN.search(path) is not None


def pattern(path: str) -> str:
    """A path as `word` gives it, except that the shell finds files by what looks like a pattern in it."""
    word(path)
    home = path.startswith("~/")
    rest, made, at = path[1:] if home else path, "", 0
    for found in _PATTERN.finditer(rest):
        made += _quoted(rest[at : found.start()]) if found.start() > at else ""
        made += re.sub(r"[^\[\]!*?\w-]", r"\\\g<0>", found[0])
        at = found.end()
    made += _quoted(rest[at:]) if rest[at:] else ""
    return f'"$HOME"{made}' if home else made


def _quoted(text: str) -> str:
    # A name that is no text, such as a listing gives it, has bytes that can only be told by their numbers.
    pieces = re.split(r"([\udc80-\udcff]+)", text)
    return "".join(_octal(piece) if at % 2 else shlex.quote(piece) if piece else "" for at, piece in enumerate(pieces))


def _octal(text: str) -> str:
    octal = "".join(f"\\{byte:03o}" for byte in text.encode("utf-8", "surrogateescape"))
    return f"\"$(printf '{octal}')\""


def into(path: str) -> bool:
    """Whether a path names a folder to put something in, rather than the thing's own place."""
    return path.endswith("/") or path.rpartition("/")[2] in (".", "..") or path == "~"


def bits(mode: str) -> int | None:
    """The number that `rw-r--r--` stands for; None where it is nothing like that."""
    if not re.fullmatch(r"[r-][w-][xsS-][r-][w-][xsS-][r-][w-][xtT-]", mode):
        return None
    return sum(1 << (8 - at) for at, letter in enumerate(mode) if letter not in "-ST")


def sized(count: float) -> str:
    """Bytes for people."""
    for unit in ("bytes", "kB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "bytes" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"


class Checksum:
    """A checksum as the workspace has it: SHA-256, or POSIX `cksum` where there is no other.

    Args:
        kind: `sha256` or `cksum`.
    """

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.size = 0
        self._sha = hashlib.sha256()
        self._crc = 0xFFFFFFFF

    def update(self, data: bytes) -> None:
        """More bytes."""
        self.size += len(data)
        if self.kind == "sha256":
            self._sha.update(data)
        else:
            # zlib's is the same polynomial with every byte's bits the other way round.
            self._crc = zlib.crc32(data.translate(_REVERSED), self._crc)

    def text(self) -> str:
        """As the tools print it."""
        if self.kind == "sha256":
            return self._sha.hexdigest()
        crc, size = self._crc, self.size
        while size:
            crc = zlib.crc32(bytes([_REVERSED[size & 0xFF]]), crc)
            size >>= 8
        return str(int(f"{crc:032b}"[::-1], 2))


def pays(sample: bytes) -> bool:
    """Whether squeezing is worth its time, judged by a beginning."""
    sample = sample[:_SAMPLE]
    return len(sample) > 512 and len(zlib.compress(sample, 1)) < _PAYS * len(sample)


class Sender:
    """Bytes -> what is typed for files.sh to receive them. A file to write to, for whoever makes them.

    Args:
        type_: takes text to be typed.
        checksum: sees the bytes as they are.
        squeeze: by gzip.

    Attributes:
        checksum: as it was given.
    """

    def __init__(self, type_: Callable[[str], None], checksum: Checksum, *, squeeze: bool) -> None:
        self._type, self.checksum = type_, checksum
        self._gzip = zlib.compressobj(1, zlib.DEFLATED, 31) if squeeze else None
        self._held = bytearray()

    def write(self, data: bytes) -> int:
        """More bytes; returns how many, as files do."""
        self.checksum.update(data)
        self._held += self._gzip.compress(data) if self._gzip else data
        if len(self._held) >= BLOCK:
            self._send(len(self._held) // BLOCK * BLOCK)
        return len(data)

    def finish(self) -> None:
        """What is left, and the end."""
        if self._gzip:
            self._held += self._gzip.flush()
        self._send(len(self._held))
        # Some readers of lines take one more before they act on one.
        self._type(".\n\n")

    def _send(self, size: int) -> None:
        for at in range(0, size, BLOCK):
            piece = self._held[at : min(at + BLOCK, size)]
            self._type(base64.b64encode(piece).decode("ascii") + "\n")
        del self._held[:size]


class Unsqueezer:
    """gzip -> bytes, a bounded piece at a time, however little there was to squeeze."""

    def __init__(self) -> None:
        self._gzip = zlib.decompressobj(31)

    def pieces(self, data: bytes) -> Iterator[bytes]:
        """What squeezed bytes add.

        Raises:
            zlib.error: that is not gzip.
        """
        while data:
            piece = self._gzip.decompress(data, _MOST)
            data = self._gzip.unconsumed_tail
            if piece:
                yield piece


class Entry(NamedTuple):
    """One name in a folder.

    Attributes:
        kind: file, folder, link, or other.
        size: bytes of a file; None for all else.
        mode: such as `rw-r--r--`.
        target: where a link leads.
    """

    name: str
    kind: str
    size: int | None
    modified: datetime
    mode: str
    owner: str
    target: str | None


def entries(listed: bytes, links: bytes, *, octal: bool) -> list[Entry]:
    """What `list` answered, by name.

    Raises:
        ValueError: that is no such answer.
    """
    names = links.split(b"\0")
    targets = {_name(name): _text(target) for name, target in zip(names[::2], names[1::2], strict=False)}
    # Only the slash at a line's beginning is ours: what is listed begins with "./", or is as it was asked for.
    lines = re.split(rb"(?:\A|\n)/(?=[0-9a-f]+ \d+ -?\d+ )", listed.removesuffix(b"\n"))[1:]
    return sorted(_entry(line, targets, 8 if octal else 16) for line in lines)


def _entry(line: bytes, targets: dict[str, str], base: int) -> Entry:
    bits, size, modified, owner, name = line.split(b" ", 4)
    mode = int(bits, base)
    kind = _KINDS.get(stat.S_IFMT(mode), "other")
    return Entry(
        _name(name),
        kind,
        int(size) if kind == "file" else None,
        datetime.fromtimestamp(int(modified), UTC),
        stat.filemode(mode)[1:],
        _text(owner),
        targets.get(_name(name)),
    )


def _name(name: bytes) -> str:
    return _text(name.removeprefix(b"./"))


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")
