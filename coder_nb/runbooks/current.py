"""The run of this kernel: which book it is, its journal, its parameters, and which step a cell means.

One kernel runs one book, so there is one of these for a shell. It runs nothing; steps.py does.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from coder_nb.client import Coder
from coder_nb.errors import RunbookError
from coder_nb.runbooks import ahead, journal
from coder_nb.runbooks import book as books
from coder_nb.runbooks.cells import Cells, digest, line
from coder_nb.runbooks.declarations import Declaration
from coder_nb.runbooks.here import Ask
from coder_nb.runbooks.journal import Run, StepRecord
from coder_nb.runbooks.keeping import Journal, prune, this_kernel, this_user
from coder_nb.runbooks.parameters import Parameters, refuse, unknown
from coder_nb.runbooks.resuming import FOLDER, compare, offer, resumed
from coder_nb.runbooks.which import Calls, record
from coder_nb.transport.http import DRY_RUN

__all__ = ["BOOK", "MODE", "YES", "Current"]

BOOK: Final = "CODER_NB_RUNBOOK"
MODE: Final = DRY_RUN
YES: Final = "CODER_NB_YES"


class Current:
    """The run of one shell.

    Args:
        shell: an IPython shell.
        cells: what it has run.
        ask: asks a person.
        connection: gives the connection that `%coder` lines use; None where there is none.
    Attributes:
        journal: of the run; None before it begins.
        parameters: as the book declares them.
        busy: the step whose body runs.
        listeners: called after each change.
    """

    def __init__(self, shell: Any, cells: Cells, ask: Ask, connection: Callable[[], Coder | None]) -> None:
        self.shell, self.cells, self.ask = shell, cells, ask
        self.journal: Journal | None = None
        self.parameters = Parameters(())
        self.busy: StepRecord | None = None
        self.listeners: list[Callable[[], None]] = []
        self._connection = connection
        self._owed: list[StepRecord] = []
        self._calls = Calls()
        self._dry_here = False
        self._known: object = None

    def close(self) -> None:
        """Lets go of everything; the journal stays as it is."""
        self.listeners.clear()
        self._dry(False)

    @property
    def namespace(self) -> dict[str, Any]:
        """The notebook's variables."""
        names: dict[str, Any] = self.shell.user_ns
        return names

    @property
    def run(self) -> Run:
        """The run; one begins where none has."""
        if self.journal is None:
            self.begin()
        assert self.journal is not None
        return self.journal.run

    @property
    def watched(self) -> bool:
        """Whether a person looks at this notebook in a front end that has widgets; never while a runner runs it."""
        kernel = getattr(self.shell, "kernel", None)
        asked = bool(getattr(kernel, "_allow_stdin", False))
        return asked and not os.environ.get(BOOK) and os.environ.get("CODER_NB_LIVE") != "0"

    def begin(self, *, resume: bool = False, dry_run: bool = False) -> None:
        """Begins a run of the book, or goes on with its last one.

        Raises:
            RunbookError: nothing to resume, it was run with other parameters, or a parameter is wrong.
        """
        refuse(self.parameters.mistakes)
        mode = "" if self._dry_here else os.environ.get(MODE, "")
        path, book, titles = self._book()
        if resume or (mode == "resume" and self.journal is None):
            run = resumed(path, self.parameters.texts())
        else:
            at = self._folder(path)
            run = Run(id=at.name, folder=str(at), started=_now(), user=this_user())
        run.book, run.book_hash = str(path or ""), ahead.book_hash(book) if book else ""
        run.parameters, run.kernel = self.parameters.texts(), this_kernel()
        run.dry_run, run.yes = dry_run or mode == "dry", bool(os.environ.get(YES))
        run.steps, run.ended, run.error = ahead.planned(run.steps, titles), None, ""
        prune(path)
        self._dry(dry_run and mode != "dry")
        self._calls = Calls()
        self._owed = [step for step in run.steps if step.status == "done"]
        self.journal = Journal(Path(run.folder), run)
        self.changed()
        if self.watched and not resume:
            offer(path, run)

    def steps(self) -> list[StepRecord]:
        """The steps of the run; before it begins, those the notebook's file holds."""
        return self.journal.run.steps if self.journal else ahead.planned([], self._book()[2])

    def declare(self, parameters: Parameters) -> None:
        """The book declares these parameters from now on."""
        self.parameters = parameters

    def settle(self, *, resume: bool = False, dry_run: bool = False, anew: bool = True) -> None:
        """Checks the parameters and begins a run with them, unless they are those of the run that has begun.

        Args:
            anew: begin a run also where nothing is different, once a step of this one was reached; else a dry run
                stays one.
        Raises:
            RunbookError: with every mistake.
        """
        self.parameters.live, self._known = self._form, None
        try:
            self.parameters.settle(self.namespace, lambda prompt: self.ask(prompt, hidden=True))
        except RunbookError:
            if self.watched:
                # Above the error, the form in which it can be put right.
                from IPython.display import display

                display(self.parameters)  # type: ignore[no-untyped-call]
            raise
        self.check_names()
        run = self.journal.run if self.journal else None
        dry_run = dry_run or (self._dry_here and not anew)
        same = run is not None and run.parameters == self.parameters.texts()
        if resume or not same or (anew and self._reached) or dry_run != self._dry_here:
            self.begin(resume=resume, dry_run=dry_run)

    def change(self, one: Declaration, value: object) -> None:
        """Gives one parameter another value, which somebody has typed into the form.

        Raises:
            RunbookError: there is no such workspace.
        """
        if one.kind.name in ("workspace", "agent") and value and (coders := self.coders()):
            refuse(unknown(one, str(value), coders[0]))
        self.parameters.put(one, value, self.namespace)
        if self.parameters.mistakes:
            return
        if self.journal is None or self.journal.run.parameters != self.parameters.texts():
            self.begin(dry_run=self._dry_here)

    def check_names(self) -> None:
        """Asks the deployment for the workspaces the parameters name: once for a connection, and once there is one."""
        coders = self.coders()
        if coders and coders[0] is not self._known:
            self.parameters.check_names(coders[0])
            self._known = coders[0]

    def coders(self) -> list[Coder]:
        """The connections the notebook uses, that of the `%coder` lines first."""
        own = self._connection()
        named = [value for name, value in self.namespace.items() if not name.startswith("_")]
        others = [value for value in named if isinstance(value, Coder) and value is not own]
        return [own, *others] if own is not None else others

    def deployment(self) -> str:
        """Where the notebook is connected to; "" for nowhere."""
        return ", ".join(sorted({coder.place for coder in self.coders()}))

    def step(self, title: str, *, function: bool) -> StepRecord:
        """The record of the step that a cell, or a call of a function, means.

        Args:
            function: each call in a cell is a step of its own; a cell that runs again means the same ones.
        Raises:
            RunbookError: a parameter is wrong.
        """
        refuse(self.parameters.mistakes)
        return record(self.run, title, self._calls.number(title, self.cells, function))

    def before(self, told: str) -> list[str]:
        """What stands for the cells until now, this one last.

        Args:
            told: what else the step depends on: a function's arguments.
        """
        texts = [*self.cells.texts(list(self.parameters.texts())), *([told] if told else [])]
        digests = [digest(text) for text in texts]
        self.run.cells.update(zip(digests, map(line, texts), strict=True))
        return digests

    def owed(self, step: StepRecord, before: list[str]) -> bool:
        """Whether a step was done before the run was resumed, and its value is to be given back.

        Raises:
            RunbookError: it was done with other cells before it, or at another deployment.
        """
        if step not in self._owed:
            return False
        compare(step, before, self.deployment(), self.run.cells)
        self._owed.remove(step)
        return True

    def changed(self) -> None:
        """Writes the journal, and tells who listens."""
        assert self.journal is not None
        run = self.journal.run
        if self.busy is None:
            run.deployment = self.deployment() or run.deployment
        over = all(step.status in ("done", "skipped") for step in run.steps) and bool(run.steps)
        stopped = any(step.status in ("failed", "declined") for step in run.steps)
        run.ended = _now() if over or stopped else None
        self.journal.write()
        for tell in list(self.listeners):
            tell()

    def _form(self) -> str | None:
        """The form's widget, by its id, where somebody looks."""
        if not self.watched:
            return None
        from coder_nb.runbooks.form import form

        names = list(dict.fromkeys(name for coder in self.coders() for name in coder.names()))
        made: str = form(self.parameters, self.change, names=names).model_id
        return made

    def _book(self) -> tuple[Path | None, books.Book | None, list[str]]:
        path = ahead.where(self.namespace)
        try:
            book = books.read(path) if path else None
        except RunbookError:
            # A page may be about to save it; only a runner is sure of what it runs.
            if os.environ.get(BOOK):
                raise
            book = None
        return path, book, ahead.titles(book) if book else []

    @property
    def _reached(self) -> bool:
        """Whether any step of the run was reached."""
        return self.journal is not None and any(step.status != "pending" for step in self.journal.run.steps)

    def _folder(self, path: Path | None) -> Path:
        if self.journal is not None and not self._reached:
            return self.journal.folder
        named = os.environ.get(FOLDER)
        return Path(named) if named and self.journal is None else journal.fresh(path)

    def _dry(self, on: bool) -> None:
        """Holds for every connection of this process and of what it starts: the transport asks the environment."""
        if on:
            os.environ[MODE] = "dry"
        elif self._dry_here:
            os.environ.pop(MODE, None)
        self._dry_here = on


def _now() -> datetime:
    # Not the clock a replay sets: the journal tells when people did what they did.
    return datetime.now(UTC)
