"""The secret values this machine's user has: they are found whatever they look like, in every spelling.

A source that cannot be read, such as a locked keyring, is passed over: it is not needed to find other secrets.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress

from coder_nb.credentials import Secret, names_secret
from coder_nb.credentials.needles import Needles
from coder_nb.credentials.sources import Environment, pairs
from coder_nb.credentials.spellings import spellings, worth_hiding
from coder_nb.errors import ConfigurationError

__all__ = ["Known", "known"]

_CODER = ("CODER_SESSION_TOKEN", "CODER_AGENT_TOKEN")
_LONG = 16
"""Characters of a variable's value from which on it is no word that stands elsewhere by chance."""


class Known:
    """Values, and what each is.

    Args:
        values: what it is, by value.
    """

    def __init__(self, values: Mapping[str, str]) -> None:
        spelled = {text: kind for value, kind in values.items() for text in spellings(value)}
        self._kinds = {text.replace("\r\n", "").replace("\n", ""): kind for text, kind in spelled.items()}
        self._needles = Needles(spelled)

    def __repr__(self) -> str:
        return f"Known({len(set(self._kinds.values()))} secrets)"

    def find(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Where they are: begin, end, what."""
        for begin, end, flat in self._needles.found(text):
            if flat in self._kinds:
                yield begin, end, self._kinds[flat]


def known(environ: Mapping[str, str] | None = None) -> Known:
    """The values of the environment, of saved profiles, and of the Coder CLI's session.

    Args:
        environ: the environment; None for this process's own.
    """
    environ = os.environ if environ is None else environ
    return Known({value: kind for value, kind in _values(environ) if worth_hiding(value)})


def _values(environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, value in environ.items():
        if name in _CODER or (names_secret(name) and len(value) >= _LONG):
            yield value.strip(), f"your {name}"
    with suppress(ConfigurationError):
        for pair in pairs(Environment(environ)):
            token: Secret | None = None
            with suppress(ConfigurationError):
                token = pair.token()
            if token is not None:
                yield token.reveal().strip(), f"the token of {pair.url} ({pair.source})"
