"""A run that is kept in a folder, with everything a report has to show, hostile parts included."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd
import pytest

from coder_nb.runbooks.journal import Evidence, Run, StepRecord, Value
from coder_nb.runbooks.keeping import Journal

V4: Any = nbformat.v4
BEGAN = datetime(2026, 3, 12, 9, 30, tzinfo=UTC)
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000" + "1f15c4890000000d49444154789c636060f80f00010401"
    "005fe5c34b0000000049454e44ae426082"
)
EVIL = "http://evil.example"
HOSTILE = (
    f'<img src="{EVIL}/a.png"><style>@import "{EVIL}/x.css";</style><iframe src="{EVIL}/"></iframe>'
    f'<div style="background:url({EVIL}/b)">harmless words</div><link rel="preload" href="{EVIL}/c">'
    f'<script>document.title = "taken over"; fetch("{EVIL}/d")</script>'
)
TITLE = 'Restart <b>now</b> & "then"'


class Kept:
    """A run in a folder, which a test fills."""

    def __init__(self, folder: Path, **more: object) -> None:
        values = {"id": "one", "book": "/books/drain.ipynb", "book_hash": "ab" * 32, "user": "ada", "started": BEGAN}
        self.folder = folder
        self.run = Run(**(values | more))  # type: ignore[arg-type]
        self.journal = Journal(folder, self.run)

    def step(self, title: str, status: str = "done", **more: object) -> StepRecord:
        """One more step."""
        number = len(self.run.steps) + 1
        step = StepRecord(number=number, title=title, status=status, started=BEGAN, **more)  # type: ignore[arg-type]
        self.run.steps.append(step)
        self.journal.write()
        return step

    def shows(self, step: StepRecord, kind: str, title: str = "", *, cut: bool = False, **files: bytes) -> None:
        """A piece of evidence; `png`, `svg`, `html`, `text` and `parquet` are its files."""
        number = len(step.evidence)
        kept = {TYPES[end]: self.journal.keep("evidence", step, f"{number}.{end}", data) for end, data in files.items()}
        step.evidence.append(Evidence(kind=kind, title=title, files=kept, cut=cut))  # type: ignore[arg-type]
        self.journal.write()

    def notebook(self, *cells: Any) -> None:
        """The notebook as it ran."""
        nbformat.write(V4.new_notebook(cells=list(cells)), self.folder / "executed.ipynb")  # type: ignore[no-untyped-call]


TYPES = {
    "png": "image/png",
    "svg": "image/svg+xml",
    "html": "text/html",
    "text": "text/plain",
    "parquet": "application/vnd.apache.parquet",
}


@pytest.fixture
def kept(tmp_path: Path) -> Callable[..., Kept]:
    """Makes runs."""
    made: list[Kept] = []

    def make(**more: object) -> Kept:
        made.append(Kept(tmp_path / f"run-{len(made)}", **more))
        return made[-1]

    return make


@pytest.fixture
def full(kept: Callable[..., Kept]) -> Kept:
    """A run that failed in its fourth step, with a frame, a figure, output, hostile HTML and a cell that failed."""
    it = kept(
        deployment="coder.example.com",
        ended=BEGAN + timedelta(seconds=75),
        parameters={"workspace": "dev", "token": "****", "note": ""},
    )
    looked = it.step("Look at the workspace", seconds=1.25, deployment="coder.example.com")
    frame = pd.DataFrame({"level": ["warn", None], "text": ["a|b <script>x</script>", "*c*"]})
    parquet = io.BytesIO()
    frame.to_parquet(parquet)
    it.shows(looked, "frame", "log lines", html=frame.to_html().encode(), parquet=parquet.getvalue())
    it.step("Drain the queue", "skipped", why="nothing is queued")
    done = it.step(TITLE, seconds=31.0, value=Value(kind="json", text="dict, 3 keys"))
    it.shows(done, "figure", "load", png=PIXEL)
    it.shows(done, "output", cut=True, text=b"\x1b[31mred\x1b[0m line\n```\n" + EVIL.encode())
    it.shows(done, "display", "a page", html=HOSTILE.encode())
    it.step("Look whether it works", "failed", seconds=4.5, error="CommandFailed: curl ended with 22")
    it.step("Tell the team", "pending")
    failure = V4.new_output("error", ename="E", evalue="e", traceback=["\x1b[31mE\x1b[0m: e"])
    it.notebook(
        V4.new_markdown_cell("# Restart the app\n\nFor when `app` [hangs](http://x.example)."),
        V4.new_code_cell("%%coder step 'Look'", outputs=[failure]),
    )
    return it
