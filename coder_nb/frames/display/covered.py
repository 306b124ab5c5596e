"""A frame or a series of anybody's with the secrets in its cells masked: pandas cuts long cells, and so would cut them.

Only rows that pandas may show are looked at. The frame itself, and one without a secret, is never touched.
"""

from __future__ import annotations

from typing import Any, TypeVar

import pandas as pd

from coder_nb.credentials.seen import mask

__all__ = ["covered"]

_LEAST = 200
"""Rows at either end that are looked at, at least."""
T = TypeVar("T", pd.DataFrame, "pd.Series[Any]")


def covered(value: T) -> T:
    """The value to show instead of a frame or a series; the same object where there is nothing to mask."""
    most: int = max(pd.get_option("display.max_rows") or len(value), _LEAST)
    rows = range(len(value)) if len(value) <= 2 * most else [*range(most), *range(len(value) - most, len(value))]
    made = value
    if isinstance(value, pd.Series):
        made = value if (cells := _cells(value, rows)) is None else cells
    else:
        for at in range(value.shape[1]):
            if (cells := _cells(value.iloc[:, at], rows)) is not None:
                made = value.copy() if made is value else made
                made.isetitem(at, cells.array)
    if (labels := _labels(value.index)) is not value.index:
        made = made.set_axis(labels)
    return made


def _labels(index: pd.Index[Any]) -> pd.Index[Any]:
    if isinstance(index, pd.MultiIndex):
        levels = [_labels(level) for level in index.levels]
        same = all(made is level for made, level in zip(levels, index.levels, strict=True))
        return index if same else index.set_levels([list(level) for level in levels], verify_integrity=False)
    if isinstance(index, pd.RangeIndex | pd.DatetimeIndex) or pd.api.types.is_numeric_dtype(index.dtype):
        return index
    found = {label: text for label in index if (text := mask(said := str(label))) is not said}
    return index.map(lambda label: found.get(label, label)) if found else index


def _cells(series: pd.Series[Any], rows: range | list[int]) -> pd.Series[Any] | None:
    if pd.api.types.is_numeric_dtype(series.dtype) or pd.api.types.is_datetime64_any_dtype(series.dtype):
        return None
    found = {at: text for at in rows if (text := mask(said := str(series.iloc[at]))) is not said}
    if not found:
        return None
    made = series.astype(object)
    for at, text in found.items():
        made.iloc[at] = text
    return made
