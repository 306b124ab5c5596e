"""The cells a kernel has run, in the order of the notebook: what a resume compares with the run it goes on with.

Cells that failed do not count, nor does what only sets parameters: those are compared by their values.
"""

from __future__ import annotations

import ast
import hashlib
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from coder_nb.credentials.seen import mask

__all__ = ["Cells", "difference", "digest", "line"]

_FLAGS = re.compile(r"(?m)^(\s*%%?coder\s+parameters\b)[^\n]*$")


class Cells:
    """Listens to a shell from now on; knows what its history has of before.

    Args:
        shell: an IPython shell.
    Attributes:
        count: how many have run.
        now: which one runs, the same for each time it does where the frontend names its cells; None for none.
    """

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        before = [text for text in shell.history_manager.input_hist_raw[1:] if text.strip()]
        self._texts: dict[object, str] = dict(enumerate(before))
        self.count = len(before)
        self.now: object = None
        shell.events.register("pre_run_cell", self._begins)
        shell.events.register("post_run_cell", self._ends)

    def close(self) -> None:
        """No longer listens."""
        self._shell.events.unregister("pre_run_cell", self._begins)
        self._shell.events.unregister("post_run_cell", self._ends)

    def texts(self, parameters: Collection[str]) -> list[str]:
        """The cells that ran, and the one that runs, last.

        Args:
            parameters: their names.
        """
        before = [text for key, text in self._texts.items() if key != self.now]
        texts = [*before, self._texts[self.now]] if self.now in self._texts else before
        plain = (_FLAGS.sub(r"\1", text).strip() for text in texts)
        return [text for text in plain if text and not _only_sets(text, parameters)]

    def _begins(self, info: Any) -> None:
        if info.silent or not info.raw_cell.strip():
            return
        self.count += 1
        # A frontend that names its cells lets one that runs again stay in its place.
        self.now = info.cell_id or self.count
        self._texts[self.now] = info.raw_cell

    def _ends(self, result: Any) -> None:
        if not result.success:
            self._texts.pop(self.now, None)
        self.now = None


def digest(text: str) -> str:
    """What stands for a cell's text."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def line(text: str) -> str:
    """A cell's first line, for people."""
    first = mask(text.strip().partition("\n")[0])
    return first if len(first) <= 70 else first[:69] + "…"


def difference(before: Sequence[str], now: Sequence[str], lines: Mapping[str, str]) -> str:
    """The first difference between the cells that ran then and those that ran now; "" where there is none.

    Args:
        before, now: digests.
        lines: first lines by digest.
    """
    if list(before) == list(now):
        return ""
    at = next((at for at, (old, new) in enumerate(zip(before, now, strict=False)) if old != new), None)
    if at is None:
        more, less = ("then", "now") if len(before) > len(now) else ("now", "then")
        extra = (before if more == "then" else now)[min(len(before), len(now))]
        return f"{_quoted(extra, lines)} ran {more}, and not {less}"
    if before[at] in now[at:]:
        return f"{_quoted(now[at], lines)} ran now, and not then"
    if now[at] in before[at:]:
        return f"{_quoted(before[at], lines)} ran then, and not now"
    old, new = _quoted(before[at], lines), _quoted(now[at], lines)
    return f"{old} has changed below its first line" if old == new else f"{old} ran then, and {new} now"


def _quoted(one: str, lines: Mapping[str, str]) -> str:
    return f"the cell `{lines.get(one, '?')}`"


def _only_sets(text: str, parameters: Collection[str]) -> bool:
    """Whether a cell does nothing but give parameters plain values, as the one papermill puts in does."""
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError):
        return False
    return all(
        isinstance(statement, ast.Assign | ast.AnnAssign)
        and all(isinstance(target, ast.Name) and target.id in parameters for target in _targets(statement))
        and (statement.value is None or _plain(statement.value))
        for statement in body
    )


def _targets(statement: ast.Assign | ast.AnnAssign) -> list[ast.expr]:
    return statement.targets if isinstance(statement, ast.Assign) else [statement.target]


def _plain(value: ast.expr) -> bool:
    try:
        ast.literal_eval(value)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False
    return True
