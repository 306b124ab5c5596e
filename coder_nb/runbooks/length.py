"""Lengths of time as a runbook's parameters have them: typed `1h30m`, and reading like that wherever they are put."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final

__all__ = ["Length", "length"]

_LENGTH: Final = re.compile("".join(rf"(?:(\d+(?:\.\d+)?)\s*{unit}\s*)?" for unit in "wdhms"), re.ASCII)


class Length(timedelta):
    """A length of time that reads as it is typed: in a `%coder` line, `{wait}` gives `10m`.

    >>> str(Length(seconds=5400)), Length(seconds=90).total_seconds()
    ('1h30m', 90.0)
    """

    def __str__(self) -> str:
        whole, micros = divmod(round(self.total_seconds() * 1e6), 1_000_000)
        hours, rest = divmod(whole, 3600)
        minutes, seconds = divmod(rest, 60)
        exact = f"{seconds}.{micros:06}".rstrip("0") if micros else str(seconds)
        parts = [f"{hours}h" if hours else "", f"{minutes}m" if minutes else "", f"{exact}s" if exact != "0" else ""]
        return "".join(parts) or "0s"


def length(value: object) -> Length:
    """A length of time, from one, from seconds, or from text: weeks, days, hours, minutes, seconds, in that order.

    Raises:
        ValueError: it is none, or negative.
        OverflowError: it is too long.
    """
    if isinstance(value, timedelta):
        found = value
    elif isinstance(value, int | float) and not isinstance(value, bool):
        found = timedelta(seconds=value)
    else:
        amounts = _LENGTH.fullmatch(value) if isinstance(value, str) and value else None
        if amounts is None:
            raise ValueError
        weeks, days, hours, minutes, seconds = (float(amount or 0) for amount in amounts.groups())
        found = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    if found < timedelta(0):
        raise ValueError
    return Length(days=found.days, seconds=found.seconds, microseconds=found.microseconds)
