"""Filters on log frames."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coder_nb import frames
from coder_nb.errors import InvalidCommand
from coder_nb.frames.select import filter_logs

LEVELS = ["trace", "debug", "info", "warn", "error"]


@pytest.fixture(scope="module")
def df(make: Any) -> pd.DataFrame:
    """Six lines, ten minutes apart, the last one of unknown level."""
    texts = ["clone ok", "npm warn", "Failed to connect (7)", "retry", "ready", "?"]
    levels = ["debug", "warn", "error", "info", "info", "fatal"]
    lines = [
        make.log(text, id=number, level=level, after=number * 600, source_id="s1" if number % 2 else "s0")
        for number, (text, level) in enumerate(zip(texts, levels, strict=True))
    ]
    built: pd.DataFrame = make.logs(*lines)
    return built


def _ids(df: pd.DataFrame, make: Any, **conditions: Any) -> list[int]:
    now = make.start + timedelta(hours=1)
    found: list[int] = filter_logs(df, now=now, **conditions)["id"].tolist()
    return found


@pytest.mark.parametrize(
    ("conditions", "ids"),
    [
        ({}, [0, 1, 2, 3, 4, 5]),
        ({"level": "warn"}, [1, 2]),
        ({"level": "WARN"}, [1, 2]),
        ({"level": "trace"}, [0, 1, 2, 3, 4, 5]),
        ({"level": "debug"}, [0, 1, 2, 3, 4]),
        ({"source": "dev container"}, [1, 3, 5]),
        ({"source": "s0"}, [0, 2, 4]),
        ({"grep": "warn|retry"}, [1, 3]),
        ({"grep": r"\(7\)$"}, [2]),
        ({"grep": "(?i)failed"}, [2]),
        ({"grep": "(re)(ady)"}, [4]),
        ({"grep": "(?=ready)r"}, [4]),
        ({"grep": "re++"}, [3, 4]),
        ({"since": "30m"}, [3, 4, 5]),
        ({"since": "30m", "until": "15m"}, [3, 4]),
        ({"until": "2026-11-23T09:10"}, [0, 1]),
        ({"since": "2026-11-24"}, []),
        ({"tail": 2}, [4, 5]),
        ({"tail": 0}, []),
        ({"tail": 99}, [0, 1, 2, 3, 4, 5]),
        ({"level": "info", "source": "Startup script", "tail": 1}, [4]),
    ],
)
def test_which_lines_are_left(df: pd.DataFrame, make: Any, conditions: dict[str, Any], ids: list[int]) -> None:
    """Level means at least; times count from the server's now; tail counts what the others left."""
    assert _ids(df, make, **conditions) == ids


def test_lines_are_numbered_from_zero_again(df: pd.DataFrame, make: Any) -> None:
    """The index says nothing of what was left out, columns and dtypes stay, and the frame itself is not changed."""
    left = filter_logs(df, level="error", now=make.start)
    assert left.index.tolist() == [0]
    pd.testing.assert_series_equal(left.dtypes, df.dtypes)
    assert (df.attrs["unknown_levels"], left.attrs["unknown_levels"]) == (1, 0)
    assert left.attrs["workspace"] == "web"


@pytest.mark.parametrize(
    ("conditions", "said"),
    [
        ({"level": "warning"}, "did you mean warn"),
        ({"level": "eror"}, "did you mean error"),
        ({"level": "xyzzy"}, "levels are trace, debug, info, warn, error"),
        ({"grep": "("}, r"to find it as it stands: '\\('"),
        ({"grep": "*"}, "not a regular expression"),
        ({"since": "soon"}, "since is not a time"),
        ({"until": "later"}, "until is not a time"),
        ({"since": "10m", "until": "20m"}, "since 10m is after until 20m"),
        ({"tail": -1}, "tail is not a number of lines"),
        ({"tail": "5"}, "tail is not a number of lines"),
        ({"tail": True}, "tail is not a number of lines"),
        ({"source": "Dev contaner", "sources": ["Dev container", "s1"]}, "did you mean Dev container"),
        ({"source": "zzz", "sources": ["Dev container"]}, "there are: Dev container"),
    ],
)
def test_bad_conditions_are_refused(df: pd.DataFrame, make: Any, conditions: dict[str, Any], said: str) -> None:
    """Each error says what was wrong and what to type instead."""
    with pytest.raises(InvalidCommand) as caught:
        _ids(df, make, **conditions)
    assert said in str(caught.value)
    assert caught.value.hint


def test_bad_conditions_are_refused_on_an_empty_frame(make: Any) -> None:
    """No lines is no reason to let a typing error pass."""
    empty = make.logs()
    for conditions in ({"level": "loud"}, {"grep": "("}, {"since": "soon"}, {"tail": -1}):
        with pytest.raises(InvalidCommand):
            filter_logs(empty, now=make.start, **conditions)


def test_a_known_source_without_lines_is_no_error(make: Any) -> None:
    """Asking only for newer lines of a quiet source gives none."""
    left = filter_logs(make.logs(make.log()), source="Dev container", sources=["Dev container"], now=make.start)
    assert left.empty


def test_provisioner_logs_can_be_filtered(make: Any) -> None:
    """The same conditions work on the build's own log, which has no source ids."""
    df = frames.provisioner_logs([make.build_log("a"), make.build_log("b", level="error")], attrs={})
    assert filter_logs(df, level="warn", source="Provisioner", grep="b", now=make.start)["text"].tolist() == ["b"]


@given(st.lists(st.sampled_from([*LEVELS, "odd"])), st.sampled_from(LEVELS))
def test_level_agrees_with_pandas(make: Any, levels: list[str], least: str) -> None:
    """Apart from lines of unknown level at `trace`, ours is pandas' own comparison."""
    df = make.logs(*[make.log(level=level, id=number) for number, level in enumerate(levels)])
    left = filter_logs(df, level=least, now=datetime.now().astimezone())
    wanted = df if least == "trace" else df[df["level"] >= least]
    assert left["id"].tolist() == wanted["id"].tolist()
