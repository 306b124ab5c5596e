"""Where a keeper has its files, and what it tells of itself there. Only its user can look; all goes at the end."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from .process import write_privately

__all__ = ["Place", "born"]

_PREFIX = "coder-nb-kernel-"
_SELDOM = 0.5
"""Seconds between two writings of the file that tells how it is."""


class Place:
    """A folder in the home for what is told, and one for sockets, whose paths have to be short.

    Args:
        id: 32 hex digits; the first eight are what people see.
    Raises:
        OSError: there is no place to write.
    """

    def __init__(self, id: str) -> None:
        self.name = bytes.fromhex(id)
        self.folder = _kernels() / id[:8]
        self.folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder.mkdir(mode=0o700)
        runtime = os.environ.get("XDG_RUNTIME_DIR", "")
        there = runtime if os.access(runtime, os.W_OK) else None
        self.sockets = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=there))
        self.socket = self.sockets / "s"
        self._about: dict[str, Any] = {
            "id": id[:8],
            "python": sys.executable,
            "sockets": str(self.sockets),
            "kernel": None,
            "state": "starting",
            "connected": False,
        }
        self._told = float("-inf")
        self._dirty = True

    def tell(self, **about: Any) -> None:
        """Changes what is told."""
        self._dirty = self._dirty or any(self._about.get(key) != value for key, value in about.items())
        self._about.update(about)

    def flush(self) -> None:
        """Writes it down where that is due."""
        if self._dirty and time.monotonic() - self._told >= _SELDOM:
            self._dirty, self._told = False, time.monotonic()
            with suppress(OSError):
                write_privately(self.folder / "about.json", json.dumps(self._about).encode())

    def remove(self) -> None:
        """Removes both folders."""
        for folder in (self.folder, self.sockets):
            shutil.rmtree(folder, ignore_errors=True)

    @staticmethod
    def sweep() -> None:
        """Removes what keepers left that were killed."""
        with suppress(OSError):
            for folder in list(_kernels().iterdir()):
                about = _read(folder)
                if about is None or born(about.get("keeper")) == about.get("born"):
                    continue
                shutil.rmtree(folder, ignore_errors=True)
                sockets = Path(str(about.get("sockets")))
                if sockets.name.startswith(_PREFIX):
                    shutil.rmtree(sockets, ignore_errors=True)


def born(pid: Any) -> str | None:
    """When a process began, as the system counts; "" where it does not tell; None where there is none."""
    try:
        os.kill(pid, 0)
    except (OSError, TypeError):
        return None
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        return stat.rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return ""


def _kernels() -> Path:
    cache = os.environ.get("XDG_CACHE_HOME")
    return (Path(cache) if cache else Path.home() / ".cache") / "coder-nb" / "kernels"


def _read(folder: Path) -> dict[str, Any] | None:
    try:
        about = json.loads((folder / "about.json").read_bytes())
    except (OSError, ValueError):
        return None
    return about if isinstance(about, dict) else None
