"""Text that must never be seen by accident: tokens and passwords. `reveal()` is the only way to it.

It refuses to be shown, formatted, ordered, pickled, copied into another text or written as JSON.
"""

from __future__ import annotations

import re
from typing import Literal, NoReturn

from coder_nb.errors import ConfigurationError

__all__ = ["Secret", "TokenKind", "token_kind"]

TokenKind = Literal["user", "agent", "proxy", "unknown"]

_KINDS: tuple[tuple[TokenKind, re.Pattern[str]], ...] = (
    ("user", re.compile(r"[A-Za-z0-9]{10}-[A-Za-z0-9]{22}")),
    ("agent", re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")),
    ("proxy", re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}:[0-9a-fA-F]{64}")),
)


class Secret:
    """A token or a password.

    >>> token = Secret("0123456789-0123456789012345678901")
    >>> token, f"{token}", str(token)
    (Secret(****), '****', '****')
    >>> token.reveal()[:10]
    '0123456789'

    Args:
        value: the text. Not changed in any way, blanks included.
    """

    __slots__ = ("__value",)

    def __init__(self, value: str) -> None:
        self.__value = value

    def reveal(self) -> str:
        """The text itself. Keep it out of variables: whatever shows a frame's variables would show it."""
        return self.__value

    def mask(self, text: str) -> str:
        """Another text with every occurrence of this secret replaced by `****`."""
        return text.replace(self.__value, "****") if self.__value else text

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        # Imported here: it loads OpenSSL, and most programs never compare.
        from hmac import compare_digest

        return compare_digest(self.__value.encode("utf-8", "surrogatepass"), other.__value.encode("utf-8", "surrogatepass"))

    def __hash__(self) -> int:
        return hash(self.__value)

    def __bool__(self) -> bool:
        return bool(self.__value)

    def __repr__(self) -> str:
        return "Secret(****)"

    def __str__(self) -> str:
        return "****"

    def __format__(self, spec: str) -> str:
        return format("****", spec)

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: object) -> Secret:
        return self

    def __reduce__(self) -> NoReturn:
        raise ConfigurationError(
            "a Secret cannot be pickled: the file would hold it in clear text",
            hint="leave it out, and read it again where it is needed: coder_nb.connect()",
        )


def token_kind(token: Secret) -> TokenKind:
    """Which kind of Coder token a text has the form of; "unknown" where it has none we know.

    >>> token_kind(Secret("0123456789-0123456789012345678901")), token_kind(Secret("hello"))
    ('user', 'unknown')
    """
    for kind, form in _KINDS:
        if form.fullmatch(token.reveal()):
            return kind
    return "unknown"
