"""What a script's program answers, protocol only: bytes in, the script's output and how far it is out. No socket."""

from __future__ import annotations

from typing import Literal

from coder_nb.remote.protocol import Marks

__all__ = ["Reply", "Stream"]

Stream = Literal["out", "err"]


class Reply:
    """The answer to one program (see `script.Script.program`).

    Args:
        nonce: the line's.

    Attributes:
        pid: the shell's process there, which leads the group of all it runs; None before it has begun.
        code: the script's exit code; None before it has ended, or where something killed what watches it.
        asks: what it waits for: "I" for the input, "J" for the proof that it is whole, "" for nothing.
        failed: "nowhere" where the directory is none, "closed" where it must not be entered, "missing" where something
            else is; "" where it runs.
        done: whether all of it has come.
    """

    def __init__(self, nonce: str) -> None:
        self._marks = Marks(nonce)
        self._into: Stream | None = None
        self.pid: int | None = None
        self.code: int | None = None
        self.asks = self.failed = ""
        self.done = False

    def feed(self, data: bytes) -> list[tuple[Stream, bytes]]:
        """What of the script's output a piece adds, and to which stream; all is "out" unless they are kept apart."""
        output: list[tuple[Stream, bytes]] = []
        for found in self._marks.feed(data):
            if isinstance(found, tuple):
                self._marked(*found)
            elif self._into is not None:
                output.append((self._into, found))
        return output

    def rest(self) -> list[tuple[Stream, bytes]]:
        """What was held back of the output of a line that has ended."""
        held = self._marks.rest()
        return [(self._into, held)] if held and self._into is not None else []

    def _marked(self, letter: str, text: str) -> None:
        if letter == "P":
            # What was on the line before is another one's: of something that was left behind in the background.
            self.pid = int(text) if text.isdecimal() else None
            self._into = "out"
        elif self.pid is None:
            return
        elif letter == "E":
            self.code = int(text) if text.isdecimal() else None
        elif letter == "M":
            self._into = "err"
        elif letter == "C":
            self.failed = "closed" if text == "0" else "nowhere"
        elif letter == "F":
            self.failed, self.done = "missing", True
        elif letter in "IJ":
            self.asks = letter
        elif letter == "Z":
            self.done = True
            self._into = None
