"""JSON as text that people compare: an object begins a line, and what is too long for one goes on in indented ones."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

__all__ = ["NoObject", "objects", "spread"]

_ROOM: Final = 120
"""Characters of a value that stays in one line."""


class NoObject(ValueError):
    """There is no JSON.

    Args:
        line: where it should begin.
    """

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


def spread(line: dict[str, Any]) -> str:
    """An object with its line's end.

    >>> spread({"call": "GET /users/me", "answer": {"json": {}}})
    '{"call": "GET /users/me", "answer": {"json": {}}}\\n'
    """
    return f"{{{', '.join(f'{json.dumps(key)}: {_value(inner, 1)}' for key, inner in line.items())}}}\n"


def objects(text: str) -> Iterator[tuple[int, Any]]:
    """The objects of a text, each with the number of its first line.

    Raises:
        NoObject: one of them is no JSON.
    """
    begun, parts = 0, list[str]()
    for number, line in enumerate([*text.split("\n"), "{"], 1):
        if line[:1] == " ":
            parts.append(line)
        elif line.strip():
            if parts:
                yield begun, _parsed("\n".join(parts), begun)
            begun, parts = number, [line]


def _parsed(text: str, number: int) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise NoObject(number) from None


def _value(value: Any, depth: int) -> str:
    text = json.dumps(value, ensure_ascii=False)
    if len(text) <= _ROOM or not value or not isinstance(value, dict | list):
        return text
    if isinstance(value, list):
        parts = [_value(inner, depth + 1) for inner in value]
    else:
        parts = [f"{json.dumps(key, ensure_ascii=False)}: {_value(inner, depth + 1)}" for key, inner in value.items()]
    if len(parts) == 1 and isinstance(value, dict):
        return f"{{{parts[0]}}}"
    pad = "\n" + " " * depth
    opened, closed = "[]" if isinstance(value, list) else "{}"
    return f"{opened}{pad}{f',{pad}'.join(parts)}{pad}{closed}"
