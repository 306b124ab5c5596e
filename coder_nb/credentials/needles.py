"""Finds any of many texts in another one, also where a line break splits it, and where a text may be cut. No state.

The time hardly depends on how many are looked for: what has none of their pieces is passed over in steps.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Final

__all__ = ["Needles", "Span"]

Span = tuple[int, int]
"""Begin and end in a text."""

_LONG: Final = 16
"""Characters from which on a text is also found where lines break within it."""
_GRAM: Final = 8
_WINDOW: Final = 1 << 18
"""Characters looked at together; only where there may be something they are searched."""
_BREAK: Final = re.compile(r"\r?\n")
_NAMED: Final = re.compile(r"(CODER_(?:AGENT|SESSION)_TOKEN=['\"]?)([^\s'\"]+)")
"""What `env` shows in a workspace: the agent's token, which is as good as the workspace."""
_BEGUN: Final = re.compile(r"CODER_(?:AGENT|SESSION)_TOKEN=['\"]?[^\s'\"]{0,512}\Z")
_NAMES: Final = ("CODER_AGENT_TOKEN=", "CODER_SESSION_TOKEN=")


class Needles:
    """Texts to be found.

    Args:
        texts: what is looked for; an empty one is left out.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        self.texts = kept = frozenset(texts) - {""}
        self._short = sorted(text for text in kept if len(text) < _LONG)
        self._long = sorted({flat for text in kept if len(flat := _BREAK.sub("", text)) >= _LONG})
        # What is short only without its line breaks is found as it is.
        self._short += sorted(text for text in kept if len(text) >= _LONG > len(_BREAK.sub("", text)))
        self._step = min(map(len, self._long), default=_LONG) - _GRAM + 1
        self._longest = max(map(len, self._long), default=0)
        self._grams = {text[at : at + _GRAM] for text in self._long for at in range(len(text) - _GRAM + 1)}
        self._begins = {text[:_GRAM] for text in self._long}
        self._starts = sorted({*self._short, *_NAMES})

    def spans(self, text: str) -> list[Span]:
        """Where they are: in order, without overlap; one that a line break splits is a span in each line."""
        found = [match.span(2) for match in _NAMED.finditer(text)] if "_TOKEN=" in text else []
        for short in self._short:
            found += _every(short, text)
        if self._long:
            flat = text.replace("\r\n", "").replace("\n", "") if "\n" in text else text
            in_flat = list(self._in(flat))
            found += in_flat if flat is text or not in_flat else _unflattened(in_flat, text)
        return _merged(found)

    def cut(self, text: str) -> int:
        """Where a text can be cut so that nothing that is to be found is cut with it, however the text goes on."""
        end = min(self._cut_short(text), self._cut_long(text))
        if (begun := _BEGUN.search(text, max(0, len(text) - 600))) is not None:
            end = min(end, begun.start())
        # Without its name the value of a variable would not be known as one.
        whole = _merged([*self.spans(text), *(match.span() for match in _NAMED.finditer(text))])
        return next((begin for begin, stop in whole if begin < end < stop), end)

    def _in(self, flat: str) -> Iterator[Span]:
        for start in range(0, len(flat), _WINDOW):
            piece = flat[start : start + _WINDOW + self._longest - 1]
            if self._may_hold(piece):
                for text in self._long:
                    yield from ((start + begin, start + end) for begin, end in _every(text, piece))

    def _may_hold(self, piece: str) -> bool:
        size, step = len(piece), self._step
        pieces = map(piece.__getitem__, map(slice, range(0, size, step), range(_GRAM, size + _GRAM, step)))
        return not self._grams.isdisjoint(pieces)

    def _cut_short(self, text: str) -> int:
        size = len(text)
        for at in range(max(0, size - max(map(len, self._starts)) + 1), size):
            if _begins(self._starts, text[at:]):
                return at
        return size

    def _cut_long(self, text: str) -> int:
        # A break may stand behind each character of a wrapped text, though never two.
        lines = _BREAK.split(text[max(0, len(text) - 2 * self._longest) :])
        blank = max((number for number, line in enumerate(lines[1:-1], 1) if not line), default=-1)
        tail = "".join(lines[blank + 1 :])
        for at in range(max(0, len(tail) - self._longest + 1), len(tail)):
            rest = tail[at : at + _GRAM]
            if (len(rest) < _GRAM or rest in self._begins) and _begins(self._long, tail[at:]):
                return _offset_from_end(text, len(tail) - at)
        return len(text)


def _begins(ordered: list[str], text: str) -> bool:
    """Whether one of them begins with a text and goes on."""
    at = bisect_left(ordered, text)
    if at < len(ordered) and ordered[at] == text:
        at += 1
    return at < len(ordered) and ordered[at].startswith(text)


def _every(needle: str, text: str) -> Iterator[Span]:
    at = text.find(needle)
    while at >= 0:
        yield at, at + len(needle)
        at = text.find(needle, at + 1)


def _offset_from_end(text: str, count: int) -> int:
    """Where the last so many characters begin, line breaks not counted."""
    at = len(text)
    while count:
        at -= 1
        if text[at] == "\n":
            at -= text[at - 1 : at] == "\r"
        else:
            count -= 1
    return at


def _unflattened(spans: list[Span], text: str) -> Iterator[Span]:
    """Spans of a text without line breaks as spans of the text itself."""
    offsets, removed, gone = [], [0], 0
    for match in _BREAK.finditer(text):
        offsets.append(match.start() - gone)
        gone += len(match.group())
        removed.append(gone)
    for begin, end in spans:
        first = bisect_left(offsets, begin + 1)
        last = bisect_left(offsets, end)
        inner = offsets[first:last]
        if len(set(inner)) < len(inner):
            continue  # A blank line within: two things, not one that was wrapped.
        edges = [begin, *inner, end]
        for number, (start, stop) in enumerate(pairwise(edges)):
            shift = removed[first + number]
            yield start + shift, stop + shift


def _merged(spans: Iterable[Span]) -> list[Span]:
    merged: list[Span] = []
    for begin, end in sorted(spans):
        if merged and begin < merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((begin, end))
    return merged
