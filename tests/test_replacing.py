"""A file is replaced whole or not at all, and is its owner's alone unless said otherwise."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from coder_nb.replacing import replace


def test_it_takes_the_place_of_what_was_there(tmp_path: Path) -> None:
    """And nothing else is in the folder afterwards."""
    path = tmp_path / "kept.json"
    path.write_bytes(b"old")
    replace(path, b"new")
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX permissions")
@pytest.mark.parametrize("mode", [0o600, 0o644])
def test_who_may_read_it_is_said(tmp_path: Path, mode: int) -> None:
    """Whatever the one before allowed."""
    path = tmp_path / "kept.json"
    path.touch(mode=0o666)
    replace(path, b"new", mode=mode)
    assert path.stat().st_mode & 0o777 == mode


def test_a_failure_leaves_everything_as_it_was(tmp_path: Path) -> None:
    """Where a folder of that name is, no file can be; the draft does not stay beside it."""
    path = tmp_path / "kept.json"
    path.mkdir()
    with pytest.raises(OSError, match=r"kept\.json"):
        replace(path, b"new")
    assert list(tmp_path.iterdir()) == [path]
