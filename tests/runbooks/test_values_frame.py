"""Frames without rows come back as they were: nothing found is a result as well."""

from __future__ import annotations

import pandas as pd
import pytest

from coder_nb.frames import build
from coder_nb.frames.schema import SCHEMAS
from coder_nb.runbooks.values import load, store


@pytest.mark.parametrize("kind", SCHEMAS)
def test_a_frame_without_rows_keeps_its_dtypes(kind: str) -> None:
    """Nothing found is a result as well, and its categories are those of a full one."""
    empty = build.frame(kind, {name: [] for name in SCHEMAS[kind]}, attrs={"deployment": "demo"})
    back = load("frame", store(empty).data)
    pd.testing.assert_frame_equal(back, empty)
    assert back.attrs == empty.attrs and back.dtypes.equals(empty.dtypes)


def test_a_series_without_values_keeps_its_categories() -> None:
    """As a frame does."""
    empty = pd.Series([], dtype=pd.CategoricalDtype(["low", "high"], ordered=True), name="level")
    pd.testing.assert_series_equal(load("series", store(empty).data), empty)
