"""A workspace's terminal on the terminal IPython runs in: everything typed goes there, until the shell ends or Ctrl-].

POSIX only. The terminal is as it was before when this returns, however it ends.
"""

from __future__ import annotations

import contextlib
import os
import select
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from coder_nb.errors import InvalidCommand

if TYPE_CHECKING:
    from coder_nb.remote.attachment import Attachment

__all__ = ["hand_over"]

LEAVE = b"\x1d"
"""Ctrl-]: as in telnet."""


def hand_over(attach: Callable[[Callable[[], None]], Attachment], title: str) -> None:
    """Shows a terminal here until its shell ends, or Ctrl-] leaves it.

    Args:
        attach: makes the attachment, given what it is to call when there is news.
        title: whose terminal it is.
    Raises:
        InvalidCommand: this is no terminal.
    """
    if os.name != "posix" or not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise InvalidCommand(f"a terminal of {title} needs a notebook or a terminal", hint="%coder run runs a command")
    import termios
    import tty

    print(f"terminal of {title}; Ctrl-] leaves it", flush=True)
    heard, news = os.pipe()
    os.set_blocking(news, False)
    before = termios.tcgetattr(sys.stdin)
    try:
        with attach(lambda: _ring(news)) as it:
            tty.setraw(sys.stdin)
            it.resize(*_size())
            it.start()
            _exchange(it, heard)
            why = it.phase.why
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)
        os.close(news)
        os.close(heard)
    print(f"\nterminal of {title}: {why or 'left; its shell runs on for five minutes'}")


def _ring(news: int) -> None:
    # It may ring already, or nobody listens any more.
    with contextlib.suppress(OSError):
        os.write(news, b"!")


def _size() -> tuple[int, int]:
    """Columns and rows of this terminal itself, whatever COLUMNS and LINES say of another one."""
    columns, rows = os.get_terminal_size(sys.stdin.fileno())
    return columns or 80, rows or 24


def _exchange(it: Attachment, heard: int) -> None:
    at = 0
    while True:
        ready, _, _ = select.select([sys.stdin, heard], [], [])
        if heard in ready:
            os.read(heard, 4096)
            ended = it.phase.name == "ended"
            at = _show(it, at)
            if ended:
                return
        if sys.stdin in ready:
            typed = os.read(sys.stdin.fileno(), 65536)
            it.resize(*_size())
            if not typed or LEAVE in typed:
                return
            it.type(typed.decode("utf-8", "replace"))


def _show(it: Attachment, at: int) -> int:
    while True:
        at, data = it.tape.read(at, 65536)
        if not data:
            it.taken(at)
            return at
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        at += len(data)
