"""How a runbook's times read, to all who show them."""

from __future__ import annotations

from datetime import datetime

__all__ = ["stamp", "took"]


def took(seconds: float | None) -> str:
    """A length of time: `21 ms`, `0.4 s`, `12 s`, `3 min 05 s`, `2 h 10 min`; "" for None."""
    if seconds is None:
        return ""
    if seconds < 0.095:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest:02} s"
    return f"{minutes // 60} h {minutes % 60:02} min"


def stamp(time: datetime | None) -> str:
    """A moment, to the second: `2026-03-12 09:30:05 UTC`; "" for None."""
    return f"{time:%Y-%m-%d %H:%M:%S} UTC" if time else ""
