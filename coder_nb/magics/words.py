"""A `%coder` line taken apart into words: quotes, `{expr}` and `$name`, a comment, the final `;`, the part after `--`.

Pure: expressions are handed to a function. Refuses an open quote and an open brace; changes nothing after `--`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from coder_nb.errors import InvalidCommand
from coder_nb.magics.expressions import compiled

__all__ = ["Line", "Word", "split"]

Expand = Callable[[str], str]
"""Takes a Python expression's source and returns the text that stands for its value."""

_NAME = re.compile(r"\$([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)")
# Counts in a regular expression, such as `a{3}` or `\d{2,4}`: nobody means the number 3 by it.
_COUNT = re.compile(r"\{\d*,?\d*\}")
_END = re.compile(r"[;\s]*(?:(?<=[;\s])#.*)?", re.DOTALL)
# Before any other character a backslash stands for itself, so that `\d+` needs no quotes.
_ESCAPABLE = " \t\n\"'\\${};#"


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a line.

    Attributes:
        value: what it means: without quotes, with values put in.
        raw: as typed, quotes and all, with values put in.
        start, end: where it is in the line.
        literal: it begins with a value that was put in, so it is never taken for a flag.
    """

    value: str
    raw: str
    start: int
    end: int
    literal: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A line taken apart.

    Attributes:
        tail: what follows `--`, verbatim; None without a `--`.
        quiet: the line ended in `;`.
        quote: the quote that is still open at the end, "" when none is; only in lines split with `tolerant`.
        blank: the line ends between two words.
    """

    text: str
    words: tuple[Word, ...]
    tail: str | None = None
    quiet: bool = False
    quote: str = ""
    blank: bool = True


def split(text: str, *, expand: Expand | None = None, tolerant: bool = False) -> Line:
    """Takes a line apart.

    Args:
        text: what follows `%coder`.
        expand: gives the text for `{expr}` and `$name`; without it both stay as they are.
        tolerant: take an unfinished line, as completion needs it.
    Raises:
        InvalidCommand: an open quote or brace, or what `expand` raises.
    """
    return _Splitter(text, expand, tolerant).line()


class _Splitter:
    def __init__(self, text: str, expand: Expand | None, tolerant: bool) -> None:
        self.text = text
        self.expand = expand
        self.tolerant = tolerant
        self.at = 0
        self.quote = ""
        self.value: list[str] = []
        self.raw: list[str] = []
        self.literal = False

    def line(self) -> Line:
        words: list[Word] = []
        while (start := self._next_word()) is not None:
            word = self._word(start)
            if word.raw == "--" and not word.literal:
                tail = self.text[self.at :]
                return Line(self.text, tuple(words), tail=tail[1:] if tail[:1].isspace() else tail, quiet=_ends(tail))
            words.append(word)
        quiet = ";" in self.text[self.at :].partition("#")[0]
        blank = not words or words[-1].end < len(self.text)
        return Line(self.text, tuple(words), quiet=quiet, quote=self.quote, blank=blank)

    def _next_word(self) -> int | None:
        rest = self.text[self.at :]
        start = self.at + len(rest) - len(rest.lstrip())
        if start == len(self.text) or self.text[start] == "#" or _END.fullmatch(self.text, start):
            return None
        self.at = start
        return start

    def _word(self, start: int) -> Word:
        self.value, self.raw, self.literal = [], [], False
        while self.at < len(self.text) and not self.text[self.at].isspace():
            char = self.text[self.at]
            if char == ";" and _END.fullmatch(self.text, self.at):
                break
            if char in "\"'":
                self._quoted(char)
            elif char == "\\":
                self._escaped(_ESCAPABLE)
            elif not self._expanded():
                self._take(char, char)
        return Word("".join(self.value), "".join(self.raw), start, self.at, self.literal)

    def _take(self, value: str, raw: str, width: int | None = None) -> None:
        self.value.append(value)
        self.raw.append(raw)
        self.at += len(raw) if width is None else width

    def _escaped(self, escapable: str) -> None:
        after = self.text[self.at + 1 : self.at + 2]
        if after and after in escapable:
            self._take(after, "\\" + after)
        else:
            self._take("\\", "\\")

    def _quoted(self, quote: str) -> None:
        opened = self.at
        self._take("", quote)
        while self.at < len(self.text):
            char = self.text[self.at]
            if char == quote:
                self._take("", quote)
                return
            if quote == '"' and char == "\\":
                self._escaped('"\\${}')
            elif quote == "'" or not self._expanded():
                self._take(char, char)
        if not self.tolerant:
            raise InvalidCommand(
                f"a quote is not closed: {self.text[opened : opened + 40]}",
                hint=f"end it with {quote}, or write \\{quote} for the character itself",
            )
        self.quote = quote

    def _expanded(self) -> bool:
        """Puts in the value of the `{expr}` or `$name` that begins here; False where none does."""
        doubled = self.text[self.at : self.at + 2]
        if doubled in ("{{", "}}", "$$"):
            self._take(doubled[0], doubled[0], 2)
            return True
        if self.text[self.at] not in "{$" or self.expand is None:
            return False
        if name := _NAME.match(self.text, self.at):
            source, width = name[1], len(name[0])
        elif self.text[self.at] == "{" and not _COUNT.match(self.text, self.at):
            source = self._expression()
            width = len(source) + 2
        else:
            return False
        if not source.strip():
            return False
        value = self.expand(source)
        self.literal = self.literal or not any(self.value)
        self._take(value, value, width)
        return True

    def _expression(self) -> str:
        """The source between this brace and the first closing one that makes it a whole expression."""
        end = self.at
        while (end := self.text.find("}", end + 1)) >= 0:
            source = self.text[self.at + 1 : end]
            if not source.strip() or compiled(source) is not None:
                return source
        raise InvalidCommand(
            f"not a Python expression in braces: {self.text[self.at : self.at + 40]}",
            hint="write '…' around it for the text itself, or {{ and }} for braces",
        )


def _ends(tail: str) -> bool:
    """Whether a verbatim command ends in a `;` of its own; `\\;` belongs to a command such as find."""
    tail = tail.rstrip()
    return tail.endswith(";") and not tail.endswith("\\;")
