"""A frame -> what is shown of it: caption, columns, cells as text with a tone, and what was left out. Neither HTML nor
terminal: `page` and `screen` draw it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import pandas as pd

from coder_nb.credentials.seen import mask
from coder_nb.frames.display.layout import LAYOUTS, Layout, Offer
from coder_nb.frames.schema import SCHEMAS

__all__ = ["DASH", "Cell", "Column", "Table", "table"]

ROWS = 60
"""Rows shown at most."""
LONGEST = 2000
"""Characters shown of one text; the server keeps 1,024 of a log line."""
DASH = "–"

_WORDS = {"health": ("healthy", "unhealthy"), "outdated": ("outdated", "no"), "dirty": ("dirty", "no")}


class Cell(NamedTuple):
    """A value as people read it. `tone`: the state word whose colour it takes; `url`: where it leads."""

    text: str
    tone: str = ""
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """A column's head, and how its cells are set. `note` follows the name: the zone and day of times."""

    name: str
    note: str = ""
    right: bool = False
    flows: bool = False
    code: bool = False
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """What is shown.

    Attributes:
        title: the caption's parts in order of weight: how many of what, whose, where.
        facts: the rest of the caption.
        gap: rows left out, and after how many rows.
        notes: what must not be overlooked, such as the server's warnings.
        hidden: columns the frame has and the table has not.
    """

    title: tuple[str, str, str]
    facts: tuple[str, ...]
    columns: list[Column]
    rows: list[list[Cell]]
    gap: tuple[int, int]
    notes: list[str]
    hidden: list[str]


def table(df: pd.DataFrame, *, most: int = ROWS) -> Table | None:
    """What to show of a frame, `most` rows of it; None where it is not, or no longer, one of ours."""
    layout = _layout(df)
    if layout is None:
        return None
    complete = set(SCHEMAS[df.attrs["frame"]]) <= set(df.columns)
    empty = [name for name in layout.sparse if name in df.columns and df[name].isna().all()]
    hidden = [name for name in df.columns if complete and (name in layout.quiet or name in empty)]
    first = most // 2 if layout.both_ends and len(df) > most else most
    shown = df if len(df) <= most else pd.concat([df.iloc[:first], df.iloc[len(df) - (most - first) :]])
    names = [name for name in df.columns if name not in hidden]
    made = [_column(df, shown, name, layout) for name in names]
    if layout.offer is not None and layout.offer.column in names:
        made[names.index(layout.offer.column)][1][:] = _offers(shown, layout.offer)
    return Table(
        title=_title(df, layout),
        facts=_facts(df.attrs),
        columns=[column for column, _ in made],
        rows=[list(row) for row in zip(*(cells for _, cells in made), strict=True)],
        gap=(len(df) - len(shown), first),
        notes=_notes(df),
        hidden=hidden,
    )


def _layout(df: pd.DataFrame) -> Layout | None:
    """The frame's layout. Attrs outlive a groupby, so the shape has to agree with them."""
    layout = LAYOUTS.get(str(df.attrs.get("frame")))
    plain = df.index.nlevels == 1 and df.index.name is None and df.columns.nlevels == 1 and df.columns.is_unique
    return layout if layout is not None and plain and layout.key in df.columns else None


def _title(df: pd.DataFrame, layout: Layout) -> tuple[str, str, str]:
    what = f"{len(df):,} {layout.row}{'' if len(df) == 1 else 's'}"
    return what, _whose(df.attrs), str(df.attrs.get("deployment") or "")


def _whose(said: Any) -> str:
    """The name that leads to the agent, as far as it is told."""
    return ".".join(str(said[part]) for part in ("workspace", "agent") if said.get(part))


def _facts(attrs: Any) -> tuple[str, ...]:
    build = [f"build {attrs['build']}"] if "build" in attrs else []
    try:
        time = datetime.fromisoformat(str(attrs.get("fetched_at")))
    except ValueError:
        return tuple(build)
    return (*build, f"as of {time:%Y-%m-%d %H:%M:%S} {time.tzname() or ''}".rstrip())


