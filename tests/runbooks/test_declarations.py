"""Lines that declare parameters, right ones and wrong ones."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coder_nb.errors import InvalidCommand
from coder_nb.runbooks.declarations import declarations
from coder_nb.runbooks.kinds import KINDS


def test_a_line_declares_name_kind_limits_and_what_it_is() -> None:
    """In that order, with any blanks between."""
    replicas, token, branch = declarations(
        'replicas:int   1..5 "how many \\"stay\\""\n\n# said in between\ntoken: secret env=TOKEN optional\n'
        "branch : text /[a-z ]+/ 'which'"
    )
    assert (replicas.name, replicas.kind.name, replicas.kind.low, replicas.kind.high) == ("replicas", "int", 1, 5)
    assert replicas.help == 'how many "stay"'
    assert (token.kind.env, token.optional, token.help) == ("TOKEN", True, "")
    assert (branch.kind.check("a b"), branch.help, branch.optional) == ("a b", "which", False)


def test_all_mistakes_are_told_at_once() -> None:
    """With the line, what is wrong, and the nearest where there is one."""
    with pytest.raises(InvalidCommand) as caught:
        declarations("a: itn\nb int\nclass: int\nc: int 5..1\nd: text /(/\ne: choice one\nf: int\nf: int\ng: date 1..2")
    told = caught.value.message.splitlines()
    assert told[0].startswith("8 parameters are not declared")
    assert [re.findall(r"line (\d)", line)[0] for line in told[1:]] == list("12345689")
    assert told[1].endswith("nearest: int")
    assert "declared twice" in told[7]


@pytest.mark.parametrize(
    "line",
    [
        *("x:", ":int", "x: int 1", "x: int 1..2 3..4", "x: int a..b", "x: secret env=", "x: secret A=b", "_x: int"),
        *("x: choice a a", 'x: int "open', 'x: int "what" 1..2', "x: text a", "x: bool yes", "x: duration 1..x"),
    ],
)
def test_what_is_no_declaration_is_refused(line: str) -> None:
    """With an example of one that is."""
    with pytest.raises(InvalidCommand) as caught:
        declarations(line)
    assert declarations(caught.value.hint.partition("this: ")[2])


@given(st.text(max_size=60))
@settings(deadline=None)
def test_any_line_is_declared_or_refused(text: str) -> None:
    """No text leads to another error."""
    try:
        declarations(text)
    except InvalidCommand as error:
        assert error.hint


@given(st.sampled_from(sorted(KINDS)), st.text(st.characters(categories=["L", "N", "P", "Zs"]), max_size=40))
@settings(deadline=None)
def test_what_it_is_may_be_any_text(kind: str, about: str) -> None:
    """Quotes and backslashes are escaped, as in Python."""
    escaped = about.replace("\\", "\\\\").replace('"', '\\"')
    limits = "a b" if kind == "choice" else ""
    (found,) = declarations(f'x: {kind} {limits} "{escaped}"')
    assert (found.kind.name, found.help) == (kind, about)
