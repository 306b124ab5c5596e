"""`%coder runbook` in a shell: the list, and a runbook brought here."""

from __future__ import annotations

from pathlib import Path

import pytest

from coder_nb.errors import RunbookError
from coder_nb.magics.extension import CoderMagics
from coder_nb.runbooks.opening import new
from coder_nb.runbooks.shelf import shipped
from tests.shell.conftest import Run


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with one runbook, and no runs of earlier tests."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    new(Path("mine.ipynb"), template="check")
    return work


def test_it_lists_runbooks(run: Run, magics: CoderMagics) -> None:
    """Asking no deployment; their names are offered for completion then."""
    there = run("%coder runbook")
    assert there[0].name == "mine"
    assert "deployment, workspace, since" in repr(there)
    assert "mine" in list(magics.session.seen("runbooks"))
    assert magics.session.coder is None


def test_one_that_comes_along_is_copied_here(run: Run, folder: Path) -> None:
    """And what it takes is shown."""
    name = shipped()[0].stem
    opened = run(f"%coder runbook {name}")
    assert (folder / f"{name}.ipynb").is_file()
    assert f'<a href="{name}.ipynb">' in opened._repr_html_()


def test_an_unknown_one_is_an_error(run: Run) -> None:
    """That names the nearest."""
    with pytest.raises(RunbookError) as caught:
        run("%coder runbook mien")
    assert caught.value.hint == "did you mean mine?"
