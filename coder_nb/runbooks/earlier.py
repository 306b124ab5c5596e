"""What steps have handed on before: in the run that is resumed, and in the runs of the same book before it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from coder_nb.errors import RunbookError
from coder_nb.runbooks.journal import Run, StepRecord, Value, recent
from coder_nb.runbooks.values import load

__all__ = ["earlier", "handed_on"]


def handed_on(folder: Path, value: Value | None) -> Any:
    """The value a step has handed on.

    Args:
        folder: of its run.
    Raises:
        RunbookError: it cannot be read.
    """
    if value is None or value.kind == "none":
        return None
    try:
        data = (folder / value.file).read_bytes()
    except OSError as error:
        raise RunbookError(
            f"a stored value cannot be read: {folder / value.file}: {error.strerror}",
            hint="run the book from its beginning, without --resume",
        ) from None
    return load(value.kind, data)


def earlier(run: Run, step: StepRecord) -> tuple[Path, StepRecord] | None:
    """The latest run in which a step was done that is the same, and it there: same parameters, cells and deployment."""
    for other in recent(run.book or None):
        if other.folder == run.folder or other.dry_run or other.parameters != run.parameters:
            continue
        for one in other.steps:
            if one.status == "done" and _known_by(one) == _known_by(step):
                return Path(other.folder), one
    return None


def _known_by(step: StepRecord) -> tuple[object, ...]:
    return step.title, step.call, step.deployment, step.before
