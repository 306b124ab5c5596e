"""Which lines of a log frame to keep: by level, source, pattern and time, or the last few."""

from __future__ import annotations

import difflib
import re
import warnings
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from coder_nb.errors import InvalidCommand
from coder_nb.frames.schema import LEVELS
from coder_nb.frames.when import Moment, parse

__all__ = ["filter_logs", "levels_from", "pattern", "source_ids"]

_Mask = np.ndarray[Any, np.dtype[np.bool_]]


def filter_logs(
    df: pd.DataFrame,
    *,
    level: str | None = None,
    source: str | None = None,
    grep: str | None = None,
    since: Moment | None = None,
    until: Moment | None = None,
    tail: int | None = None,
    now: datetime,
    sources: Iterable[str] | None = None,
) -> pd.DataFrame:
    """The lines that meet every condition given.

    Args:
        df: a frame of logs or provisioner logs, of one agent or several.
        level: at least this level; a line whose level is unknown meets none but `trace`.
        source: the source's display name, in any case, or its id.
        grep: a regular expression; the text matches somewhere.
        since: from then on; see `when.parse`.
        until: until then, that moment included.
        tail: the last so many of what is left.
        now: the server's time, which lengths of time count back from.
        sources: the names and ids that there are; one that is not among them is an error. None: nobody knows.
    Returns:
        the lines that are left, numbered from 0 again, in the same columns and dtypes.
    Raises:
        InvalidCommand: a level, source, pattern, time or number that cannot be meant.
    """
    masks = [_span(df, since, until, now)]
    if level is not None:
        masks.append(_at_least(df, level))
    if source is not None:
        masks.append(_from(df, source, sources))
    wanted = [mask for mask in masks if mask is not None]
    kept = df
    if wanted:
        kept = df[np.logical_and.reduce(wanted)]
    if grep is not None:  # last, so that it looks at as few lines as possible
        kept = kept[_matches(kept, grep)]
    if tail is not None:
        kept = kept.tail(_count(tail))
    if kept is df:
        return df
    kept = kept.reset_index(drop=True)
    if "unknown_levels" in df.attrs:
        kept.attrs["unknown_levels"] = int(kept["level"].isna().sum())
    return kept


def levels_from(level: str) -> tuple[str, ...]:
    """The levels that are at least this one.

    Raises:
        InvalidCommand: there is no such level; the hint names the nearest.
    """
    name = str(level).lower()
    if name not in LEVELS:
        near = difflib.get_close_matches({"warning": "warn", "err": "error"}.get(name, name), LEVELS, n=1, cutoff=0.5)
        meant = f"did you mean {near[0]}? " if near else ""
        raise InvalidCommand(f"unknown level: {level!r}", hint=f"{meant}levels are {', '.join(LEVELS)}")
    return LEVELS[LEVELS.index(name) :]


def _at_least(df: pd.DataFrame, level: str) -> _Mask | None:
    wanted = levels_from(level)
    if len(wanted) == len(LEVELS):
        return None
    # Comparing codes is a hundredth of the cost of comparing categories.
    mask: _Mask = df["level"].cat.codes.to_numpy() >= len(LEVELS) - len(wanted)
    return mask


def _from(df: pd.DataFrame, source: str, sources: Iterable[str] | None) -> _Mask:
    wanted = str(source).casefold()
    columns = [name for name in ("source", "source_id") if name in df]
    mask: _Mask = np.zeros(len(df), dtype=bool)
    for column in columns:
        same = [value for value in df[column].dropna().unique() if value.casefold() == wanted]
        mask |= df[column].isin(same).to_numpy()
    if sources is not None and not mask.any():
        _check_source(source, sources)
    return mask


def source_ids(source: str, names: Mapping[str, str]) -> set[str]:
    """The ids of the log sources that are meant.

    Args:
        source: a display name, in any case, or an id.
        names: the display names that there are, by their ids.
    Raises:
        InvalidCommand: there is no such source; the hint names the nearest.
    """
    _check_source(source, [*names.values(), *names])
    wanted = str(source).casefold()
    return {id_ for id_, name in names.items() if wanted in (name.casefold(), id_.casefold())}


def _check_source(source: str, sources: Iterable[str]) -> None:
    known = sorted({*sources})
    if str(source).casefold() not in {name.casefold() for name in known}:
        near = difflib.get_close_matches(str(source), known, n=1)
        hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(known) or 'none'}"
        raise InvalidCommand(f"no log source {source!r}", hint=hint)


def pattern(grep: str) -> re.Pattern[str]:
    """What finds a regular expression.

    Raises:
        InvalidCommand: it is none.
    """
    try:
        return re.compile(grep)
    except re.error as error:
        raise InvalidCommand(
            f"not a regular expression: {grep!r}: {error}", hint=f"to find it as it stands: {re.escape(grep)!r}"
        ) from None


def _matches(df: pd.DataFrame, grep: str) -> _Mask:
    search = pattern(grep).search
    literal = re.escape(grep) == grep
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=".*has match groups.*", category=UserWarning)
            return df["text"].str.contains(grep, regex=not literal, na=False).to_numpy(dtype=bool)
    except ValueError:  # pyarrow's engine lacks some of Python's syntax, such as possessive quantifiers
        return np.fromiter((bool(search(text)) for text in df["text"].fillna("")), bool, len(df))


def _span(df: pd.DataFrame, since: Moment | None, until: Moment | None, now: datetime) -> _Mask | None:
    first = None if since is None else parse(since, now=now, name="since")
    last = None if until is None else parse(until, now=now, name="until")
    if first is not None and last is not None and first > last:
        raise InvalidCommand(
            f"since {since} is after until {until}: no line can be in between", hint="exchange the two"
        )
    times = df["time"]
    masks = [] if first is None else [(times >= pd.Timestamp(first)).to_numpy()]
    masks += [] if last is None else [(times <= pd.Timestamp(last)).to_numpy()]
    return np.logical_and.reduce(masks) if masks else None


def _count(tail: int) -> int:
    if isinstance(tail, bool) or not isinstance(tail, int) or tail < 0:
        raise InvalidCommand(f"tail is not a number of lines: {tail!r}", hint="0 or more, such as tail=100")
    return tail
