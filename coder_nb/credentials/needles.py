"""Finds any of many texts in another one, also where a line break splits it, and where a text may be cut. No state.

The time hardly depends on how many are looked for: what has none of their pieces is passed over in steps.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Final

from coder_nb.credentials.spellings import LEAST

__all__ = ["Needles", "Span"]

Span = tuple[int, int]
"""Begin and end in a text."""

_LONG: Final = 16
"""Characters from which on a text is also found where lines break within it."""
_GRAM: Final = 8
_WINDOW: Final = 1 << 18
"""Characters looked at together; only where there may be something they are searched."""
_LINE: Final = re.compile(r"\r?\n")
_COLOUR: Final = re.compile(r"\r?\n|\x1b\[[0-?]*[ -/]*[@-~]")
"""What may stand within a text that is found all the same: one line break, and colours such as grep's."""
_UNFINISHED: Final = re.compile(r"(\r|\x1b(\[[0-?]*[ -/]*)?)\Z")
_BLANK: Final = re.compile(r"\n(?:\x1b\[[0-?]*[ -/]*[@-~])*\r?\n")
"""An empty line parts what stands around it."""
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
        self.shortest = min(map(len, kept), default=1 << 62)
        self._short = sorted(text for text in kept if len(text) < _LONG)
        self._long = sorted({flat for text in kept if len(flat := _LINE.sub("", text)) >= _LONG})
        # What is short only without its line breaks is found as it is.
        self._short += sorted(text for text in kept if len(text) >= _LONG > len(_LINE.sub("", text)))
        self._step = min(map(len, self._long), default=_LONG) - _GRAM + 1
        self._longest = max(map(len, self._long), default=0)
        self._grams = {text[at : at + _GRAM] for text in self._long for at in range(len(text) - _GRAM + 1)}
        self._begins = {text[:_GRAM] for text in self._long}
        self._starts = sorted({*self._short, *_NAMES})
        self._tiny = [text for text in self._starts if len(text) < LEAST]

    def spans(self, text: str) -> list[Span]:
        """Where they are: in order, without overlap; one that a line break splits is a span in each line."""
        return _merged(piece for pieces in self._found(text) for piece in pieces)

    def _found(self, text: str) -> Iterator[list[Span]]:
        """Each one that is there, in pieces where something stands within."""
        if "_TOKEN=" in text:
            yield from ([match.span(2)] for match in _NAMED.finditer(text))
        for short in self._short:
            yield from ([span] for span in _every(short, text))
        for breaks in _breaks(text) if self._long else ():
            flat = _flat(text, breaks)
            found = list(self._in(flat))
            yield from ([span] for span in found) if flat is text or not found else _unflattened(found, text, breaks)

    def found(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Each one that is there, also within another: begin, end, and its text without what stands within."""
        for pieces in self._found(text):
            yield pieces[0][0], pieces[-1][1], "".join(text[begin:end] for begin, end in pieces)

    def cut(self, text: str, *, least: int = 1) -> int:
        """Where a text can be cut so that nothing that is to be found is cut with it, however the text goes on.

        Args:
            text: what there is by now.
            least: characters of something that must be there for it to count as begun; of what has fewer than eight
                itself, one is enough.
        """
        unfinished = _UNFINISHED.search(text, max(0, len(text) - 64))
        stop = len(text) if unfinished is None else unfinished.start()
        end = self._cut_short(text, least)
        for breaks in _breaks(text):
            for tail in {text, text[:stop]}:
                if (begun := self._cut_long(tail, least, breaks)) < len(tail):
                    end = min(end, begun)
        if (value := _BEGUN.search(text, max(0, len(text) - 600))) is not None:
            end = min(end, value.start())
        if end == len(text):
            return end
        # Without its name the value of a variable would not be known as one.
        named = (match.span() for match in _NAMED.finditer(text))
        whole = _merged([*((pieces[0][0], pieces[-1][1]) for pieces in self._found(text)), *named])
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

    def _cut_short(self, text: str, least: int) -> int:
        size = len(text)
        for at in range(max(0, size - max(map(len, self._starts)) + 1), size):
            if _begins(self._starts if size - at >= least else self._tiny, text[at:]):
                return at
        return size

    def _cut_long(self, text: str, least: int, breaks: re.Pattern[str]) -> int:
        start = max(0, len(text) - 2 * self._longest)
        # A single break may stand behind each character of a wrapped text.
        blank = max((match.end() - 1 for match in _BLANK.finditer(text, start)), default=start)
        tail = _flat(text[blank:], breaks)
        for at in range(max(0, len(tail) - self._longest + 1), len(tail) - least + 1):
            rest = tail[at : at + _GRAM]
            if (len(rest) < _GRAM or rest in self._begins) and _begins(self._long, tail[at:]):
                return _offset_from_end(text, len(tail) - at, breaks)
        return len(text)


def _breaks(text: str) -> tuple[re.Pattern[str], ...]:
    # What looks like a colour may also be the beginning of a value behind an escape: both are tried.
    return (_LINE, _COLOUR) if "\x1b" in text else (_LINE,)


def _flat(text: str, breaks: re.Pattern[str]) -> str:
    """A text without what may stand within."""
    if breaks is _COLOUR:
        return breaks.sub("", text)
    return text.replace("\r\n", "").replace("\n", "") if "\n" in text else text


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


def _offset_from_end(text: str, count: int, breaks: re.Pattern[str]) -> int:
    """Where the last so many characters begin, breaks not counted."""
    ends = {match.end(): match.start() for match in breaks.finditer(text, max(0, len(text) - 64 * count - 64))}
    at = len(text)
    while count:
        if at in ends:
            at = ends[at]
        else:
            at -= 1
            count -= 1
    return at


def _unflattened(spans: list[Span], text: str, breaks: re.Pattern[str]) -> Iterator[list[Span]]:
    """Spans of a flat text as spans of the text itself, one for each piece between breaks."""
    offsets, removed, gone = [], [0], 0
    for match in breaks.finditer(text):
        offsets.append(match.start() - gone)
        gone += match.end() - match.start()
        removed.append(gone)
    for begin, end in spans:
        first, last = bisect_left(offsets, begin + 1), bisect_left(offsets, end)
        edges = [begin, *offsets[first:last], end]
        pieces = [
            (start + removed[first + number], stop + removed[first + number])
            for number, (start, stop) in enumerate(pairwise(edges))
            if start < stop
        ]
        if not any(_BLANK.search(text, left[1], right[0]) for left, right in pairwise(pieces)):
            yield pieces


def _merged(spans: Iterable[Span]) -> list[Span]:
    merged: list[Span] = []
    for begin, end in sorted(spans):
        if merged and begin < merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((begin, end))
    return merged
