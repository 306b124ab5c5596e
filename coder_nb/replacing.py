"""Writes a file in the place of another, in one step: a reader sees the old one or the new one, never half of one."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

__all__ = ["replace"]


def replace(path: Path, data: bytes, *, mode: int = 0o600) -> None:
    """Writes a file whole or not at all; its folder must be there.

    Args:
        mode: who may read it; by default its owner alone, from the first byte on.
    Raises:
        OSError: it cannot be written; what was there is as it was, and nothing is left beside it.
    """
    # mkstemp makes it 0600 from the start; in the same folder, so that replacing is one step.
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if mode != 0o600:
            Path(draft).chmod(mode)
        Path(draft).replace(path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise
