"""What is said to a terminal, protocol only: values in, bytes out. No socket.

Refuses what a server or an agent would take and then drop, cut, or fall over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import msgspec

from coder_nb.errors import Invalid

__all__ = ["LONGEST_COMMAND", "PIECE", "check_size", "command_line", "encoded_length", "resized", "typed"]

PIECE: Final = 64 * 1024
"""Bytes of one message at most."""
LONGEST_COMMAND: Final = 900
"""Bytes of a command as it travels; from about 1,000 on, agents sometimes do not run it, and do not say so."""

_FRAME: Final = len(b'{"data":""}')
_TWICE: Final = re.compile(r'["\\\n\r\t\b\f]')
_SIX_TIMES: Final = re.compile("[<>&\u2028\u2029\x00-\x07\x0b\x0e-\x1f]")


def typed(text: str) -> Iterator[bytes]:
    """Text as messages of at most `PIECE` bytes, each complete in itself.

    Raises:
        Invalid: lone surrogates, which would arrive as another character. Said before anything is given.
    """
    _check_text(text, "what is typed")
    return _pieces(text)


def _pieces(text: str) -> Iterator[bytes]:
    start, size = 0, PIECE - _FRAME
    while start < len(text):
        message = msgspec.json.encode({"data": text[start : start + size]})
        if len(message) > PIECE:
            # A character takes one to six bytes, so three times is enough.
            size //= 2
            continue
        yield message
        start += size


def resized(width: int, height: int) -> bytes:
    """The message that changes the terminal's size.

    Raises:
        Invalid: a side below 1 or above 65,535.
    """
    check_size(width, height)
    return msgspec.json.encode({"width": width, "height": height})


def check_size(width: int, height: int) -> None:
    """Refuse a size that a server would take for none, or cut to 16 bits.

    Raises:
        Invalid: a side below 1 or above 65,535.
    """
    for name, value in (("width", width), ("height", height)):
        if not 1 <= value <= 65535:
            raise Invalid(
                f"a terminal cannot be that large: {name} {value}", status=400, hint="each side is 1 to 65535"
            )


def command_line(command: str, shell: str | None = None) -> str:
    """The command as it is sent.

    Args:
        command: shell text; "" for an interactive login shell.
        shell: the interpreter to run it, with its arguments, instead of the login shell.
    Raises:
        Invalid: too long, or begins with `#!`, or is no text that can be sent.
    """
    _check_text(command, "the command")
    if command.startswith("#!"):
        # An agent takes such a line for its own, and one without an interpreter ends the agent itself.
        raise Invalid(
            f"the command begins with #!, which agents read themselves: {command.partition(chr(10))[0][:80]}",
            status=400,
            hint="leave the line out and name the interpreter: shell='/bin/sh'",
        )
    if shell is not None:
        if not shell.strip() or "\n" in shell:
            raise Invalid(f"not an interpreter: {shell[:80]!r}", status=400, hint="for example shell='/bin/bash -l'")
        _check_text(shell, "the interpreter")
        command = f"#!{shell}\n{command}"
    length = encoded_length(command)
    if length > LONGEST_COMMAND:
        raise Invalid(
            f"the command is too long for an agent to get reliably: {length:,} bytes encoded, of {LONGEST_COMMAND}",
            status=400,
            hint="open a shell with a short command, and write() the rest",
        )
    return command


def encoded_length(command: str) -> int:
    """Bytes of a command on its way to the agent: quotes and newlines take 2, `<`, `>` and `&` take 6."""
    length = len(command.encode("utf-8", "replace")) + len(_TWICE.findall(command))
    return length + sum(6 - len(found.encode()) for found in _SIX_TIMES.findall(command))


def _check_text(text: str, what: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise Invalid(
            f"{what} has a character that is none: {text[error.start]!r} at {error.start}",
            status=400,
            hint="bytes that are no text go through as base64",
        ) from None
