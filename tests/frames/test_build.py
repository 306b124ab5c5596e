"""How values become arrays: zero times, missing values, categories beyond the contract, with and without pyarrow."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime

import pandas as pd

from coder_nb.frames import build
from coder_nb.frames.schema import Choice

ZERO = datetime(1, 1, 1, tzinfo=UTC)


def test_gos_zero_time_is_nat() -> None:
    """ "Never" is NaT, whether it came as null or as year 1."""
    times = pd.Series(build.times([ZERO, None, datetime(2026, 11, 23, 1, 2, 3, 456_789, UTC)]))
    assert list(times.isna()) == [True, True, False]
    assert times[2].isoformat() == "2026-11-23T01:02:03.456789+00:00"


def test_an_unknown_value_becomes_a_category() -> None:
    """A state this version does not know survives as text, after those it knows."""
    made = build.category(["ready", "dreaming", "", None], Choice(("created", "ready")))
    assert list(made.categories) == ["created", "ready", "dreaming"]
    assert list(pd.isna(made)) == [False, False, True, True]
    assert made[1] == "dreaming"


def test_an_unknown_value_has_no_place_in_an_order() -> None:
    """Where values are ordered, one that is not known is NA, and the dtype stays."""
    choice = Choice(("low", "high"), ordered=True)
    made = build.category(["high", "sideways"], choice)
    assert list(made.codes) == [1, -1]
    assert made.dtype == build.category([], choice).dtype


def test_hundreds_of_unknown_values_are_kept_apart() -> None:
    """A server with many states of its own loses none of them."""
    values = [f"state {number:03}" for number in range(300)]
    assert list(build.category(values, Choice(("ready",)))) == values


def test_text_has_the_dtype_pandas_gives() -> None:
    """Our shorter way to a text column ends at the dtype and the values of pandas' own."""
    values = ["a", None, "✓ é 日本", ""]
    made = pd.Series(build.text(values))
    pd.testing.assert_series_equal(made, pd.Series(values, dtype="str"))
    assert made.dtype == pd.Series(["x"]).dtype


def test_without_pyarrow_the_frame_is_the_same() -> None:
    """Where pyarrow is missing the dtypes have the same names and the values are equal."""
    program = """
import sys
sys.modules["pyarrow"] = None
from datetime import datetime, UTC
from coder_nb import frames
from coder_nb.api.logs import AgentLog
at = datetime(2026, 1, 1, tzinfo=UTC)
lines = AgentLog(1, at, "\\x1b[1mhi\\x1b[0m", "warn", "s"), AgentLog(2, at, "x", "?", "t")
df = frames.logs([*lines], sources={"s": "S"}, attrs={})
print([str(dtype) for dtype in df.dtypes], df["text"].tolist(), df["source"].isna().tolist())
print(len(frames.filter_logs(df, grep="^h", level="info", now=at)), "pyarrow" in sys.modules and sys.modules["pyarrow"])
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    dtypes = ["int64", "datetime64[us, UTC]", "category", "str", "str", "str", "str"]
    assert done.stdout.splitlines() == [f"{dtypes} ['hi', 'x'] [False, True]", "1 None"]
