"""`coder-nb kernel`: what is typed, what is printed, and what Jupyter offers afterwards."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from coder_nb.cli import main
from coder_nb.client import Coder
from coder_nb.embedded.server import Embedded
from coder_nb.kernels.specs import Spec, specs
from tests.kernels.test_pythons import bare, pip_only, wheelhouse

__all__ = ["bare"]


def test_add_list_and_remove(server: Embedded, capsys: pytest.CaptureFixture[str]) -> None:
    """With the deployment it was added for, and no token."""
    assert main(["kernel", "add", "web", "--python", sys.executable, "--idle", "0.5"]) == 0
    said = capsys.readouterr().out
    assert f"Kernels in web.main run on {sys.executable} (Python 3." in said
    assert "Jupyter offers 'Python (web)' now" in said
    assert specs() == [Spec("Python (web)", "web", server.url, sys.executable, idle=1800.0)]
    assert main(["kernel", "list"]) == 0
    assert f"Python (web): {sys.executable} in web on {server.url}" in capsys.readouterr().out
    assert main(["kernel", "remove", "web"]) == 0
    assert "any more" in capsys.readouterr().out
    assert specs() == []


def test_nothing_is_installed_unasked(
    coder: Coder, bare: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The plan is told; with nobody to ask, nothing is done."""
    assert main(["kernel", "add", "web"]) == 1
    said = capsys.readouterr()
    assert "No Python in web.main has ipykernel" in said.out
    assert "~/.local/share/coder-nb/kernel" in said.out
    assert "Install ipykernel in web.main?" in said.err
    assert "--yes" in said.err
    assert specs() == []


def test_what_was_agreed_to_is_installed(
    coder: Coder, bare: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And may be again, where the workspace is built anew."""
    wheelhouse(tmp_path / "index")
    pip_only(coder, tmp_path / "index")
    assert main(["kernel", "add", "web", "--yes"]) == 0
    assert "/.local/share/coder-nb/kernel/bin/python" in capsys.readouterr().out
    assert specs()[0].install


def test_a_stopped_workspace_is_looked_into_later(server: Embedded, capsys: pytest.CaptureFixture[str]) -> None:
    """It can be added all the same."""
    assert main(["kernel", "add", "archive", "--name", "Old things"]) == 0
    assert "when a kernel starts" in capsys.readouterr().err
    assert [(spec.title, spec.name, spec.install) for spec in specs()] == [("Old things", "coder-nb-old-things", False)]


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        ("add wep --deployment nowhere", 1, "hint:"),
        ("add web --idle never", 2, "a number of hours"),
        ("remove web", 1, "no kernel 'web'"),
        ("", 2, "hint: coder-nb kernel --help"),
    ],
)
def test_a_mistake_is_two_lines(
    server: Embedded, capsys: pytest.CaptureFixture[str], line: str, code: int, said: str
) -> None:
    """What is wrong, and what to type."""
    try:
        assert main(["kernel", *line.split()]) == code
    except SystemExit as end:
        assert end.code == code
    error = capsys.readouterr().err
    assert said in error
    assert len(error.strip().splitlines()) == 2
