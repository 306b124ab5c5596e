"""How a coder_nb frame looks to people: `html` in a notebook, `text` in a terminal. Any other frame is left to pandas.

The same frame always gives the same output: nothing is relative to a clock, a theme or a window.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["WIDTH", "html", "text"]

WIDTH = 120
"""Columns of the text form where nobody says how wide the terminal is."""


def html(df: DataFrame, *, most: int = 60) -> str | None:
    """A frame as HTML: a caption, at most so many rows, and the names of the columns that are not shown.

    Args:
        df: a frame whose `attrs["frame"]` names its kind; another one, or one made into another shape, looks as pandas
            has it.
    Returns:
        HTML with inline styles, everything from the server escaped; None where pandas is set to give none.
    """
    from coder_nb.frames.display import page, table

    shown = table.table(df, most=most)
    if shown is None:
        plain: str | None = df._repr_html_()  # type: ignore[operator]
        return plain
    return page.draw(shown)


def text(df: DataFrame, *, width: int | None = None) -> str:
    """A frame as aligned text, the same rows and columns as `html`.

    Args:
        df: as for `html`.
        width: columns of the terminal; None means 120. Long log lines continue below, other long cells end in `…`.
    Returns:
        lines of at most that width; no control character but the newline between them.
    """
    from coder_nb.frames.display import screen, table

    shown = table.table(df)
    return repr(df) if shown is None else screen.draw(shown, max(width or WIDTH, 20))
