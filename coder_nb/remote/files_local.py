"""Files on this side: what is got takes its place whole or not at all; folders are packed, and unpacked with care.

Nothing a workspace packs gets outside the folder it is unpacked into, neither by name nor by link.
"""

from __future__ import annotations

import errno
import os
import shutil
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Protocol, cast

from coder_nb.errors import CoderError, Conflict, NotFound, PermissionDenied, TooLarge
from coder_nb.remote import identity

__all__ = ["Readable", "file_beside", "folder_beside", "local_error", "pack", "unpack"]


class Readable(Protocol):
    """What can be read piece by piece."""

    def read(self, size: int = -1, /) -> bytes:
        """The next piece, of any size; b"" at the end."""


def local_error(error: OSError, path: str | os.PathLike[str]) -> CoderError:
    """The error for a file on this machine."""
    where = f"{os.fspath(path)} on this machine"
    match error.errno:
        case errno.ENOENT:
            return NotFound(f"no such file or folder: {where}", status=404, hint=f"looked for from {Path.cwd()}")
        case errno.EACCES | errno.EPERM | errno.EROFS:
            return PermissionDenied(f"not allowed: {where} ({error.strerror})", status=403, hint="another place")
        case errno.ENOSPC | errno.EDQUOT:
            return TooLarge(f"no room for {where} ({error.strerror})", status=413, hint="another disk")
        case _:
            return Conflict(f"{where}: {error.strerror or error}", status=409, hint="another path")


@contextmanager
def file_beside(target: Path, mode: int | None) -> Iterator[IO[bytes]]:
    """A file to write, which takes its place when the block ends well, and is gone when it does not.

    Args:
        target: its place.
        mode: its permissions; None for those of the one it replaces, or the usual.
    """
    beside = target.with_name(f".coder-nb-{identity.short()}")
    try:
        with beside.open("xb") as file:
            yield file
        if mode is None and target.exists():
            mode = target.stat().st_mode & 0o777
        if mode is not None:
            beside.chmod(mode)
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)


@contextmanager
def folder_beside(target: Path) -> Iterator[Path]:
    """A folder to fill, which takes its place when the block ends well; where one is, each of its files does."""
    beside = target.with_name(f".coder-nb-{identity.short()}")
    beside.mkdir(mode=0o700)
    try:
        yield beside
        if target.is_dir():
            _merge(beside, target)
        else:
            beside.rename(target)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _merge(source: Path, target: Path) -> None:
    for folder, _, files in os.walk(source):
        there = target / Path(folder).relative_to(source)
        there.mkdir(exist_ok=True)
        links = [entry.name for entry in os.scandir(folder) if entry.is_symlink() and entry.name not in files]
        for name in [*files, *links]:
            Path(folder, name).replace(there / name)


def pack(folder: Path, to: Callable[[bytes], object], passed: Callable[[str], None]) -> tuple[int, int]:
    """A folder as tar, owned by nobody in particular.

    Args:
        folder: whose contents.
        to: takes the bytes.
        passed: is told each name as its turn comes.
    Returns:
        how many files, and their bytes.
    """
    count = size = 0

    def anonymous(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
        nonlocal count, size
        passed(member.name)
        count, size = count + member.isreg(), size + member.size
        member.uid = member.gid = 0
        member.uname = member.gname = ""
        return member if member.isreg() or member.isdir() or member.issym() or member.islnk() else None

    with tarfile.open(fileobj=cast("IO[bytes]", _Sink(to)), mode="w|", format=tarfile.PAX_FORMAT) as tar:
        tar.add(folder, arcname=".", filter=anonymous)
    return count, size


class _Sink:
    def __init__(self, to: Callable[[bytes], object]) -> None:
        self._to = to

    def write(self, data: bytes) -> int:
        self._to(data)
        return len(data)


def unpack(stream: Readable, folder: Path) -> tuple[int, int, list[str]]:
    """Unpacks tar.

    Args:
        stream: the tar.
        folder: where.
    Returns:
        how many files, their bytes, and the names that were left out: links to outside, devices.
    Raises:
        tarfile.TarError: not a tar, or one with names that lead outside; part of it may be unpacked.
    """
    count, size = 0, 0
    skipped: list[str] = []

    def safe(member: tarfile.TarInfo, path: str) -> tarfile.TarInfo | None:
        nonlocal count, size
        try:
            kept = tarfile.data_filter(member, path)
        except (tarfile.AbsoluteLinkError, tarfile.LinkOutsideDestinationError, tarfile.SpecialFileError):
            skipped.append(member.name.removeprefix("./"))
            return None
        count, size = count + member.isreg(), size + member.size
        # The filter is stricter than people who want their files as they were; set-uid and the like stay out.
        return kept if kept.issym() or kept.islnk() else kept.replace(mode=member.mode & 0o777, deep=False)

    with tarfile.open(fileobj=cast("IO[bytes]", stream), mode="r|") as tar:
        tar.extractall(folder, filter=safe)  # noqa: S202 - safe() is the data filter
    return count, size, skipped
