"""One run of one book: folder, notebook with its parameters, kernel, and how it came out."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from coder_nb.credentials.seen import mask, saw
from coder_nb.errors import RunbookError
from coder_nb.replacing import replace
from coder_nb.runbooks import audit, journal
from coder_nb.runbooks.ahead import book_hash
from coder_nb.runbooks.declarations import declarations
from coder_nb.runbooks.journal import Run
from coder_nb.runbooks.keeping import Journal, this_user
from coder_nb.runbooks.report.story import EXECUTED
from coder_nb.runbooks.running.asking import Ask
from coder_nb.runbooks.running.kernel import Ended, Place, execute
from coder_nb.runbooks.running.order import Order
from coder_nb.runbooks.running.watching import Watch

__all__ = ["Outcome", "run"]

LOOKS: Final = 0.2
"""Seconds between two looks at the journal."""
LOG: Final = "kernel.log"
"""What the kernel's process itself wrote; there only where it wrote something."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run came out.

    Attributes:
        run: its journal.
        notebook: the notebook as it ran.
        log: what the kernel's own process had to say; None for nothing.
    """

    folder: Path
    notebook: Path
    run: Run
    ended: Ended
    log: Path | None = None

    @property
    def declined(self) -> bool:
        """Something was not confirmed."""
        failure = self.ended.failure
        return any(step.status == "declined" for step in self.run.steps) or (
            failure is not None and failure.kind == "ConfirmationRequired"
        )

    @property
    def wrong_parameters(self) -> bool:
        """What failed is the cell that checks the parameters."""
        failure = self.ended.failure
        return failure is not None and failure.source.startswith(("%%coder parameters", "%coder parameters"))

    @property
    def failed(self) -> bool:
        """A step or a cell failed."""
        return self.ended.failure is not None or self.run.outcome in ("failed", "broken off")


def run(order: Order, *, ask: Callable[[Callable[[], None]], Ask] | None) -> Outcome:
    """Run a book to its end, its first failure, or Ctrl-C; tells how far it is on standard output.

    Args:
        ask: makes what puts the kernel's questions to a person, given what makes room for one; None for nobody.
    Returns:
        How it came out, whatever that is.
    Raises:
        RunbookError: it could not begin: nothing to resume, a folder that cannot be written, no kernel.
    """
    folder = _last(order) if order.resume else journal.fresh(order.book.path)
    notebook = _prepared(order, _earlier(folder) if order.resume else {})
    _see_secrets(order)
    _make(folder)
    watch = _Keeping(folder, notebook)
    if order.resume:
        watch.resumed()
    place = Place(order.book.path.resolve().parent, _environment(order, folder), order.kernel)
    log = folder / LOG
    try:
        with log.open("wb") as file:
            ended = asyncio.run(_watched(notebook, place, file, ask(watch.clear) if ask else None, watch))
    finally:
        watch.clear()
        watch.save()
        _tidy(log)
    ended_run = _judged(watch.run or _unbegun(order, folder), ended)
    if order.output:
        _copy(watch.path, order.output)
    return Outcome(folder, watch.path, ended_run, ended, log if log.exists() else None)


class _Keeping(Watch):
    """A watch that also keeps the notebook as it is after each cell."""

    def __init__(self, folder: Path, notebook: Any) -> None:
        super().__init__(folder, len(notebook.cells))
        self.path = folder / EXECUTED
        self._notebook = notebook

    def ended(self, index: int) -> None:
        super().ended(index)
        if self._notebook.cells[index].cell_type == "code":
            self.save()

    def save(self) -> None:
        """Writes the notebook, in one step and for its owner's eyes only."""
        import nbformat

        text: str = nbformat.writes(self._notebook)  # type: ignore[no-untyped-call]
        replace(self.path, mask(text).encode("utf-8", "replace"))


