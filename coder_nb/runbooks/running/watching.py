"""How far a run is, told while it goes on: a line for each step that has ended, and in a terminal one that moves.

Reads the journal, which the kernel writes, whenever that has changed.
"""

from __future__ import annotations

import shutil
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

from coder_nb.errors import RunbookError
from coder_nb.look import visible
from coder_nb.runbooks import journal
from coder_nb.runbooks.journal import Run, StepRecord
from coder_nb.runbooks.words import took

__all__ = ["Watch"]

ENDED: Final = ("done", "skipped", "declined", "failed")
_COLOURS: Final = {"done": "32", "failed": "31", "declined": "33", "skipped": "2"}
_WHY: Final = 100
"""Characters of a reason that a line has room for."""


class Watch:
    """Watches one run's journal and tells of it on standard output.

    Args:
        folder: the run's.
        cells: how many the notebook has.
        live: this is a terminal, where a line can be written over.
    """

    def __init__(self, folder: Path, cells: int, *, live: bool | None = None) -> None:
        self._file = folder / journal.FILE
        self._folder = folder
        self._cells = cells
        self._live = sys.stdout.isatty() if live is None else live
        self._written: tuple[int, int] | None = None
        self._told: set[tuple[int, int]] = set()
        self._before: dict[tuple[int, int], StepRecord] = {}
        self._moving, self._wide = "", 0
        self._cell, self._since = 0, time.monotonic()
        self.run: Run | None = None

    def resumed(self) -> None:
        """Tells what was done before, and takes that for known."""
        self._read()
        for step in self.run.steps if self.run else ():
            self._before[step.number, step.call] = step
            if step.status in ("done", "skipped"):
                self._tell(step, "earlier")

    def began(self, index: int) -> None:
        """Cell `index`, from 0, is about to run."""
        self._cell, self._since = index, time.monotonic()
        self.look()

    def ended(self, index: int) -> None:
        """Cell `index` has run."""
        self.look()

    def look(self) -> None:
        """Tells what is new."""
        if self._changed():
            self._read()
            for step in self.run.steps if self.run else ():
                key = step.number, step.call
                if step.status in ENDED and key not in self._told and step != self._before.get(key):
                    self._tell(step, "")
        if self._live:
            self._move()

    def say(self, text: str) -> None:
        """A line for people."""
        self.clear()
        _print(visible(text), "\n")

    def clear(self) -> None:
        """Takes the moving line away."""
        if self._moving:
            _print("\r\x1b[K")
            self._moving = ""

    def _changed(self) -> bool:
        try:
            now = self._file.stat()
        except OSError:
            return False
        written = (now.st_mtime_ns, now.st_ino)
        changed, self._written = written != self._written, written
        return changed

    def _read(self) -> None:
        try:
            self.run = journal.read(self._folder)
        except RunbookError:
            return

    def _tell(self, step: StepRecord, when: str) -> None:
        self._told.add((step.number, step.call))
        self.clear()
        status = f"{step.status:<8}"
        if self._live and step.status in _COLOURS:
            status = f"\x1b[{_COLOURS[step.status]}m{status}\x1b[0m"
        why = when or step.error or step.why
        short = visible(" ".join(why.split()))
        short = short if len(short) <= _WHY else f"{short[:_WHY]}…"
        _print(f"{step.number:>3}  {self._title(step)}  {status}  {took(step.seconds):>9}  {short}".rstrip(), "\n")

    def _title(self, step: StepRecord) -> str:
        # A title is known in full only when its step runs: what was wide enough for the lines before stays so.
        titles = [visible(other.title) for other in self.run.steps] if self.run else []
        self._wide = max(self._wide, min(max(map(len, titles), default=0), 48))
        return f"{visible(step.title):<{self._wide}}"

    def _move(self) -> None:
        now = next((step for step in (self.run.steps if self.run else ()) if step.status == "running"), None)
        what = f"{now.number:>3}  {visible(now.title)}" if now else f"     cell {self._cell + 1} of {self._cells}"
        spent = f"  … {time.monotonic() - self._since:.0f} s"
        line = what[: max(shutil.get_terminal_size().columns - len(spent) - 1, 0)] + spent
        if line != self._moving:
            self._moving = line
            _print(f"\r\x1b[K\x1b[2m{line}\x1b[0m")


def _print(text: str, end: str = "") -> None:
    # A terminal that was closed, or a reader that has enough, must not keep a run from coming to its end.
    with suppress(OSError):
        print(text, end=end, flush=True)
