"""Whether a text is worth hiding wherever it turns up, and the ways in which it may be written there. No state.

A short or everyday text is not: hiding each "true" would hide what people came to read.
"""

from __future__ import annotations

import contextlib
import re
from math import log2
from typing import Final

__all__ = ["LEAST", "names_secret", "spellings", "variety", "worth_hiding"]

LEAST: Final = 8
"""Characters a secret has at least, to be hidden everywhere."""
_BITS: Final = 20.0
"""How much its letters vary at least: characters times Shannon's bits for each. "aaaaaaaa" has none."""
_MOST: Final = 65_536
"""Characters of a text that is kept at most; more than any token, password or key has."""
_EVERYDAY: Final = frozenset({
    "password", "passphrase", "changeme", "undefined", "localhost", "production", "development",
    # The user's names that GitHub and Bitbucket take beside a token.
    "x-access-token", "x-token-auth",
})  # fmt: skip
_PIECE: Final = re.compile(r"(?=[^\s\"']*\d)(?=[^\s\"']*[A-Za-z])[A-Za-z0-9+/=_.-]{20,}")
"""A run within a text of several lines, such as a key's, that is secret by itself: logs show lines one by one."""
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_NAME: Final = re.compile(
    r"(passw(or)?d|(^|[_.-])(token|secret|passphrase|pwd|api[_-]?key|access[_-]?key|private[_-]?key|credentials?|"
    r"auth[_-]?key|client[_-]?secret))s?($|[_.-])",
    re.IGNORECASE,
)


def names_secret(name: str) -> bool:
    """Whether a variable of this name holds a secret, by custom.

    >>> names_secret("GITHUB_TOKEN"), names_secret("apiKey"), names_secret("TOKENIZERS_PARALLELISM")
    (True, True, False)
    """
    return bool(_NAME.search(re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name)))


def worth_hiding(value: str) -> bool:
    """Whether a text is long and varied enough to be hidden wherever it turns up.

    >>> [worth_hiding(text) for text in ("true", "password", "00000000-0000", "https://proxy:3128", "hunter22+")]
    [False, False, False, False, True]
    """
    if not LEAST <= len(value) <= _MOST or value.lower() in _EVERYDAY or (value.isdecimal() and len(value) < 12):
        return False
    if "://" in value and not re.search("[@?#]", value):
        return False  # An address without a password.
    return variety(value[:256]) >= _BITS


def variety(value: str) -> float:
    """How much the characters of a text vary: their number times Shannon's bits for each."""
    size = len(value)
    counts = [value.count(char) for char in set(value)]
    return -sum(count * log2(count / size) for count in counts)


def spellings(value: str) -> set[str]:
    """The value as it may be written elsewhere: in a URL, in JSON, in HTML, in a shell's quotes, in base64.

    Returns:
        All of them, the value too; pieces where it has several lines.
    """
    import html
    import json
    import shlex
    from urllib.parse import quote, quote_plus, urlsplit

    found = _lines(value) if "\n" in value else {value}
    if "://" in value:
        with contextlib.suppress(ValueError):  # such as a bracket that is not closed
            found.add(urlsplit(value).password or value)
    if _UUID.fullmatch(value):
        found |= {value.lower(), value.upper()}
    for text in list(found):
        plain = text.encode("utf-8", "replace")
        quoted = {quote(plain, safe=""), quote(plain), quote_plus(plain)}
        found |= quoted | {re.sub(r"%..", lambda part: part[0].lower(), one) for one in quoted}
        found |= {html.escape(text), html.escape(text, quote=False), shlex.quote(text).strip("'")}
        for escaped in (json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1]):
            # Go's encoder also escapes what could act in HTML.
            found |= {escaped, re.sub("[<>&]", lambda char: f"\\u{ord(char[0]):04x}", escaped)}
        found |= _in_base64(plain)
    return {text for text in found if len(text) >= LEAST}


def _lines(value: str) -> set[str]:
    """What stands for a text of several lines: its pieces, where they are most of it; logs show lines one by one."""
    if "PRIVATE KEY-----" in value:
        return set(re.findall(r"^([A-Za-z0-9+/=]{8,})\r?$", value, re.MULTILINE))
    pieces = set(_PIECE.findall(value))
    return pieces if sum(map(len, pieces)) > len(value) // 2 else {value, *pieces}


def _in_base64(plain: bytes) -> set[str]:
    """What base64 of anything that has the value in it surely holds: a spelling for each of three places to begin."""
    from base64 import b64encode

    found = set()
    for before in range(3) if len(plain) >= 10 else ():
        text = b64encode(bytes(before) + plain).decode("ascii")
        # The first and the last character depend on what stands around it.
        core = text[-(-before * 8 // 6) : (before + len(plain)) * 8 // 6]
        found |= {core, core.replace("+", "-").replace("/", "_")}
    return found
