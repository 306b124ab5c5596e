"""What has to be done to the text of a cell before IPython runs it, so that a `%coder` line means what it says.

A final `;` goes out of the magic call to where IPython's display hook looks for it, and a final `?` stays in the line.
"""

from __future__ import annotations

import ast
import re

from coder_nb.errors import InvalidCommand
from coder_nb.magics.words import split

__all__ = ["final_question", "final_semicolon"]

_STRING = r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\""
_LINE = re.compile(rf"(?P<call>.*get_ipython\(\)\.run_line_magic\('coder', (?P<text>{_STRING})\))\s*")
_CELL = re.compile(
    rf"(?P<call>get_ipython\(\)\.run_cell_magic\('coder', (?P<text>{_STRING}), )(?P<body>{_STRING})\)\s*"
)
_TARGET = r"(?:(?:[\w.,:*\s]|\[[^\]=]*\])+=\s*)?"
"""What may stand before `%coder` in an assignment: names, attributes, items, commas, a star, an annotation."""
_QUESTION = re.compile(rf"(?P<before>\s*{_TARGET})%coder[ \t]+(?P<text>[^\s?].*\?)\s*")

ASSIGNED = re.compile(rf"\s*{_TARGET}%coder[ \t]+(?P<text>.*)", re.DOTALL)
"""A `%coder` line, assigned or not."""


def final_semicolon(lines: list[str]) -> list[str]:
    """A cell's lines as IPython is about to run them, with `;` after each `%coder` call that ends in one.

    IPython's own way, output_can_be_silenced, makes the magic return None, so that `x = %coder ls;` would lose the
    value. An empty `%%coder` cell gets a blank body: IPython refuses it with an error that test tools do not see.
    """
    return [_moved(line) if "('coder', " in line else line for line in lines]


def final_question(lines: list[str]) -> list[str]:
    """A cell's lines as typed, with each `%coder` line that ends in `?` made into the call it means.

    IPython would explain the last word, as Python, and not run the line. `%coder logs?` becomes `%coder help logs`.
    """
    if not any("%coder" in line for line in lines) or lines[0].startswith("%%"):
        return lines
    return [line if in_string("".join(lines[:number])) else _asked(line) for number, line in enumerate(lines)]


def in_string(before: str) -> bool:
    """Whether the text leaves a triple-quoted string open, as far as counting tells."""
    return (before.count('"""') + before.count("'''")) % 2 == 1


def _asked(line: str) -> str:
    found = _QUESTION.fullmatch(line)
    if found is None:
        return line
    command = found["text"].rstrip("?")
    text = f"help {command}" if re.fullmatch(r"[\w-]+", command) else found["text"]
    return f"{found['before']}get_ipython().run_line_magic('coder', {text!r})\n"


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
