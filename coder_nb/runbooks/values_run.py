"""A command's result as JSON and back: what it wrote, masked, and how it ended. What it would mask is not kept."""

from __future__ import annotations

import base64
import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from coder_nb.credentials.seen import mask

if TYPE_CHECKING:
    from coder_nb.remote.result import RunResult

__all__ = ["dump_run", "load_run"]

_SIMPLE = ("code", "seconds", "truncated", "where", "timed_out", "interrupted", "streamed", "as_text")


def dump_run(result: RunResult[Any]) -> bytes:
    """The bytes that stand for a result."""
    kept = {name: getattr(result, name) for name in _SIMPLE}
    kept["started_at"] = result.started_at.isoformat()
    for name in ("raw_stdout", "raw_stderr"):
        kept[name] = base64.b64encode(_masked(getattr(result, name), result)).decode()
    return json.dumps(kept).encode()


def load_run(data: bytes) -> RunResult[Any]:
    """The result that bytes stand for."""
    from coder_nb.remote.result import RunResult

    kept = json.loads(data)
    kept["started_at"] = datetime.fromisoformat(kept["started_at"])
    for name in ("raw_stdout", "raw_stderr"):
        kept[name] = base64.b64decode(kept[name])
    return RunResult(**kept)


def _masked(data: bytes, result: RunResult[Any]) -> bytes:
    # Bytes that are no text go through unchanged, and come back the same.
    text = data.decode("utf-8", "surrogateescape")
    return mask(result.masks(text)).encode("utf-8", "surrogateescape")
