"""What differs from run to run without any server's doing: random names, and readings of the clock.

A recording is told of them, a replay gives them back. Without either, this passes them through and keeps nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol
from weakref import ref

__all__ = ["Value", "Witness", "attend", "leave", "moment", "name", "return_to_present", "settle"]

Value = str | list[float]
"""What JSON can hold of it."""


class Witness(Protocol):
    """A recording, or a replay."""

    def named(self, kind: str, value: str) -> None:
        """A random name was made that nobody sees but a server: two runs may differ in it."""

    def note(self, what: str, value: Value) -> None:
        """Something was settled that people see."""

    def recall(self, what: str) -> Value | None:
        """What was settled when it was recorded; None for a recording, and where it knows nothing of it."""

    def moment(self) -> datetime | None:
        """How late it is in a replay, in UTC; None for a recording."""


_lock = threading.Lock()
_held: tuple[ref[Witness], ...] = ()


def attend(witness: Witness) -> None:
    """From now on this one is told, and asked before those that came earlier; for as long as somebody holds it."""
    global _held
    with _lock:
        _held = (ref(witness), *(held for held in _held if held() is not None))


def leave(witness: Witness) -> None:
    """It is neither told nor asked any more; a second time does nothing."""
    global _held
    with _lock:
        _held = tuple(held for held in _held if held() not in (None, witness))


def _witnesses() -> list[Witness]:
    return [witness for held in _held if (witness := held()) is not None]


class _Present:
    """Says how late it is, and nothing else."""

    def named(self, kind: str, value: str) -> None:
        pass

    def note(self, what: str, value: Value) -> None:
        pass

    def recall(self, what: str) -> Value | None:
        return None

    def moment(self) -> datetime | None:
        return datetime.now(UTC)


_PRESENT = _Present()


def return_to_present() -> None:
    """From now on it is as late as it is, whatever is being replayed: the next replay changes that again."""
    leave(_PRESENT)
    attend(_PRESENT)


def name(kind: str, value: str) -> str:
    """A random name that was just made; witnesses are told of it.

    Args:
        kind: what it is for, a word: recordings call it by that.
        value: the name.
    """
    for witness in _witnesses():
        witness.named(kind, value)
    return value


def settle(what: str, make: Callable[[], Value]) -> Value:
    """A value that people see: as it was recorded where that is replayed, else a new one.

    Args:
        what: what it is for, in words that are the same in each run, with the agent's id or name in them: several
            threads and several connections must not take each other's.
        make: makes a new one.
    """
    witnesses = _witnesses()
    for witness in witnesses:
        if (known := witness.recall(what)) is not None:
            return known
    value = make()
    for witness in witnesses:
        witness.note(what, value)
    return value


def moment() -> datetime | None:
    """How late it is in what is being replayed, in UTC; None where nothing is."""
    return next((at for witness in _witnesses() if (at := witness.moment()) is not None), None)
