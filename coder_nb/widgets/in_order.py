"""Messages of one sender in the order they were sent: a kernel with several loops may take a later one first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, TypeVar

__all__ = ["InOrder"]

T = TypeVar("T")


class InOrder(Generic[T]):
    """Numbered things from one sender, from 1 on."""

    def __init__(self) -> None:
        self._next = 1
        self._early: dict[int, T] = {}

    def take(self, number: int, thing: T) -> Iterator[T]:
        """One has come; gives those whose turn it is now. One that came before gives nothing."""
        if number >= self._next:
            self._early[number] = thing
        while self._next in self._early:
            self._next += 1
            yield self._early.pop(self._next - 1)
