"""A runbook's steps as Coder's dashboard shows them: lines of the log source `runbook`, and an app's status.

Only inside a workspace, and only of real runs. What Coder does not take is told once, and stops nothing.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from coder_nb.errors import CoderError
from coder_nb.look import visible

if TYPE_CHECKING:
    from coder_nb.runbooks.journal import Run
    from coder_nb.within import Inside, LogSource

__all__ = ["APP", "close", "tell"]

APP: Final = "CODER_NB_AUDIT_APP"
_SOURCE: Final = "runbook"
_BYTES: Final = 160
"""Of an app's message; the server takes no more."""
_LEVELS: Final = {"failed": "error", "broken off": "error", "declined": "warn"}
_STATES: Final = {"done": "complete", "failed": "failure", "declined": "idle"}


class _Panel:
    """The agent this process runs under, and what has been opened there."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside: Inside | None = None
        self._log: LogSource | None = None
        self._told: set[str] = set()

    def say(self, level: str, text: str) -> None:
        """A line; it is sent in the background."""
        self._try("log", lambda: self._source().say(level, text))

    def status(self, app: str, state: str, text: str) -> None:
        """The app's status, at once."""
        self._try("app status", lambda: self._home().app_status(state, text, app=app))

    def close(self) -> None:
        """Sends what waits, and lets go."""
        with self._lock:
            inside, self._inside, self._log = self._inside, None, None
            self._told.clear()
        if inside is not None:
            inside.close()

    def _try(self, what: str, does: Callable[[], None]) -> None:
        if what in self._told:
            return
        try:
            with self._lock:
                does()
        except CoderError as error:
            # Not tried again: a workspace whose agent cannot be asked would make each step wait.
            self._told.add(what)
            print(f"coder-nb: Coder takes no {what} of this runbook: {visible(error.message)}", file=sys.stderr)

    def _home(self) -> Inside:
        if self._inside is None:
            from coder_nb.within import inside

            self._inside = inside()
        return self._inside

    def _source(self) -> LogSource:
        if self._log is None:
            self._log = self._home().log_source(_SOURCE, icon="/emojis/1f4d3.png")
        return self._log


_panel = _Panel()
close = _panel.close


def tell(run: Run, title: str, step: int | None, outcome: str, reason: str) -> None:
    """Says what has become of a step, where this process is inside a workspace.

    Args:
        title: of the step.
        step: its number; None for the run itself.
        outcome: its status, or how the run came out.
        reason: why.
    """
    if run.dry_run or run.deployment.startswith("replay:") or not os.environ.get("CODER_AGENT_TOKEN"):
        return
    book = os.path.basename(run.book) or "a notebook"  # noqa: PTH119 - of a text that may come from another system
    what = f"step {step}, {title}: {outcome}" if step is not None else f"the run: {outcome}"
    text = visible(f"{what} ({reason})" if reason else what)
    _panel.say(_LEVELS.get(outcome, "info"), f"{visible(book)} by {visible(run.user)}: {text}")
    if app := os.environ.get(APP):
        state = _STATES.get(run.outcome, "working")
        _panel.status(app, state, _fitting(f"{visible(book)}: {text}"))


def _fitting(text: str) -> str:
    """As much of a text as an app's message may have."""
    data = text.encode("utf-8", "replace")
    return text if len(data) <= _BYTES else data[: _BYTES - 3].decode("utf-8", "ignore") + "…"
