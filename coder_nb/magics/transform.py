"""Where the final `;` of a `%coder` line goes: out of the magic call, where IPython's display hook looks for it.

IPython's own way (output_can_be_silenced) makes the magic return None, so that `x = %coder ls;` would lose the value.
"""

from __future__ import annotations

import ast
import re

from coder_nb.errors import InvalidCommand
from coder_nb.magics.words import split

__all__ = ["final_semicolon"]

_STRING = r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\""
_LINE = re.compile(rf"(?P<call>.*get_ipython\(\)\.run_line_magic\('coder', (?P<text>{_STRING})\))\s*")
_CELL = re.compile(
    rf"(?P<call>get_ipython\(\)\.run_cell_magic\('coder', (?P<text>{_STRING}), )(?P<body>{_STRING})\)\s*"
)


def final_semicolon(lines: list[str]) -> list[str]:
    """A cell's lines as IPython is about to run them, with `;` after each `%coder` call that ends in one.

    An empty `%%coder` cell gets a blank body: IPython refuses empty ones with an error that test tools do not see.
    """
    return [_moved(line) if "('coder', " in line else line for line in lines]


def _moved(line: str) -> str:
    if found := _LINE.fullmatch(line):
        return f"{found['call']}{_semicolon(found['text'])}\n"
    if found := _CELL.fullmatch(line):
        body = found["body"] if ast.literal_eval(found["body"]) else repr("\n")
        return f"{found['call']}{body}){_semicolon(found['text'])}\n"
    return line


def _semicolon(literal: str) -> str:
    try:
        return ";" if split(ast.literal_eval(literal), tolerant=True).quiet else ""
    except InvalidCommand:
        return ""
