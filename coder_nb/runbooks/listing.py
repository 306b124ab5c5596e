"""The list of a runbook's steps: live for whoever looks at the notebook, a table as of its cell everywhere else.

Where nothing was reached yet it names no status: a stored notebook would tell something that is no longer so.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from coder_nb.look import dim, safe, state, table, visible
from coder_nb.runbooks.current import Current
from coder_nb.runbooks.journal import StepRecord

__all__ = ["StepList"]

_LISTS = 10
"""Lists that are kept up to date, the newest."""
_NONE = "no steps are known yet; they are listed as they run"


class StepList:
    """The steps of the run of this kernel.

    Args:
        current: whose.
    """

    def __init__(self, current: Current) -> None:
        self._current = current
        self._widget: Any = None

    @property
    def steps(self) -> list[StepRecord]:
        """As they are now; those of the notebook's file before its run begins."""
        return self._current.steps()

    def __repr__(self) -> str:
        rows = [(str(step.number), visible(step.title), said) for step, said in self._said()]
        if not rows:
            return _NONE
        wide = [max(len(row[column]) for row in rows) for column in (0, 1)]
        lines = (f"  {number:>{wide[0]}}  {title:<{wide[1]}}  {said}".rstrip() for number, title, said in rows)
        return "\n".join(["steps", *lines])

    def _repr_html_(self) -> str:
        told = self._told
        rows = [
            (
                dim(step.number),
                safe(step.title),
                *([state(step.status) + " " + dim(step.why or step.error)] if told else []),
            )
            for step in self.steps
        ]
        return table(rows, head=("", "step", "status") if told else ("", "step")) if rows else dim(_NONE)

    def _repr_mimebundle_(self, **_: object) -> tuple[dict[str, object], dict[str, object]]:
        data: dict[str, object] = {"text/plain": repr(self), "text/html": self._repr_html_()}
        if self._current.watched:
            data["application/vnd.jupyter.widget-view+json"] = {
                "version_major": 2,
                "version_minor": 0,
                "model_id": self._live().model_id,
            }
        return data, {}

    @property
    def _told(self) -> bool:
        return any(step.status != "pending" for step in self.steps)

    def _said(self) -> Iterator[tuple[StepRecord, str]]:
        for step in self.steps:
            why = step.why or step.error
            yield step, f"{step.status}{f': {visible(why)}' if why else ''}" if self._told else ""

    def _live(self) -> Any:
        if self._widget is None:
            import ipywidgets as widgets  # type: ignore[import-untyped]

            self._widget = widgets.HTML()
            self._current.listeners.append(self._refresh)
            # A cell that runs again leaves its list to nobody.
            del self._current.listeners[:-_LISTS]
        self._refresh()
        return self._widget

    def _refresh(self) -> None:
        self._widget.value = self._repr_html_()
