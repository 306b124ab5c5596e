"""Which relay a workspace can run, and how it is started there: values in, shell text out. Nothing is run here.

A relay needs what a workspace has anyhow; nothing is installed and no file is written.
"""

from __future__ import annotations

import shlex
from importlib.resources import files as resources
from typing import Final

__all__ = ["KINDS", "LEAVE", "starting"]

KINDS: Final = ("python3", "perl", "socat", "busybox nc")
"""The relays, best first. The first two carry any number of connections over one terminal, the others one each."""

LEAVE: Final = "\n!\n"
"""What ends any relay, whatever it was told before: a line that is no base64."""

_TEXTS: Final = {"python3": "python3.py"}
_RUN: Final = {"python3": 'python3 -I -S -c "$_r"'}


def starting(kind: str, patience: float) -> str:
    """The program that runs a relay.

    It says the mark T when it is ready and F, with its exit code, when it has ended, or cannot be run at all.

    Args:
        kind: one of `KINDS`.
        patience: seconds without a word of the client after which the relay ends.
    """
    text = resources(__name__).joinpath(_TEXTS[kind]).read_text(encoding="utf-8")
    return f"_r={shlex.quote(text)}\n{_RUN[kind]} $_N {patience:g}\nprintf '\\036F%s:%s\\036' $_N $?\nunset _r"
