"""Where every random name of this package comes from, so that one place can make a run repeatable."""

from __future__ import annotations

import random

__all__ = ["nonce", "session"]

_SOURCE: random.Random = random.SystemRandom()


def nonce() -> str:
    """32 hex digits nobody can guess, to tell our own marks from whatever a program writes."""
    return f"{_SOURCE.getrandbits(128):032x}"


def session() -> str:
    """A fresh uuid, version 4, for a terminal session."""
    bits = _SOURCE.getrandbits(128) & ~(0xF << 76) & ~(0x3 << 62) | 4 << 76 | 2 << 62
    digits = f"{bits:032x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
