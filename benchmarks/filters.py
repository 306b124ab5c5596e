"""Filters on a logs frame of 1,000,000 lines: `filter_logs` beside plain pandas on the same columns."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pandas as pd

from benchmarks.log_lines import body
from benchmarks.logs import by_coder_nb
from benchmarks.measure import fastest, rows
from coder_nb import frames

__all__ = ["run"]

_NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
_PATTERN = r"fail\w+ .*\d{3}"


def run() -> None:
    """Prints times and ratios for a level, a pattern and a time."""
    part = by_coder_nb(body(250_000))
    df = pd.concat([part] * 4, ignore_index=True)
    print(f"\nFilters on {len(df):,} lines")
    since = df["time"].iloc[len(part) * 9 // 10]
    pairs: dict[str, tuple[Callable[[], pd.DataFrame], Callable[[], pd.DataFrame]]] = {
        "level": (
            lambda: frames.filter_logs(df, level="warn", now=_NOW),
            lambda: df[df["level"] >= "warn"].reset_index(drop=True),
        ),
        "regex": (
            lambda: frames.filter_logs(df, grep=_PATTERN, now=_NOW),
            lambda: df[df["text"].str.contains(_PATTERN, regex=True)].reset_index(drop=True),
        ),
        "level, regex and time": (
            lambda: frames.filter_logs(df, level="warn", grep=_PATTERN, since=since.to_pydatetime(), now=_NOW),
            lambda: df[
                (df["level"] >= "warn") & df["text"].str.contains(_PATTERN, regex=True) & (df["time"] >= since)
            ].reset_index(drop=True),
        ),
    }
    for name, (ours, plain) in pairs.items():
        pd.testing.assert_frame_equal(ours(), plain())
        times = fastest({f"{name}: coder_nb": ours, f"{name}: pandas": plain}, turns=7)
        rows(times, against={f"{name}: pandas": "/ pandas"})
