"""The secret values this process has seen, and the one place that replaces them in what is shown, stored or sent.

Every Secret that is made is here. What programs work with is never changed: only what is published goes through `mask`.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from coder_nb import look
from coder_nb.credentials.needles import Needles
from coder_nb.credentials.spellings import spellings, worth_hiding

__all__ = ["STARS", "Flow", "mask", "mask_all", "saw"]

STARS: Final = "****"
_MOST: Final = 1_000
"""Values that are remembered, the newest; a session sees a dozen."""
_BEGUN: Final = 4
"""Characters by which the end of a piece is taken for the beginning of a secret: fewer happen by chance."""
_VARIABLES: Final = ("CODER_SESSION_TOKEN", "CODER_AGENT_TOKEN")

_lock = threading.Lock()
_values: dict[str, set[str] | None] = {}
"""Each with its spellings, once they were needed."""
_needles: Needles | None = None


def saw(value: str) -> None:
    """Remembers a secret value, so that `mask` hides it from now on. Cheap; from any thread.

    Args:
        value: what to hide. One of fewer than 8 characters, or an everyday word, a path or an address without a
            password, is not remembered: it would blank out what has nothing to do with it.
    """
    global _needles
    if value in _values or not worth_hiding(value):
        return
    with _lock:
        _values[value] = None
        if len(_values) > _MOST:
            del _values[next(iter(_values))]
        _needles = None


def mask(text: str, *, also: Iterable[str] = ()) -> str:
    """A text with `****` in the place of every secret value this process has seen, in whatever spelling.

    Also what follows CODER_AGENT_TOKEN= and CODER_SESSION_TOKEN=, as `env` prints it.

    Args:
        text: of any size; 50 MB take about half a second. The same object comes back where nothing is to be hidden.
        also: further values, which may be as short as they like.
    """
    return _covered(text, _known(also))


look.hide = mask


def mask_all(texts: Iterable[str], *, also: Iterable[str] = ()) -> list[str]:
    """`mask` for many texts."""
    needles = _known(also)
    return [_covered(text, needles) for text in texts]


class Flow:
    """Masks a text that comes in pieces, cut anywhere, and holds back next to nothing.

    Only what has begun like a secret waits for its end; of one that is cut in its first three characters these are
    shown, and the rest is not.

    Args:
        also: further values, as for `mask`.
    """

    def __init__(self, also: Iterable[str] = ()) -> None:
        self._also = frozenset(also)
        self._shown = self._held = ""

    def feed(self, piece: str) -> str:
        """What can be shown by now, masked."""
        needles = _known(self._also)
        before = len(self._shown)
        text = self._shown + self._held + piece
        end = max(needles.cut(text, least=_BEGUN), before)
        begun = min(needles.cut(text), end)
        shown = _covered(text, needles, before, end)
        self._shown, self._held = text[begun:end], text[end:]
        return shown

    def rest(self) -> str:
        """What was held back, at the end."""
        needles = _known(self._also)
        text, before = self._shown + self._held, len(self._shown)
        self._shown = self._held = ""
        return _covered(text, needles, before, len(text))


def _known(also: Iterable[str]) -> Needles:
    global _needles
    for name in _VARIABLES:
        if value := os.environ.get(name):
            saw(value)
    with _lock:
        # Most of what comes with a call is known already, and costs nothing then.
        further = frozenset(value for value in also if value and value not in _values)
        needles = _needles
        if needles is None:
            for value in [value for value, spelled in _values.items() if spelled is None]:
                _values[value] = spellings(value)
            needles = _needles = Needles(text for spelled in _values.values() for text in spelled or ())
    return _with(needles, further) if further else needles


@lru_cache(maxsize=8)
def _with(needles: Needles, further: frozenset[str]) -> Needles:
    return Needles(needles.texts | further | {text for value in further for text in spellings(value)})


def _covered(text: str, needles: Needles, begin: int = 0, end: int | None = None) -> str:
    """The part of a text, masked as it is within the whole."""
    end = len(text) if end is None else end
    if end - begin < needles.shortest and "_TOKEN=" not in text:
        return text[begin:end]
    parts, at = [], begin
    for start, stop in needles.spans(text):
        if max(start, begin) < min(stop, end):
            parts += [text[at : max(start, begin)], STARS]
            at = stop
    # The same object where nothing is hidden.
    return "".join([*parts, text[at:end]]) if parts else text[begin:end]
