"""What can be wrong with a document before its signature is looked at: its JSON, its base64. In a Go server's words."""

from __future__ import annotations

import base64
import binascii
import json
import string
from typing import Final

from coder_nb.embedded.wire.text import quote

__all__ = ["Wrong", "read_base64", "read_json"]

_STANDARD: Final = frozenset((string.ascii_letters + string.digits + "+/").encode())
_URL: Final = frozenset((string.ascii_letters + string.digits + "-_").encode())
_LITERALS: Final = ("true", "false", "null")


class Wrong(Exception):
    """The document is not what the cloud signed; the text says why."""


def read_base64(text: str, *, url: bool = False) -> bytes:
    """Base64 in the standard alphabet with its padding, or in the one for URLs without; line breaks do no harm.

    Raises:
        Wrong: it is none; with the place.
    """
    alphabet = _URL if url else _STANDARD
    data = text.encode("utf-8", "replace")
    bare = data.rstrip(b"=\r\n") if not url else data
    for place, byte in enumerate(bare):
        if byte not in alphabet and byte not in b"\r\n":
            raise Wrong(f"illegal base64 data at input byte {place}")
    letters = bare.translate(None, b"\r\n")
    padding = data[len(bare) :].count(b"=")
    if len(letters) % 4 == 1 or (not url and padding != -len(letters) % 4):
        raise Wrong(f"illegal base64 data at input byte {len(letters) - len(letters) % 4}")
    try:
        return base64.b64decode(letters + b"=" * (-len(letters) % 4), b"-_" if url else None)
    except binascii.Error:
        raise Wrong(f"illegal base64 data at input byte {len(data)}") from None


def read_json(text: str | bytes) -> dict[str, object]:
    """A JSON object; anything else that is JSON counts as an empty one.

    Raises:
        Wrong: it is no JSON.
    """
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise Wrong(_complaint(text if isinstance(text, str) else text.decode("utf-8", "replace"))) from None
    return value if isinstance(value, dict) else {}


def _complaint(text: str) -> str:
    text = text.strip()
    for literal in _LITERALS:
        if text[:1] == literal[0]:
            for given, wanted in zip(text, literal, strict=False):
                if given != wanted:
                    return f"invalid character '{given}' in literal {literal} (expecting '{wanted}')"
    if text[:1] in ("", "{", "[", '"'):
        return "unexpected end of JSON input"
    return f"invalid character {quote(text[:1]).replace(chr(34), chr(39))} looking for beginning of value"
