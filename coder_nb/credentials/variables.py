"""Environment variables for a process, some of them secret: a dict that shows its names and never its values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NoReturn, Self

__all__ = ["Variables"]


class Variables(dict[str, str]):
    """Environment variables as `subprocess` takes them.

    >>> Variables(HOME="/home/ada", GH_TOKEN="gho_123") | {"LANG": "C"}
    Variables(GH_TOKEN, HOME, LANG)
    """

    def __repr__(self) -> str:
        return f"Variables({', '.join(sorted(self))})"

    __str__ = __repr__

    def __or__(self, other: Mapping[str, str]) -> Self:  # type: ignore[override]
        return type(self)({**self, **other})

    def copy(self) -> Self:
        """The same variables, as hidden as here."""
        return type(self)(self)

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("Variables cannot be pickled: that would write secrets down in clear text")
