"""What a step hands on comes back equal, dtype by dtype, or is refused with its type and what to do."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal, assert_series_equal

from coder_nb.credentials import Secret
from coder_nb.errors import RunbookError
from coder_nb.remote.result import RunResult
from coder_nb.runbooks.values import load, store

LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(), st.dates(), st.timedeltas(),
    st.datetimes(timezones=st.one_of(st.none(), st.just(UTC), st.just(timezone(timedelta(hours=-3))))),
)  # fmt: skip
KEYS = st.text().filter(lambda key: not key.startswith("!"))
JSON = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=4), st.tuples(inner)),
    max_leaves=20,
)
COLUMNS: dict[str, st.SearchStrategy[Any]] = {
    "str": st.one_of(st.none(), st.text(st.characters(exclude_categories=["Cs"]))),
    "int64": st.integers(-(2**63), 2**63 - 1),
    "Int64": st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1)),
    "float64": st.floats(),
    "boolean": st.one_of(st.none(), st.booleans()),
    "bool": st.booleans(),
    "category": st.sampled_from(["info", "warn"]),
    "datetime64[us, UTC]": st.one_of(st.none(), st.datetimes(timezones=st.just(UTC))),
    "timedelta64[us]": st.timedeltas(min_value=timedelta(days=-9999), max_value=timedelta(days=9999)),
}


def again(value: object) -> Any:
    """The value, stored and loaded."""
    stored = store(value)
    return load(stored.kind, stored.data)


@st.composite
def frames(draw: st.DrawFn) -> pd.DataFrame:
    """Frames of the dtypes coder_nb's own have, and others."""
    rows = draw(st.integers(0, 5))
    # Parquet counts rows by a column; a frame of none is refused where it has rows.
    kinds = draw(st.lists(st.sampled_from(sorted(COLUMNS)), min_size=min(rows, 1), max_size=5))
    columns = {
        f"c{number}": pd.Series(draw(st.lists(COLUMNS[kind], min_size=rows, max_size=rows)), dtype=kind)
        for number, kind in enumerate(kinds)
    }
    frame = pd.DataFrame(columns, index=range(rows))
    frame.attrs = draw(st.dictionaries(st.text(st.characters(categories=["L"])), st.integers(0, 9), max_size=2))
    return frame


def same_types(value: object, other: object) -> bool:
    """Whether two equal values are of the same types throughout."""
    if type(value) is not type(other):
        return False
    if isinstance(value, dict) and isinstance(other, dict):
        return all(same_types(value[key], other[key]) for key in value)
    if isinstance(value, list | tuple) and isinstance(other, list | tuple):
        return all(map(same_types, value, other))
    return True


@given(JSON)
@settings(deadline=None)
def test_plain_values_come_back_equal(value: object) -> None:
    """Tuples as tuples, times with their zone."""
    found = again(value)
    assert found == value
    assert same_types(found, value)


@given(frames())
@settings(max_examples=60, deadline=None)
def test_frames_come_back_equal(frame: pd.DataFrame) -> None:
    """Every dtype, the index and attrs; none is refused."""
    found = again(frame)
    assert_frame_equal(found, frame, check_exact=True)
    assert found.attrs == frame.attrs


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame({"x": [1, 2]}, index=pd.Index(["a", "b"], name="key")),
        pd.DataFrame({"x": [1, 2]}, index=pd.MultiIndex.from_tuples([("a", 1), ("b", 2)], names=["k", "n"])),
        pd.DataFrame({"x": [1, 2]}, index=pd.date_range("2026-03-01", periods=2, tz="UTC")),
        pd.DataFrame({"level": pd.Categorical(["warn"], ["info", "warn", "error"], ordered=True)}),
        pd.DataFrame({"x": []}),
        pd.DataFrame(),
    ],
)
def test_indexes_and_categories_come_back(frame: pd.DataFrame) -> None:
    """Order, names and the categories nothing has."""
    assert_frame_equal(again(frame), frame, check_freq=False)


@pytest.mark.parametrize("name", [None, "x", 3])
def test_a_series_comes_back(name: object) -> None:
    """With its name, whatever that is."""
    series = pd.Series([1.5, None], index=["a", "b"], name=name)
    assert_series_equal(again(series), series)


@pytest.mark.parametrize(
    ("value", "said", "do"),
    [
        ({1, 2}, "type set", "sorted"),
        (np.int64(3), "type numpy.int64", "int(…)"),
        ({"n": {"m": [np.float64(0.5)]}}, r"it\['n'\]\['m'\]\[0\] is of type numpy.float64", "float(…)"),
        (object(), "type object", "end the last line in ;"),
        (b"x", "type bytes", "text"),
        ({1: 2}, "key 1, a int", "str(key)"),
        ({"!tuple": []}, "do not begin with !", "another name"),
        ({"df": pd.DataFrame()}, r"it\['df'\] is of type pandas", "one frame"),
        (pd.DataFrame({"x": [object()]}), "Parquet does not keep it", "df['x'].astype(str)"),
        (pd.DataFrame({"x": [1, "a"]}), "Parquet does not keep it", "df['x'].astype(str)"),
        (pd.DataFrame([[1, 2]], columns=["x", "x"]), "Parquet does not keep it", "each once"),
    ],
)
def test_what_cannot_be_stored_is_refused_with_its_type(value: object, said: str, do: str) -> None:
    """And what to do instead."""
    with pytest.raises(RunbookError, match=said) as caught:
        store(value)
    assert do in caught.value.hint


def test_what_holds_itself_is_refused() -> None:
    """Not a RecursionError."""
    it: list[object] = []
    it.append(it)
    with pytest.raises(RunbookError, match="holds itself"):
        store(it)


@pytest.mark.parametrize("text", [True, False])
def test_a_commands_result_comes_back(text: bool) -> None:
    """All that it knows, bytes that are no text too."""
    result: RunResult[Any] = RunResult(
        code=3, seconds=1.25, started_at=datetime(2026, 3, 1, tzinfo=UTC), where="dev.main", truncated=7,
        timed_out=True, streamed=True, raw_stdout=b"out \xff\n", raw_stderr=b"err", as_text=text,
    )  # fmt: skip
    found = again(result)
    assert vars(found) == {**vars(result), "masks": found.masks}
    assert (found.output, repr(found)) == (result.output, repr(result))


def test_secrets_seen_are_not_stored() -> None:
    """Wherever they stand, they are masked: in JSON, in a frame, in a command's output."""
    secret = Secret("plantedplantedplanted42")
    word = secret.reveal()
    result: RunResult[str] = RunResult(
        code=0, seconds=0, started_at=datetime.now(UTC), raw_stdout=f"token {word}".encode()
    )
    frame = pd.DataFrame({"x": [word, "b"], "y": pd.Categorical([word, "c"])}, index=[f"is {word}", "d"])
    for value in ({"a": [f"is {word}"], word: 1}, result, frame, pd.Series([word])):
        stored = store(value)
        assert word.encode() not in stored.data
    assert again({"a": [f"is {word}"]}) == {"a": ["is ****"]}
    assert again(frame)["x"].tolist() == ["****", "b"]
    assert again(result).output == "token ****"


def test_a_date_is_told_from_a_time() -> None:
    """A datetime is a date too, and comes back as what it was."""
    assert type(again(date(2026, 3, 1))) is date
    assert type(again(datetime(2026, 3, 1))) is datetime
