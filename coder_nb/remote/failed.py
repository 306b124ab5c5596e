"""The error for a command that did not go well: what it said last, and what to do about it."""

from __future__ import annotations

from typing import Any

from coder_nb import look
from coder_nb.errors import CommandFailed
from coder_nb.remote import ansi
from coder_nb.remote.result import RunResult

__all__ = ["failed"]

_HINTS = {
    126: "126 means that a program cannot be executed: chmod +x it, or name its interpreter",
    127: "127 means that a program was not found: is it installed there, and in the PATH?",
    137: "137 means that it was killed, often because memory ran out: %coder metadata shows how much there is",
}


def failed(result: RunResult[Any], *, hint: str = "") -> CommandFailed:
    """The error to raise.

    Args:
        result: how it went.
        hint: what to type where its exit code means nothing special; "" for what fits Python.
    """
    last = "" if result.streamed else _last_line(result)
    if result.timed_out:
        hint = "timeout gives it more time; the error's .result has the output until then"
    elif result.interrupted:
        hint = "Ctrl-C was passed on to it; the error's .result has the output until then"
    else:
        hint = _HINTS.get(result.code or 0) or hint or "the error's .result has all output; check=False takes any code"
    return CommandFailed(f"{result.summary}{f': {last}' if last else ''}", result=result, hint=hint)


def _last_line(result: RunResult[Any]) -> str:
    # Masked before it is cut again, so that no secret is cut in two.
    tail = result.masks((result.raw_stdout + result.raw_stderr)[-8192:].decode("utf-8", "replace"))[-4096:]
    return look.visible(ansi.plain(ansi.lines(tail)).rstrip().rpartition("\n")[2].strip())[:200]
