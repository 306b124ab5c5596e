"""Terminal colours become inline styles; everything else a terminal obeys is dropped."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coder_nb.remote import ansi


@pytest.mark.parametrize(
    ("codes", "style"),
    [
        ("1", "font-weight:bold"),
        ("1;22", ""),
        ("31", "color:#d93636"),
        ("91", "color:#d93636"),
        ("31;39", ""),
        ("31;0", ""),
        ("31;", ""),
        ("41", "background:#d9363655"),
        ("38;5;208", "color:#ff8700"),
        ("38;5;244", "color:#808080"),
        ("38;2;1;2;300", "color:#0102ff"),
        ("48;2;1;2;3", "background:#010203"),
        ("38;5", ""),
        ("38", ""),
        ("38;2;1", ""),
        ("3;4;999;99999999", "font-style:italic;text-decoration:underline"),
    ],
)
def test_colours_become_styles(codes: str, style: str) -> None:
    """Unfinished and unknown ones change nothing."""
    html = ansi.html(f"\x1b[{codes}mx")
    assert html == (f'<span style="{style}">x</span>' if style else "x")


@given(st.text(st.sampled_from("\x1b[]0123456789;:mKPHJ\x07\\<>&\"'ax\r\n"), max_size=60))
def test_nothing_gets_through_as_markup(text: str) -> None:
    """Whatever it is made of: the only tags are ours."""
    html = ansi.html(text)
    assert not re.sub(r'<span style="[a-z0-9#;:.\- ]*">|</span>', "", html).count("<")
    assert "\x1b" not in ansi.plain(text)
    assert "\x1b" not in re.sub(r"\x1b\[[0-9;:]*m", "", ansi.coloured(text))


def test_a_line_is_what_was_written_last() -> None:
    """As a terminal leaves it."""
    assert ansi.lines("10%\r50%\rdone\nnext\r\nlast\r") == "done\nnext\nlast"


@pytest.mark.parametrize("text", ["\x1b", "\x1b[", "\x1b[31", "\x1b]0;ti", "\x1b]0;t\x1b", "\x1b("])
def test_an_escape_that_goes_on_is_known(text: str) -> None:
    """So that it can be waited for."""
    assert ansi.unfinished(text)
    assert not ansi.unfinished(text + "m\x07")
