"""Files of a workspace: put, get, list, read.

Each is checked against a checksum made on the other side, and takes its place whole or not at all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coder_nb import frames
from coder_nb.client.agent_commands import AgentCommands
from coder_nb.client.waiting import Tell
from coder_nb.errors import Conflict

if TYPE_CHECKING:
    from os import PathLike

    from pandas import DataFrame

    from coder_nb.remote.files import Copied, Files

__all__ = ["AgentFiles"]

_MOST = 1024 * 1024 * 1024
"""Bytes that are read into memory at most."""


class AgentFiles(AgentCommands):
    """Files that an agent's user can reach.

    Paths in the workspace begin at the agent's directory unless they are absolute; `~` is the home there. With
    `container` they are in there, and begin in the home of its user.
    """

    def put(
        self,
        local: str | PathLike[str],
        remote: str,
        *,
        container: str | None = None,
        user: str | None = None,
        timeout: float | None = None,
        tell: Tell | None = None,
    ) -> Copied:
        """Copies a file or a folder into the workspace.

        A file is there whole and checked, with its mode, or what was there before still is. A folder is too where none
        is there yet; where one is, each of its files is replaced or added and the others stay.

        Args:
            local: what to copy.
            remote: where to. A path that ends with `/`, `.` or `~` is a folder to put it in; for a file, so is that of
                any folder.
            container, user: as with `run`.
            timeout: seconds; None for as long as it takes.
            tell: is told how far it is.
        Returns:
            what was copied: source, target, size, files, checked.
        Raises:
            NotFound: no such file here, no such folder there.
            PermissionDenied, Conflict, TooLarge: it may not be read here or written there, something is in the way,
                or there is no room.
            ConnectionLost: the line broke. What was there before still is, unless the last step was under way.
            TransportError: it arrived changed, or time is up; nothing of it was kept.
        Endpoint: GET /workspaceagents/{id}/pty
        """
        with self._files(container, user, timeout, tell) as files:
            return files.send(_text(local), remote)

    def get(
        self,
        remote: str,
        local: str | PathLike[str] = ".",
        *,
        container: str | None = None,
        user: str | None = None,
        timeout: float | None = None,
        tell: Tell | None = None,
    ) -> Copied:
        """Copies a file or a folder out of the workspace; the other way round, as `put` does.

        Nothing in a folder gets outside of its place here: links that lead there are left out, and named.

        Args:
            remote: what to copy.
            local: where to; see `put`.
            container, user, timeout, tell: as with `put`.
        Returns:
            what was copied: source, target, size, files, checked, skipped.
        Raises:
            CoderError: as with `put`.
        Endpoint: GET /workspaceagents/{id}/pty
        """
        with self._files(container, user, timeout, tell) as files:
            return files.fetch(remote, _text(local))

    def read_bytes(
        self,
        path: str,
        *,
        container: str | None = None,
        user: str | None = None,
        timeout: float | None = None,
        tell: Tell | None = None,
    ) -> bytes:
        """What is in a file of the workspace, 1 GiB at most.

        Args:
            path: which file.
            container, user, timeout, tell: as with `put`.
        Raises:
            NotFound: no such file.
            Conflict: it is a folder, or larger.
        Endpoint: GET /workspaceagents/{id}/pty
        """
        with self._files(container, user, timeout, tell) as files:
            return files.read(path, most=_MOST)

    def read_text(
        self,
        path: str,
        *,
        encoding: str = "utf-8",
        container: str | None = None,
        user: str | None = None,
        timeout: float | None = None,
        tell: Tell | None = None,
    ) -> str:
        """What is in a text file of the workspace.

        Args:
            path: which file.
            encoding: of its bytes.
            container, user, timeout, tell: as with `put`.
        Raises:
            Conflict: that is no text in this encoding.
            CoderError: as with `read_bytes`.
        Endpoint: GET /workspaceagents/{id}/pty
        """
        data = self.read_bytes(path, container=container, user=user, timeout=timeout, tell=tell)
        try:
            return data.decode(encoding)
        except UnicodeDecodeError as error:
            raise Conflict(
                f"not {encoding}: {path}, byte {error.start:,}", status=409, hint="encoding=…, or read_bytes"
            ) from None

    def write_bytes(
        self,
        path: str,
        data: bytes,
        *,
        container: str | None = None,
        user: str | None = None,
        timeout: float | None = None,
        tell: Tell | None = None,
    ) -> Copied:
        """Writes a file of the workspace anew; it keeps its mode where it is there already.

        Args:
            path: which file.
            data: all that shall be in it.
            container, user, timeout, tell: as with `put`.
        Raises:
            CoderError: as with `put`.
        Endpoint: GET /workspaceagents/{id}/pty
        """
        with self._files(container, user, timeout, tell) as files:
            return files.write(data, path)

    def write_text(
        self,
        path: str,
        text: str,
        *,
        encoding: str = "utf-8",
        container: str | None = None,
        user: str | None = None,
        timeout: float | None = None,
        tell: Tell | None = None,
    ) -> Copied:
        """Writes a text file of the workspace anew; newlines are written as they are.

        Args:
            path: which file.
            text: all that shall be in it.
            encoding: to bytes.
            container, user, timeout, tell: as with `put`.
        Raises:
            CoderError: as with `put`.
        Endpoint: GET /workspaceagents/{id}/pty
        """
        data = text.encode(encoding)
        return self.write_bytes(path, data, container=container, user=user, timeout=timeout, tell=tell)

    def ls(
        self, path: str = ".", *, container: str | None = None, user: str | None = None, timeout: float | None = None
    ) -> DataFrame:
        """What is in a folder of the workspace.

        Args:
            path: the folder; of a file, itself; or a pattern such as `data/*.csv`.
            container, user, timeout: as with `put`.
        Returns:
            a frame by name: name, kind (file, folder, link, other), size (of files), modified, mode (as `rw-r--r--`),
            owner, target (where a link leads). A pattern's names are paths.
        Raises:
            NotFound: no such folder, or nothing of that pattern.
        Endpoint: GET /workspaceagents/{id}/pty
        """
        with self._files(container, user, timeout, None) as files:
            return frames.files(files.list(path), attrs={**self._attrs(), "path": path})

    def read_frame(
        self,
        path: str,
        *,
        container: str | None = None,
        user: str | None = None,
        timeout: float | None = None,
        tell: Tell | None = None,
        **options: Any,
    ) -> DataFrame:
        """A table in the workspace as a frame, or several as one.

        Args:
            path: a `.csv`, `.tsv`, `.jsonl` or `.parquet` file (the first three also with `.gz`), or a pattern such as
                `data/*.csv`.
            container, user, timeout, tell: as with `put`.
            options: for pandas' `read_csv`, `read_json` or `read_parquet`.
        Returns:
            the frame. For a pattern its first column is `path`, and the rows are those of all files, by path.
        Raises:
            NotFound: no such file.
            Invalid: no table we can read, by its name.
        Endpoint: GET /workspaceagents/{id}/pty
        """
        from coder_nb.client.tables import read, reader

        with self._files(container, user, timeout, tell) as files:
            return read(files, path, reader(path, options), most=_MOST)

    def _files(self, container: str | None, user: str | None, timeout: float | None, tell: Tell | None) -> Files:
        """A workspace's files, to be closed."""
        from coder_nb.remote.files import PROGRAM, Files

        line = self._place_line(*self._checked_place(container, user))
        try:
            line.send(PROGRAM)
        except BaseException:
            line.close()
            raise
        return Files(line, timeout=timeout, tell=tell)


def _text(path: str | PathLike[str]) -> str:
    from os import fspath

    return fspath(path)
