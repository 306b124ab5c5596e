"""Times as people type them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coder_nb.errors import InvalidCommand
from coder_nb.frames.when import parse

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("10m", "2026-11-23T11:50:00+00:00"),
        ("2h", "2026-11-23T10:00:00+00:00"),
        ("1d", "2026-11-22T12:00:00+00:00"),
        ("1h30m", "2026-11-23T10:30:00+00:00"),
        ("1H 30M", "2026-11-23T10:30:00+00:00"),
        ("1w2d3h4m5s", "2026-11-14T08:55:55+00:00"),
        ("0.5s", "2026-11-23T11:59:59.500000+00:00"),
        ("now", "2026-11-23T12:00:00+00:00"),
        ("2026-11-23", "2026-11-23T00:00:00+00:00"),
        ("2026-11-23 14:05", "2026-11-23T14:05:00+00:00"),
        ("2026-11-23T14:05:06.5Z", "2026-11-23T14:05:06.500000+00:00"),
        ("2026-11-23t14:05:06z", "2026-11-23T14:05:06+00:00"),
        ("2026-11-23T14:05+02:00", "2026-11-23T12:05:00+00:00"),
        (datetime(2026, 1, 2, 3, 4), "2026-01-02T03:04:00+00:00"),
        (datetime(2026, 1, 2, 3, 4, tzinfo=timezone(timedelta(hours=1))), "2026-01-02T02:04:00+00:00"),
        (date(2026, 1, 2), "2026-01-02T00:00:00+00:00"),
        (timedelta(minutes=5), "2026-11-23T11:55:00+00:00"),
    ],
)
def test_what_is_meant(typed: str | datetime | date | timedelta, meant: str) -> None:
    """Lengths count back from now; dates and times are UTC unless they say otherwise."""
    assert parse(typed, now=NOW).isoformat() == meant


@pytest.mark.parametrize(
    "typed",
    [
        *("", "m", "10", "10 minutes", "30m1h", "1h1h", "-10m", "yesterday", "2026", "2026-13-01", "2026-11-23T25:00"),
        *("20261123", "99999999999999d", "１０m", "0001-01-01T00:00+12:00", None, 10, ["10m"]),
    ],
)
def test_what_cannot_be_meant_is_refused(typed: object) -> None:
    """The error names the condition and what was typed, and shows how to type it."""
    with pytest.raises(InvalidCommand, match="since is not a time") as caught:
        parse(typed, now=NOW, name="since")  # type: ignore[arg-type]
    assert repr(typed) in str(caught.value)
    assert "10m" in caught.value.hint
    assert "2026-11-23" in caught.value.hint


@given(st.integers(0, 400), st.integers(0, 99), st.integers(0, 99), st.integers(0, 99))
def test_a_length_is_the_sum_of_its_parts(days: int, hours: int, minutes: int, seconds: int) -> None:
    """Every part counts, whatever its size."""
    meant = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    assert parse(f"{days}d{hours}h{minutes}m{seconds}s", now=NOW) == NOW - meant


@given(st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30)))
def test_iso_text_is_read_back(moment: datetime) -> None:
    """What isoformat writes is understood."""
    assert parse(moment.isoformat(), now=NOW) == moment.replace(tzinfo=UTC)


@given(st.text(max_size=12) | st.from_regex(re.compile(r"[0-9hmsd:. T-]{1,12}", re.ASCII), fullmatch=True))
def test_any_text_is_a_time_or_a_clear_error(typed: str) -> None:
    """Nothing but an aware UTC time or InvalidCommand ever comes out."""
    try:
        assert parse(typed, now=NOW).utcoffset() == timedelta()
    except InvalidCommand as error:
        assert error.hint
