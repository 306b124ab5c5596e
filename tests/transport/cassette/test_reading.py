"""What is no cassette is refused with the line; what somebody has edited is read."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coder_nb.errors import ConfigurationError
from coder_nb.transport.cassette.reading import read
from coder_nb.transport.cassette.recorder import Recording
from coder_nb.transport.cassette.writing import text_of
from tests.transport.cassette.made import took


@pytest.fixture(scope="module")
def text() -> str:
    """A cassette of three calls."""
    recording = Recording()
    for path in ("/a", "/b", "/c"):
        took(recording, path, '{"path":"' + path * 60 + '","more":"' + path * 30 + '"}')
    recording.stop()
    return text_of(recording, {"deployment": "demo"})


def test_a_call_can_be_taken_out(text: str) -> None:
    """Times are by number, so then there are none."""
    begin, end = text.index('{"call": "GET /b"'), text.index('{"call": "GET /c"')
    found = read(text[:begin] + text[end:], "edited")
    assert [(it.path, it.begun) for it in found.exchanges] == [("/a", 0.0), ("/c", 0.0)]


def test_line_ends_may_be_those_of_another_system(text: str) -> None:
    """As git may make them."""
    assert read(text.replace("\n", "\r\n"), "x").exchanges == read(text, "x").exchanges


@pytest.mark.parametrize(("broken", "line"), [("", 1), ("[]", 1), ("{}", 1), ("\0\n", 1)])
def test_something_else_is_refused(broken: str, line: int) -> None:
    """With the line in which that shows."""
    with pytest.raises(ConfigurationError, match=f"x is no cassette, or is damaged in line {line}"):
        read(broken, "x")


@pytest.mark.parametrize("wrong", ['{"got": 7}', '{"call": "GET"}', "{", '{"begun": "yesterday"}', "7"])
def test_a_damaged_line_is_named(text: str, wrong: str) -> None:
    """Wherever it is."""
    lines = text.splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith('{"call": "GET /c"'))
    with pytest.raises(ConfigurationError, match=rf"damaged in line {at + 1}\b|damaged in line 1\b"):
        read("\n".join([*lines[:at], wrong, *lines[at:]]), "x")


def test_a_newer_version_is_refused_by_its_number(text: str) -> None:
    """Its words may mean something else."""
    with pytest.raises(ConfigurationError, match="is a cassette of version 2, and only 1 is known"):
        read(text.replace('"version": 1', '"version": 2', 1), "x")


@given(st.data())
def test_whatever_is_cut_or_changed_is_read_or_refused(text: str, data: st.DataObject) -> None:
    """Never another exception."""
    at = data.draw(st.integers(0, len(text)))
    instead = data.draw(st.text('{}[]",:0a\n ⟨', max_size=4))
    taken = data.draw(st.integers(0, 40))
    with contextlib.suppress(ConfigurationError):
        read(text[:at] + instead + text[at + taken :], "x")
