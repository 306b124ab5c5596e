"""Taking a line apart: quotes, values, comments, the final semicolon and the verbatim part."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coder_nb.errors import InvalidCommand
from coder_nb.magics.words import Line, split

VALUES = {"name": "dev", "spaced": "a b", "flag": "--yes", "err": "boom", "row.name": "web"}


def values(line: Line) -> list[str]:
    return [word.value for word in line.words]


def expanded(text: str) -> list[str]:
    return values(split(text, expand=lambda source: VALUES[source]))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("logs dev", ["logs", "dev"]),
        ("  logs\t dev  ", ["logs", "dev"]),
        ("logs --source 'Startup Script'", ["logs", "--source", "Startup Script"]),
        ('--source="Startup Script"', ["--source=Startup Script"]),
        ("a'b c'd", ["ab cd"]),
        ("''", [""]),
        ("", []),
        (r"a\ b", ["a b"]),
        (r'"say \"hi\""', ['say "hi"']),
        (r"'\d+ {name} $name'", [r"\d+ {name} $name"]),
    ],
)
def test_words_follow_the_shells_rules(text: str, expected: list[str]) -> None:
    """Blanks part words and quotes keep them together."""
    assert expanded(text) == expected


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), min_size=1))
def test_what_the_shell_quotes_comes_back_as_it_was(words: list[str]) -> None:
    """Whatever shlex.quote makes of a word is read as that word."""
    assert values(split("x " + shlex.join(words), expand=str)) == ["x", *words]


def test_a_backslash_stands_for_itself_before_ordinary_characters() -> None:
    """A regular expression without blanks needs no quotes."""
    assert expanded(r"--grep \d+\.\w C:\new") == ["--grep", r"\d+\.\w", r"C:\new"]


@pytest.mark.parametrize("text", ["logs 'dev", 'logs --grep "a b'])
def test_an_open_quote_is_refused_and_said_where(text: str) -> None:
    """The message holds what follows the open quote."""
    with pytest.raises(InvalidCommand, match="quote is not closed") as caught:
        split(text)
    assert text.split(maxsplit=1)[1][-3:] in caught.value.message
    assert "end it with" in caught.value.hint


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ls owner:$name", ["ls", "owner:dev"]),
        ("use {name}.main", ["use", "dev.main"]),
        ('use "{spaced}"', ["use", "a b"]),
        ("use {spaced}", ["use", "a b"]),
        ("use $row.name.", ["use", "web."]),
        (r"use \{name\} \$name", ["use", "{name}", "$name"]),
        ("use {{name}} $$name", ["use", "{name}", "$name"]),
        (r"--grep ^\d{3}$", ["--grep", r"^\d{3}$"]),
        ("--grep a{2,5}|b{}", ["--grep", "a{2,5}|b{}"]),
        ("--grep $err", ["--grep", "boom"]),
    ],
)
def test_values_are_put_in_except_where_they_cannot_be_meant(text: str, expected: list[str]) -> None:
    """Braces and dollars give values; escaped ones, and counts in a regular expression, stay."""
    assert expanded(text) == expected


def test_an_expression_may_hold_quotes_blanks_and_braces() -> None:
    """The closing brace is the one that makes the expression whole."""
    line = split("""use {d["a b"]} x{ {"k": 2}["k"] }""", expand=lambda source: f"<{source}>")
    assert values(line) == ["use", '<d["a b"]>', 'x< {"k": 2}["k"] >']


def test_an_open_brace_is_refused() -> None:
    """Half an expression is not sent anywhere."""
    with pytest.raises(InvalidCommand, match="not a Python expression"):
        expanded("use {name")


def test_a_value_at_the_start_of_a_word_marks_it_literal() -> None:
    """A value that was put in can never pass as a flag, in quotes or not."""
    words = split('{flag} "{flag}" x{flag} --yes', expand=VALUES.__getitem__).words
    assert [word.literal for word in words] == [True, True, False, False]


@pytest.mark.parametrize(
    ("text", "quiet"),
    [
        ("ls;", True),
        ("ls ;", True),
        ("ls ; ", True),
        ("ls;  # all of them", True),
        ("ls", False),
        (r"ls \;", False),
        ("ls ';'", False),
        ("ls 'a;b'", False),
        ("ls a;b", False),
        ("ls # a;", False),
        ("run dev -- make;", True),
        (r"run dev -- find . -exec ls {} \;", False),
    ],
)
def test_only_a_final_semicolon_silences(text: str, quiet: bool) -> None:
    """A semicolon in quotes, escaped, in a word or in a comment is text."""
    assert split(text).quiet is quiet


def test_a_comment_ends_the_line() -> None:
    """A # that begins a word begins a comment; one inside a word or in quotes is text."""
    assert expanded("connect demo   # it needs nothing") == ["connect", "demo"]
    assert expanded("logs --grep a#b '#c'") == ["logs", "--grep", "a#b", "#c"]


def test_nothing_after_two_dashes_is_touched() -> None:
    """What follows -- is the command as typed: quotes, braces, dollars, hashes and blanks."""
    line = split("""run dev -- awk '{print $1}'  "$HOME" # all {name};""", expand=VALUES.__getitem__)
    assert values(line) == ["run", "dev"]
    assert line.tail == """awk '{print $1}'  "$HOME" # all {name};"""


def test_an_unfinished_line_can_be_taken_apart() -> None:
    """Completion sees the open quote and the word that is being typed."""
    line = split("logs --source 'Startup Sc", tolerant=True)
    assert values(line) == ["logs", "--source", "Startup Sc"]
    assert (line.quote, line.blank) == ("'", False)
    assert split("logs dev ", tolerant=True).blank
