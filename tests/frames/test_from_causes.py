"""Causes of a diagnosis as a frame."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from coder_nb import frames


def test_causes_keep_their_rank_and_all_that_was_seen(make: Any) -> None:
    """One row each; levels can be compared, and a cause whose beginning is not known has NaT."""
    seen = [SimpleNamespace(what="error", text="exit status 7"), SimpleNamespace(what="wrote", text="0")]
    df = frames.causes([make.cause(), make.cause("old", level="note", evidence=seen, at=None)], attrs={})
    assert make.rows(df, "rank", "cause", "since")[1] == [2, "old", "-"]
    assert df["evidence"].iloc[1] == "error: exit status 7\nwrote: 0"
    assert list(df[df["level"] >= "warning"]["cause"]) == ["a disk is full"]
