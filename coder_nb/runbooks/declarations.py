"""The lines under `%%coder parameters`: `name: kind … "what it is"`. Pure; tells every mistake at once.

workspace: workspace         "the one to drain"
replicas:  int 1..5          "how many stay"
token:     secret env=TOKEN  "to push with"
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from keyword import iskeyword

from coder_nb.errors import InvalidCommand
from coder_nb.runbooks.kinds import KINDS, Kind, Wrong, kind

__all__ = ["Declaration", "declarations"]

_LINE = re.compile(r"(?P<name>[^:\s]*)\s*:\s*(?P<rest>.*)", re.DOTALL)
_WORD = re.compile(
    r"""\s*(?:"(?P<double>(?:[^"\\]|\\.)*)"|'(?P<single>[^']*)'|(?P<form>/(?:[^/\\]|\\.)*/)|(?P<bare>\S+))"""
)
_EXAMPLE = 'replicas: int 1..5 "how many stay"'


@dataclass(frozen=True, slots=True)
class Declaration:
    """One parameter.

    Attributes:
        help: what it is, for people; "" where nothing is said.
        optional: may be left out, and is None then.
    """

    name: str
    kind: Kind
    help: str = ""
    optional: bool = False


def declarations(text: str) -> tuple[Declaration, ...]:
    """What a cell declares.

    Args:
        text: a declaration a line; lines that are blank or begin with `#` do not count.
    Raises:
        InvalidCommand: with every mistake, by line.
    """
    found: dict[str, Declaration] = {}
    mistakes: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        try:
            one = _declaration(line.strip())
            if one.name in found:
                raise Wrong(f"{one.name} is declared twice")
            found[one.name] = one
        except Wrong as wrong:
            near = f"; nearest: {', '.join(wrong.near)}" if wrong.near else ""
            mistakes.append(f"line {number}, {line.strip()[:80]!r}: {wrong}{near}")
    if mistakes:
        raise InvalidCommand(_told(mistakes), hint=f"a line declares a parameter like this: {_EXAMPLE}")
    return tuple(found.values())


def _declaration(line: str) -> Declaration:
    parts = _LINE.fullmatch(line)
    if parts is None:
        raise Wrong("a colon is missing after the name")
    name = parts["name"]
    if not name.isidentifier() or iskeyword(name) or name.startswith("_"):
        raise Wrong(f"{name!r} is not a name a parameter can have")
    words, help_ = _words(parts["rest"])
    if not words:
        raise Wrong(f"which kind? One of {', '.join(KINDS)}")
    optional = words[1:][-1:] == ["optional"]
    limits = words[1:-1] if optional else words[1:]
    return Declaration(name, kind(words[0], limits), help_, optional)


def _words(text: str) -> tuple[list[str], str]:
    """The words of a declaration, and what it is, which is the quoted text at its end."""
    words: list[str] = []
    at, help_ = 0, ""
    text = text.rstrip()
    while at < len(text):
        found = _WORD.match(text, at)
        assert found is not None  # Anything but blanks is a word.
        at = found.end()
        quoted = found["double"] if found["double"] is not None else found["single"]
        if quoted is None:
            words.append(found["form"] or found["bare"])
            continue
        if at != len(text):
            raise Wrong(f"something follows what it is: {text[at:].strip()!r}")
        help_ = re.sub(r"\\(.)", r"\1", quoted) if found["double"] is not None else quoted
    if any(word[:1] in "\"'" for word in words):
        raise Wrong("a quote is not closed")
    return words, help_


def _told(mistakes: Sequence[str]) -> str:
    if len(mistakes) == 1:
        return f"a parameter is not declared as it should be: {mistakes[0]}"
    lines = "\n".join(f"  {mistake}" for mistake in mistakes)
    return f"{len(mistakes)} parameters are not declared as they should be:\n{lines}"
