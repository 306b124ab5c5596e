"""The known words most like a mistyped one. Imports nothing, so that a typing error costs no waiting."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["nearest"]


def nearest(word: str, known: Iterable[str], *, most: int = 3) -> list[str]:
    """The nearest known words, the best first; those that begin with the word count too."""
    import difflib

    names = {name.lower(): name for name in known}
    wanted = word.lower()
    close = difflib.get_close_matches(wanted, names, n=most, cutoff=0.6)
    begins = sorted(name for name in names if wanted and name.startswith(wanted) and name not in close)
    return [names[name] for name in [*close, *begins]][:most]
