"""Going on with a run that stopped: which one, and whether everything is as it was when its steps were done."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from coder_nb.errors import RunbookError
from coder_nb.look import visible
from coder_nb.runbooks import journal
from coder_nb.runbooks.cells import difference
from coder_nb.runbooks.journal import Run, StepRecord
from coder_nb.runbooks.keeping import Journal

__all__ = ["FOLDER", "compare", "offer", "resumed"]

FOLDER: Final = "CODER_NB_RUN"
"""A variable that names the folder of the run."""
_STOPPED: Final = ("failed", "declined", "running")


def resumed(book: Path | None, parameters: Mapping[str, str]) -> Run:
    """The run to go on with, its steps done or to come: that of the folder a runner names, else the book's last one.

    Args:
        parameters: as they are now.
    Raises:
        RunbookError: there is none, it has come to its end or still goes on, or it had other parameters.
    """
    named = os.environ.get(FOLDER)
    kept = named and (Path(named) / journal.FILE).is_file()
    known = iter([journal.read(named)]) if named and kept else journal.recent(book)
    found = next((run for run in known if not run.dry_run), None)
    if found is None or found.outcome == "done":
        why = "its last run has come to its end" if found else "it was never run"
        raise RunbookError(f"there is nothing to resume of this book: {why}", hint="run it without --resume")
    if other := _differences(found.parameters, parameters):
        raise RunbookError(
            f"the run to be resumed had other parameters: {other}",
            hint="set them as they were, or run the book from its beginning, without --resume",
        )
    again = Journal.reopen(Path(found.folder))
    for step in again.run.steps:
        if step.status != "done":
            again.drop(step)
            step.status, step.why, step.error = "pending", "", ""
    again.run.resumed.append(datetime.now(UTC))
    return again.run


def compare(step: StepRecord, before: Sequence[str], deployment: str, lines: Mapping[str, str]) -> None:
    """Returns if a step that is done was done as it would be done now.

    Args:
        before: digests of the cells that ran before it this time, and of its own, last.
        deployment: where the notebook is connected to now.
        lines: first lines of cells by digest.
    Raises:
        RunbookError: it was done with other cells before it, or at another deployment.
    """
    hint = "put it back as it was, or run the book from its beginning, without --resume"
    name = f"step {step.number}, {step.title},"
    if found := difference(step.before, before, lines):
        raise RunbookError(f"{name} was done when the notebook was different: {found}", hint=hint)
    if step.deployment != deployment:
        there, here = (place or "no deployment" for place in (step.deployment, deployment))
        raise RunbookError(f"{name} was done at {there}, and this is {here}", hint=hint)


def offer(book: Path | None, run: Run) -> None:
    """Says that the book's run before this one can be gone on with, where it stopped and had the same parameters."""
    last = next((other for other in journal.recent(book) if other.folder != run.folder), None)
    if last and last.outcome in ("failed", "declined", "broken off") and last.parameters == run.parameters:
        stopped = next((step for step in last.steps if step.status in _STOPPED), None)
        where = f" at step {stopped.number}, {visible(stopped.title)}" if stopped else ""
        print(f"the last run stopped{where}; %%coder parameters --resume goes on there", file=sys.stderr)


def _differences(before: Mapping[str, str], now: Mapping[str, str]) -> str:
    said = [
        f"{name} was {before[name] or 'not set'} and is {now[name] or 'not set'}"
        for name in before
        if name in now and before[name] != now[name]
    ]
    said += [f"{name} is no longer declared" for name in before if name not in now]
    said += [f"{name} is new" for name in now if name not in before]
    return "; ".join(said)
