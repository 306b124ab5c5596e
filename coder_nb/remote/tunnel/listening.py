"""Where a tunnel listens: on loopback only, and never on a port that somebody else has."""

from __future__ import annotations

import socket
import sys
from typing import Final

from coder_nb.errors import Conflict, Invalid

__all__ = ["LOOPBACK", "listening"]

LOOPBACK: Final = "127.0.0.1"
_NEXT: Final = 100


def listening(port: int) -> socket.socket:
    """A listening socket.

    Args:
        port: 0 for any free one.
    Raises:
        Conflict: it is taken; the hint names the next free one.
        Invalid: not a port, or not one for this user.
    """
    if not 0 <= port <= 65535:
        raise Invalid(f"not a port: {port}", status=400, hint="1 to 65535, or 0 for any free one")
    try:
        found = _bound(port)
    except PermissionError:
        raise Invalid(
            f"this user may not listen on port {port}", status=400, hint="take one from 1024 on, or 0 for any"
        ) from None
    except OSError as error:
        free = _free_after(port)
        raise Conflict(
            f"port {port} is taken here: {error.strerror}",
            status=409,
            hint=f"local_port={free} is free; 0 takes any" if free else "local_port=0 takes any free one",
        ) from None
    found.listen(512)
    found.setblocking(False)
    return found


def _bound(port: int) -> socket.socket:
    found = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        # On Windows that would share the port with whoever has it.
        if sys.platform != "win32":
            found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind((LOOPBACK, port))
        # Two can be bound while none listens.
        found.listen(1)
    except BaseException:
        found.close()
        raise
    return found


def _free_after(port: int) -> int:
    for other in range(port + 1, min(port + _NEXT, 65536)):
        try:
            _bound(other).close()
        except OSError:
            continue
        return other
    return 0
