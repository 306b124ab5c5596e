"""The command: leaves a keeper behind, and says where it listens."""

from __future__ import annotations

import json
import os
import socket
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from .keeper import Keeper
from .place import Place, born

__all__ = ["main"]


def main(arguments: Sequence[str]) -> None:
    """Leaves a keeper behind that belongs to no terminal.

    Args:
        arguments: its id, 32 hex digits; and the seconds without a connection after which it ends.
    """
    Place.sweep()
    id, idle = arguments
    place = Place(id)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(place.socket))
    listener.listen(4)
    sys.stdout.write(json.dumps({"socket": str(place.socket)}) + "\n")
    sys.stdout.flush()
    if os.fork():
        os._exit(0)
    os.setsid()
    if os.fork():
        os._exit(0)
    _let_go(listener, place.folder / "log")
    place.tell(keeper=os.getpid(), born=born(os.getpid()), started=time.time())
    Keeper(place, listener, idle=float(idle)).run()


def _let_go(listener: socket.socket, log: Path) -> None:
    """Keeps nothing open of whoever started this: they would wait for its end."""
    nothing = os.open(os.devnull, os.O_RDWR)
    written = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(nothing, 0)
    os.dup2(written, 1)
    os.dup2(written, 2)
    kept = listener.fileno()
    os.closerange(3, kept)
    os.closerange(kept + 1, 4096)
