"""A program for GIT_ASKPASS that knows one user name and one password, for as long as a block runs.

What it says is in files that only this user can read, in a folder that is theirs alone and gone afterwards. No secret
is in its text, on a command line or in the environment.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from coder_nb.credentials import Secret

__all__ = ["askpass"]

# git asks: Username for 'https://github.com': / Password for 'https://ada@github.com':
SCRIPT = r"""#!/bin/sh
here=${0%/*}
case $1 in
  Username*) answer=username ;;
  Password*) answer=password ;;
  *) exit 1 ;;
esac
if [ -s "$here/host" ]; then
  url=${1#*\'}
  url=${url%%\'*}
  url=${url#*://}
  url=${url%%/*}
  host=${url##*@}
  case $host in
    \[*) host=${host%%\]*}] ;;
    *) host=${host%%:*} ;;
  esac
  if [ "$host" != "$(cat "$here/host")" ]; then
    echo "this login is for $(cat "$here/host"), not for $host" >&2
    exit 1
  fi
fi
exec cat "$here/$answer"
"""


@contextmanager
def askpass(username: str, password: Secret, *, host: str = "") -> Iterator[Path]:
    """The program's path.

    Args:
        username: not secret: git puts it on a command line when it asks for the password.
        password: what it answers to that.
        host: the only one it answers for; "" for any.
    """
    with tempfile.TemporaryDirectory(prefix="coder-nb-askpass-") as name:
        folder = Path(name)
        _write(folder / "username", f"{username}\n")
        _write(folder / "password", f"{password.reveal()}\n")
        _write(folder / "host", host)
        _write(folder / "askpass", SCRIPT, mode=0o700)
        yield folder / "askpass"


def _write(path: Path, text: str, *, mode: int = 0o600) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", encoding="utf-8") as file:
        file.write(text)