async def _watched(notebook: Any, place: Place, log: Any, ask: Ask | None, watch: Watch) -> Ended:
    async def look() -> None:
        while True:
            await asyncio.sleep(LOOKS)
            watch.look()

    looking = asyncio.ensure_future(look())
    try:
        return await execute(notebook, place=place, log=log, ask=ask, tell=watch)
    finally:
        looking.cancel()
        watch.look()


def _unbegun(order: Order, folder: Path) -> Run:
    """The journal of a run that came to no step, and whose parameters were not even checked."""
    path = order.book.path.resolve()
    now = datetime.now(UTC)
    return Run(
        id=folder.name,
        folder=str(folder),
        book=str(path),
        book_hash=book_hash(order.book),
        started=now,
        user=this_user(),
        dry_run=order.dry_run,
        yes=order.yes,
    )


def _judged(run: Run, ended: Ended) -> Run:
    """The journal with its end: nobody else can tell of a failure outside the steps, and of a kernel that died."""
    told = any(step.status in ("failed", "declined") for step in run.steps)
    if ended.failure is not None and not told:
        run.error = mask(f"cell {ended.failure.number}: {ended.failure}")
    elif ended.interrupted and not told:
        run.error = "interrupted"
    run.ended = run.ended or datetime.now(UTC)
    judged = Journal(Path(run.folder), run).run
    audit.record(judged, None, judged.outcome)
    return judged


def _see_secrets(order: Order) -> None:
    """Knows the secrets that the notebook takes from the environment, so that nothing written here shows one."""
    for one in declarations(order.book.declarations):
        if one.kind.env:
            saw(os.environ.get(one.kind.env, ""))


def _prepared(order: Order, earlier: Mapping[str, object]) -> Any:
    """The notebook with its parameters where papermill puts them, and without what an earlier run has left in it."""
    import nbformat

    notebook: Any = nbformat.read(order.book.path, as_version=4)  # type: ignore[no-untyped-call]
    for cell in notebook.cells:
        # papermill looks for its tags in every cell.
        cell.metadata.setdefault("tags", [])
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    if values := {**earlier, **order.values}:
        from papermill.parameterize import parameterize_notebook  # type: ignore[import-untyped]

        notebook.metadata["papermill"] = nbformat.from_dict({"parameters": {}})  # type: ignore[no-untyped-call]
        notebook = parameterize_notebook(notebook, values, kernel_name="python3", language="python")
    return notebook


def _last(order: Order) -> Path:
    """The folder of the latest run that has not come to its end."""
    for folder in journal.runs(order.book.path):
        earlier = journal.read(folder)
        if earlier.dry_run:
            continue
        if earlier.outcome == "done":
            break
        return folder
    raise RunbookError(
        f"nothing to resume: no run of {order.book.name} has broken off",
        hint=f"coder-nb runbook run {order.book.path}",
    )


def _earlier(folder: Path) -> Mapping[str, object]:
    """The parameters an earlier run was given: a resume that names none means these."""
    import nbformat

    try:
        notebook: Any = nbformat.read(folder / EXECUTED, as_version=4)  # type: ignore[no-untyped-call]
    except (OSError, ValueError):
        return {}
    values: Mapping[str, object] = notebook.metadata.get("papermill", {}).get("parameters", {})
    return dict(values)


def _environment(order: Order, folder: Path) -> dict[str, str]:
    kept = {name: text for name, text in os.environ.items() if name not in order.variables}
    return kept | order.environment(folder)


def _make(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
    except OSError as error:
        raise RunbookError(
            f"the folder of this run cannot be made: {folder}: {error.strerror}", hint="set XDG_STATE_HOME"
        ) from None


def _tidy(log: Path) -> None:
    with suppress(OSError):
        log.chmod(0o600)
        if not log.stat().st_size:
            log.unlink()


def _copy(notebook: Path, to: Path) -> None:
    try:
        shutil.copyfile(notebook, to)
    except OSError as error:
        raise RunbookError(
            f"cannot write the executed notebook {to}: {error.strerror}", hint=f"it is kept: {notebook}"
        ) from None
