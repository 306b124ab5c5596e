"""A notebook that was recorded is validated by nbval where there is no deployment, no token and no network."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from coder_nb.embedded import launch

Write = Callable[..., Path]

CELLS = (
    "%load_ext coder_nb\nimport coder_nb as cn",
    "connected = %coder connect",
    "%coder ls owner:me status:running",
    "%coder logs web --tail 3",
    "%%coder run web -o told\necho one; date; echo $$",
    "told.seconds, told.started_at",
    "%coder metadata web",
    "%coder containers devbox",
    "coder = cn.connect(TARGET)\ncoder.run_all('owner:me status:running', 'echo $HOME; date')",
    "%coder stop docs --wait --yes",
    "%coder ls name:docs",
)
OFFLINE = """\
import socket

def refuse(*_):
    raise OSError("there is no network")

socket.socket.connect = socket.socket.connect_ex = socket.create_connection = refuse
"""


def recorded(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs a notebook against a deployment of its own, recorded, and stores its outputs."""
    book = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    with launch.start(here=False) as demo:
        monkeypatch.setenv("CODER_URL", demo.url)
        monkeypatch.setenv("CODER_SESSION_TOKEN", demo.token.reveal())
        monkeypatch.setenv("CODER_NB_RECORD", "book")
        NotebookClient(book, timeout=60, resources={"metadata": {"path": str(path.parent)}}).execute()
    for name in ("CODER_URL", "CODER_SESSION_TOKEN", "CODER_NB_RECORD"):
        monkeypatch.delenv(name)
    nbformat.write(book, path)  # type: ignore[no-untyped-call]


def test_it_passes_offline(pytester: pytest.Pytester, notebook: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    """With all it shows: times, what commands wrote, what was changed. Something else than was recorded fails."""
    path = notebook(pytester.path, *(cell.replace("TARGET", "None") for cell in CELLS))
    recorded(path, monkeypatch)
    assert (pytester.path / "book.cassette").is_file()
    text = path.read_text(encoding="utf-8")
    text = text.replace("= %coder connect", "= %coder connect replay:book").replace("(None)", "('replay:book')")
    path.write_text(text, encoding="utf-8")
    (pytester.path / "sitecustomize.py").write_text(OFFLINE, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(pytester.path), prepend=":")
    pytester.runpytest_subprocess("--nbval", "-p", "no:cacheprovider").assert_outcomes(passed=len(CELLS))
    book = json.loads(text)
    book["cells"][4]["source"] = "%%coder run web -o told\necho two"
    path.write_text(json.dumps(book), encoding="utf-8")
    result = pytester.runpytest_subprocess("--nbval", "-p", "no:cacheprovider")
    result.stdout.fnmatch_lines(["*NotRecorded: the recording book has no answer to what was typed: 'echo two'*"])
