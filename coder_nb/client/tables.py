"""Tables in a workspace's files -> frames. Which pandas reader a file's name asks for is decided here."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from coder_nb.errors import Conflict, Invalid, NotFound
from coder_nb.remote.files_protocol import has_pattern

if TYPE_CHECKING:
    from pandas import DataFrame

    from coder_nb.remote.files import Files

__all__ = ["Reader", "read", "reader"]

Reader = Callable[[io.BytesIO], "DataFrame"]

_FORMATS = (".csv", ".tsv", ".jsonl", ".ndjson", ".parquet")


def reader(path: str, options: Mapping[str, Any]) -> Reader:
    """What reads files of this name.

    Args:
        path: of the file, or a pattern.
        options: for pandas.
    Raises:
        Invalid: no table, by its name.
    """
    import pandas as pd

    read_csv: Reader = pd.read_csv
    read_json: Reader = pd.read_json
    read_parquet: Reader = pd.read_parquet
    name = path.lower().removesuffix(".gz")
    squeezed: dict[str, Any] = {"compression": "gzip"} if path.lower().endswith(".gz") else {}
    if name.endswith(".csv"):
        return partial(read_csv, **{**squeezed, **options})
    if name.endswith(".tsv"):
        return partial(read_csv, **{"sep": "\t", **squeezed, **options})
    if name.endswith((".jsonl", ".ndjson")):
        return partial(read_json, **{"lines": True, **squeezed, **options})
    if name.endswith(".parquet") and not squeezed:
        return partial(read_parquet, **options)
    raise Invalid(
        f"not a table, by its name: {path}", status=400, hint=f"one of {', '.join(_FORMATS)}; or agent.read_bytes"
    )


def read(files: Files, path: str, read_one: Reader, *, most: int) -> DataFrame:
    """The table of that path; for a pattern, all it finds as one, by path.

    Args:
        files: the workspace's.
        path: of a file, or a pattern.
        read_one: what reads one.
        most: bytes of a file at most.
    Returns:
        the frame; for a pattern its first column is `path`.
    """
    if not has_pattern(path):
        return _read(files, path, read_one, most)
    import pandas as pd

    names = [entry.name for entry in files.list(path) if entry.kind in ("file", "link")]
    if not names:
        raise NotFound(f"no such file in the workspace: {path}", status=404, hint="agent.ls() shows what is there")
    parts = []
    for name in names:
        part = _read(files, name, read_one, most)
        if "path" in part:
            part = part.rename(columns={"path": "path_in_file"})
        part.insert(0, "path", pd.Series([name] * len(part), index=part.index, dtype="str"))
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def _read(files: Files, path: str, read_one: Reader, most: int) -> DataFrame:
    data = files.read(path, most=most)
    try:
        return read_one(io.BytesIO(data))
    except (ValueError, OSError) as error:
        said = " ".join(str(error).split())[:300]
        raise Conflict(f"pandas cannot read {path}: {said}", status=409, hint="options go on to pandas") from None
