"""Log records -> frames: agents' logs and provisioners' logs.

Made for 300,000 lines: a batch's time and source are converted once, and clean lines are not copied.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from pandas.api.extensions import ExtensionArray

from coder_nb.api.builds import ProvisionerLog
from coder_nb.api.logs import AgentLog
from coder_nb.frames import build
from coder_nb.frames.escapes import plain_lines
from coder_nb.frames.schema import LEVELS, Attrs, Choice

__all__ = ["logs", "provisioner_logs"]


def logs(records: Sequence[AgentLog], *, sources: Mapping[str, str], attrs: Attrs) -> pd.DataFrame:
    """Agent log lines as a frame.

    Args:
        records: the lines, in the order of their ids.
        sources: display names of log sources by id.
        attrs: what the frame says of itself; `unknown_levels`, the number of lines without a known level, is added.
    Returns:
        id (int64), time (the server's, one per batch), level (trace < debug < info < warn < error), source (NA where
        its id has no name), text (`raw` without escape sequences and overwritten parts), raw, source_id.
    """
    levels = build.category([record.level for record in records], Choice(LEVELS, ordered=True))
    time, source, source_id = _batches(records, sources)
    raw, text = _texts([record.output for record in records])
    columns: build.Columns = {
        "id": np.array([record.id for record in records], dtype="int64"),
        "time": time,
        "level": levels,
        "source": source,
        "text": text,
        "raw": raw,
        "source_id": source_id,
    }
    return build.frame("logs", columns, attrs={**attrs, "unknown_levels": unknown(levels)})


def provisioner_logs(records: Sequence[ProvisionerLog], *, attrs: Attrs) -> pd.DataFrame:
    """A build's own log lines as a frame.

    Args:
        records: the lines, in the order of their ids.
        attrs: what the frame says of itself; `unknown_levels` is added.
    Returns:
        id (int64), time, level (as in logs), stage, source, text ("" where a stage begins).
    """
    levels = build.category([record.log_level for record in records], Choice(LEVELS, ordered=True))
    columns: build.Columns = {
        "id": [record.id for record in records],
        "time": [record.created_at for record in records],
        "level": levels,
        "stage": [record.stage for record in records],
        "source": [record.log_source for record in records],
        "text": _texts([record.output for record in records])[1],
    }
    return build.frame("provisioner_logs", columns, attrs={**attrs, "unknown_levels": unknown(levels)})


def unknown(levels: pd.Categorical) -> int:
    """How many lines have a level outside the contract."""
    return int((levels.codes < 0).sum())


def _batches(
    records: Sequence[AgentLog], sources: Mapping[str, str]
) -> tuple[ExtensionArray, ExtensionArray, ExtensionArray]:
    """Times, source names and source ids. Neighbours share them, so only each run's first line is converted."""
    starts: list[int] = []
    time, source = None, None
    for index, record in enumerate(records):
        if record.created_at != time or record.source_id != source:
            time, source = record.created_at, record.source_id
            starts.append(index)
    first = [records[index] for index in starts]
    lines = np.repeat(np.arange(len(first)), np.diff([*starts, len(records)]))
    return (
        build.times([record.created_at for record in first]).take(lines),
        build.text([sources.get(record.source_id) for record in first]).take(lines),
        build.text([record.source_id for record in first]).take(lines),
    )


def _texts(lines: list[str]) -> tuple[ExtensionArray, ExtensionArray]:
    raw = build.text(lines)
    cleaned = plain_lines(lines)
    # The copy shares its bytes where pandas' strings are pyarrow's, which never change in place.
    return raw, raw.copy() if cleaned is None else build.text(cleaned)
