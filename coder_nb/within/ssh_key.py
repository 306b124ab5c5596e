"""The owner's SSH key for git: into a file, or into ssh-agent.

Its private half is never shown and never on a command line. It refuses to write over another key.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from coder_nb import look
from coder_nb.api.me import GitSshKey
from coder_nb.errors import ConfigurationError
from coder_nb.replacing import replace

__all__ = ["SSHKey"]

SECONDS = 15.0


class SSHKey:
    """The owner's SSH key pair for git.

    Attributes:
        public_key: the line that git services are given, without a line break.
    """

    def __init__(self, record: GitSshKey) -> None:
        self.public_key = record.public_key.strip()
        self._private = record.private_key

    def write(self, path: str | os.PathLike[str], *, overwrite: bool = False) -> Path:
        """Writes the private key to a file only this user can read: all of it or nothing.

        Args:
            path: the file; its folder must be there.
            overwrite: also where something else is there already.
        Returns:
            the path, for `ssh -i`.
        Raises:
            ConfigurationError: another file is there, or the folder cannot be written to.
        """
        target = Path(path).expanduser()
        text = self._private.reveal().encode()
        try:
            if target.is_dir():
                raise IsADirectoryError(0, "it is a folder")
            if not overwrite and target.exists() and target.read_bytes() != text:
                raise FileExistsError(0, "another file is there already")
            replace(target, text)
        except OSError as error:
            hint = "name another file, or, if the one there is of no use, overwrite=True"
            if not isinstance(error, FileExistsError):
                hint = "name a file in a folder that is there and yours"
            raise ConfigurationError(f"the key was not written to {target}: {error.strerror}", hint=hint) from None
        return target

    def add_to_agent(self, *, lifetime: int | None = None) -> None:
        """Gives the private key to the ssh-agent that runs, through a pipe.

        Args:
            lifetime: seconds after which the agent forgets it; None for as long as it runs.
        Raises:
            ConfigurationError: no ssh-add, no agent, or the agent does not take it.
        """
        # ssh-add reads a file's permissions, but not a pipe's.
        command = ["ssh-add", "-q", *(["-t", str(lifetime)] if lifetime is not None else []), "-"]
        try:
            done = subprocess.run(  # noqa: S603 - a fixed command line
                command, input=self._private.reveal(), capture_output=True, text=True, timeout=SECONDS, check=False
            )
        except OSError:
            raise ConfigurationError(
                "there is no ssh-add on this machine", hint="write the key: .write(path)"
            ) from None
        except subprocess.TimeoutExpired:
            raise ConfigurationError(f"ssh-add did not end within {SECONDS:g} s", hint="is the agent stuck?") from None
        if done.returncode:
            why = look.visible(self._private.mask(done.stderr).strip().partition("\n")[0])
            raise ConfigurationError(f"ssh-agent did not take the key: {why}", hint='start one: eval "$(ssh-agent)"')

    def __repr__(self) -> str:
        return f"SSHKey {look.visible(self.public_key)}, private half ****"

    def _repr_html_(self) -> str:
        return look.pairs([("public key", self.public_key), ("private key", "****")])
