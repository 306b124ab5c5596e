"""What reports show of frames and of texts meant for terminals: the same in HTML and in Markdown."""

from __future__ import annotations

from pathlib import Path

from coder_nb.frames.escapes import plain as without_escapes

__all__ = ["cells", "plain"]

ROWS, COLUMNS, WIDE = 60, 20, 300
"""How much of a frame is shown, and how much of one of its cells, in characters."""


def cells(parquet: Path) -> tuple[list[str], list[list[str]], int]:
    """The head and the first rows of a stored frame as text, and how many rows are left out."""
    import pandas as pd

    frame = pd.read_parquet(parquet)
    shown = frame.iloc[:ROWS, :COLUMNS]
    heads = [str(name) for name in shown.columns]
    rows = [["" if pd.api.types.is_scalar(value) and pd.isna(value) else _short(value) for value in row]
            for row in shown.itertuples(index=False, name=None)]  # fmt: skip
    return heads, rows, len(frame) - len(shown)


def plain(text: str) -> str:
    """A text for terminals without what only a terminal understands."""
    return without_escapes(text)


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= WIDE else f"{text[:WIDE]}…"
