"""Who looks at a terminal, and how far each has drawn it: what may be sent next, and whom not to wait for. No I/O.

All pages get the same bytes; each takes what it lacks by their numbers, so that going back for one harms no other.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Audience"]

WINDOW = 1024 * 1024
"""Bytes under way at most."""
PACE = 0.05
"""Seconds between two messages: at most 20 of them in a second."""
STALLED = 5.0
"""Seconds after which who draws nothing of what was sent is not waited for: a page that was left, or is hidden."""
SETTLED = 2.0
"""Seconds after which what was sent and has not come is lost."""


@dataclass(slots=True)
class _Looker:
    drawn: int
    moved: float


class Audience:
    """The pages that show one terminal. Times are monotonic seconds.

    Attributes:
        at: the number of the next byte to send.
    """

    def __init__(self) -> None:
        self.at = 0
        self._lookers: dict[str, _Looker] = {}
        self._last = 0.0

    def hello(self, view: str, at: int, now: float) -> None:
        """A view is there, or has lost something, and lacks everything from this byte on."""
        self.at = min(self.at, at) if self._lookers else at
        self._lookers[view] = _Looker(at, now)

    def bye(self, view: str) -> None:
        """A view is no longer there."""
        self._lookers.pop(view, None)

    def drawn(self, view: str, drawn: int, come: int, now: float) -> None:
        """A view has drawn all before `drawn`, and has everything before `come`."""
        looker = self._lookers.setdefault(view, _Looker(drawn, now))
        if drawn > looker.drawn or drawn >= self.at:
            looker.drawn, looker.moved = drawn, now
        if come < self.at and now - self._last > SETTLED:
            self.at = come

    def sent(self, end: int, now: float) -> None:
        """All before `end` is under way."""
        for looker in self._lookers.values():
            if looker.drawn >= self.at:
                looker.moved = now
        self.at, self._last = end, now

    def due(self) -> float:
        """When something may be sent again."""
        return self._last + PACE

    def slowest(self, now: float) -> int | None:
        """How far the slowest has drawn of those who do; None where nobody does."""
        return min((it.drawn for it in self._lookers.values() if self._looks(it, now)), default=None)

    def has_room(self, now: float) -> bool:
        """Whether more may be sent."""
        slowest = self.slowest(now)
        return slowest is not None and self.at - slowest < WINDOW

    def _looks(self, looker: _Looker, now: float) -> bool:
        return looker.drawn >= self.at or now - looker.moved <= STALLED
