"""Frames of several agents -> one, with the workspace and the agent of each row first."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from coder_nb.frames import build
from coder_nb.frames.schema import SCHEMAS, Choice

__all__ = ["concat"]


def concat(frames: Mapping[tuple[str, str], pd.DataFrame], *, kind: str = "logs") -> pd.DataFrame:
    """One frame out of several of the same kind.

    Args:
        frames: the frames by (workspace, agent).
        kind: the kind of frame to give when there are none.
    Returns:
        the columns workspace and agent, then the frames' own, each with its dtype; rows in the order given.
    Raises:
        ValueError: frames of different kinds, or of a kind that does not belong to an agent.
    """
    kinds = {frame.attrs.get("frame", "") for frame in frames.values()} or {kind}
    if len(kinds) > 1:
        raise ValueError(f"only frames of one kind can become one, not {' and '.join(sorted(kinds))}")
    kind = kinds.pop()
    if "agent" in SCHEMAS.get(kind, {}):
        raise ValueError(f"a frame of {kind} spans agents already")
    parts = [_owned(part, *owner) for owner, part in frames.items()] or [_owned(_empty(kind), "", "")]
    for name, declared in SCHEMAS.get(kind, {}).items():
        if isinstance(declared, Choice):
            _same_categories(parts, name, declared)
    joined = pd.concat(parts, ignore_index=True)
    joined.attrs = _attrs(list(frames.values()), kind)
    return joined


def _empty(kind: str) -> pd.DataFrame:
    return build.frame(kind, {name: [] for name in SCHEMAS[kind]}, attrs={})


def _owned(frame: pd.DataFrame, workspace: str, agent: str) -> pd.DataFrame:
    """The frame with two columns before its own; they replace such columns of an earlier concat."""
    own = frame.drop(columns=["workspace", "agent"], errors="ignore")
    for place, (name, value) in enumerate((("workspace", workspace), ("agent", agent))):
        own.insert(place, name, pd.Series(build.text([value] * len(frame)), index=own.index))
    return own


def _same_categories(parts: list[pd.DataFrame], name: str, choice: Choice) -> None:
    """Gives a category column one dtype in all parts; pandas would make plain objects of different ones."""
    found = {str(value) for part in parts for value in part[name].cat.categories}
    known = [*choice.values, *sorted(found.difference(choice.values))]
    for part in parts:
        part[name] = part[name].cat.set_categories(known)


def _attrs(frames: list[pd.DataFrame], kind: str) -> dict[Hashable, Any]:
    """What the whole can say of itself: what all parts agree on, the oldest time, all lines of unknown level."""
    said = [frame.attrs for frame in frames]
    same = {key: value for key, value in (said[0] if said else {}).items() if all(a.get(key) == value for a in said)}
    kept = {key: value for key, value in same.items() if key not in ("workspace", "agent")}
    if any("unknown_levels" in attrs for attrs in said):
        kept["unknown_levels"] = sum(int(attrs.get("unknown_levels", 0)) for attrs in said)
    if oldest := min((attrs["fetched_at"] for attrs in said if attrs.get("fetched_at")), default=""):
        kept["fetched_at"] = oldest
    if warnings := "; ".join(dict.fromkeys(str(attrs["warnings"]) for attrs in said if attrs.get("warnings"))):
        kept["warnings"] = warnings
    return {"frame": kind, **kept}
