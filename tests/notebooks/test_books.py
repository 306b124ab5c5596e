"""The runbooks run from their recordings alone: no network, no token; and against a deployment as well."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from coder_nb import cli
from coder_nb.embedded.scenario.load import load_scenario
from coder_nb.embedded.server import Embedded

BOOKS = sorted((Path(__file__).resolve().parents[2] / "notebooks" / "runbooks").glob("*.ipynb"))
each_book = pytest.mark.parametrize("path", BOOKS, ids=lambda path: path.stem)

ALONE = """
import sys

def refuse(event, args):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto", "socket.bind"):
        address = args[1] if event == "socket.connect" else args
        if not isinstance(address, (str, bytes)):  # a socket in the file system is no network
            raise PermissionError(f"the network is refused here: {event}")

sys.addaudithook(refuse)
"""
"""What a kernel runs before all else: whatever Python code reaches for the network fails, this machine included."""


@pytest.fixture
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kernels that are started from now on have no network, and nothing to authenticate with."""
    folder = tmp_path / "alone"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(ALONE, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(folder))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    for name in ("CODER_URL", "CODER_SESSION_TOKEN", "CODER_CONFIG_DIR"):
        monkeypatch.delenv(name, raising=False)


def executed(notebook: Any, folder: Path) -> Any:
    """The notebook, run in a kernel of its own."""
    return NotebookClient(notebook, timeout=60, resources={"metadata": {"path": folder}}).execute()


def texts(cell: Any) -> list[str]:
    """What a cell says, as text."""
    return [str(out.get("text") or out.get("data", {}).get("text/plain", out.get("evalue"))) for out in cell.outputs]


@pytest.mark.usefixtures("alone")
def test_a_kernel_without_a_network_reaches_nothing(tmp_path: Path) -> None:
    """Neither a deployment nor the demo that is started here: the tests below would pass otherwise as well."""
    lines = ["import socket; socket.create_connection(('127.0.0.1', 9))", "%load_ext coder_nb\n%coder connect demo"]
    cells = [nbformat.v4.new_code_cell(line, metadata={"tags": ["raises-exception"]}) for line in lines]  # type: ignore[no-untyped-call]
    done = executed(nbformat.v4.new_notebook(cells=cells), tmp_path)  # type: ignore[no-untyped-call]
    assert "the network is refused here" in texts(done.cells[0])[0]
    assert done.cells[1].outputs[-1].output_type == "error"


@each_book
@pytest.mark.usefixtures("alone")
def test_a_book_runs_from_its_recording_with_no_network(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every step is done, and says what is stored."""
    monkeypatch.setenv("CODER_NB_RUNBOOK", str(path))
    stored: Any = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    fresh = executed(nbformat.read(path, as_version=4), path.parent)  # type: ignore[no-untyped-call]
    steps = [line for line in texts(fresh.cells[-1])[0].splitlines()[1:] if line]
    assert len(steps) >= 3 and all("  done" in line for line in steps)
    for then, now in zip(stored.cells, fresh.cells, strict=True):
        if then.cell_type == "code":
            assert texts(now) == texts(then), then.source


@each_book
def test_a_book_has_a_recording_beside_it_that_holds_no_secret(path: Path) -> None:
    """And runs from it unless told otherwise."""
    cassette = path.with_suffix(".cassette").read_text(encoding="utf-8")
    assert "coder_nb cassette" in cassette.splitlines()[0]
    assert "Coder-Session-Token" not in cassette
    assert f'deployment = \\"replay:{path.stem}\\"' in path.read_text(encoding="utf-8")


@pytest.fixture
def fleet(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Embedded]:
    """A fleet that remembers what it was asked; this process's credentials lead there."""
    with Embedded(load_scenario()) as server:
        monkeypatch.setenv("CODER_URL", server.url)
        monkeypatch.setenv("CODER_SESSION_TOKEN", server.token.reveal())
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
        yield server


def run(name: str, tmp_path: Path, *options: str) -> list[str]:
    """Runs a book against the fleet; what its last cell says."""
    path = next(path for path in BOOKS if path.stem == name)
    output = tmp_path / "out.ipynb"
    code = cli.main(["runbook", "run", str(path), "-p", "deployment=", "--output", str(output), *options])
    assert code == 0
    cells = json.loads(output.read_text(encoding="utf-8"))["cells"]
    return ["".join(one.get("data", {}).get("text/plain", one.get("text", ""))) for one in cells[-1]["outputs"]]


@pytest.mark.parametrize("workspace", ["grace/cobol-port", "linus/kernel", "archive"])
def test_any_workspace_can_be_asked_why(fleet: Embedded, tmp_path: Path, workspace: str) -> None:
    """One without an agent, one with two and nothing wrong, one that is stopped."""
    (listed,) = run("why-unhealthy", tmp_path, "-p", f"workspace={workspace}")
    assert "1  Diagnose the workspace" in listed and "  failed" not in listed


def changes(server: Embedded) -> list[str]:
    """The requests so far that ask for more than to be told something."""
    return [asked.rpartition("/")[2] for asked in server.site.asked if not asked.startswith("GET ")]


def test_trying_the_book_that_changes_something_changes_nothing(fleet: Embedded, tmp_path: Path) -> None:
    """A dry run sends no request that would; a run does, for those that are behind and no other."""
    run("recreate-devcontainers", tmp_path, "--dry-run")
    assert changes(fleet) == []
    run("recreate-devcontainers", tmp_path, "--yes")
    assert changes(fleet) == ["recreate", "recreate"]
