"""A relay is begun: what a workspace can run is found out, the best of it started, and waited for until it is ready.

Nothing is written there, and what does not begin leaves nothing behind.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from coder_nb import look
from coder_nb.errors import AgentUnavailable, ConnectionLost
from coder_nb.remote.line import Line
from coder_nb.remote.tunnel.programs import KINDS, LEAVE, SHARED, starting
from coder_nb.remote.tunnel.relay import Relay
from coder_nb.remote.tunnel.shared import RelayLimits, Shared
from coder_nb.remote.tunnel.singles import Singles

__all__ = ["Attach", "Way", "begin"]

_SECONDS: Final = 15.0

Attach = Callable[[str, str], None]
"""Attaches once more to the terminal session with this id, types this, and waits for its end."""


@dataclass(frozen=True, slots=True)
class Way:
    """How a workspace is reached.

    Attributes:
        open_line: opens a line to a shell there.
        attach: see `Attach`.
        title: what the place is called.
    """

    open_line: Callable[[], Line]
    attach: Attach
    title: str


def begin(
    way: Way,
    *,
    kinds: tuple[str, ...] = KINDS,
    limits: RelayLimits | None = None,
    over: Callable[[str], None] | None = None,
) -> Relay:
    """Begins a relay.

    Args:
        way: to the workspace.
        kinds: the relays that may be, best first.
        limits: how long what may take.
        over: as with `Shared`; with `Singles`, called for each line that is lost.
    Raises:
        AgentUnavailable: none can be run there.
        CoderError: what opening a line raises.
    """
    limits = limits or RelayLimits()
    line = way.open_line()
    try:
        for kind in kinds:
            line.send(starting(kind, limits.patience))
            if _heard(line, "TF") != kind:
                continue
            if kind not in SHARED:
                return Singles(kind, way.open_line, line, lost=over or (lambda reason: None))
            return Shared(line, kind, limits=limits, over=over, dismiss=_dismissing(way, line))
    except BaseException:
        line.close(wait=0.0)
        raise
    line.close()
    raise AgentUnavailable(
        f"no tunnel into {way.title}: nothing there can relay", hint=f"it needs one of {', '.join(kinds)}"
    )


def _dismissing(way: Way, line: Line) -> Callable[[], None]:
    """Ends a relay whose line was lost: the shell it was begun by goes with it."""
    session, typed = line.session, f"{LEAVE}\nexit\n{line.nonce}\n"
    return lambda: way.attach(session, typed)


def _heard(line: Line, letters: str) -> str:
    """What stands in the next mark with one of these letters.

    Raises:
        ConnectionLost: the line ended, or nothing came in time.
    """
    mark = re.compile(rb"\x1e[%s]%s:([^\x1e]*)\x1e" % (letters.encode(), line.nonce.encode()))
    said, deadline = b"", time.monotonic() + _SECONDS
    while (found := mark.search(said)) is None:
        try:
            data = line.read(max(0.0, deadline - time.monotonic()))
        except TimeoutError:
            data = b""
        if not data:
            text = look.visible(" ".join(said.decode("utf-8", "replace").split())[-200:])
            raise ConnectionLost(
                f"no relay began in the workspace{f': {text}' if text else ''}",
                hint="try again; nothing is left running",
            )
        said += data
    return found[1].decode("ascii", "replace")
