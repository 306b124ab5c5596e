"""A relay is begun: what a workspace can run is found out, the best of it started, and waited for until it is ready.

Nothing is written there, and what does not begin leaves nothing behind.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from coder_nb import look
from coder_nb.errors import AgentUnavailable, CoderError, ConnectionLost
from coder_nb.remote.line import Line
from coder_nb.remote.protocol import END, mark
from coder_nb.remote.tunnel.programs import KINDS, LEAVE, SHARED, starting
from coder_nb.remote.tunnel.relay import Relay
from coder_nb.remote.tunnel.shared import RelayLimits, Shared
from coder_nb.remote.tunnel.singles import Singles

if TYPE_CHECKING:
    from coder_nb.api.pty import Pty

__all__ = ["Attach", "Way", "begin"]

_SECONDS: Final = 15.0
_GOODBYE: Final = 3.0
_MORE: Final = 256
_TRIES: Final = 5
_PAUSE: Final = 0.2

Attach = Callable[[str, str], "Pty"]
"""Attaches once more to the terminal session with this id; where it has ended, to one that runs this command."""


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
    except ConnectionLost:
        line.close(wait=0.0)
        # A shell that was given half a program waits for the rest of it: blank lines will do, and be no program.
        _dismissing(way, line, "\n" * (_MORE + max(len(starting(kind, 0)) for kind in SHARED)))()
        raise
    except BaseException:
        line.close(wait=0.0)
        raise
    line.close()
    raise AgentUnavailable(
        f"no tunnel into {way.title}: nothing there can relay", hint=f"it needs one of {', '.join(kinds)}"
    )


def _dismissing(way: Way, line: Line, rest: str = "") -> Callable[[], None]:
    """Ends a relay whose line was lost, and the shell it was begun by; tries again until both are gone."""
    session, nonce = line.session, line.nonce

    def dismiss() -> None:
        for _ in range(_TRIES):
            with suppress(CoderError, TimeoutError):
                if _is_gone(way, session, nonce, LEAVE + rest):
                    return
            threading.Event().wait(_PAUSE)

    return dismiss


def _is_gone(way: Way, session: str, nonce: str, leave: str) -> bool:
    """Whether a terminal's session has ended; ends it where it has not, which is to be asked again."""
    gone = mark("G", nonce)
    # Where nothing runs any more the session is a new one, and says so.
    with way.attach(session, f"printf '\\036G%s\\036' {nonce}") as pty:
        pty.write(leave)
        # A relay reads ahead: only once it has ended is what is typed the shell's.
        if gone in _read_until(pty, (gone, mark("F", nonce)[:-1])):
            return True
        pty.write(f"{END}\n{nonce}\n")
        _read_until(pty, ())
        return False


def _read_until(pty: Pty, ends: tuple[bytes, ...]) -> bytes:
    """What is said up to one of these, or to the end, but for its beginning; not for long."""
    said, deadline = b"", time.monotonic() + _GOODBYE
    while data := pty.read(max(0.0, deadline - time.monotonic())):
        said = said[-100:] + data
        if any(end in said for end in ends):
            break
    return said


def _heard(line: Line, letters: str) -> str:
    """What stands in the next mark with one of these letters.

    Raises:
        ConnectionLost: the line ended, or nothing came in time.
    """
    wanted = re.compile(rb"\x1e[%s]%s:([^\x1e]*)\x1e" % (letters.encode(), line.nonce.encode()))
    said, deadline = b"", time.monotonic() + _SECONDS
    while (found := wanted.search(said)) is None:
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
