"""Cassettes are found beside the notebook, and written whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from coder_nb.errors import ConfigurationError
from coder_nb.transport.cassette.places import find, known, place, write


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_name_leads_to_the_working_directory_first(folder: Path) -> None:
    """Then to the folder for cassettes."""
    assert place("one") == folder / "one.cassette"
    (folder / "cassettes").mkdir()
    assert place("one") == place("one.cassette") == folder / "cassettes" / "one.cassette"
    write(place("one"), "inner")
    assert find("one").read_text(encoding="utf-8") == "inner"
    write(folder / "one.cassette", "outer")
    assert find("one").read_text(encoding="utf-8") == "outer"
    assert known() == ["one"]


def test_a_path_is_a_path(folder: Path) -> None:
    """Absolute or not; its folder has to be there."""
    (folder / "deep").mkdir()
    assert place("deep/two") == folder / "deep" / "two.cassette"
    write(folder / "deep" / "two.cassette", "x")
    assert find("deep/two") == Path("deep/two.cassette")
    assert find(str(folder / "deep" / "two")) == folder / "deep" / "two.cassette"
    with pytest.raises(ConfigurationError, match="no folder"):
        place("deeper/two")


@pytest.mark.parametrize("name", ["", "  ", "folder/", "a\0b"])
def test_what_is_no_name_is_refused(name: str) -> None:
    """Before anything is recorded."""
    with pytest.raises(ConfigurationError, match="not a name for a cassette"):
        place(name)


def test_one_that_cannot_be_written_leaves_the_old_one(folder: Path) -> None:
    """Nothing of the new one is left behind."""
    write(folder / "one.cassette", "old")
    (folder / "two.cassette").mkdir()
    with pytest.raises(ConfigurationError, match="cannot be written"):
        write(folder / "two.cassette", "new")
    write(folder / "one.cassette", "new")
    assert (folder / "one.cassette").read_text(encoding="utf-8") == "new"
    assert not [path for path in folder.iterdir() if path.name.startswith(".one")]
