"""`%coder put`, `get` and `jobs` in a real shell."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from coder_nb import errors
from coder_nb.magics.kinds import remote_path
from coder_nb.remote.files import Copied

Run = Callable[[str], Any]
Shell = Any  # Most of IPython's shell has no types.


@pytest.fixture(autouse=True)
def folder(environment: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The shell is in a folder of its own."""
    monkeypatch.chdir(tmp_path)


def test_a_file_there_and_back(run: Run, tmp_path: Path) -> None:
    """Whole, with its mode; the value is a record of one line."""
    (tmp_path / "a b.txt").write_bytes(b"some text\n")
    (tmp_path / "a b.txt").chmod(0o600)
    copied = run("x = %coder put 'a b.txt' web:~/copy.txt\nx")
    assert isinstance(copied, Copied)
    assert repr(copied) == "a b.txt → ~/copy.txt: 10 bytes, sha256"
    run("%coder get web:copy.txt")
    assert (tmp_path / "copy.txt").read_bytes() == b"some text\n"
    assert (tmp_path / "copy.txt").stat().st_mode & 0o777 == 0o600


def test_a_folder_into_the_default_workspace(run: Run, tmp_path: Path) -> None:
    """What `%coder use` chose needs no name."""
    (tmp_path / "d").mkdir()
    (tmp_path / "d/x").touch()
    run("%coder use docs")
    run("%coder put d put-here")
    run("%coder get put-here back")
    assert [path.name for path in (tmp_path / "back").iterdir()] == ["x"]


def test_what_goes_wrong_names_the_file(run: Run, tmp_path: Path) -> None:
    """Two lines: what, and what to do."""
    with pytest.raises(errors.NotFound, match="no such file or folder in the workspace: nowhere") as caught:
        run("%coder get web:nowhere")
    assert "ls()" in caught.value.hint and not list(tmp_path.iterdir())
    with pytest.raises(errors.NotFound, match="on this machine"):
        run("%coder put nothing web:x")
    with pytest.raises(errors.AgentUnavailable):
        run("%coder get archive:x")


def test_jobs_are_listed(run: Run) -> None:
    """With what they are, and how they went."""
    run("import coder_nb as cn\ncoder = %coder connect")
    run("job = coder.agent('web').run('exit 4', background=True)\njob.wait(20)")
    df = run("%coder jobs web")
    assert (df["command"].iloc[-1], df["status"].iloc[-1], df["code"].iloc[-1]) == ("exit 4", "failed", 4)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("dev:a/b", ("dev", "a/b")),
        ("ada/dev.main:~/x", ("ada/dev.main", "~/x")),
        ("dev:", ("dev", ".")),
        ("a/b", (None, "a/b")),
        ("./a:b", (None, "./a:b")),
        ("dev:a:b", ("dev", "a:b")),
    ],
)
def test_where_a_path_is(text: str, meant: tuple[str | None, str]) -> None:
    """A colon after a name; a path with one begins with `./`."""
    assert remote_path(text) == meant
