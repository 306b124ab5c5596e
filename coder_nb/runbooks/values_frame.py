"""Frames and series as Parquet and back, every dtype as it was. One that would come back otherwise is refused.

Proven for each frame: it is read back at once and compared.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from coder_nb.credentials.seen import mask
from coder_nb.runbooks import values

if TYPE_CHECKING:
    from pandas import DataFrame, Index, Series

__all__ = ["dump_frame", "load_frame", "title"]

_ONLY = "0"
"""The column of a stored series."""


def title(value: DataFrame | Series[Any]) -> str:
    """What it is, for people."""
    rows = f"{len(value):,} row{'' if len(value) == 1 else 's'}"
    if value.ndim == 1:
        return f"Series, {rows}"
    columns = value.shape[1]
    return f"DataFrame, {rows} × {columns} column{'' if columns == 1 else 's'}"


def dump_frame(value: DataFrame | Series[Any]) -> bytes:
    """The bytes of a Parquet file.

    Raises:
        Unstorable: Parquet does not keep it as it is.
    """
    try:
        import pyarrow  # type: ignore[import-untyped]  # noqa: F401
    except ImportError:
        raise values.Unstorable("frames are stored as Parquet, which needs pyarrow", "pip install pyarrow") from None
    masked = _masked(value)
    frame: Any = masked if masked.ndim == 2 else masked.rename(_ONLY).to_frame()
    buffer = io.BytesIO()
    try:
        frame = frame.copy(deep=False)
        frame.attrs = {**masked.attrs, **_categories(frame)}
        if masked.ndim == 1:
            frame.attrs["!name"] = _plain_name(masked.name)
        frame.to_parquet(buffer, engine="pyarrow", index=None)
        _compare(load_frame(buffer.getvalue(), series=masked.ndim == 1), masked)
    except values.Unstorable:
        raise
    except Exception as error:
        raise values.Unstorable(
            f"{title(value)}: Parquet does not keep it as it is: {_first_line(error)}", _what_to_do(masked)
        ) from None
    return buffer.getvalue()


def load_frame(data: bytes, *, series: bool) -> Any:
    """The frame or series of a Parquet file."""
    import pandas as pd

    frame = pd.read_parquet(io.BytesIO(data), engine="pyarrow")
    attrs = dict(frame.attrs)
    for name, (known, dtype, ordered) in attrs.pop("!categories", {}).items():
        frame[name] = frame[name].astype(pd.CategoricalDtype(pd.Index(known, dtype=dtype), ordered=ordered))
    if not series:
        frame.attrs = attrs
        return frame
    found = frame[_ONLY].copy()
    found.name = attrs.pop("!name")
    found.attrs = attrs
    return found


def _categories(frame: DataFrame) -> dict[str, Any]:
    """The categories of a frame without rows, which Parquet has no place for; others keep theirs."""
    found = {
        name: (list(column.cat.categories), str(column.cat.categories.dtype), bool(column.cat.ordered))
        for name, column in (frame.items() if frame.empty else ())
        if str(column.dtype) == "category"
    }
    return {"!categories": found} if found else {}


def _compare(back: Any, value: Any) -> None:
    from pandas.testing import assert_frame_equal, assert_series_equal

    compare = assert_frame_equal if value.ndim == 2 else assert_series_equal
    compare(back, value, check_exact=True, check_freq=False, check_index_type=True)
    if back.attrs != value.attrs:
        raise AssertionError(f"its attrs would be {back.attrs!r}")
    columns = [value] if value.ndim == 1 else [value.iloc[:, at] for at in range(value.shape[1])]
    others = [back] if value.ndim == 1 else [back.iloc[:, at] for at in range(value.shape[1])]
    for one, other in zip(columns, others, strict=True):
        # Pandas takes a tuple for a list, and 1 for True.
        if one.dtype == object and list(map(type, one)) != list(map(type, other)):
            raise AssertionError(f"the values of column {one.name!r} would be of other types")


def _masked(value: Any) -> Any:
    """The same with its texts masked; the same object where there is nothing to mask."""
    if value.ndim == 1:
        kept = _masked_column(value)
    else:
        kept = value
        for at in range(value.shape[1]):
            column = value.iloc[:, at]
            if (other := _masked_column(column)) is not column:
                kept = kept.copy() if kept is value else kept
                kept.isetitem(at, other)
    if (index := _masked_index(value.index)) is not value.index:
        kept = kept.set_axis(index, axis=0)
    return kept


def _masked_column(column: Any) -> Any:
    if str(column.dtype) == "category":
        categories = [mask(item) if isinstance(item, str) else item for item in column.cat.categories]
        changed = categories != list(column.cat.categories)
        return column.astype(object).map(_mask_one) if changed else column
    if not (column.dtype == object or str(column.dtype).startswith("str")):
        return column
    new = {item: mask(item) for item in column.dropna().unique() if isinstance(item, str)} if _hashable(column) else {}
    new = {item: masked for item, masked in new.items() if masked != item}
    return column.map(lambda item: new.get(item, item) if isinstance(item, str) else item) if new else column


def _masked_index(index: Index[Any]) -> Any:
    if index.nlevels > 1 or not (index.dtype == object or str(index.dtype).startswith("str")):
        return index
    new = [_mask_one(item) for item in index]
    return index.__class__(new, name=index.name) if new != list(index) else index


def _mask_one(item: Any) -> Any:
    return mask(item) if isinstance(item, str) else item


def _hashable(column: Any) -> bool:
    try:
        column.dropna().unique()
    except TypeError:
        return False
    return True


def _plain_name(name: object) -> object:
    if name is not None and type(name) not in (str, int):
        raise values.Unstorable(f"the series is named {name!r}, a {type(name).__name__}", 'series.rename("…")')
    return name


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return mask(lines[0][:200]) if lines else type(error).__name__


def _what_to_do(frame: Any) -> str:
    if frame.ndim == 1:
        return "series.astype(str), or another dtype that Parquet has"
    bad = [str(name) for name, dtype in frame.dtypes.items() if str(dtype) == "object"]
    named = f"{bad[0]!r}" if bad else "…"
    return f"give the column one type: df[{named}] = df[{named}].astype(str); names of columns are text, each once"
