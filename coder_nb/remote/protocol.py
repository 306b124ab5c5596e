"""What is said on a line to a workspace's shell, protocol only: values in, text and bytes out. No socket.

A small fixed loop goes along as the terminal's command; everything else is typed into it, as programs that are read
whole before any of them runs. A line that breaks within one therefore runs none of it.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["END", "Marks", "bootstrap", "mark", "typed_program"]

END: Final = "exit"
"""The program that ends the line."""

_SMALL: Final = 8 * 1024
"""Characters up to which a program is read by the shell itself, byte by byte: that costs less than a process."""
_SIGNALS: Final = re.compile("[\x03\x1a\x1c]")
"""Characters a terminal with signals takes for itself: Ctrl-C, Ctrl-Z and Ctrl-\\."""
_ESCAPED: Final = re.compile("[\\\\'\x03\x1a\x1c]")


def mark(letter: str, nonce: str) -> bytes:
    r"""A mark on the line: `\036`, a letter, the nonce, and `\036` again.

    A shell says it with `printf '\036R%s\036' $_N`, so that no program's text ever holds one.
    """
    return f"\x1e{letter}{nonce}\x1e".encode()


def bootstrap(nonce: str, *, signals: bool) -> str:
    r"""The command of the terminal: says the mark R, then runs programs until one of them ends it.

    It needs `stty` and nothing else, and costs one process. The nonce is in the variable _N. Typed lines are collected
    up to one that is the nonce: not there when the terminal hangs up, so that half a program never runs.

    Args:
        signals: whether Ctrl-C and Ctrl-\ reach what runs; else every byte is only a byte. The loop survives Ctrl-C
            and `kill 0`.
    """
    mode = "stty raw -echo isig noflsh||exit 8\ntrap : INT TERM" if signals else "stty raw -echo||exit 8"
    return (
        f"_N={nonce}\n{mode}\nprintf '\\036R%s\\036' $_N\n"
        'while _p=;do while IFS= read -r _l;do [ "$_l" = $_N ]&&break;_p="$_p$_l\n";done\n'
        '[ "$_l" = $_N ]||exit;eval "$_p";done'
    )


def typed_program(program: str, nonce: str, *, signals: bool) -> tuple[str, str]:
    """What to type so that the loop runs a program.

    Args:
        program: text for a POSIX shell, without NUL; it must not end in the middle of anything.
        nonce: the line's.
        signals: as with `bootstrap`.
    Returns:
        what to type first; and what to type once the mark L has come, "" where that is all.
    """
    whole = f"{{\n{program}\n}}\n"
    if signals and _SIGNALS.search(whole):
        escaped = _ESCAPED.sub(_escape, whole)
        whole = f"eval \"$(printf %b '{escaped}')\"\n"
    if len(whole) <= _SMALL:
        return f"{whole}{nonce}\n", ""
    # Too long to be read byte by byte; and shells read ahead of a line's end, so nothing may follow it at once. Cut
    # short it is no whole group, which a shell refuses to begin.
    return f"printf '\\036L%s\\036' $_N;_p=$(head -c {len(whole.encode())})||exit 9;eval \"$_p\"\n{nonce}\n", whole


def _escape(found: re.Match[str]) -> str:
    return "'\\''" if found[0] == "'" else f"\\0{ord(found[0]):03o}"


class Marks:
    """Finds a line's marks in its output, wherever the pieces are cut.

    Args:
        nonce: the line's.
    """

    def __init__(self, nonce: str) -> None:
        self._pattern = re.compile(rb"\x1e([A-Z])" + nonce.encode() + rb"(?::([^\x1e]{0,64}))?\x1e")
        self._nonce = nonce.encode()
        self._start = b"\x1e"
        self._held = b""
        self._longest = 2 + len(nonce) + 1 + 64 + 1

    def feed(self, data: bytes) -> list[bytes | tuple[str, str]]:
        """What a piece adds: output, and marks as letter and text between them, in their order.

        A tail that may be the beginning of a mark is held back until more has come, or `rest` asks for it.
        """
        data = self._held + data if self._held else data
        found: list[bytes | tuple[str, str]] = []
        at = 0
        if self._start in data:
            for match in self._pattern.finditer(data):
                if match.start() > at:
                    found.append(data[at : match.start()])
                found.append((match[1].decode(), (match[2] or b"").decode("utf-8", "replace")))
                at = match.end()
        end = self._end(data, at)
        if end > at:
            found.append(data[at:end])
        self._held = data[end:]
        return found

    def rest(self) -> bytes:
        """What was held back, once no more can come."""
        held, self._held = self._held, b""
        return held

    def _end(self, data: bytes, at: int) -> int:
        """Where the output ends that cannot be the beginning of a mark."""
        begun = data.find(self._start, max(at, len(data) - self._longest))
        while begun >= 0:
            if self._begins(data[begun + 1 :]):
                return begun
            begun = data.find(self._start, begun + 1)
        return len(data)

    def _begins(self, tail: bytes) -> bool:
        """Whether a mark can begin like this."""
        text = tail[1:]
        return (not tail or tail[:1].isupper()) and (
            self._nonce.startswith(text) or text.startswith(self._nonce + b":")
        )
