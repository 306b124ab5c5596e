"""Values of each kind: what is taken, what it becomes, and what is refused in words that say what it must be."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coder_nb.credentials import Secret
from coder_nb.runbooks.kinds import KINDS, Wrong, kind
from coder_nb.runbooks.length import Length

SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20), st.dates(), st.timedeltas()
)


@pytest.mark.parametrize(
    ("name", "words", "given_", "becomes"),
    [
        ("int", [], "7", 7),
        ("int", ["1..5"], 5.0, 5),
        ("int", ["..5"], -3, -3),
        ("number", ["0..1"], "0.25", 0.25),
        ("choice", ["info,", "warn"], "warn", "warn"),
        ("bool", [], "yes", True),
        ("bool", [], False, False),
        ("text", ["/[a-z]+/"], "dev", "dev"),
        ("text", [], "", ""),
        ("duration", [], "1h30m", timedelta(minutes=90)),
        ("duration", ["10s..1h"], 60, timedelta(seconds=60)),
        ("date", [], "2026-03-01", date(2026, 3, 1)),
        ("workspace", [], " ada/dev ", "ada/dev"),
        ("agent", [], "dev.main", "dev.main"),
        ("deployment", [], "", ""),
        ("deployment", [], "replay:why", "replay:why"),
        ("deployment", [], "Coder.Example.com/", "https://coder.example.com"),
    ],
)
def test_a_value_becomes_what_the_notebook_works_with(
    name: str, words: list[str], given_: object, becomes: object
) -> None:
    """As papermill puts it in, or as a person types it."""
    assert kind(name, words).check(given_) == becomes


@pytest.mark.parametrize(
    ("name", "words", "given_", "must"),
    [
        ("int", ["1..5"], 9, "a whole number from 1 to 5"),
        ("int", [], True, "a whole number"),
        ("int", [], 1.5, "a whole number"),
        ("number", [], float("nan"), "a number"),
        ("choice", ["info", "warn"], "wran", "one of info, warn"),
        ("bool", [], 1, "true or false"),
        ("text", ["/[a-z]+/"], "Dev", r"/\[a-z\]\+/"),
        ("duration", ["10s..1h"], "2h", "a length of time from 10s to 1h"),
        ("date", [], "03/01/2026", "a date such as"),
        ("workspace", [], "dev.main", "main is an agent"),
        ("workspace", [], "de v", "a workspace's name"),
        ("secret", [], "hunter2", "a Secret"),
        ("deployment", [], "dmeo", "a URL, a profile, demo"),
        ("int", [], None, "needs a value"),
        ("workspace", [], "", "needs a value"),
    ],
)
def test_a_wrong_value_is_told_what_it_must_be(name: str, words: list[str], given_: object, must: str) -> None:
    """In words that complete `NAME = VALUE:`."""
    with pytest.raises(Wrong, match=must):
        kind(name, words).check(given_)


def test_the_nearest_is_named() -> None:
    """Of a choice, and of the deployments known."""
    with pytest.raises(Wrong) as caught:
        kind("choice", ["info", "warn"]).check("wran")
    assert caught.value.near == ("warn",)
    with pytest.raises(Wrong) as caught:
        kind("deployment", []).check("dmeo")
    assert caught.value.near == ("demo",)


@given(st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=3000)))
@settings(deadline=None)
def test_a_length_of_time_reads_as_it_is_typed(length: timedelta) -> None:
    """To the microsecond."""
    text = str(Length(days=length.days, seconds=length.seconds, microseconds=length.microseconds))
    assert kind("duration", []).check(text) == length


@given(st.sampled_from(sorted(set(KINDS) - {"choice", "text"})), SCALARS)
@settings(deadline=None)
def test_a_converted_value_is_taken_again(name: str, value: object) -> None:
    """A cell that runs twice changes nothing: any value is refused, or becomes one that stays."""
    one = kind(name, [])
    try:
        converted = one.check(value)
    except Wrong:
        return
    assert one.check(converted) == converted
    assert type(one.check(converted)) is type(converted)


def test_a_secret_stays_one() -> None:
    """It is not unpacked."""
    token = Secret("s3cr3t-s3cr3t")
    assert kind("secret", []).check(token) is token
