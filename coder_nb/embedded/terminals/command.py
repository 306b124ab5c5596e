"""Which program a terminal runs. Texts in, an argument list out; nothing is run here.

As with a real agent, what it cannot run it does not run, and nobody is told.
"""

from __future__ import annotations

import re
import shlex
import shutil
from typing import Final

__all__ = ["RELIABLE", "arguments", "travels"]

RELIABLE: Final = 1000
"""Bytes of an encoded command that always reach the agent; real ones lose a longer one more often than not."""

_TWICE: Final = re.compile(r'["\\\n\r\t\b\f]')
_SIX_TIMES: Final = re.compile("[<>&\u2028\u2029\x00-\x07\x0b\x0e-\x1f]")


def arguments(command: str, shell: str) -> list[str] | None:
    """The program and its arguments; None where nothing can run.

    Args:
        command: as the client sent it; "" for an interactive shell.
        shell: the login shell.
    """
    if not command:
        return [shell, "-l"]
    if not command.startswith("#!"):
        return [shell, "-c", command]
    try:
        interpreter = shlex.split(command[2:].partition("\n")[0])
    except ValueError:
        return None
    # With nothing but blanks on the first line a real agent crashes. This one has other terminals to look after.
    found = shutil.which(interpreter[0]) if interpreter else None
    return [found, *interpreter[1:], "-c", command] if found else None


def travels(command: str) -> bool:
    """Whether a command reaches the agent: it goes there as JSON, in one piece of limited length."""
    length = len(command.encode("utf-8", "replace")) + len(_TWICE.findall(command))
    length += sum(6 - len(found.encode()) for found in _SIX_TIMES.findall(command))
    return length <= RELIABLE
