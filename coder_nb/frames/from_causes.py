"""What a diagnosis has found -> a frame."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import pandas as pd

from coder_nb.frames import build
from coder_nb.frames.schema import Attrs

__all__ = ["causes"]


class Seen(Protocol):
    """Something that was seen."""

    @property
    def what(self) -> str: ...
    @property
    def text(self) -> str: ...


class Found(Protocol):
    """A cause."""

    @property
    def rule(self) -> str: ...
    @property
    def level(self) -> str: ...
    @property
    def where(self) -> str: ...
    @property
    def what(self) -> str: ...
    @property
    def evidence(self) -> Sequence[Seen]: ...
    @property
    def next(self) -> str: ...
    @property
    def at(self) -> datetime | None: ...


def causes(found: Sequence[Found], *, attrs: Attrs) -> pd.DataFrame:
    """Causes as a frame.

    Args:
        found: as ranked.
        attrs: what the frame says of itself.
    Returns:
        a row a cause: rank (int64, from 1), level (note < warning < problem), rule, where, cause, evidence (all of it,
        a line each), since (NaT where that is not known), next.
    """
    columns: build.Columns = {
        "rank": list(range(1, len(found) + 1)),
        "level": [one.level for one in found],
        "rule": [one.rule for one in found],
        "where": [one.where for one in found],
        "cause": [one.what for one in found],
        "evidence": ["\n".join(f"{seen.what}: {seen.text}" for seen in one.evidence) for one in found],
        "since": [one.at for one in found],
        "next": [one.next for one in found],
    }
    return build.frame("causes", columns, attrs=attrs)
