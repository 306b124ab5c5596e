"""How times, lengths and lines are told in causes, so that all rules tell them alike."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from coder_nb.diagnosis.cause import Evidence
from coder_nb.diagnosis.facts import Line

__all__ = ["WIDEST", "ago", "evidence", "long", "shorter", "stamp", "times", "typed"]

WIDEST = 140
"""Characters of a line that are shown as evidence."""


def stamp(at: datetime) -> str:
    """A time, to the second."""
    return f"{at:%Y-%m-%d %H:%M:%S}"


def long(seconds: float) -> str:
    """A length of time in one or two units: `4.2 s`, `7 min 33 s`, `2 h 2 min`, `14 days`."""
    seconds = max(seconds, 0.0)
    if seconds < 60:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60} min" + (f" {whole % 60} s" if whole % 60 else "")
    if whole < 48 * 3600:
        return f"{whole // 3600} h" + (f" {whole % 3600 // 60} min" if whole % 3600 >= 60 else "")
    return f"{whole // 86400} days"


def ago(at: datetime, now: datetime) -> str:
    """How long ago a time is."""
    return f"{long(max(now - at, timedelta()).total_seconds())} ago"


def shorter(text: str) -> str:
    """One line of at most `WIDEST` characters."""
    text = " ".join(text.split())
    return text if len(text) <= WIDEST else text[: WIDEST - 1] + "…"


def typed(name: str, id: str) -> str:
    """A name as a word of a `%coder` line, which people paste; its id, where the name holds what a line expands."""
    if re.fullmatch(r"[\w.-]+", name):
        return name
    return f'"{name}"' if name.isprintable() and not set(name) & set("\"'`\\{}$!?;") else id


def times(count: int) -> str:
    """How often."""
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def evidence(lines: Sequence[Line]) -> tuple[Evidence, ...]:
    """Log lines as evidence; neighbours that say the same are one."""
    told: list[Evidence] = []
    for line in lines:
        what, text = f"log, {line.source}" if line.source else "log", shorter(line.text)
        if not told or told[-1][:2] != (what, text):
            told.append(Evidence(what, text, line.at))
    return tuple(told)
