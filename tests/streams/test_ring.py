"""What is kept of something endless."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from coder_nb.streams.ring import Gap, Ring


@given(
    size=st.integers(1, 50),
    batches=st.lists(st.integers(0, 40), max_size=30),
    reads=st.lists(st.tuples(st.integers(0, 30), st.integers(1, 60)), max_size=10),
)
def test_a_reader_gets_every_row_in_order_or_is_told_how_many_are_lost(
    size: int, batches: list[int], reads: list[tuple[int, int]]
) -> None:
    """Whatever the pace of both: rows and lost ones together are all there were."""
    ring: Ring[int] = Ring(size)
    position, number, due = 0, 0, dict(reads)
    for turn, batch in enumerate([*batches, 0]):
        ring.add(range(number, number + batch))
        number += batch
        for item in ring.read(position, due.get(turn, 7)):
            if isinstance(item, Gap):
                position += item.lost
            else:
                assert item == position
                position += 1
    rest = ring.read(position, None)
    assert position + sum(item.lost if isinstance(item, Gap) else 1 for item in rest) == number
    assert ring.end - ring.start <= size


def test_only_the_newest_rows_are_kept() -> None:
    """Not a block more than is asked for, when blocks are as large as that."""
    ring: Ring[int] = Ring(1)
    ring.add([1])
    ring.add([2])
    assert ring.read(0, None) == [Gap(1), 2]
    assert sum(map(len, ring._blocks)) == 1
