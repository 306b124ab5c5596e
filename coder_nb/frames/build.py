"""Lists of values -> the declared columns -> a DataFrame. The only place that knows how a dtype is made.

Text columns are made by pyarrow where pandas uses it; where it is missing, pandas makes the same dtype `str` alone.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import repeat
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.extensions import ExtensionArray

from coder_nb.api.resource import happened
from coder_nb.frames.schema import SCHEMAS, Attrs, Choice, Kind

__all__ = ["category", "column", "dtypes", "frame", "text", "times"]

Column = ExtensionArray | np.ndarray[Any, Any]
Columns = Mapping[str, Iterable[Any]]
"""Values of each declared column, all of one length; a finished array is taken as it is."""

_PLAIN: Mapping[str, Any] = {
    "text": "str",
    "time": "datetime64[us, UTC]",
    "int": "int64",
    "int or NA": "Int64",
    "float": "float64",
    "flag": "boolean",
    "span": "timedelta64[us]",
}


def dtypes(kind: str) -> dict[str, Any]:
    """The pandas dtype of each column of a frame, in order. A category's dtype is the one without unknown values."""
    return {name: _dtype(declared) for name, declared in SCHEMAS[kind].items()}


def frame(kind: str, columns: Columns, *, attrs: Attrs) -> pd.DataFrame:
    """A frame of a declared kind.

    Args:
        kind: a key of SCHEMAS.
        columns: the values of each declared column.
        attrs: what the frame says of itself; `frame` is added.
    Returns:
        a frame with exactly the declared columns.
    """
    declared = SCHEMAS[kind]
    made = {name: column(declared[name], columns[name]) for name in declared}
    # copy=False: every array was made for this frame, and a log's text is its largest part.
    built = pd.DataFrame(made, copy=False)
    said: dict[Hashable | None, Any] = {"frame": kind}
    built.attrs = said | dict(attrs)
    return built


def column(kind: Kind, values: Iterable[Any]) -> Column:
    """One column's array."""
    if isinstance(values, ExtensionArray | np.ndarray):
        return values
    listed = list(values)
    if isinstance(kind, Choice):
        return category(listed, kind)
    if kind == "text":
        return text(listed)
    if kind == "time":
        return times(listed)
    if kind == "span":
        return np.array(listed, dtype=_PLAIN["span"])
    if kind == "int":
        return np.array(listed, dtype="int64")
    if kind == "float":
        return np.array([np.nan if value is None else value for value in listed], dtype="float64")
    made: ExtensionArray = pd.array([pd.NA if value is None else value for value in listed], dtype=_PLAIN[kind])
    return made


def text(values: Sequence[str | None]) -> ExtensionArray:
    """A `str` array; None is NA."""
    dtype: Any = pd.StringDtype(na_value=np.nan)
    made: ExtensionArray
    if dtype.storage == "pyarrow":
        import pyarrow  # type: ignore[import-untyped]

        # Half the time of pd.array, which looks at every value twice before it hands them on.
        made = dtype.__from_arrow__(pyarrow.array(values, type=pyarrow.large_string()))
    else:
        made = pd.array(values, dtype=dtype)
    return made


def times(values: Sequence[datetime | None]) -> ExtensionArray:
    """A `datetime64[us, UTC]` array; None and Go's zero time are NaT."""
    made: ExtensionArray = pd.array([happened(value) for value in values], dtype=_PLAIN["time"])
    return made


def category(values: Sequence[str | None], choice: Choice) -> pd.Categorical:
    """A category array; "" and None are NA. What the contract does not name is added, or NA where order matters."""
    known = list(choice.values)
    if not choice.ordered:
        known += sorted({value for value in values if value}.difference(known))
    code: dict[str | None, int] = {value: index for index, value in enumerate(known)}
    codes = np.fromiter(map(code.get, values, repeat(-1)), np.intp, len(values))
    return pd.Categorical.from_codes(codes, dtype=_categories(known, choice.ordered))


def _dtype(kind: Kind) -> Any:
    if isinstance(kind, Choice):
        return _categories(kind.values, kind.ordered)
    return pd.api.types.pandas_dtype(_PLAIN[kind])


def _categories(values: Sequence[str], ordered: bool) -> pd.CategoricalDtype:
    return pd.CategoricalDtype(pd.Index(list(values), dtype="str"), ordered=ordered)
