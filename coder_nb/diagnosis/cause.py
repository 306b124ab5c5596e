"""A cause: what is wrong and where, what shows it, and the next line to type. Plain data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

__all__ = ["LEVELS", "Cause", "Evidence", "Found", "Level"]

Level = Literal["problem", "warning", "note"]
LEVELS: tuple[Level, ...] = ("problem", "warning", "note")
"""The gravest first: does not work; may stop working, or is not as meant; good to know."""


class Evidence(NamedTuple):
    """Something that was seen: what it is, its exact text, and when it was so."""

    what: str
    text: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What a rule has found.

    Attributes:
        where: the workspace or agent, as it is typed.
        what: a sentence without its full stop.
        evidence: what shows it; the most telling first.
        next: the line to type next.
        at: since when, where that is known.
        level: where it is graver or lighter than the rule's own.
    """

    where: str
    what: str
    evidence: tuple[Evidence, ...]
    next: str
    at: datetime | None = None
    level: Level | None = None


@dataclass(frozen=True, slots=True)
class Cause:
    """One cause, as ranked.

    Attributes:
        rule: the name of the rule that found it.
        level: problem, warning or note.
        where, what, evidence, next, at: as in `Found`.
    """

    rule: str
    level: Level
    where: str
    what: str
    evidence: tuple[Evidence, ...]
    next: str
    at: datetime | None
