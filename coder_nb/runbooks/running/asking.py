"""What a kernel asks while a runbook runs is asked at this terminal. With no terminal nothing is asked, and the kernel
is told so at once: a step that needs a yes ends as not confirmed instead of waiting.
"""

from __future__ import annotations

import getpass
import sys
from collections.abc import Callable
from typing import Protocol

from coder_nb.credentials.seen import saw
from coder_nb.look import visible

__all__ = ["Ask", "at_the_terminal", "somebody"]


class Ask(Protocol):
    """Puts one question, and gives what was typed."""

    def __call__(self, prompt: str, *, secret: bool) -> str: ...


def somebody() -> bool:
    """Whether a person can be asked here."""
    return sys.stdin is not None and sys.stdin.isatty()


def at_the_terminal(before: Callable[[], None]) -> Ask:
    """Asks the person at this terminal.

    Args:
        before: makes room, such as by taking away a line of progress.
    """

    def ask(prompt: str, *, secret: bool) -> str:
        before()
        shown = visible(prompt, keep="\n")
        try:
            if not secret:
                return input(shown)
            typed = getpass.getpass(shown)
            # The notebook is masked where it runs; what this process writes of it is masked once more.
            saw(typed)
            return typed
        except EOFError:
            # Ctrl-D. The protocol of kernels has no word for it, and nothing typed is nobody's yes.
            print()
            return ""

    return ask
