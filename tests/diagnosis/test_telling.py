"""How causes tell of times, lines and names."""

from __future__ import annotations

import pytest

from coder_nb.diagnosis.facts import Line
from coder_nb.diagnosis.telling import WIDEST, ago, evidence, long, shorter, typed
from tests.diagnosis.made import NOW
from tests.diagnosis.made import ago as before


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(-3, "0.0 s"), (4.25, "4.2 s"), (60, "1 min"), (453, "7 min 33 s"), (7320, "2 h 2 min"), (14 * 86400, "14 days")],
)
def test_lengths_of_time_have_two_units_at_most(seconds: float, told: str) -> None:
    """And none is negative, whatever the clocks say."""
    assert long(seconds) == told
    assert ago(before(seconds=max(seconds, 0)), NOW) == f"{told} ago"


def test_neighbours_that_say_the_same_are_one() -> None:
    """The first is shown; a line is one line, and not wider than fits."""
    lines = [Line(before(seconds=n), "error", "Startup", text) for n, text in [(9, "a  b"), (8, "a b"), (7, "c" * 999)]]
    first, second = evidence(lines)
    assert (first.what, first.text, first.at) == ("log, Startup", "a b", before(seconds=9))
    assert len(second.text) == WIDEST and second.text == shorter("c" * 999)


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("Startup", "Startup"),
        ("Dev Container (web)", '"Dev Container (web)"'),
        ("{__import__('os').system('x')}", "ID"),
        ("$HOME", "ID"),
        ('a" --yes "', "ID"),
        ("two\nlines", "ID"),
    ],
)
def test_a_name_is_typed_so_that_nothing_in_it_acts(name: str, word: str) -> None:
    """People paste these lines, and a line expands braces and dollars."""
    assert typed(name, "ID") == word
