"""Values given to a name such as `password` or `api_token`, in code, JSON or a shell's output, that look random.

What stands for a value is none: a placeholder, a variable, a call, plain words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from coder_nb.credentials import names_secret
from coder_nb.credentials.spellings import variety

__all__ = ["looks_secret", "named"]

_GIVEN: Final = re.compile(
    r"""(?:[Tt]oken|TOKEN|[Ss]ecret|SECRET|[Pp]assw|PASSW|[Pp]assphrase|PASSPHRASE|[Pp]wd|PWD|[Kk]ey|KEY
        |[Cc]redential|CREDENTIAL)(?P<rest>[A-Za-z0-9_-]{0,40})
        (?:\\?["'])?\]?\s{0,4}(?::\s?str\s?)?[:=]\s{0,4}
        (?:[rbf]{0,2}(?P<quote>\\?["'])(?P<quoted>[^\s"'\\]{8,400})(?P=quote)
           |(?P<bare>[A-Za-z0-9+/_~!%^&*=-]{12,400})(?=[\s,;]|$))""",
    re.VERBOSE,
)
_BEFORE: Final = re.compile(r"[A-Za-z0-9_-]{0,60}\Z")
_PLACEHOLDER: Final = re.compile(
    r"\*\*|…|\.\.\.|xxx|<|>|\$|\{|%\(|example|placeholder|changeme|redacted|dummy|your[_-]|my[_-]|insert|"
    r"^(test|fake|demo|none|null|true|false)",
    re.IGNORECASE,
)
_REFERENCE: Final = re.compile(r"[A-Za-z_][\w.]*\(|^[A-Za-z_]+(\.[A-Za-z_]+)+$|://|^[~./]?/?[\w.-]+(/[\w.-]+)+$")
_PASSWORD: Final = re.compile("passw|passphrase|pwd", re.IGNORECASE)
_ABOUT: Final = re.compile(
    r"(id|ids|name|names|type|kind|url|uri|file|path|dir|at|expir\w*|ttl|count|length|size|field|header|prefix|"
    r"policy|hash|digest|fingerprint|version|algorithm|provider|source|budget|limit|used|index|hint)$",
    re.IGNORECASE,
)
"""Endings of names of what is about a secret and none itself."""
_WORDS_BITS, _RANDOM_BITS = 24.0, 44.0


def named(text: str) -> Iterator[tuple[int, int, str]]:
    """Where a name is given such a value: begin and end of the value, and what it is."""
    for match in _GIVEN.finditer(text):
        begin = match.start()
        before = _BEFORE.search(text[max(0, begin - 60) : begin])
        name = (before[0] if before else "") + text[begin : match.end("rest")]
        group = "quoted" if match["quoted"] is not None else "bare"
        if looks_secret(name, match[group], quoted=group == "quoted"):
            yield (*match.span(group), f"what {name[:40]} was set to")


def looks_secret(name: str, value: str, *, quoted: bool = True) -> bool:
    """Whether this value of a variable of that name is a secret.

    >>> [looks_secret("password", text) for text in ("hunter22+Xy", "os.environ", "<your password>")]
    [True, False, False]
    """
    if not names_secret(name) or _ABOUT.search(name) or _PLACEHOLDER.search(value) or _REFERENCE.search(value):
        return False
    if not re.search(r"\d", value) or not re.search("[A-Za-z]", value):
        return False
    least = _WORDS_BITS if quoted and _PASSWORD.search(name) else _RANDOM_BITS
    return variety(value) >= least
