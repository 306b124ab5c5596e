"""What never gets into a cassette: every secret the process has seen, and what has the form or the name of one.

Names come first (`names`), so that no part of one is taken for a secret. An agent's token has the form of a uuid, as
everything else has: it is known by its name.
"""

from __future__ import annotations

from typing import Any

from coder_nb.credentials.seen import STARS, mask
from coder_nb.credentials.shapes import starred
from coder_nb.credentials.spellings import names_secret, worth_hiding
from coder_nb.transport.cassette.names import Names

__all__ = ["Redaction"]


class Redaction:
    """Makes text fit for a cassette.

    Args:
        names: the names to number.
    Attributes:
        learned: secrets that were known by what they are called only; what was read before may have them.
    """

    def __init__(self, names: Names) -> None:
        self.learned: set[str] = set()
        self._names = names

    def text(self, text: str) -> str:
        """A text without what must not be kept."""
        return starred(mask(self._names.number(text), also=self.learned))

    def value(self, value: Any, name: str = "") -> Any:
        """What JSON says, without what must not be kept.

        Args:
            value: as `json.loads` gives it.
            name: what it is called; some names say that it is a secret.
        """
        match value:
            case str():
                if value and names_secret(name):
                    # It is hidden where it has no name, too; in the cassette, not in all the process shows.
                    if worth_hiding(value):
                        self.learned.add(value)
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