def _notes(df: pd.DataFrame) -> list[str]:
    notes = [str(df.attrs["warnings"])] if df.attrs.get("warnings") else []
    # Counted, not read from attrs, which a selection of rows keeps as they were.
    if count := int(df["level"].isna().sum()) if "level" in df else 0:
        lines = "1 line has a level" if count == 1 else f"{count:,} lines have levels"
        notes.append(f"{lines} that this version does not know, shown as {DASH}")
    return notes


def _column(df: pd.DataFrame, shown: pd.DataFrame, name: str, layout: Layout) -> tuple[Column, list[Cell]]:
    series = shown[name]
    column = Column(name, flows=name in layout.flows, code=name in ("text", "raw"))
    if isinstance(series.dtype, pd.DatetimeTZDtype) or pd.api.types.is_datetime64_dtype(series.dtype):
        return _times(series, layout)
    if pd.api.types.is_bool_dtype(series.dtype):
        yes, no = _WORDS.get(name, ("yes", "no"))
        tones = {yes: yes, no: no if no == "unhealthy" else "off"}
        texts = [DASH if value is pd.NA else yes if value else no for value in series]
        return column, [Cell(text, tones.get(text, "off")) for text in texts]
    if pd.api.types.is_numeric_dtype(series.dtype):
        return Column(name, right=True), [_number(value, name) for value in series]
    if pd.api.types.is_timedelta64_dtype(series.dtype):
        return Column(name, right=True, quiet=True), [Cell(*_span(value)) for value in series]
    if name == "source":
        column = Column(name, quiet=True)
    return column, [_text(value, name, running) for value, running in zip(series, _running(shown), strict=True)]


def _times(series: pd.Series[Any], layout: Layout) -> tuple[Column, list[Cell]]:
    zone = str(series.dt.tz or "")
    days = series.dropna().dt.strftime("%Y-%m-%d").unique()
    clock = "%H:%M:%S" if layout.seconds else "%H:%M"
    one_day = len(days) == 1 and layout.both_ends
    texts = series.dt.strftime(clock if one_day else f"%Y-%m-%d {clock}")
    note = f"{days[0]} {zone}" if one_day else zone
    return Column(str(series.name), note.strip(), quiet=True), [Cell(DASH if text != text else text) for text in texts]


def _number(value: Any, name: str) -> Cell:
    if pd.isna(value):
        return Cell(DASH, "off")
    text = f"{value:.1f}" if name == "seconds" else f"{value:,.6g}" if isinstance(value, float) else str(value)
    return Cell(text, "error" if name == "exit_code" and value else "")


def _span(value: Any) -> tuple[str, str]:
    """A time that has passed, in its largest unit, and the tone of the cell."""
    if pd.isna(value):
        return DASH, "off"
    seconds = value.total_seconds()
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:,.0f} {unit}", ""
    return f"{seconds:,.0f} s", ""


def _offers(shown: pd.DataFrame, offer: Offer) -> list[Cell]:
    """A column's cells, with the line to type in those that are empty."""
    cells = [_text(value, offer.column, None) for value in shown[offer.column]]
    if offer.unless not in shown:
        return cells
    for index, row in enumerate(shown.to_dict("records")):
        whose = _whose(row if "workspace" in row else shown.attrs)
        if whose and pd.isna(row[offer.column]) and pd.isna(row[offer.unless]):
            cells[index] = Cell(
                offer.line.format(**{str(name): value for name, value in row.items()}, whose=whose), "off"
            )
    return cells


def _running(shown: pd.DataFrame) -> list[Any]:
    return list(shown["running"].eq(True).fillna(False)) if "running" in shown else [None] * len(shown)


def _text(value: Any, name: str, running: Any) -> Cell:
    if pd.api.types.is_scalar(value) and pd.isna(value):
        return Cell(DASH, "off")
    text = str(value)
    if len(text) > LONGEST:
        # Before it is cut, so that no secret is cut in two.
        text = mask(text)
        text = f"{text[:LONGEST]}… {len(text) - LONGEST:,} more characters"
    if name in ("url", "local"):
        return Cell(text, url=text)
    if name == "status" and running is not None:
        return Cell(text, "running" if running else "stopped" if text == "exited successfully" else "failed")
    if name == "error":
        return Cell(text, "error")
    return Cell(text, text if name in _STATES else "")


_STATES = frozenset(("status", "state", "agent_status", "lifecycle", "health", "devcontainer_status", "level"))
