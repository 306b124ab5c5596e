"""Objects come back from the text that people compare."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coder_nb.transport.cassette.layout import NoObject, objects, spread

VALUES = st.recursive(
    st.none() | st.integers() | st.text('a{}\n\r" \u2028', max_size=150),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text("k ", max_size=4), inner, max_size=5),
)


@given(st.lists(st.dictionaries(st.text("ab", max_size=3), VALUES, max_size=4), max_size=4))
def test_objects_come_back(made: list[dict[str, object]]) -> None:
    """Each from the line it begins in."""
    text = "".join(map(spread, made))
    found = list(objects(text))
    assert [value for _, value in found] == made
    assert all(text.split("\n")[number - 1].startswith("{") for number, _ in found)


def test_a_long_list_has_a_line_for_each_of_its_things() -> None:
    """So that one that changes is one line that changes."""
    lines = spread({"answer": {"json": [{"name": f"w{number}" * 9} for number in range(5)]}}).splitlines()
    assert lines[0] == '{"answer": {"json": [' and len(lines) == 7
    assert all(line.startswith(" ") for line in lines[1:])


def test_what_is_no_json_is_named_by_its_line() -> None:
    """The first line of it."""
    with pytest.raises(NoObject) as wrong:
        list(objects('{"a": 1}\n\n{"b": [\n 1,\n]}\n'))
    assert wrong.value.line == 3
