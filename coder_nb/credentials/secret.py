"""Text that must never be seen by accident: tokens and passwords. `reveal()` is the only way to it.

It refuses to be shown, formatted, ordered, pickled, copied into another text or written as JSON.
"""

from __future__ import annotations

import re
from typing import Literal, NoReturn

from coder_nb.credentials import seen
from coder_nb.errors import ConfigurationError

__all__ = ["Hidden", "Secret", "TokenKind", "check_agent_token", "check_session_token", "token_kind"]

TokenKind = Literal["user", "agent", "proxy", "unknown"]

_KINDS: tuple[tuple[TokenKind, re.Pattern[str]], ...] = (
    ("user", re.compile(r"[A-Za-z0-9]{10}-[A-Za-z0-9]{22}")),
    ("agent", re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")),
    ("proxy", re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}:[0-9a-fA-F]{64}")),
)

_SENDABLE = re.compile(r"[\x21-\x7e]+")


class Secret:
    """A token or a password.

    >>> token = Secret("0123456789-0123456789012345678901")
    >>> token, f"{token}", str(token)
    (Secret(****), '****', '****')
    >>> token.reveal()[:10]
    '0123456789'

    Once made, its text is masked in all that coder_nb shows and stores (`coder_nb.credentials.seen`).

    Args:
        value: the text. Not changed in any way, blanks included.
    """

    __slots__ = ("__value",)

    def __init__(self, value: str) -> None:
        if not isinstance(value, str):
            raise TypeError(f"a Secret is made from text, not from {type(value).__name__}")
        self.__value = value
        self._remember()

    def _remember(self) -> None:
        seen.saw(self.__value)

    def reveal(self) -> str:
        """The text itself. Keep it out of variables: whatever shows a frame's variables would show it."""
        return self.__value

    def mask(self, text: str) -> str:
        """Another text with every occurrence of this secret, however short, and of all others replaced by `****`."""
        return seen.mask(text, also=(self.__value,))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        # Imported here: it loads OpenSSL, and most programs never compare.
        from hmac import compare_digest

        return compare_digest(
            self.__value.encode("utf-8", "surrogatepass"), other.__value.encode("utf-8", "surrogatepass")
        )

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
        raise TypeError("a Secret cannot be pickled: that would write it down in clear text")


class Hidden(Secret):
    """Text that is not shown because there may be a secret in it, such as a script; it is not masked elsewhere.

    >>> Hidden("curl https://example.com | sh")
    Secret(****)
    """

    __slots__ = ()

    def _remember(self) -> None:
        pass


def token_kind(token: Secret) -> TokenKind:
    """Which kind of Coder token a text has the form of; "unknown" where it has none we know.

    >>> token_kind(Secret("0123456789-0123456789012345678901")), token_kind(Secret("hello"))
    ('user', 'unknown')
    """
    for kind, form in _KINDS:
        if form.fullmatch(token.reveal()):
            return kind
    return "unknown"


def check_session_token(token: Secret, where: str) -> None:
    """Refuse what cannot be a user's session token, before it is sent.

    Args:
        token: the token.
        where: where it came from, for people.
    Raises:
        ConfigurationError: it has the form of another kind of token, or could not be a header's value.
    """
    _check(token, where)
    kind = token_kind(token)
    if kind == "agent":
        raise ConfigurationError(
            f"an agent token where a session token belongs: {where}",
            hint="an agent token only works inside its workspace; /cli-auth of your deployment shows a session token",
        )
    if kind == "proxy":
        raise ConfigurationError(
            f"a workspace proxy's token where a session token belongs: {where}",
            hint="/cli-auth of your deployment shows a session token",
        )


def check_agent_token(token: Secret, where: str) -> None:
    """Refuse what cannot be a workspace agent's token, before it is sent.

    Raises:
        ConfigurationError: it has the form of another kind of token, or could not be a header's value.
    """
    _check(token, where)
    if token_kind(token) in ("user", "proxy"):
        raise ConfigurationError(
            f"a session token where an agent token belongs: {where}",
            hint="run this inside a workspace, where CODER_AGENT_TOKEN is the agent's token",
        )


def _check(token: Secret, where: str) -> None:
    if not _SENDABLE.fullmatch(token.reveal()):
        raise ConfigurationError(
            f"not a token: it is empty, or holds a blank, a line break or another character no token has: {where}",
            hint="copy the token again, without what stands before and after it",
        )
