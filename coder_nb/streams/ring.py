"""The newest rows of something endless, by number, and what somebody who reads more slowly has lost of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Generic, TypeVar

__all__ = ["Gap", "Ring"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Gap:
    """Rows that came and can no longer be had: stands where they would.

    Attributes:
        lost: how many.
    """

    lost: int


class Ring(Generic[T]):
    """At most `size` rows, numbered from 0 since it was made. Not thread-safe by itself.

    Rows are kept in blocks, so that neither adding nor forgetting a thousand costs a thousand steps.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._blocks: list[Sequence[T]] = []
        self._first = 0
        self.end = 0

    @property
    def start(self) -> int:
        """The number of the oldest row that may be read."""
        return max(self._first, self.end - self._size)

    def add(self, rows: Sequence[T]) -> None:
        """Appends rows; the oldest beyond `size` are forgotten."""
        if not rows:
            return
        last = self._blocks[-1] if self._blocks else None
        # Small batches are joined, or a slow log would be 100,000 blocks.
        if isinstance(last, list) and len(last) + len(rows) <= min(1024, self._size):
            last.extend(rows)
        else:
            self._blocks.append(list(rows))
        self.end += len(rows)
        gone = 0
        while self.end - (self._first + len(self._blocks[gone])) >= self._size:
            self._first += len(self._blocks[gone])
            gone += 1
        del self._blocks[:gone]

    def read(self, position: int, limit: int | None) -> list[T | Gap]:
        """Rows from a position on, at most `limit`; first a Gap if some of them are forgotten."""
        start = max(position, self.start)
        stop = self.end if limit is None else min(self.end, start + limit)
        found: list[T | Gap] = [Gap(start - position)] if start > position else []
        at = self._first
        for block in self._blocks:
            if at + len(block) > start and at < stop:
                found.extend(islice(block, max(0, start - at), min(len(block), stop - at)))
            at += len(block)
        return found
