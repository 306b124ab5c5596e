"""What never gets into a cassette: every secret the process has seen, and what has the form or the name of one.

Names come first (`names`), so that no part of one is taken for a secret.
"""

from __future__ import annotations

import re
from typing import Any, Final

from coder_nb.credentials.seen import STARS, mask, saw
from coder_nb.credentials.spellings import names_secret
from coder_nb.transport.cassette.names import Names

__all__ = ["Redaction"]

_SHAPES: Final = re.compile(
    r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----.*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|\Z)"
    r"|\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}"
    r"|\b(?:gh[opsu]_|ghr_|github_pat_|glpat-|xox[abprs]-)[\w-]{16,}"
    r"|(?<![\w-])[A-Za-z0-9]{10}-[A-Za-z0-9]{22}(?![\w-])"
    r"|(?<![\w-])[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}:[0-9a-fA-F]{64}",
    re.DOTALL,
)
"""Private keys, JSON web tokens, tokens of git's hosts, of Coder's users and of its proxies. An agent's token has the
form of a uuid, as everything else has: it is known by its name."""


class Redaction:
    """Makes text fit for a cassette.

    Args:
        names: the names to number.
    """

    def __init__(self, names: Names) -> None:
        self._names = names

    def text(self, text: str) -> str:
        """A text without what must not be kept."""
        return _SHAPES.sub(STARS, mask(self._names.number(text)))

    def value(self, value: Any, name: str = "") -> Any:
        """What JSON says, without what must not be kept.

        Args:
            value: as `json.loads` gives it.
            name: what it is called; some names say that it is a secret.
        """
        match value:
            case str():
                if value and names_secret(name):
                    # From now on it is masked where it has no name, too.
                    saw(value)
                    return STARS
                return self.text(value)
            case {"name": str(called), "value": str(inner)} if inner and names_secret(called):
                # As build parameters and variables are listed.
                return {**self.value({**value, "value": ""}), "value": self.value(inner, called)}
            case dict():
                return {self.text(key): self.value(inner, key) for key, inner in value.items()}
            case list():
                return [self.value(inner, name) for inner in value]
        return value
