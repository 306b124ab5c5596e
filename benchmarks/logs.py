"""The JSON of an agent's log -> the logs frame: coder_nb beside the ways people write by hand, and the bare decode.

All give the same columns: UTC times, an ordered level, the source's name, text without escape sequences.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pandas as pd

from benchmarks.log_lines import SOURCES, body
from benchmarks.measure import fastest, machine, peak, rows
from coder_nb import frames
from coder_nb.api.logs import AgentLog
from coder_nb.api.resource import decode
from coder_nb.frames.schema import LEVELS
from coder_nb.transport.http import Answer

__all__ = ["by_coder_nb", "file_by_coder_nb", "file_by_json", "run"]

_ESCAPES = r"\x1b\[[0-?]*[ -/]*[@-~]"
_OVERWRITTEN = r"^.*\r"


def run() -> None:
    """Prints times and ratios for 300,000 and 14,000 lines, and peak memory for 300,000."""
    print(f"Logs: JSON -> frame ({machine()})")
    for lines, turns in ((300_000, 5), (14_000, 40)):
        sent = body(lines)
        pd.testing.assert_frame_equal(by_coder_nb(sent), by_json(sent))
        print(f"\n  {lines:,} lines, {len(sent) / 1e6:.1f} MB of JSON, the same values from coder_nb and json + pandas")
        times = fastest({name: partial(way, sent) for name, way in _ways().items()}, turns=turns)
        rows(times, against={"json + pandas": "/ json+pandas", "msgspec decode alone": "/ decode alone"})
    _memory(body(300_000))


def by_coder_nb(sent: bytes) -> pd.DataFrame:
    """The real path: an answer's bytes, records, the frame."""
    return frames.logs(_records(sent), sources=SOURCES, attrs={})


def by_json(sent: bytes) -> pd.DataFrame:
    """json and pandas, as one would write it by hand."""
    return _tidy(_loaded(sent))


def file_by_coder_nb(path: Path) -> pd.DataFrame:
    """The same from a file, so that the bytes go when the records are there, as they do between api and frames."""
    return frames.logs(_records(path.read_bytes()), sources=SOURCES, attrs={})


def file_by_json(path: Path) -> pd.DataFrame:
    """json and pandas from a file."""
    return _tidy(_loaded(path.read_bytes()))


def _records(sent: bytes) -> list[AgentLog]:
    return decode(Answer("GET", "/workspaceagents/x/logs", 200, {}, sent), list[AgentLog])


def _loaded(sent: bytes) -> pd.DataFrame:
    return pd.DataFrame(json.loads(sent), columns=["id", "created_at", "output", "level", "source_id"])


def _by_normalize(sent: bytes) -> pd.DataFrame:
    return _tidy(pd.json_normalize(json.loads(sent)))


def _by_orjson(sent: bytes) -> pd.DataFrame:
    import orjson

    return _tidy(pd.DataFrame(orjson.loads(sent)))


def _by_polars(sent: bytes) -> Any:
    import polars as pl

    plain = pl.col("output").str.replace_all(_ESCAPES, "").str.replace(_OVERWRITTEN, "")
    return pl.read_json(sent).select(
        "id",
        pl.col("created_at").str.to_datetime(time_unit="us", time_zone="UTC").alias("time"),
        pl.col("level").cast(pl.Enum(LEVELS)),
        pl.col("source_id").replace_strict(SOURCES, default=None).alias("source"),
        plain.alias("text"),
        pl.col("output").alias("raw"),
        "source_id",
    )


def _tidy(df: pd.DataFrame) -> pd.DataFrame:
    plain = df["output"].str.replace(_ESCAPES, "", regex=True).str.replace(_OVERWRITTEN, "", regex=True)
    columns = {
        "id": df["id"].astype("int64"),
        "time": pd.to_datetime(df["created_at"], utc=True, format="ISO8601").dt.as_unit("us"),
        "level": df["level"].astype(pd.CategoricalDtype(pd.Index(LEVELS, dtype="str"), ordered=True)),
        "source": df["source_id"].map(SOURCES).astype("str"),
        "text": plain.astype("str"),
        "raw": df["output"].astype("str"),
        "source_id": df["source_id"].astype("str"),
    }
    return pd.DataFrame(columns)


def _ways() -> dict[str, Callable[[bytes], object]]:
    found: dict[str, Callable[[bytes], object]] = {
        "coder_nb": by_coder_nb,
        "json + pandas": by_json,
        "json + json_normalize": _by_normalize,
        "orjson + pandas": _by_orjson,
        "polars (a polars frame)": _by_polars,
        "msgspec decode alone": msgspec.json.Decoder(list[AgentLog]).decode,
    }
    for name, module in (("orjson + pandas", "orjson"), ("polars (a polars frame)", "polars")):
        try:
            __import__(module)
        except ImportError:
            print(f"  left out: {name}, not installed")
            del found[name]
    return found


def _memory(sent: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "logs.json"
        path.write_bytes(sent)
        print("\n  300,000 lines, memory at the peak, JSON and records included, beside the frame's own size")
        for name, way in (("coder_nb", "file_by_coder_nb"), ("json + pandas", "file_by_json")):
            if measured := peak("benchmarks.logs", way, path):
                high, frame = measured
                print(f"  {name:<28}{high:>9.0f} MB{frame:>9.0f} MB{high / frame:>9.2f}x")
