"""What clients type: one stream of JSON objects, whatever messages it comes in. Bytes in, values out; no terminal.

Every object says what to write, what size to take, or neither. Anything else ends the attachment, not the process.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

__all__ = ["Input", "Malformed", "Typed"]

_BLANK: Final = b" \t\r\n"
_OUTSIDE: Final = re.compile(rb'["{}\[\]]')
_INSIDE: Final = re.compile(rb'["\\]')
_LONE: Final = re.compile("[\ud800-\udfff]")
_LARGEST: Final = 65535


class Malformed(ValueError):
    """This is no such stream."""


class Input(NamedTuple):
    """One object: what is written first, and then the size in columns and rows, None where it stays."""

    data: bytes = b""
    size: tuple[int, int] | None = None


class Typed:
    """The stream of one attachment."""

    def __init__(self) -> None:
        self._rest = bytearray()
        self._seen = 0
        self._depth = 0
        self._quoted = False

    def feed(self, data: bytes) -> Iterator[Input]:
        """The objects these bytes complete.

        Raises:
            Malformed: after what was good before.
        """
        self._rest += data
        while (value := self._next()) is not None:
            yield _input(value)

    def _next(self) -> Any | None:
        """The next whole value, taken away; {} for null, None where more has to come."""
        rest = self._rest
        if not self._seen:
            del rest[: len(rest) - len(rest.lstrip(_BLANK))]
            if rest and rest[0] != ord("{"):
                return self._null()
        while True:
            found = (_INSIDE if self._quoted else _OUTSIDE).search(rest, self._seen)
            if found is None:
                self._seen = len(rest)
                return None
            mark = found[0]
            if mark == b"\\":
                if found.end() == len(rest):
                    self._seen = found.start()
                    return None
                self._seen = found.end() + 1
                continue
            self._seen = found.end()
            if mark == b'"':
                self._quoted = not self._quoted
                continue
            self._depth += 1 if mark in b"{[" else -1
            if not self._depth:
                return self._take(self._seen)

    def _null(self) -> Any | None:
        known = b"null"
        if not known.startswith(self._rest[:4]):
            raise Malformed("no object")
        if len(self._rest) < len(known):
            return None
        del self._rest[: len(known)]
        return {}

    def _take(self, end: int) -> Any:
        text = self._rest[:end].decode("utf-8", "replace")
        del self._rest[:end]
        self._seen = 0
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            raise Malformed("no JSON") from None


def _input(value: Any) -> Input:
    # Names in any case; of two the later one counts.
    keys = {name.lower(): item for name, item in value.items()}
    data = keys.get("data")
    if not isinstance(data, str | None):
        raise Malformed("data is no text")
    width, height = _side(keys.get("width")), _side(keys.get("height"))
    written = _LONE.sub("\ufffd", data or "").encode()
    return Input(written, (width, height) if width and height else None)


def _side(value: object) -> int:
    if value is None:
        return 0
    if type(value) is not int or not 0 <= value <= _LARGEST:
        raise Malformed("a side is no number of 16 bits")
    return value
