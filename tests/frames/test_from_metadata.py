"""Metadata becomes rows, and what was measured becomes a number with its unit."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pandas as pd
import pytest

from coder_nb import frames
from coder_nb.api.metadata import NEVER
from coder_nb.frames import measured


@pytest.mark.parametrize(
    ("value", "number", "unit"),
    [
        ("3.4/8 GiB (42%)", 3.4, "GiB"),
        ("0.714/4 cores (18%)", 0.714, "cores"),
        ("1.2G/7.6G", 1.2, "G"),
        ("3.4 GiB / 8 GiB", 3.4, "GiB"),
        ("42 %", 42, "%"),
        ("42%", 42, "%"),
        ("12ms", 12, "ms"),
        ("1.5k", 1.5, "k"),
        ("61 %, 44871 MiB", 61, "%"),
        ("0.52 0.48 0.45\n", 0.52, None),
        ("load average: 0.52, 0.48", 0.52, None),
        ("temp=61.5°C", 61.5, "°C"),
        ("3 of 5 tests", 3, "tests"),
        ("1,291 packages", 1291, "packages"),
        ("-3.5e-2 V", -0.035, "V"),
        ("120 MB/s", 120, "MB/s"),
        ("65536\n", 65536, None),
        ("63M 64M", 63, "M"),
    ],
)
def test_the_first_number_counts_with_its_own_unit(value: str, number: float, unit: str | None) -> None:
    """Of several numbers the first is what was measured; nothing is converted."""
    assert measured(value) == (number, unit)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "main",
        "checkout-redesign\n",
        "127.0.0.1:5433 - no response",
        "v1.2.3",
        "2026-11-23",
        "11:30:05",
        "1.2.3",
        "a1",
    ],
)
def test_what_only_looks_like_a_number_is_none(value: str) -> None:
    """Addresses, dates, times and versions are text."""
    assert measured(value) == (None, None)


def test_a_failed_script_has_no_number(make: Any) -> None:
    """What it printed is a complaint, not a measurement; both it and the error are there to be read."""
    df = frames.metadata([make.metadata(value="7 handles leaked\n", error="run cmd: exit status 7")], attrs=make.attrs)
    assert make.rows(df, "value", "number", "unit", "error") == [
        ["7 handles leaked", "-", "-", "run cmd: exit status 7"]
    ]


def test_what_was_never_collected_has_neither_value_nor_time(make: Any) -> None:
    """The server's largest age and its zero time both mean never."""
    df = frames.metadata([make.metadata(value="", age=NEVER)], attrs=make.attrs)
    assert df.loc[0, ["value", "number", "unit", "error", "collected", "age"]].isna().all()


def test_a_value_is_clean_and_its_age_a_length_of_time(make: Any) -> None:
    """Escapes and the newline a script leaves are gone; an item without a name is called by its key."""
    df = frames.metadata([make.metadata("cpu", "\x1b[32m12 %\x1b[0m\n", age=90)], attrs=make.attrs)
    assert make.rows(df, "key", "name", "value", "number", "unit") == [["cpu", "cpu", "12 %", 12.0, "%"]]
    assert df.loc[0, "age"] == timedelta(seconds=90)
    assert df.loc[0, "collected"] == pd.Timestamp("2026-11-23T08:59:56Z")
