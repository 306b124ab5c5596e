"""The disk of a simulated workspace tells of itself as declared, whatever the machine's own disks are like."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from coder_nb.embedded.state import Disk
from coder_nb.embedded.terminals.disk import furnish
from coder_nb.embedded.terminals.places import Places

if TYPE_CHECKING:
    from tests.embedded.conftest import Small

DISK = Disk(40, 38.8, {"exports/events.parquet": 19.5})


@pytest.mark.parametrize(
    ("options", "size", "used", "free"),
    [("-kP", 41943040, 40684749, 1258291), ("-m", 40960, 39731, 1228), ("-g", 40, 38, 1)],
)
def test_df_tells_of_the_declared_disk(tmp_path: Path, options: str, size: int, used: int, free: int) -> None:
    """In the unit that is asked for, and the share in per cent."""
    furnish(tmp_path / "home", tmp_path, DISK)
    run = subprocess.run(
        [tmp_path / "df", options, "~"], env={"USER": "ada"}, capture_output=True, text=True, check=True
    )
    told = run.stdout.splitlines()[1].split()
    assert told == ["/dev/sdb", str(size), str(used), str(free), "97%", "/home/ada"]


def test_its_large_files_take_no_room(tmp_path: Path) -> None:
    """They have their sizes and are holes."""
    furnish(tmp_path / "home", tmp_path, DISK)
    file = (tmp_path / "home" / "exports" / "events.parquet").stat()
    assert file.st_size == round(19.5 * 1024**3)
    assert file.st_blocks < 100


def test_only_a_workspace_with_a_disk_has_its_own_df(small: Small) -> None:
    """Others find this machine's, and both homes are gone in the end."""
    with_disk, without = small.agent(disk=DISK), small.agent("side")
    it = small.workspace("dev", small.build(with_disk, without))
    places = Places()
    first, again, other = (places.of(it, agent, "http://127.0.0.1:1") for agent in (with_disk, with_disk, without))
    programs = Path(first.environ["PATH"].partition(":")[0])
    assert (programs / "df").exists()
    assert first.environ["PATH"] == again.environ["PATH"] != other.environ["PATH"]
    places.close()
    assert not programs.exists()
