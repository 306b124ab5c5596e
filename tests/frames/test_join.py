"""Frames of several agents as one."""

from __future__ import annotations

import io
from typing import Any

import pandas as pd
import pytest

from coder_nb import frames
from coder_nb.frames.schema import SCHEMAS

OWNED = [kind for kind in SCHEMAS if "agent" not in SCHEMAS[kind]]


@pytest.mark.parametrize("kind", OWNED)
def test_workspace_and_agent_come_first(make: Any, kind: str) -> None:
    """Every row says whose it is, and every other column keeps its dtype, next to an empty frame too."""
    one = make.frame(kind, 2)
    both = frames.concat({("web", "main"): one, ("ml", "main"): make.frame(kind, 0), ("docs", "inner"): one})
    assert list(both.columns) == ["workspace", "agent", *one.columns]
    assert both["workspace"].tolist() == ["web", "web", "docs", "docs"]
    assert both["agent"].tolist() == ["main", "main", "inner", "inner"]
    pd.testing.assert_series_equal(both.dtypes.iloc[2:], one.dtypes)
    assert str(both["workspace"].dtype) == str(both["agent"].dtype) == "str"


def test_no_frames_give_an_empty_one() -> None:
    """A fleet without agents has a frame too, with all columns."""
    empty = frames.concat({}, kind="ports")
    assert list(empty.columns) == ["workspace", "agent", *SCHEMAS["ports"]]
    assert empty.attrs["frame"] == "ports"


def test_different_categories_stay_categories(make: Any) -> None:
    """A state that only one of the frames has becomes a category of the whole, not a plain object."""
    one = frames.apps([make.app(health="healthy")], link=lambda _: None, attrs={})
    other = frames.apps([make.app(health="dreaming")], link=lambda _: None, attrs={})
    both = frames.concat({("a", "main"): one, ("b", "main"): other})
    assert str(both["health"].dtype) == "category"
    assert both["health"].tolist() == ["healthy", "dreaming"]
    assert list(one["health"].cat.categories) == ["disabled", "initializing", "healthy", "unhealthy"]


def test_levels_stay_ordered(make: Any) -> None:
    """The whole can be narrowed by level as each part can."""
    both = frames.concat({("a", "m"): make.logs(make.log(level="warn")), ("b", "m"): make.logs(make.log())})
    assert frames.filter_logs(both, level="warn", now=make.start)["workspace"].tolist() == ["a"]


def test_the_whole_says_what_all_parts_agree_on(make: Any) -> None:
    """The deployment stays, one agent's name does not, counts are added, and the oldest time counts."""
    one, other = make.logs(make.log(level="odd")), make.logs(make.log(level="odd"), make.log(level="odd"))
    other.attrs |= {"fetched_at": "2026-11-23T11:00:00+00:00", "agent": "other"}
    attrs = frames.concat({("a", "main"): one, ("b", "other"): other}).attrs
    assert attrs == {
        "frame": "logs",
        "deployment": "demo",
        "fetched_at": "2026-11-23T11:00:00+00:00",
        "unknown_levels": 3,
    }


def test_frames_of_different_kinds_do_not_mix(make: Any) -> None:
    """A mistake of the caller's is named, and so is a frame that is not one agent's."""
    with pytest.raises(ValueError, match="logs and ports"):
        frames.concat({("a", "m"): make.frame("logs", 1), ("b", "m"): make.frame("ports", 1)})
    with pytest.raises(ValueError, match="workspaces"):
        frames.concat({("a", "m"): make.frame("workspaces", 1)})


def test_joining_twice_keeps_one_pair_of_columns(make: Any) -> None:
    """A joined frame can be a part again; the new owner counts."""
    inner = frames.concat({("a", "m"): make.frame("ports", 1)})
    assert frames.concat({("b", "m"): inner})["workspace"].tolist() == ["b"]


def test_the_whole_survives_parquet(make: Any) -> None:
    """Frames of several agents can be written down and read back."""
    pytest.importorskip("pyarrow")
    both = frames.concat({("a", "m"): make.frame("logs", 2), ("b", "m"): make.frame("logs", 1)})
    file = io.BytesIO()
    both.to_parquet(file)
    pd.testing.assert_frame_equal(pd.read_parquet(file), both)
