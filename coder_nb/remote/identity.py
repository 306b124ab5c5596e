"""Where every random name of this package comes from, so that one place can make a run repeatable.

Names that only a server sees are told to recordings, which call them by kind and number; a name that people see is
settled (`chance`), so that a replay has the same.
"""

from __future__ import annotations

import random

from coder_nb import chance

__all__ = ["job", "nonce", "session", "short"]

_SOURCE: random.Random = random.SystemRandom()


def nonce() -> str:
    """32 hex digits nobody can guess, to tell our own marks from whatever a program writes."""
    return chance.name("nonce", _digits(32))


def short() -> str:
    """12 hex digits, for what must not have another's name."""
    return chance.name("short", _digits(12))


def session() -> str:
    """A fresh uuid, version 4, for a terminal session."""
    bits = _SOURCE.getrandbits(128) & ~(0xF << 76) & ~(0x3 << 62) | 4 << 76 | 2 << 62
    digits = f"{bits:032x}"
    return chance.name("session", "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:])))


def job(where: str) -> str:
    """8 hex digits by which people call a background job.

    Args:
        where: the agent it runs at.
    """
    return str(chance.settle(f"job at {where}", lambda: _digits(8)))


def _digits(count: int) -> str:
    return f"{_SOURCE.getrandbits(4 * count):0{count}x}"
