"""Which step of a run a cell, or a call of a function, means: steps are known by their titles, calls by their order."""

from __future__ import annotations

from coder_nb.runbooks import ahead
from coder_nb.runbooks.cells import Cells
from coder_nb.runbooks.journal import Run, StepRecord

__all__ = ["Calls", "record"]


class Calls:
    """Numbers the calls of functions that are steps of one title; a cell that runs again makes the same calls."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[str, object], list[int]] = {}
        self._within: tuple[int, dict[str, int]] = (-1, {})

    def number(self, title: str, cells: Cells, function: bool) -> int:
        """The number of the call that is made now, from 0.

        Args:
            function: it is a call; else a cell, whose title is its own.
        """
        if self._within[0] != cells.count:
            self._within = (cells.count, {})
        seen = self._within[1]
        index = seen[title] = seen.get(title, -1) + 1
        if not function:
            return index
        numbers = self._numbers.setdefault((title, cells.now), [])
        if index >= len(numbers):
            numbers.append(sum(len(others) for (other, _), others in self._numbers.items() if other == title))
        return numbers[index]


def record(run: Run, title: str, call: int) -> StepRecord:
    """The record of a step: the one it has, the one that was planned for it, or a new one after those reached."""
    for step in run.steps:
        planned = step.status == "pending" and ahead.fits(step.title, title)
        if step.call == call and (step.title == title or planned):
            step.title = title
            return step
    at = max((index for index, one in enumerate(run.steps, 1) if one.status != "pending"), default=0)
    made = StepRecord(number=0, title=title, call=call)
    run.steps.insert(at, made)
    for number, one in enumerate(run.steps, 1):
        one.number = number
    return made
