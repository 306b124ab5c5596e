"""Where a shell is, is told by what it says of itself, compared with what one beside the containers says."""

from __future__ import annotations

import platform
from pathlib import Path

import pytest

from coder_nb.errors import ConnectionLost
from coder_nb.remote.place import Place, is_inside, look_around
from tests.remote.local import SHELLS, local_line

ID = "0123456789abcdef" * 4
OUTSIDE = Place(("", "vm"), "mnt:[1]")


@pytest.mark.parametrize("shell", SHELLS)
def test_a_shell_says_where_it_is(shell: str) -> None:
    """Of two in the same place, none is inside of anything."""
    with local_line(shell) as (line, _):
        place = look_around(line)
        assert place.names[1] == platform.node()
        assert place.namespace == str(Path("/proc/self/ns/mnt").readlink())
        assert not is_inside(ID, place, look_around(line))


@pytest.mark.parametrize(
    ("there", "inside"),
    [
        (OUTSIDE, False),
        (Place((ID[:12], "vm"), "mnt:[1]"), True),
        (Place(("", ID[:12]), ""), True),
        (Place(("", "db"), "mnt:[2]"), True),
        (Place(("", "db"), "mnt:[1]", marked=True), False),
        (Place(("", "db"), "", marked=True), True),
        (Place(("", "db"), ""), False),
        (Place(), False),
    ],
)
def test_who_is_inside_is_told_by_name_namespace_or_mark(there: Place, inside: bool) -> None:
    """In this order; where nothing tells, it is not inside."""
    assert is_inside(ID, there, OUTSIDE) == inside


def test_a_short_id_proves_nothing() -> None:
    """Every text begins with an empty one."""
    assert not is_inside("", Place(("", "")), OUTSIDE)


def test_a_shell_that_ends_is_a_lost_connection() -> None:
    """And nothing was run."""
    with local_line("dash") as (line, terminal):
        terminal.hang_up()
        with pytest.raises(ConnectionLost, match="nothing was run"):
            look_around(line)
