"""Turns a log line's pattern, such as `step {n}/{of} loss {decay:2.3:0.4:4}`, into text.

A pattern is text with placeholders in braces; `{{` and `}}` stand for the braces themselves. The same seed gives the
same text on every machine. It refuses an unknown placeholder or bad arguments when the pattern is compiled, so that
a mistake shows while the scenario loads and not in the middle of a log.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import exp
from typing import Final, NamedTuple

__all__ = ["Moment", "Pattern", "PatternError", "compile_pattern", "render"]


class PatternError(ValueError):
    """A placeholder that does not exist, or that got arguments it cannot use."""


@dataclass(slots=True)
class Moment:
    """Where in a repeated line we are: the `n`-th of `of`, `seconds` after `base`."""

    n: int
    of: int
    seconds: float
    base: datetime
    rng: random.Random

    @property
    def part(self) -> float:
        """How far through the repetition, 0 for the first line and 1 for the last."""
        return (self.n - 1) / (self.of - 1) if self.of > 1 else 0.0


Value = Callable[[Moment], object]


class Piece(NamedTuple):
    """How a placeholder's value is written, as a `%` format, and what gives the value."""

    format: str
    value: Value


class Pattern(NamedTuple):
    """A `%` template and what fills it, in order."""

    template: str
    values: tuple[Value, ...]


_MARKS: Final = {
    "red": "\x1b[31m",
    "green": "\x1b[32m",
    "yellow": "\x1b[33m",
    "blue": "\x1b[34m",
    "magenta": "\x1b[35m",
    "cyan": "\x1b[36m",
    "dim": "\x1b[2m",
    "bold": "\x1b[1m",
    "off": "\x1b[0m",
    "esc": "\x1b",
    "cr": "\r",
    "tab": "\t",
    "bell": "\a",
    "bs": "\b",
}
# No NUL: the database behind a real deployment refuses it, so no stored log line ever holds one.
_JUNK: Final = "\ufffd\ufffd\ufffd\x01\x02\x0e\x1a\x7f\u0080ÿ¿ELF@8"
_PLACEHOLDER: Final = re.compile(r"\{\{|\}\}|\{([a-z]+)(?::([^{}]*))?\}|[{}]")


def _text(value: Callable[[Moment], str]) -> Piece:
    return Piece("%s", value)


def _count(args: list[str]) -> Piece:
    return Piece(f"%{int(args[0])}d" if args else "%d", lambda at: at.n)


def _block(args: list[str]) -> Piece:
    (size,) = map(int, args)
    return Piece("%d", lambda at: (at.n - 1) // size + 1)


def _within(args: list[str]) -> Piece:
    (size,) = map(int, args)
    return Piece("%d", lambda at: (at.n - 1) % size + 1)


def _bar(args: list[str]) -> Piece:
    (width,) = map(int, args)

    def bar(at: Moment) -> str:
        done = at.n * width // at.of
        return "█" * done + "░" * (width - done)

    return _text(bar)


def _integer(args: list[str]) -> Piece:
    low, high = map(int, args)
    if low > high:
        raise ValueError
    count = high - low + 1
    return Piece("%d", lambda at: low + int(at.rng.random() * count))


def _number(args: list[str]) -> Piece:
    low, width, digits = float(args[0]), float(args[1]) - float(args[0]), int(args[2])
    return Piece(f"%.{digits}f", lambda at: low + at.rng.random() * width)


def _ramp(args: list[str]) -> Piece:
    start, change, digits = float(args[0]), float(args[1]) - float(args[0]), int(args[2])
    return Piece(f"%.{digits}f", lambda at: (start + change * at.part) * (0.99 + 0.02 * at.rng.random()))


def _decay(args: list[str]) -> Piece:
    end, fall, digits = float(args[1]), float(args[0]) - float(args[1]), int(args[2])
    return Piece(f"%.{digits}f", lambda at: (end + fall * exp(-4 * at.part)) * (0.99 + 0.02 * at.rng.random()))


def _hex(args: list[str]) -> Piece:
    (size,) = map(int, args)
    return Piece(f"%0{size}x", lambda at: at.rng.getrandbits(4 * size))


def _junk(args: list[str]) -> Piece:
    (size,) = map(int, args)
    return _text(lambda at: "".join(_JUNK[int(at.rng.random() * len(_JUNK))] for _ in range(size)))


def _clock(args: list[str]) -> Piece:
    return _text(lambda at: f"{at.base + timedelta(seconds=at.seconds):%H:%M:%S}")


def _stamp(args: list[str]) -> Piece:
    return _text(lambda at: (at.base + timedelta(seconds=at.seconds)).isoformat(timespec="milliseconds")[:23] + "Z")


def _pick(args: list[str]) -> Piece:
    choices = ":".join(args).split("|")
    return _text(lambda at: choices[int(at.rng.random() * len(choices))])


def _turn(args: list[str]) -> Piece:
    choices = ":".join(args).split("|")
    return _text(lambda at: choices[(at.n - 1) % len(choices)])


def _percent(args: list[str]) -> Piece:
    return Piece("%d", lambda at: at.n * 100 // at.of)


def _of(args: list[str]) -> Piece:
    return Piece("%d", lambda at: at.of)


_MAKERS: Final[dict[str, Callable[[list[str]], Piece]]] = {
    "n": _count,
    "of": _of,
    "pct": _percent,
    "block": _block,
    "within": _within,
    "bar": _bar,
    "int": _integer,
    "num": _number,
    "ramp": _ramp,
    "decay": _decay,
    "hex": _hex,
    "junk": _junk,
    "clock": _clock,
    "stamp": _stamp,
    "pick": _pick,
    "turn": _turn,
}


def _literal(name: str, args: list[str]) -> str | None:
    if name in _MARKS and not args:
        return _MARKS[name]
    if name == "x":
        character = chr(int(args[0], 16))
        if character == "\0":
            raise PatternError("a log line cannot hold NUL")
        return character
    if name == "repeat":
        return args[0] * int(args[1])
    return None


def compile_pattern(text: str) -> Pattern:
    """Reads a pattern once, so that writing thousands of lines from it is cheap.

    Args:
        text: the pattern as it stands in the scenario file.

    Raises:
        PatternError: an unknown placeholder, bad arguments, or a brace that stands alone.
    """
    template, values, end = "", list[Value](), 0
    for found in _PLACEHOLDER.finditer(text):
        template += text[end : found.start()].replace("%", "%%")
        end = found.end()
        if found[1]:
            piece = _piece(found[1], found[2])
            template += piece.replace("%", "%%") if isinstance(piece, str) else piece.format
            values += [] if isinstance(piece, str) else [piece.value]
        elif len(found[0]) == 2:
            template += found[0][0]
        else:
            raise PatternError(f"a lone {found[0]!r}: write it twice for the character itself")
    return Pattern(template + text[end:].replace("%", "%%"), tuple(values))


def _piece(name: str, arguments: str | None) -> str | Piece:
    args = arguments.split(":") if arguments else []
    try:
        literal = _literal(name, args)
        if literal is not None:
            return literal
        return _MAKERS[name](args)
    except KeyError:
        raise PatternError(f"unknown placeholder {{{name}}}; known: {', '.join([*_MAKERS, *_MARKS])}") from None
    except (ValueError, IndexError):
        raise PatternError(f"bad arguments in {{{name}:{arguments or ''}}}") from None


def render(pattern: Pattern, at: Moment) -> str:
    """The text of one line."""
    return pattern.template % tuple([value(at) for value in pattern.values])
