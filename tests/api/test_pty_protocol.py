"""What is typed, as messages; what a command may be."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coder_nb.api.pty_protocol import LONGEST_COMMAND, PIECE, command_line, encoded_length, resized, typed
from coder_nb.errors import Invalid


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=300), st.integers(0, 2000))
def test_messages_are_objects_that_together_are_the_text(text: str, times: int) -> None:
    """Whatever characters, none is lost, none is cut, and no message is too large."""
    messages = list(typed(text * times))
    assert "".join(json.loads(message)["data"] for message in messages) == text * times
    assert all(len(message) <= PIECE for message in messages)
    assert all(set(json.loads(message)) == {"data"} for message in messages)


@pytest.mark.parametrize(("text", "count"), [("", 0), ("x", 1), ("x" * (PIECE - 11), 1), ("x" * (PIECE - 10), 2)])
def test_a_message_holds_as_much_as_it_may(text: str, count: int) -> None:
    """Plain text is sent in as few messages as there can be."""
    assert len(list(typed(text))) == count


def test_control_characters_take_six_times_their_room() -> None:
    """Text of nothing but escapes still fits."""
    messages = list(typed("\x01" * PIECE))
    assert all(len(message) <= PIECE for message in messages)
    assert len(messages) < 20


def test_what_is_no_character_is_refused_before_anything_is_sent() -> None:
    """A server would replace it without a word."""
    with pytest.raises(Invalid, match="at 3") as caught:
        typed("abc\ud800")
    assert "base64" in caught.value.hint


def test_a_size_is_an_object_of_two_numbers() -> None:
    """Both in one message: an agent ignores one alone."""
    assert json.loads(resized(65535, 1)) == {"width": 65535, "height": 1}


@pytest.mark.parametrize(("width", "height"), [(0, 24), (80, 0), (-1, 24), (65536, 24), (80, 70000)])
def test_a_size_that_would_be_cut_is_refused(width: int, height: int) -> None:
    """Agents take sizes modulo 65,536, and none for a side of 0."""
    with pytest.raises(Invalid, match="cannot be that large"):
        resized(width, height)


@pytest.mark.parametrize(
    ("command", "length"),
    [("echo hi", 7), ('"\\\n\t\r', 10), ("<>&", 18), ("é€😀", 9), ("\x00\x1b\x7f", 13), ("\u2028", 6)],
)
def test_a_command_is_as_long_as_it_is_on_the_way(command: str, length: int) -> None:
    """Counted as the JSON that takes it to the agent."""
    assert encoded_length(command) == length


def test_a_command_has_900_bytes() -> None:
    """One more is refused, with a way out."""
    assert command_line("x" * LONGEST_COMMAND) == "x" * LONGEST_COMMAND
    with pytest.raises(Invalid, match="901 bytes encoded, of 900") as caught:
        command_line("x" * (LONGEST_COMMAND + 1))
    assert "write()" in caught.value.hint
    with pytest.raises(Invalid, match="too long"):
        command_line("&" * 151)


@pytest.mark.parametrize("command", ["#!", "#! \necho hi", "#!/bin/sh\necho hi", "#!\t"])
def test_a_first_line_of_its_own_is_refused(command: str) -> None:
    """Agents read it, and one without an interpreter ends them."""
    with pytest.raises(Invalid, match="begins with #!") as caught:
        command_line(command)
    assert "shell=" in caught.value.hint


def test_an_interpreter_is_put_in_front() -> None:
    """After it the command may begin as it likes to, except with a line that looks like one."""
    assert command_line("echo hi", "/bin/bash -l") == "#!/bin/bash -l\necho hi"
    with pytest.raises(Invalid, match="too long"):
        command_line("x" * 895, "/bin/sh")


@pytest.mark.parametrize("shell", ["", "  ", "\t", "/bin/sh\n", "sh\nrm"])
def test_an_interpreter_is_one_line_that_says_something(shell: str) -> None:
    """A line of blanks is what ends agents."""
    with pytest.raises(Invalid, match="not an interpreter"):
        command_line("echo hi", shell)
