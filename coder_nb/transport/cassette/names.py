"""Random names of the client's, such as a terminal's id: in a cassette they are numbered, `⟨session 1⟩`, by kind.

So a cassette is the same each time, and a replay finds what belongs to a name whichever name it has made itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

__all__ = ["Names", "fill", "numbered", "without_numbers"]

_NUMBERED: Final = re.compile(r"⟨([a-z]+) (\d+)⟩")
_FORMS: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32}|[0-9a-f]{12}")
"""The forms that names have; what has one of them and is no name stays as it is."""


class Names:
    """The names that were made, and the numbers they have got."""

    def __init__(self) -> None:
        self._kinds: dict[str, str] = {}
        self._numbers: dict[str, int] = {}
        self._count: dict[str, int] = {}
        self._others: list[str] = []

    def add(self, kind: str, value: str) -> None:
        """A name that was made; or one of another form, of which there are few."""
        if value not in self._kinds and not _FORMS.fullmatch(value):
            self._others.append(value)
        self._kinds[value] = kind

    def begin_anew(self) -> None:
        """Forgets which numbers were given."""
        self._numbers.clear()
        self._count.clear()

    def number(self, text: str) -> str:
        """A text with its names numbered, those that have no number yet from the next one on."""
        return self._replaced(text, self._numbered)

    def strip(self, text: str) -> str:
        """A text with the kinds of its names, as `without_numbers` gives it for a numbered one."""
        return self._replaced(text, lambda name: f"⟨{self._kinds[name]}⟩")

    def within(self, text: str) -> list[str]:
        """The names in a text, in order."""
        return [name for name in _FORMS.findall(text) if name in self._kinds]

    def _replaced(self, text: str, by: Callable[[str], str]) -> str:
        for name in self._others:
            if name in text:
                text = text.replace(name, by(name))
        return _FORMS.sub(lambda found: by(found[0]) if found[0] in self._kinds else found[0], text)

    def _numbered(self, name: str) -> str:
        kind = self._kinds[name]
        if name not in self._numbers:
            self._numbers[name] = self._count[kind] = self._count.get(kind, 0) + 1
        return f"⟨{kind} {self._numbers[name]}⟩"


def numbered(text: str) -> list[str]:
    """The numbered names in a text, in order.

    >>> numbered("a⟨nonce 2⟩b⟨session 1⟩")
    ['⟨nonce 2⟩', '⟨session 1⟩']
    """
    return [found[0] for found in _NUMBERED.finditer(text)]


def without_numbers(text: str) -> str:
    """A numbered text with the kinds of its names only.

    >>> without_numbers("a⟨nonce 2⟩b")
    'a⟨nonce⟩b'
    """
    return _NUMBERED.sub(r"⟨\1⟩", text)


def fill(text: str, names: Mapping[str, str]) -> str:
    """A numbered text with names again; what is not known stays numbered.

    >>> fill("a⟨nonce 2⟩b", {"⟨nonce 2⟩": "x"})
    'axb'
    """
    return _NUMBERED.sub(lambda found: names.get(found[0], found[0]), text)
