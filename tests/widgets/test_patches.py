"""What is told of a table that changes: only what is different, and enough to be the same afterwards."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from coder_nb.widgets.patches import Row, Sheet, keyed
from tests.widgets.page import size

ROWS = st.lists(
    st.builds(
        Row,
        st.sampled_from("abcdefgh"),
        st.lists(st.sampled_from("xyz"), min_size=2, max_size=2),
        st.lists(st.sampled_from(["start", "stop"]), unique=True),
    ),
    unique_by=lambda row: row.key,
)


def applied(held: dict[str, list[Any]], patch: dict[str, Any]) -> dict[str, list[Any]]:
    """What a page makes of it, written down once more."""
    held = {key: row for key, row in held.items() if key not in patch.get("gone", ())}
    held |= {key: [list(cells), more[0] if more else []] for key, cells, *more in patch.get("add", ())}
    for key, cells in patch.get("set", {}).items():
        for at, cell in cells.items():
            if at == "a":
                held[key][1] = cell
            else:
                held[key][0][int(at)] = cell
    return {key: held[key] for key in patch["order"]} if "order" in patch else held


@settings(deadline=None)
@given(st.lists(ROWS, min_size=1, max_size=6))
def test_pages_end_up_with_the_same_rows_in_the_same_order(states: list[list[Row]]) -> None:
    """Whatever came, went, changed and moved."""
    sheet, held = Sheet(), dict[str, list[Any]]()
    for rows in states:
        held = applied(held, sheet.patch(rows))
        assert list(held.items()) == [(row.key, [list(row.cells), list(row.actions)]) for row in rows]


def test_nothing_is_told_of_what_is_the_same() -> None:
    """A snapshot equal to the last one is an empty patch."""
    sheet = Sheet()
    sheet.whole([Row("a", ["1"])])
    assert sheet.patch([Row("a", ["1"])]) == {}


def test_one_changed_row_of_a_thousand_is_told_in_few_bytes() -> None:
    """The row's key and the cells that changed."""
    rows = [Row(f"workspace-with-a-name-{n}", ["text"] * 8 + [["running", "running"]]) for n in range(1000)]
    sheet = Sheet()
    sheet.whole(rows)
    rows[500] = Row(rows[500].key, [*rows[500].cells[:8], ["stopping", "stopping"]], ["start"])
    assert size(sheet.patch(rows)) <= 300


def test_rows_of_the_same_key_are_told_apart() -> None:
    """The second and third get a number."""
    assert keyed(["a", "b", "a", "a"]) == ["a", "b", "a #2", "a #3"]
