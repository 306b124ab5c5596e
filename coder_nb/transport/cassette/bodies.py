"""Bytes as a cassette holds them: JSON as JSON where it comes out the same again, else text, else base64."""

from __future__ import annotations

import binascii
import json
import re
from base64 import b64decode, b64encode
from typing import Any, Final

from coder_nb.errors import ConfigurationError
from coder_nb.transport.cassette.redaction import Redaction

__all__ = ["Packed", "compact", "lines", "pack", "unpack"]

Packed = str | list[str] | dict[str, Any]
"""Text, or its lines; or {"json": …}, {"line": …} for JSON and a line's end, {"base64": …}."""

_ESCAPED: Final = str.maketrans({"&": "\\u0026", "<": "\\u003c", ">": "\\u003e"})
"""As Go writes them, and so Coder."""
_LONG: Final = 64 * 1024
"""Characters of a text from which on nobody reads it line by line."""


def pack(data: bytes, redaction: Redaction) -> Packed:
    """Bytes for a cassette."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return {"base64": b64encode(data).decode("ascii")}
    if text[:1] in ("{", "["):
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            return lines(redaction.text(text))
        again, kept = compact(value), redaction.value(value)
        if again == text:
            return {"json": kept}
        if f"{again}\n" == text:
            return {"line": kept}
        # Not as Coder writes it: as it came, unless that is where something had to go.
        return lines(text) if kept == value else {"json": kept}
    return lines(redaction.text(text))


def lines(text: str) -> Packed:
    """A text; its lines, where it has several."""
    if text.find("\n") in (-1, len(text) - 1) or len(text) > _LONG:
        return text
    # Not splitlines: that takes a terminal's control characters for ends of lines.
    return re.findall("[^\n]*\n|[^\n]+", text)


def unpack(packed: object) -> bytes:
    """The bytes again.

    Raises:
        ConfigurationError: nothing that `pack` makes.
    """
    match packed:
        case str():
            return packed.encode()
        case list() if all(isinstance(line, str) for line in packed):
            return "".join(packed).encode()
        case {"json": value}:
            return compact(value).encode()
        case {"line": value}:
            return compact(value).encode() + b"\n"
        case {"base64": str(text)}:
            try:
                return b64decode(text, validate=True)
            except (ValueError, binascii.Error):
                pass
    raise ConfigurationError("no text, JSON or base64 where a body belongs", hint="record it again: %coder record NAME")


def compact(value: Any) -> str:
    """JSON as Coder writes it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).translate(_ESCAPED)
