"""Values of expressions in a line."""

from __future__ import annotations

import pytest

from coder_nb.errors import InvalidCommand
from coder_nb.magics.expressions import value

VARIABLES: dict[str, object] = {"workspace": "dev", "n": 3, "ratio": 0.123456, "zero": 0}


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("workspace", "dev"),
        ("n * 2", "6"),
        ("workspace.upper()", "DEV"),
        ("ratio:.2f", "0.12"),
        ("workspace!r", "'dev'"),
    ],
)
def test_an_expression_gives_the_text_of_its_value(source: str, text: str) -> None:
    """Any Python expression works, with a format like an f-string's."""
    assert value(source, VARIABLES) == text


def test_an_unknown_variable_names_the_nearest() -> None:
    """A mistyped variable is never sent as text."""
    with pytest.raises(InvalidCommand, match="no variable 'workspce'") as caught:
        value("workspce", VARIABLES)
    assert "did you mean workspace?" in caught.value.hint


def test_an_expression_that_fails_says_how() -> None:
    """The error of the expression is in the message."""
    with pytest.raises(InvalidCommand, match="ZeroDivisionError"):
        value("n / zero", VARIABLES)


def test_evaluating_leaves_the_variables_alone() -> None:
    """Nothing is added to the notebook's variables."""
    before = dict(VARIABLES)
    value("n", VARIABLES)
    assert before == VARIABLES
