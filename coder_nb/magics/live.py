"""What `-f` and `-w` give: a live view in a notebook; in a terminal lines, until Ctrl-C. The one place that decides.

`CODER_NB_LIVE=0` in the environment makes views that show how it is now and never stream, in a terminal too.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Protocol, TypeVar

from coder_nb.look import visible

if TYPE_CHECKING:
    from pandas import DataFrame

    from coder_nb.api.logs import AgentLog

__all__ = ["changes", "live", "log_lines"]


class View(Protocol):
    """What a live view is here."""

    def stop(self) -> None:
        """Ends it; what it shows stays."""
        ...


V = TypeVar("V", bound=View)

_COLOURS = {"error": "31", "warn": "33", "debug": "2", "trace": "2"}
"""SGR parameters; other levels stay as they are."""


def live(view: Callable[[], V], lines: Callable[[], Iterable[str]]) -> V | None:
    """The view, where there are pages to show it; else prints lines and returns None.

    Lines end with Ctrl-C, which is no failure, or with the error that says why no more will come.

    Args:
        view: makes the view. It shows a snapshot, and streams when a page shows it.
        lines: what to print instead: each as soon as it is there, for as long as they come.
    """
    from IPython.core.getipython import get_ipython

    if os.environ.get("CODER_NB_LIVE") == "0":
        still = view()
        still.stop()
        return still
    shell = get_ipython()
    if shell is None or getattr(shell, "kernel", None) is not None:
        return view()
    try:
        for line in lines():
            print(line, flush=True)
    except KeyboardInterrupt:
        # The way a person ends it: no failure, and nothing to say.
        print()
    return None


def log_lines(records: Iterable[AgentLog], sources: Callable[[str], str]) -> Iterator[str]:
    """A line of text for each line of a log: time, level, source, text.

    Args:
        records: as they come.
        sources: the name of a source by its id.
    """
    from coder_nb.frames.escapes import plain

    coloured = sys.stdout.isatty()
    for record in records:
        head = f"{record.created_at:%H:%M:%S} {record.level:<5} {visible(sources(record.source_id))}"
        text = f"{head}: {visible(plain(record.output))}"
        colour = _COLOURS.get(record.level)
        yield f"\x1b[{colour}m{text}\x1b[0m" if coloured and colour else text


def changes(frames: Iterable[DataFrame], key: str, show: tuple[str, ...]) -> Iterator[str]:
    """What changes in a table, a line each: `+` came, `-` went, `~` is different.

    Args:
        frames: the whole table, each time.
        key: the column that tells which row is which.
        show: the columns to print, the key among them.
    """
    before: dict[object, str] = {}
    for frame in frames:
        kept = [name for name in show if name in frame]
        now = {row[key]: _row([row[name] for name in kept]) for row in frame.to_dict("records")}
        for which, text in now.items():
            if which not in before:
                yield f"+ {text}"
            elif before[which] != text:
                yield f"~ {text}"
        for which in before:
            if which not in now:
                yield f"- {before[which]}"
        before = now


def _row(values: list[object]) -> str:
    return "  ".join(visible(str(value)) for value in values if value == value and value not in ("", None))
