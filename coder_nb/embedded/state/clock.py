"""What time it is for a thing. A fleet's clock stands still, so that what it answers never changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

__all__ = ["Clock"]


class Clock:
    """What time it is for a thing: the real time, or one that stands still until a test moves it."""

    def __init__(self, frozen: datetime | None = None) -> None:
        self._frozen = frozen

    def now(self) -> datetime:
        """The time, aware UTC."""
        return self._frozen or datetime.now(UTC)

    @property
    def stands_still(self) -> bool:
        """Whether it moves only when it is moved."""
        return self._frozen is not None

    def advance(self, by: timedelta) -> None:
        """Moves a clock that stands still; the real one cannot be moved."""
        if self._frozen is None:
            raise ValueError("the real clock cannot be moved")
        self._frozen += by
