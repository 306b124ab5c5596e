"""Lines lose what a terminal would act on, and keep what a person would read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coder_nb.frames.escapes import plain, plain_lines

PIECES = st.sampled_from(
    [
        *("\x1b", "\x1b[", "\x1b[31m", "\x1b[0;1m", "\x1b]0;t\x07", "\x1b]8;;http://x\x1b\\", "\x1b(B", "\x1bc"),
        *("\r", "\n", "m", ";", "text", " ", "é", "日", "[", "]", "\x07", "\\"),
    ]
)
LINES = st.lists(PIECES, max_size=12).map("".join) | st.text(max_size=40)


@pytest.mark.parametrize(
    ("line", "left"),
    [
        ("\x1b[31merror\x1b[0m: no", "error: no"),
        ("\x1b[38;2;255;0;0mred\x1b[K", "red"),
        ("\x1b[?25lhidden cursor\x1b[?25h", "hidden cursor"),
        ("\x1b]0;a title\x07text", "text"),
        ("\x1b]8;;https://example.com\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1bPq#0;2;0\x1b\\after a picture", "after a picture"),
        ("\x1b(Bplain set", "plain set"),
        ("cut off \x1b[38;5", "cut off "),
        ("cut off \x1b]0;tit", "cut off "),
        ("alone \x1b", "alone "),
        ("10%\r50%\r100%", "100%"),
        ("done\r", "done"),
        ("done\r\nnext\r\n", "done\nnext\n"),
        ("a\rb\nc\rd", "b\nd"),
        ("10%\r\x1b[Kdone", "done"),
        ("[31m is no escape", "[31m is no escape"),
        ("", ""),
    ],
)
def test_what_is_left_of_a_line(line: str, left: str) -> None:
    """Colours, titles, links and overwritten progress go; text stays."""
    assert plain(line) == left


@given(LINES)
def test_nothing_a_terminal_acts_on_is_left(line: str) -> None:
    """No escape character and no carriage return survives, and a second time changes nothing."""
    left = plain(line)
    assert "\x1b" not in left
    assert "\r" not in left
    assert plain(left) == left


@given(st.lists(LINES, max_size=8))
def test_lines_at_once_are_as_lines_one_by_one(lines: list[str]) -> None:
    """Many lines give what each alone gives, and None only where none changes."""
    cleaned = plain_lines(lines)
    assert (lines if cleaned is None else cleaned) == [plain(line) for line in lines]
    assert (cleaned is None) == all("\x1b" not in line and "\r" not in line for line in lines)


@given(st.text(st.characters(codec="utf-8", exclude_characters="\x1b\r"), max_size=60), st.integers(0, 60))
def test_a_colour_in_the_middle_of_text_changes_no_text(text: str, at: int) -> None:
    """Colouring a part of a line leaves the same text."""
    assert plain(f"{text[:at]}\x1b[1;31m{text[at:]}\x1b[0m") == text


def test_a_hostile_line_takes_no_time_to_speak_of() -> None:
    """A million characters of unfinished sequences are read once, not once for each."""
    line = "\x1b[" * 250_000 + "x\r" * 250_000
    assert plain(line) == plain(plain(line))
